"""A quick look before the real one never hides what the real one finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.workbook import part_checks, relation_checks

SEARCHED = [*part_checks._TYPES, *relation_checks.RELATIONS]


@pytest.mark.parametrize(("words", "pattern"), [one[1:] for one in SEARCHED])
def test_whatever_breaks_a_rule_holds_one_of_its_words(words: tuple[str, ...], pattern: re.Pattern[str]) -> None:
    @given(st.from_regex(pattern, fullmatch=True))
    def holds(text: str) -> None:
        assert not text.isascii() or any(word in text.lower() for word in words)

    holds()
