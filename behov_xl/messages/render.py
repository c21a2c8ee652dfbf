"""A finding in words: what is wrong, found and expected, and what to do."""

from __future__ import annotations

from functools import cache

from behov_xl.findings import Finding, Rule
from behov_xl.messages import Catalogue


def title(code: str, words: Catalogue) -> str:
    """The rule's name as a user reads it."""
    return words.text(f"{code}.title")


def why(rule: Rule, words: Catalogue) -> str:
    """The rule's explanation: why it exists, a wrong and a right example. In English it is the rule's own docstring."""
    return rule.doc if words.lang == "en" else words.text(f"{rule.code}.why").strip()


def message(finding: Finding, words: Catalogue) -> str:
    """What is wrong and what to do, in one line."""
    return words.filled(_keys(finding.rule.code), finding.params).strip()


def wrong(finding: Finding, words: Catalogue) -> str:
    """What is wrong, with what was found and what was expected."""
    return words.filled(_keys(finding.rule.code)[:1], finding.params)


def advice(finding: Finding, words: Catalogue) -> str:
    """What to do about it."""
    return words.filled(_keys(finding.rule.code)[1:], finding.params)


@cache
def _keys(code: str) -> tuple[str, str]:
    return f"{code}.message", f"{code}.advice"
