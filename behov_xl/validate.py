"""The one pipeline: grids → frames → rules → findings. Button, command line, CI and batch all come through here."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from behov_xl.findings import Finding, Report, Rule, Submission, WorkbookReport
from behov_xl.form import Form, current
from behov_xl.rules import catalogue
from behov_xl.rules.hits import Hits
from behov_xl.rules.tables import check_tables
from behov_xl.rules.workbook import CAPPED
from behov_xl.workbook.files import Refused, find_workbooks, open_grid, shown
from behov_xl.workbook.frames import MAX_FINDINGS_PER_RULE, Submissions, submissions
from behov_xl.workbook.grid import Grid

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
    paths: Iterable[Path], form: Form | None = None, selection: Selection | None = None, chunk: int = CHUNK
) -> Report:
    """Validates workbooks given by their paths, in order; directories are searched for .xlsx.

    What cannot be read becomes a finding; nothing is raised.
    """
    form, selection = form or current(), selection or Selection()
    done: list[WorkbookReport] = []
    waiting: list[Path | WorkbookReport] = []
    for path in _expanded(paths):
        waiting.append(path)
        if len(waiting) == chunk:
            done += _validate_chunk(waiting, form, selection)
            waiting = []
    if waiting:
        done += _validate_chunk(waiting, form, selection)
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


def _expanded(paths: Iterable[Path]) -> Iterator[Path | WorkbookReport]:
    for path in paths:
        try:
            yield from find_workbooks(path)
        except Refused as refused:
            yield unreadable(shown(path), refused)


def _validate_chunk(paths: Sequence[Path | WorkbookReport], form: Form, selection: Selection) -> list[WorkbookReport]:
    reports: list[WorkbookReport | None] = []
    grids: list[Grid] = []
    tables = [table.name for table in form.tables]
    with _collector_paused():
        for path in paths:
            if isinstance(path, WorkbookReport):
                reports.append(path)
                continue
            try:
                grids.append(open_grid(path, tables))
                reports.append(None)
            except Refused as refused:
                reports.append(unreadable(shown(path), refused))
        read = iter(validate_grids(grids, form, selection))
        return [report if report is not None else next(read) for report in reports]


def unreadable(path: str, refused: Refused) -> WorkbookReport:
    """The report of a file that was refused: one finding about the file as a whole."""
    return WorkbookReport(path, (Finding(refused.rule, params=refused.params),))


def validate_grids(
    grids: Sequence[Grid], form: Form | None = None, selection: Selection | None = None
) -> list[WorkbookReport]:
    """Validates grids, from files or from live books, all at once. One report per grid, in order."""
    form, selection = form or current(), selection or Selection()
    if not grids:
        return []
    chunk = submissions(form, grids)
    for rule, hits in check_tables(chunk):
        _keep(chunk, rule, [hits])
    for rule in catalogue().values():
        if rule.check is not None and selection.allows(rule):
            _keep(chunk, rule, rule.check(chunk))
    _say_what_was_capped(chunk)
    totals = _submissions_of(chunk)
    order = {sheet.id: index for index, sheet in enumerate(form.sheets)}
    return [
        WorkbookReport(grid.path, _sorted(chunk.findings[index], order, selection), totals[index])
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
        if count > MAX_FINDINGS_PER_RULE:
            last = next(finding for finding in reversed(chunk.findings[workbook]) if finding.rule is rule)
            params = {"code": rule.code, "more": count - MAX_FINDINGS_PER_RULE, "shown": MAX_FINDINGS_PER_RULE}
            chunk.findings[workbook].append(replace(last, rule=CAPPED, params=params, measure=None))


def _sorted(findings: list[Finding], order: dict[str, int], selection: Selection) -> tuple[Finding, ...]:
    """In the order of the sheets and rows; within a row the most severe first, since the row's note shows the first."""
    kept = [finding for finding in findings if selection.allows(finding.rule)]

    def place(one: Finding) -> tuple[int, int, int, int, str]:
        sheet = -1 if one.sheet is None else order.get(one.anchor or "", len(order))
        return sheet, one.row, one.severity.rank, one.column, one.rule.code

    return tuple(sorted(kept, key=place))


def _submissions_of(chunk: Submissions) -> list[Submission | None]:
    """What each workbook says it is, with totals recomputed from the inputs."""
    head, measures, activities = chunk["head"], chunk["measures"], chunk["activities"]
    heads = {row["workbook"]: row for row in head.to_dict("records")}
    sums = measures.groupby("workbook")[["owner_sum", "uh_sum"]].sum().to_dict("index")
    counts = measures["workbook"].value_counts().to_dict()
    hours: dict[int, dict[str, float]] = {}
    books, years = activities["workbook"].tolist(), activities["school_year"].tolist()
    for workbook, school_year, value in zip(books, years, activities["stated_hours"].fillna(0.0).tolist(), strict=True):
        if school_year:
            of_workbook = hours.setdefault(workbook, {})
            of_workbook[school_year] = of_workbook.get(school_year, 0.0) + value
    found: list[Submission | None] = []
    for index, layouts in enumerate(chunk.layouts):
        if not layouts:
            found.append(None)
            continue
        fields, totals = heads.get(index, {}), sums.get(index, {})
        year = fields.get("year", float("nan"))
        found.append(
            Submission(
                owner=fields.get("owner", ""),
                network=fields.get("network", ""),
                year=int(year) if year == year else None,
                measures=counts.get(index, 0),
                owner_total=totals.get("owner_sum", 0.0),
                uh_total=totals.get("uh_sum", 0.0),
                hours=hours.get(index, {}),
            )
        )
    return found
