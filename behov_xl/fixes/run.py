"""Validates, fixes, validates again, until there is nothing left to fix. In memory: the caller writes the result."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from behov_xl.findings import Finding, WorkbookReport
from behov_xl.fixes.book import Book, Place
from behov_xl.fixes.catalogue import FIXES, Change, level, spelled_ticks
from behov_xl.fixes.recalculate import computed_values, stored_values
from behov_xl.form import Form
from behov_xl.workbook.grid import CellValue
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.patch import Patch
from behov_xl.workbook.sheet_edit import CellEdit, same_formula
from behov_xl.workbook.sheet_xml import CannotEdit, Reason

_AGAIN = 8
"""How often a cell may change: a fix may bring others to light, but none may go on for ever."""

_Key = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Changed:
    """One cell before and after.

    ``codes``: the findings it was changed for; none for a checkbox spelled anew, and for what follows from other
    changes. ``formula``: the one that was put there; ``computed``: the formula stayed, and its stored value is new.
    """

    place: Place
    before: CellValue
    after: CellValue
    codes: tuple[str, ...] = ()
    formula: str | None = None
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Unfixed:
    """A finding that could have been fixed and was not, and why. ``instead``: what fixing it would have brought."""

    finding: Finding
    reason: str
    instead: Finding | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """The workbook as it is now, what was changed in it, and what remains."""

    data: bytes
    changes: tuple[Changed, ...]
    unfixed: tuple[Unfixed, ...]
    unsafe: tuple[Finding, ...]
    """Findings that only ``--unsafe`` fixes."""
    report: WorkbookReport


@dataclass(slots=True)
class _Fix:
    change: Change
    findings: list[Finding]


@dataclass(slots=True)
class _Run:
    """What is remembered from pass to pass."""

    unsafe: bool
    done: dict[Place, list[str]] = field(default_factory=dict)
    times: Counter[Place] = field(default_factory=Counter)
    formulas: dict[Place, str] = field(default_factory=dict)
    refused: dict[_Key | Place, Unfixed | None] = field(default_factory=dict)


def fix_workbook(form: Form, data: bytes, path: str, *, unsafe: bool = False, limits: Limits = DEFAULT) -> Fixed:
    """Fixes what can be fixed without asking, and with ``unsafe`` what should be looked over afterwards.

    No finding is fixed that has been acknowledged, and no fix is kept that brings a new finding: only a heading or
    label that is restored may show what was hidden by it. Raises :class:`behov_xl.workbook.files.Refused` for a file
    that cannot be read and :class:`behov_xl.workbook.sheet_xml.CannotEdit` for one that must not be edited.
    """
    before = book = Book.read(form, data, path, limits)
    Patch(data)  # refuses before anything else is done
    run = _Run(unsafe)
    while fixes := _planned(run, book):  # each either changes a cell, or is refused and not planned again
        book = _applied(run, book, fixes)
    unfixed = [one for finding in book.report.findings if (one := _unfixed(run, book, finding))]
    waiting = [one for one in book.report.findings if not unsafe and _waits(book, one)]
    return Fixed(book.data, tuple(_changes(run, before, book)), tuple(unfixed), tuple(waiting), book.said)


def _unfixed(run: _Run, book: Book, finding: Finding) -> Unfixed | None:
    """Why a finding that could have been fixed is still there."""
    allowed = {"safe", "unsafe"} if run.unsafe else {"safe"}
    if finding.acknowledged is not None or level(book, finding) not in allowed:
        return None
    change = _change(book, finding)
    return Unfixed(finding, change) if isinstance(change, str) else run.refused.get(_key(finding))


def _waits(book: Book, finding: Finding) -> bool:
    """Whether ``--unsafe`` would fix this finding."""
    if finding.acknowledged is not None or level(book, finding) != "unsafe":
        return False
    change = _change(book, finding)
    return isinstance(change, Change) or change == "slip"  # what is in the way of it would be put right first


def _change(book: Book, finding: Finding) -> Change | str:
    """The change that fixes a finding; none in a cell of which the adviser has said why it is as it is."""
    change = FIXES[finding.rule.code](book, finding)
    if isinstance(change, Change) and isinstance(change.value, float) and not math.isfinite(change.value):
        return "no_guess"  # no cell can hold it
    return "acknowledged" if isinstance(change, Change) and change.place in book.acknowledged else change


def _key(finding: Finding) -> _Key:
    return finding.rule.code, finding.sheet, finding.cell


# --------------------------------------------------------------------------------------- what to do


def _planned(run: _Run, book: Book) -> list[_Fix]:
    """The next changes, at most one per cell. Headings come alone: what stands below them is not known before."""
    allowed = {"safe", "unsafe"} if run.unsafe else {"safe"}
    planned: dict[Place, _Fix] = {}
    for finding in book.report.findings:
        if finding.acknowledged is not None or level(book, finding) not in allowed or _key(finding) in run.refused:
            continue
        change = _change(book, finding)
        if isinstance(change, Change):
            planned.setdefault(change.place, _Fix(change, [])).findings.append(finding)
    for change in spelled_ticks(book):
        if change.place not in run.refused:
            planned.setdefault(change.place, _Fix(change, []))
    fixes = [fix for place, fix in planned.items() if run.times[place] < _AGAIN]
    return [fix for fix in fixes if _reveals(fix)] or fixes


def _reveals(fix: _Fix) -> bool:
    """Whether the fix lets other rules look where they could not."""
    return any(finding.rule.essential for finding in fix.findings)


def _refuse(run: _Run, fix: _Fix, reason: str, instead: Finding | None = None) -> None:
    run.refused[fix.change.place] = None
    for finding in fix.findings:
        run.refused[_key(finding)] = Unfixed(finding, reason, instead)


# ------------------------------------------------------------------------------------------ doing it


def _applied(run: _Run, book: Book, fixes: Sequence[_Fix]) -> Book:
    """The workbook with these fixes, less those that do not help or do harm: halved until they are found."""
    after, kept, refused = _tried(book, fixes)
    for fix, reason in refused:
        _refuse(run, fix, reason)
    if not kept:
        return book
    left = {_key(one) for one in after.report.findings}
    useless = [fix for fix in kept if any(_key(finding) in left for finding in fix.findings)]
    harm = _new(book, after, kept)
    if not useless and not harm:
        for fix in kept:
            run.times[fix.change.place] += 1
            run.done.setdefault(fix.change.place, []).extend(one.rule.code for one in fix.findings)
            if fix.change.formula:
                run.formulas[fix.change.place] = fix.change.formula
        return after
    if len(kept) == 1:
        _refuse(run, kept[0], "brings_other" if harm else "no_help", harm[0] if harm else None)
        return book
    middle = len(kept) // 2
    return _applied(run, _applied(run, book, kept[:middle]), kept[middle:])


def _new(before: Book, after: Book, fixes: Iterable[_Fix]) -> list[Finding]:
    """The findings that were not there before. More of what was counted and not listed (BX112) is not new."""
    if any(_reveals(fix) for fix in fixes):
        return []
    known = {_key(one) for one in before.report.findings}
    capped = {one.params["code"] for one in before.report.findings if one.rule.code == "BX112"}
    return [
        one
        for one in after.report.findings
        if _key(one) not in known and one.rule.code not in capped and not (capped and one.rule.code == "BX112")
    ]


def _tried(book: Book, fixes: Sequence[_Fix]) -> tuple[Book, list[_Fix], list[tuple[_Fix, str]]]:
    """The workbook with these fixes and what follows from them; those that were kept; those that were not, and why."""
    patch, kept, refused = Patch(book.data), [], []
    by_sheet: dict[str, list[_Fix]] = {}
    for fix in fixes:
        try:
            if fix.change.heading:
                patch.rename_heading(*fix.change.heading, str(fix.change.value))
                kept.append(fix)
            else:
                by_sheet.setdefault(fix.change.place[0], []).append(fix)
        except CannotEdit as error:
            refused.append((fix, str(error.reason)))
    for sheet, of_sheet in by_sheet.items():
        reasons = _edited(patch, sheet, of_sheet)
        refused += [(fix, str(reasons[fix.change.place])) for fix in of_sheet if fix.change.place in reasons]
        kept += [fix for fix in of_sheet if fix.change.place not in reasons]
    after = Book.read(book.form, patch.result(), book.path, book.limits)
    restored = {fix.change.place for fix in kept if fix.change.formula is not None}
    return _settled(book, after, restored), kept, refused


def _edited(patch: Patch, sheet: str, fixes: Sequence[_Fix]) -> dict[Place, Reason]:
    edits = {_edit(fix.change): fix.change.place for fix in fixes}
    try:
        return {edits[edit]: reason for edit, reason in patch.cells(sheet, list(edits))}
    except CannotEdit as error:
        return {fix.change.place: error.reason for fix in fixes}


def _edit(change: Change) -> CellEdit:
    _, row, column = change.place
    return CellEdit(row, column, change.value, change.formula, keep_formula=change.keep, like=change.like)


def _settled(before: Book, after: Book, restored: set[Place]) -> Book:
    """The workbook with the values of the formulas that depend on what was changed, and of those that were restored."""
    values = stored_values(before, after, restored)
    if not values:
        return after
    patch = Patch(after.data)
    by_sheet: dict[str, list[CellEdit]] = {}
    for (sheet, row, column), value in values.items():
        by_sheet.setdefault(sheet, []).append(CellEdit(row, column, value, keep_formula=True))
    for sheet, edits in by_sheet.items():
        try:
            patch.cells(sheet, edits)
        except CannotEdit:
            continue  # Excel computes them when it opens the workbook
    return Book.read(after.form, patch.result(), after.path, after.limits)


# ------------------------------------------------------------------------------------ what was done


def _changes(run: _Run, before: Book, after: Book) -> list[Changed]:
    """In the order of the tabs and rows: what was changed, and the formulas whose value changed with it."""
    order = {name: index for index, name in enumerate(after.grid.sheet_names)}
    found: list[Changed] = []
    for place, codes in run.done.items():
        sides = before.value(place), after.value(place)
        formula, written = run.formulas.get(place), before.formulas.get(place)
        stayed = written is not None and same_formula(written, after.formulas.get(place, ""))
        found.append(Changed(place, *sides, tuple(dict.fromkeys(codes)), None if stayed else formula, computed=stayed))
    for place in computed_values(after):
        sides = before.value(place), after.value(place)
        if place not in run.done and place in after.formulas and sides[0] != sides[1]:
            found.append(Changed(place, *sides, computed=True))
    return sorted(found, key=lambda one: (order.get(one.place[0], 0), *one.place[1:]))
