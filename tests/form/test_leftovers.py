"""What is left of editing is found soon, whatever else stands in a text."""

from __future__ import annotations

import pytest

from behov_xl.form import Form


def _left(form: Form, text: str) -> list[str]:
    return [match[0] for one in form.vocabulary.leftovers if (match := one.pattern.search(text))]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text",
    [
        "x" * 400_000 + "a",
        "[fyll inn " * 40_000,
        "[navn " * 40_000,
        "[navn " + "a" * 400_000,
        "? " * 200_000,
        "( fyll " * 40_000,
        " " * 400_000 + "x her",
        "klikk eller trykk her for " * 20_000,
    ],
)
def test_nothing_is_looked_through_again_from_each_of_many_places(form: Form, text: str) -> None:
    assert _left(form, text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("axxxx.", "xxxx"),
        ("XXX", "XXX"),
        ("2xxxx", "xxxx"),
        (f"[fyll inn {'a' * 150}]", f"[fyll inn {'a' * 150}]"),
    ],
)
def test_a_mark_is_found_whole(form: Form, text: str, left: str) -> None:
    assert _left(form, text) == [left]
