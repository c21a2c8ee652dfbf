"""The one pipeline: grids → frames → rules → findings. Button, command line, CI and batch all come through here."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from behov_xl.acknowledgements import acknowledge, with_keys
from behov_xl.findings import Finding, Report, Rule, WorkbookReport
from behov_xl.form import Form, current
from behov_xl.rules import catalogue
from behov_xl.rules.across import check_across
from behov_xl.rules.hits import Hits
from behov_xl.rules.tables import check_tables
from behov_xl.rules.workbook import CAPPED
from behov_xl.submission import submissions_of
from behov_xl.workbook.files import Refused, grid_from_bytes
from behov_xl.workbook.frames import MAX_FINDINGS_PER_RULE, Submissions, submissions
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.sources import Source, find

CHUNK = 500
"""Workbooks validated at once: enough to make the fixed cost of a rule vanish, few enough to bound memory."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules count: codes or prefixes (``BX3``) or names. Nothing selected means all."""

    select: Collection[str] = ()
    ignore: Collection[str] = ()

    def allows(self, rule: Rule) -> bool:
        wanted = not self.select or named(rule, self.select)
        return rule.essential or (wanted and not named(rule, self.ignore))


def named(rule: Rule, names: Collection[str]) -> bool:
    """Whether one of ``names`` is the rule's name, its code, or the beginning of its code."""
    return any(rule.name == name or (len(name) > 2 and rule.code.startswith(name.upper())) for name in names)


def validate(
    paths: Iterable[Path | str],
    form: Form | None = None,
    selection: Selection | None = None,
    chunk: int = CHUNK,
    limits: Limits = DEFAULT,
) -> Report:
    """Validates workbooks given by where they are, in order: see :func:`behov_xl.workbook.sources.find`.

    What cannot be read, or exceeds the limits, becomes a finding; nothing is raised.
    """
    form, selection = form or current(), selection or Selection()
    done: list[WorkbookReport] = []
    waiting: list[Source] = []
    for source in find(paths):
        waiting.append(source)
        if len(waiting) == chunk:
            done += _validate_chunk(waiting, form, selection, limits)
            waiting = []
    if waiting:
        done += _validate_chunk(waiting, form, selection, limits)
    for index, found in check_across(done, selection.allows).items():
        done[index] = replace(done[index], findings=_sorted([*done[index].findings, *found], form, selection))
    return Report(form.id, tuple(done))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A chunk is many thousands of lists and no cycles; to look for cycles took up to a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _validate_chunk(
    sources: Sequence[Source], form: Form, selection: Selection, limits: Limits
) -> list[WorkbookReport]:
    reports: list[WorkbookReport | None] = []
    grids: list[Grid] = []
    tables = [table.name for table in form.tables]
    with _collector_paused():
        for source in sources:
            try:
                grids.append(grid_from_bytes(source.read(), source.shown, tables, limits))
                reports.append(None)
            except Refused as refused:
                reports.append(unreadable(source.shown, refused))
        read = iter(validate_grids(grids, form, selection))
        return [report if report is not None else next(read) for report in reports]


def unreadable(path: str, refused: Refused) -> WorkbookReport:
    """The report of a file that was refused: one finding about the file as a whole."""
    return WorkbookReport(path, (Finding(refused.rule, params=refused.params),))


def validate_grids(
    grids: Sequence[Grid],
    form: Form | None = None,
    selection: Selection | None = None,
    *,
    keys: bool = False,
    limit: int = MAX_FINDINGS_PER_RULE,
) -> list[WorkbookReport]:
    """Validates grids, from files or from live books, all at once. One report per grid, in order.

    ``keys``: give the findings their keys, for those that write them into a workbook. ``limit``: how many findings of a
    rule are listed per workbook.
    """
    form, selection = form or current(), selection or Selection()
    if not grids:
        return []
    chunk = submissions(form, grids, limit)
    for rule, hits in check_tables(chunk):
        _keep(chunk, rule, [hits])
    for rule in catalogue().values():
        if rule.check is not None and selection.allows(rule):
            _keep(chunk, rule, rule.check(chunk))
    _say_what_was_capped(chunk)
    acknowledge(chunk)
    for index in range(len(grids)) if keys else ():
        with_keys(chunk, index)
    totals = submissions_of(chunk)
    return [
        WorkbookReport(grid.path, _sorted(chunk.findings[index], form, selection), totals[index])
        for index, grid in enumerate(grids)
    ]


def _keep(chunk: Submissions, rule: Rule, found: Iterable[Hits]) -> None:
    """Adds hits to their workbooks' findings."""
    for hits in found:
        for workbook, row, column, measure, params in hits:
            chunk.add(rule, workbook, hits.table, row, column, measure=measure, **params)


def _say_what_was_capped(chunk: Submissions) -> None:
    """For each rule that found more in a workbook than is listed, one finding that says how many more."""
    for (workbook, rule), count in chunk.counts.items():
        if count > chunk.limit:
            last = next(finding for finding in reversed(chunk.findings[workbook]) if finding.rule is rule)
            params = {"code": rule.code, "more": count - chunk.limit, "shown": chunk.limit}
            chunk.findings[workbook].append(replace(last, rule=CAPPED, params=params, measure=None))


def _sorted(findings: list[Finding], form: Form, selection: Selection) -> tuple[Finding, ...]:
    """In the order of the sheets and rows; within a row the most severe first, since the row's note shows the first."""
    order = form.sheet_places
    if selection.select or selection.ignore:
        findings = [finding for finding in findings if selection.allows(finding.rule)]

    def place(one: Finding) -> tuple[int, int, int, int, str]:
        sheet = -1 if one.sheet is None else order.get(one.anchor or "", len(order))
        return sheet, one.row, one.severity.rank, one.column, one.rule.code

    return tuple(sorted(findings, key=place))
