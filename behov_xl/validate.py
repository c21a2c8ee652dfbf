"""The one pipeline: grids → columns → rules → findings. Button, command line, CI and batch all come through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from behov_xl import collector, profiling
from behov_xl.acknowledgements import acknowledge, with_keys
from behov_xl.findings import Report, Rule, WorkbookReport
from behov_xl.form import Form, current
from behov_xl.profiling import stage
from behov_xl.rules import catalogue
from behov_xl.rules.across import whole
from behov_xl.rules.hits import Hits
from behov_xl.rules.tables import check_tables
from behov_xl.rules.workbook import CAPPED
from behov_xl.selection import Selection as Selection
from behov_xl.selection import arranged
from behov_xl.submission import submissions_of
from behov_xl.workbook.columns import MAX_FINDINGS_PER_RULE, Submissions, submissions
from behov_xl.workbook.files import Refused, grid_from_bytes
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.limits import CHUNK, DEFAULT, Limits
from behov_xl.workbook.refusals import unreadable as unreadable
from behov_xl.workbook.sources import Source, find


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
    sources = find(paths, limits)
    done: list[WorkbookReport] = []
    while group := list(islice(sources, chunk)):
        done += validate_chunk(group, form, selection, limits)
    return whole(done, form, selection)


def _nowhere(number: int) -> None:
    """Nobody wants to know which workbook is read."""
    del number


def validate_chunk(
    sources: Sequence[Source],
    form: Form,
    selection: Selection,
    limits: Limits = DEFAULT,
    at: Callable[[int], None] = _nowhere,
) -> list[WorkbookReport]:
    """Reads and validates some workbooks, all at once. One report per source, in order.

    ``at`` is told the number of the workbook that is read next, and ``len(sources)`` when all have been read.
    """
    reports: list[WorkbookReport | None] = []
    grids: list[Grid] = []
    tables = [table.name for table in form.tables]
    with collector.paused():  # a chunk is many thousands of lists; to look through them took a third of the time
        with stage("reading"):
            for number, source in enumerate(sources):
                at(number)
                try:
                    grids.append(grid_from_bytes(source.read(limits), source.shown, tables, limits))
                    reports.append(None)
                except Refused as refused:
                    reports.append(unreadable(source.shown, refused))
        at(len(sources))
        read = iter(validate_grids(grids, form, selection))
        return [report if report is not None else next(read) for report in reports]


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
    with stage("tables"):
        chunk = submissions(form, grids, limit)
    with stage("schemas"):
        for rule, hits in check_tables(chunk):
            _keep(chunk, rule, [hits])
    for rule in catalogue().values():
        if rule.check is not None and selection.allows(rule):
            with profiling.rule(rule.code):
                _keep(chunk, rule, rule.check(chunk))
    with stage("findings"):
        _say_what_was_capped(chunk)
        acknowledge(chunk)
        for index in range(len(grids)) if keys else ():
            with_keys(chunk, index)
        totals = submissions_of(chunk)
        return [
            WorkbookReport(grid.path, arranged(chunk.findings[index], form, selection), totals[index])
            for index, grid in enumerate(grids)
        ]


def _keep(chunk: Submissions, rule: Rule, found: Iterable[Hits]) -> None:
    """Adds hits to their workbooks' findings."""
    for hits in found:
        chunk.hit(rule, hits.table, hits)


def _say_what_was_capped(chunk: Submissions) -> None:
    """For each rule that found more in a workbook than is listed, one finding that says how many more."""
    for (workbook, rule), count in chunk.counts.items():
        if count > chunk.limit:
            last = next(finding for finding in reversed(chunk.findings[workbook]) if finding.rule is rule)
            params = {"code": rule.code, "more": count - chunk.limit, "shown": chunk.limit}
            chunk.findings[workbook].append(replace(last, rule=CAPPED, params=params, measure=None))
