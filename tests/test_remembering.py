"""What is remembered of texts does not grow with what somebody uploads."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from behov_xl import headings, phrase_skeleton, phrase_tokens, phrases, spaces, values
from behov_xl.form import Form
from behov_xl.remembering import LONGEST, remembered
from behov_xl.rules import across, duration, lookups, people

LONG = "1 x\n" * LONGEST


def test_what_was_given_for_a_short_text_is_kept_and_for_a_long_one_is_not() -> None:
    @remembered(10, text=1)
    def give(_: int, text: str) -> list[str]:
        return [text]

    assert give(1, "a") is give(1, "a")
    assert give(1, "a" * (LONGEST + 1)) is not give(1, "a" * (LONGEST + 1))


@pytest.mark.parametrize(
    "ask",
    [
        headings.normal, lookups.words, across._run_together, duration._times_named, spaces.clean, values.amount,
        values.hours, phrase_tokens.piece_of, phrase_tokens._tokens, phrase_tokens._parts, phrase_skeleton.skeleton,
        phrases.hours_in_words, phrases.times_in_words, lambda text: people._persons(text, ("og",)),
        lambda text: phrases._longest(text, 0),
    ],
)  # fmt: skip
def test_no_long_text_is_kept(ask: Callable[[str], object]) -> None:
    _is_let_go(ask)


def test_no_long_text_is_kept_by_what_finds_words(form: Form) -> None:
    _is_let_go(form.doubt.first)


def _is_let_go(ask: Callable[[str], object]) -> None:
    for size in (LONGEST + 1, 1_900):  # of more, hours are not looked for
        text = LONG[:size]
        before = sys.getrefcount(text)
        ask(text)
        assert sys.getrefcount(text) == before
