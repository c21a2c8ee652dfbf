"""Acknowledgements: a warning that the adviser has answered with a reason does not count, as long as it is the same.

The reason stands in the column Kvittering of the table of findings, and beside it, hidden, the key of the finding it
answers. A finding's key says what it is about and not where it stands: rows may be moved and sorted. It changes with
the values behind it: those of its row, and those that its message names.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Phrase, Severity, declare
from behov_xl.rules.shared import cells, rows_of

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions

VOID = declare(
    "BX121",
    "acknowledgement-void",
    Severity.INFO,
    """
    A reason stands in the column Kvittering, and the finding counts all the same: it is an error, which cannot be right
    for any reason, or the values behind it have changed since.

    Wrong: "Avtalt med UH" beside a sum that does not add up; a reason for 6 hours where there are 8 now.
    Right: a reason beside a warning that is still the same.
    """,
    section="workbook",
)

PLACES = frozenset({"expected_row", "first_row", "last", "hint", "suggestion", "outside", "missing", "rows", "columns"})
"""Parameters that say where something stands; the place is no part of what a finding is about."""
_DIGITS = re.compile(r"[0-9]+")


def with_keys(chunk: Submissions, workbook: int) -> None:
    """Gives the findings of one workbook of the chunk their keys."""
    findings = chunk.findings[workbook]
    rows = _rows(chunk, workbook, {one.table for one in findings if one.table})
    seen: Counter[str] = Counter()
    for index, finding in enumerate(findings):
        about = rows.get((finding.table, finding.row), ())
        params = {name: value for name, value in finding.params.items() if name not in PLACES}
        told = (finding.rule.code, finding.table, finding.column_id, finding.measure, about, _plain(params))
        # A letter first: digits alone, or with an e among them, are a number to a spreadsheet.
        key = f"F{hashlib.blake2b(repr(told).encode(), digest_size=9).hexdigest()}"
        seen[key] += 1
        # Rows that are equal in everything are told apart by their order, which cannot matter then.
        findings[index] = replace(finding, key=key if seen[key] == 1 else f"{key}-{seen[key]}")


def acknowledge(chunk: Submissions) -> None:
    """Marks the findings that the adviser has answered, and says which answers do not hold."""
    for workbook, answers in _answers(chunk).items():
        with_keys(chunk, workbook)
        findings = chunk.findings[workbook]
        for index, finding in enumerate(findings):
            reason, _ = answers.get(finding.key, ("", 0))
            if reason and finding.severity is not Severity.ERROR:
                findings[index] = replace(finding, acknowledged=reason)
        _say_void(chunk, workbook, answers)


_Answers = dict[str, tuple[str, int]]
"""Key of a finding → the reason, and the sheet row it stands in."""


def _answers(chunk: Submissions) -> dict[int, _Answers]:
    found: dict[int, _Answers] = {}
    columns = (cells(chunk, "findings", one) for one in ("workbook", "row", "finding_key", "acknowledgement"))
    for workbook, row, key, reason in zip(*columns, strict=True):
        if key and reason:
            found.setdefault(workbook, {})[key] = reason, row
    return found


def _say_void(chunk: Submissions, workbook: int, answers: _Answers) -> None:
    """A finding for every reason that stands beside an error, or beside a finding that has changed since."""
    rows, codes, measures = (cells(chunk, "findings", one) for one in ("row", "code", "measure"))
    listed = {rows[index]: (codes[index], measures[index]) for index in rows_of(chunk, "findings")[workbook]}
    by_key = {finding.key: finding for finding in chunk.findings[workbook]}
    open_ = {(one.rule.code, one.measure or "") for one in chunk.findings[workbook] if one.acknowledged is None}
    for key, (reason, row) in answers.items():
        finding = by_key.get(key)
        if finding is not None and finding.acknowledged is None:
            why = Phrase("void.error")
        elif finding is None and listed[row] in open_:
            why = Phrase("void.changed")
        else:
            continue
        params = {"code": listed[row][0], "actual": reason, "why": why}
        chunk.add(VOID, workbook, "findings", row, "acknowledgement", **params)


def _rows(chunk: Submissions, workbook: int, tables: set[str]) -> dict[tuple[str | None, int], tuple[Any, ...]]:
    """Table and sheet row → what the adviser typed in it. Total rows and tables of fields are left to the message."""
    found: dict[tuple[str | None, int], tuple[Any, ...]] = {}
    for id_ in tables:
        table = chunk.form.by_id.get(id_)
        if table is None or table.layout == "fields" or id_ == "findings":  # whose rows are written anew
            continue
        rows = cells(chunk, id_, "row")
        typed = [cells(chunk, id_, column.id) for column in table.columns if column.formula is None]
        for index in rows_of(chunk, id_).get(workbook, ()):
            found[id_, rows[index]] = tuple(column[index] for column in typed)
    return found


def _plain(value: Any) -> Any:
    """A parameter without what depends on the language: labels by their bokmål, numbers as numbers."""
    if isinstance(value, Mapping):
        return tuple((name, _plain(one)) for name, one in sorted(value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_plain(one) for one in value)
    if hasattr(value, "words"):
        return value.words("nb")
    if isinstance(value, str) and value.startswith("="):  # a formula, whose rows change when it is moved
        return _DIGITS.sub("", value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
