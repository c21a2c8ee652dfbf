"""The extent of an activity in hours: when numbers and words agree, for the rules and for worksheet functions."""

from __future__ import annotations

from behov_xl.values import hours_in_words

TOLERANCE = 0.01
"""Hours."""


def product_slack(semesters: float, times: float, each: float) -> float:
    """How many hours semesters × times × hours each may be off by, since hours are written with two decimals.

    20 minutes are 0,33. Whole quarters of an hour need no rounding.
    """
    return TOLERANCE + semesters * times * ((each * 4 % 1 != 0) * 0.005)


def hours_said(text: str, semesters: float) -> float | None:
    """The hours that a description gives in words for a row with so many semesters; ``None`` where it cannot be known.

    A number of semesters that no year has is its own finding (BX207).
    """
    return hours_in_words(text, semesters) if 0 < semesters <= 2 else None
