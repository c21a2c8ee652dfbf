"""Where an amount begins to look like a slip: the borders, one by one."""

from __future__ import annotations

import pytest

from behov_xl.rules.amounts import _slips

USUAL = [100_000.0, 150_000.0, 200_000.0]


def meant(amounts: list[float]) -> dict[float, float]:
    """What is written → what is probably meant."""
    return {amounts[index]: value for index, value in _slips([(amount, i) for i, amount in enumerate(amounts)])}


@pytest.mark.parametrize(
    ("amount", "value"),
    [
        (200, 200_000),  # thousands
        (50, 50_000),  # half of the least
        (49, None),
        (400, 400_000),  # twice the most
        (401, None),
        (999, None),
        (1_000, None),  # whole kroner, if few
        (2_000_000, 200_000),  # a digit too many
        (1_600_001, 160_000.1),
        (1_600_000, None),  # eight times the most may be right
        (4_000_000, 400_000),  # twice the most, with a digit too many
        (4_000_001, None),
        (5_000_000, 50_000),  # half of the least, with two
        (4_999_999, None),
        (20_000_000, 200_000),
        (200_000_000, 200_000),
        (500_000_000, None),  # nothing among the others
    ],
)
def test_borders(amount: float, value: float | None) -> None:
    assert meant([*USUAL, amount]) == ({} if value is None else {amount: pytest.approx(value)})


def test_thousands_are_only_seen_beside_amounts_that_are_far_larger() -> None:
    assert meant([100_000, 150_000, 18_000, 900]) == {}
    assert meant([100_000, 150_000, 18_001, 900]) == {}
    assert meant([100_000, 150_000, 18_001, 100]) == {100: 100_000}


def test_small_amounts_must_be_fewer_than_the_others() -> None:
    assert meant([*USUAL, 150, 160]) == {150: 150_000, 160: 160_000}
    assert meant([*USUAL, 150, 160, 170]) == {}


def test_two_other_amounts_do_not_show_what_is_usual() -> None:
    assert meant([100_000, 150_000, 200]) == {}
