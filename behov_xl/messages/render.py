"""A finding in words: what is wrong, found and expected, and what to do."""

from __future__ import annotations

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
    return f"{wrong(finding, words)} {advice(finding, words)}".strip()


def wrong(finding: Finding, words: Catalogue) -> str:
    """What is wrong, with what was found and what was expected."""
    return words.filled(f"{finding.rule.code}.message", finding.params)


def advice(finding: Finding, words: Catalogue) -> str:
    """What to do about it."""
    return words.filled(f"{finding.rule.code}.advice", finding.params)
