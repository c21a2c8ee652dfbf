"""The report for people: grouped by sheet, each finding with cell, what is wrong and what to do, and a closing line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from behov_xl.findings import Finding, Report, Severity, Tally, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import advice, wrong
from behov_xl.printable import printable as printable
from behov_xl.report import Stream
from behov_xl.submission import Total, totals_per_network, totals_per_uh

if TYPE_CHECKING:
    from behov_xl.dataset.totals import Totals

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_Paint = Callable[[str, str | None, bool], str]


def render(report: Report, words: Catalogue, *, colour: bool = False) -> str:
    """The whole report as text. ``colour`` adds terminal colours."""
    return STREAM.whole(report.workbooks, report.form, report.tally(), words, colour=colour)


def _part(workbook: WorkbookReport, form: str, words: Catalogue, *, colour: bool) -> str:
    del form

    def paint(text: str, foreground: str | None = None, bold: bool = False) -> str:
        return click.style(text, fg=foreground, bold=bold) if colour else text

    return "".join(f"{line}\n" for line in _workbook(workbook, words, paint))


def _end(tally: Tally, said: Sequence[WorkbookReport], words: Catalogue, *, colour: bool) -> str:
    return "".join(f"{line}\n" for line in _totals(said, words)) + closing(tally, words, colour=colour)


STREAM = Stream(_part, end=_end)


def closing(tally: Tally, words: Catalogue, *, colour: bool = False) -> str:
    """The last line: how many workbooks, and how many findings of each severity."""
    errors, warnings, infos = (tally.counts.get(one, 0) for one in Severity)
    params = {"workbooks": tally.workbooks, "errors": errors, "warnings": warnings, "infos": infos}
    summary = words.text("report.summary", **params)
    worst = next((_COLOURS[severity] for severity in Severity if tally.counts.get(severity)), "green")
    return (click.style(summary, fg=worst, bold=True) if colour else summary) + "\n"


def _totals(said: Sequence[WorkbookReport], words: Catalogue) -> Iterator[str]:
    """What the submissions ask for together, per network and per UH; nothing for a single one."""
    if sum(workbook.submission is not None for workbook in said) < 2:
        return
    for key, totals in (
        ("report.per_network", totals_per_network(said)),
        ("report.per_uh", totals_per_uh(said)),
    ):
        yield words.text(key)
        for one in totals:
            yield f"  {_total(one, one.name or '–', words)}"
        yield ""


def _total(one: Total, name: str, words: Catalogue) -> str:
    sums = {"owner_total": one.owner_total, "uh_total": one.uh_total, "total": one.owner_total + one.uh_total}
    counts = {"submissions": one.submissions, "measures": one.measures}
    return printable(words.text("report.total", name=name, **counts, **sums))


def render_totals(totals: Totals, words: Catalogue) -> str:
    """The totals of a dataset, as the report ends with them, and then all together."""
    lines = []
    for group, listed in totals.groups.items():
        named = [f"  {_total(one, one.name or '–', words)}" for one in listed]
        lines += [words.text(f"report.per_{group}"), *named, ""]
    return "\n".join([*lines, _total(totals.whole, words.text("summary.whole"), words)]) + "\n"


def _workbook(report: WorkbookReport, words: Catalogue, paint: _Paint) -> Iterator[str]:
    yield paint(printable(report.path), None, True)
    yield from _submission(report, words)
    if not report.findings:
        yield f"  {paint(words.text('report.no_findings'), 'green', False)}"
    for sheet, findings in groupby(report.findings, key=lambda finding: finding.sheet):
        yield f"  {paint(printable(sheet or words.text('report.whole_file')), None, True)}"
        listed = list(findings)
        width = max(len(finding.cell or "") for finding in listed)
        for finding in listed:
            yield from _finding(finding, words, paint, width)
    yield ""


def _submission(report: WorkbookReport, words: Catalogue) -> Iterator[str]:
    """One line on what the workbook is, with its totals; none for a file that could not be read."""
    one = report.submission
    if one is None:
        return
    hours = [words.text("report.hours_of", year=year, hours=value) for year, value in sorted(one.hours.items())]
    text = words.text(
        "report.submission",
        owner=one.owner or "–",
        year=str(one.year or "–"),
        measures=one.measures,
        owner_total=one.owner_total,
        uh_total=one.uh_total,
        total=one.owner_total + one.uh_total,
        hours=" · ".join(hours) or words.text("report.no_hours"),
    )
    yield f"  {printable(text)}"


def _finding(finding: Finding, words: Catalogue, paint: _Paint, width: int) -> Iterator[str]:
    severity = words.text(f"severity.{finding.severity}").lower()
    measure = f" {finding.measure}:" if finding.measure else ""
    head = f"    {finding.cell or '':<{width}}  {paint(severity, _COLOURS[finding.severity], True)}"
    yield f"{head} {finding.rule.code}{printable(f'{measure} {wrong(finding, words)}')}"
    indent = " " * (width + 6)
    if finding.acknowledged is not None:
        yield f"{indent}{words.text('report.acknowledged')}: {printable(finding.acknowledged)}"
    yield f"{indent}→ {printable(advice(finding, words))}"
