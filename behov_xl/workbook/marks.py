"""Findings as rows of the table of findings, and as the message beside a row. Marks are data, not formatting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from behov_xl.findings import Finding
from behov_xl.messages import Catalogue
from behov_xl.messages.render import message

FINDINGS_LIMIT = 500
"""Rows of the table of findings that the conditional formats look at."""


def chosen(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that the table has room for, in their order: what is answered and what is an error before all."""
    if len(findings) <= FINDINGS_LIMIT:
        return list(findings)
    first = sorted(range(len(findings)), key=lambda at: _importance(findings[at]))[:FINDINGS_LIMIT]
    return [findings[at] for at in sorted(first)]


def _importance(finding: Finding) -> int:
    return 0 if finding.acknowledged is not None else 1 + finding.severity.rank


def finding_rows(
    findings: Sequence[Finding], words: Catalogue, marking: Catalogue | None = None
) -> list[dict[str, Any]]:
    """The rows of the table Funn, keyed by the form's column ids.

    ``marking``: the words that the workbook's own formats and formulas look for, where messages are in other ones.
    """
    marking = marking or words
    return [
        {
            # The colours go by this word: what has been answered is not coloured.
            "severity": marking.text(
                "severity.acknowledged" if finding.acknowledged else f"severity.{finding.severity}"
            ),
            "code": finding.rule.code,
            "sheet": finding.sheet,
            "cell": finding.cell,
            "measure": finding.measure,
            "message": message(finding, words),
            "acknowledgement": finding.acknowledged,
            "cell_key": f"{finding.anchor}!{finding.cell}",
            "row_key": None if finding.acknowledged else f"{finding.anchor}!{finding.row + 1}",
            "finding_key": finding.key,
        }
        for finding in chosen(findings)
    ]


def row_notes(findings: Sequence[Finding], words: Catalogue) -> dict[str, str]:
    """Row key → what the note column shows: the message of the row's first finding."""
    notes: dict[str, str] = {}
    for row in finding_rows(findings, words):
        if row["row_key"]:
            notes.setdefault(row["row_key"], row["message"])
    return notes
