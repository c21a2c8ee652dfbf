"""How headings, labels and choices are compared: the way a person compares them."""

from __future__ import annotations

from behov_xl.remembering import remembered
from behov_xl.values import clean


@remembered(8192)
def normal(text: str) -> str:
    """A heading, label or choice as it is compared: spaces folded, case and a closing asterisk or colon ignored."""
    return clean(text).rstrip(" *:").casefold()
