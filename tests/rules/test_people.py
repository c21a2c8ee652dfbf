"""Whether two cells name the same person, and that cells with far too many persons are not compared for ever."""

from __future__ import annotations

import pytest

from behov_xl.rules.people import _among

JOINING = ("og", "samt")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kari M. Nordmann", "Kari Nordmann, rådgiver", True),
        ("K. Nordmann", "Kari Nordmann", True),
        ("Kari Nordmann", "K N", True),
        ("K N", "Kari Nordmann", True),
        ("Kari Nordmann", "Ola Nordmann", False),
        ("Ola Nordmann og Kari Nordmann", "Per Hansen; Kari Nordmann", True),
        ("Kari Nordmann", "", False),
    ],
)
def test_names_that_may_be_one_persons(one: str, other: str, same: bool) -> None:
    assert _among(one, [other], JOINING) is same
    assert _among(other, [one], JOINING) is same


def _many(letter: str, count: int) -> str:
    return ",".join(f"{letter}{number} {letter}" for number in range(count))


@pytest.mark.timeout(10)
def test_a_cell_with_far_too_many_persons_is_not_compared_with_each_of_another() -> None:
    assert not _among(_many("bb", 8_000), [_many("cc", 8_000)], JOINING)
    assert not _among(_many("bb", 50), (f"{_many('cc', 50)}, {number} dd" for number in range(20_000)), JOINING)


@pytest.mark.timeout(10)
def test_a_name_of_far_too_many_words_is_read_once() -> None:
    words = " ".join(f"bb{number}" for number in range(40_000))
    assert _among(f"{words} cc", [f"dd {words} cc"], JOINING)
