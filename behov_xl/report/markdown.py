"""The report as Markdown, for a job's summary or a wiki. What stands in a workbook is text in it, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Finding, Report, Severity, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import advice, wrong
from behov_xl.report.csv_ import TOTALS
from behov_xl.report.json import total as plain_total
from behov_xl.report.places import cell_name, one_line

if TYPE_CHECKING:
    from behov_xl.dataset.totals import Totals

_MARKS = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.INFO: "🔵"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!~^$])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;<!-- -->"})
"""With the comment, nobody is mentioned by what stands in a cell."""


def render(report: Report, words: Catalogue, *, limit: int | None = None) -> str:
    """The whole report; or no more than ``limit`` bytes of it, and then it says how many workbooks it leaves out."""
    counts = report.count()
    numbers = {"errors": Severity.ERROR, "warnings": Severity.WARNING, "infos": Severity.INFO}
    summary = words.text(
        "report.summary", workbooks=len(report.workbooks), **{name: counts[one] for name, one in numbers.items()}
    )
    parts = [f"# {words.text('markdown.title')}\n\n{summary}\n\n"]
    size = len(parts[0].encode())
    # Those with something to do first: a reader, and a limit, should not get stuck in what is fine.
    ordered = sorted(report.workbooks, key=lambda one: min((_rank(finding) for finding in one.findings), default=9))
    for number, workbook in enumerate(ordered):
        part = "".join(f"{line}\n" for line in _workbook(workbook, words))
        size += len(part.encode())
        if limit is not None and size > limit:
            parts.append(words.text("markdown.more", count=len(ordered) - number) + "\n")
            break
        parts.append(part)
    return "".join(parts).rstrip("\n") + "\n"


def _rank(finding: Finding) -> int:
    return finding.severity.rank if finding.acknowledged is None else 5


def _workbook(workbook: WorkbookReport, words: Catalogue) -> Iterator[str]:
    yield f"## {escaped(workbook.path)}\n"
    if workbook.submission:
        one = workbook.submission
        total = {"owner_total": one.owner_total, "uh_total": one.uh_total, "total": one.owner_total + one.uh_total}
        hours = [words.text("report.hours_of", year=year, hours=value) for year, value in sorted(one.hours.items())]
        yield escaped(
            words.text(
                "report.submission",
                owner=one.owner or "–",
                year=str(one.year or "–"),
                measures=one.measures,
                hours=" · ".join(hours) or words.text("report.no_hours"),
                **total,
            )
        )
        yield ""
    if not workbook.findings:
        yield f"✅ {words.text('report.no_findings')}\n"
        return
    yield _line([words.text(f"csv.{column}") for column in ("cell", "severity", "code", "measure", "wrong", "advice")])
    yield _line(["---"] * 6)
    for finding in workbook.findings:
        yield _line(_cells(finding, words))
    yield ""


def _cells(finding: Finding, words: Catalogue) -> list[str]:
    severity = f"{_MARKS[finding.severity]} {words.text(f'severity.{finding.severity}')}"
    told = escaped(wrong(finding, words))
    if finding.acknowledged is not None:
        severity = f"☑️ {words.text('severity.acknowledged')}"
        told = f"{told} ({words.text('report.acknowledged')}: {escaped(finding.acknowledged)})"
    place = cell_name(finding) or words.text("report.whole_file")
    return [escaped(place), severity, finding.rule.code, escaped(finding.measure or ""), told,
            escaped(advice(finding, words))]  # fmt: skip


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Text on one line in which Markdown finds nothing to do."""
    return _SPECIAL.sub(r"\\\1", one_line(text)).translate(_ENTITIES).replace("://", "&#58;//")


def render_totals(totals: Totals, words: Catalogue) -> str:
    """The totals of a dataset: a table for each of what they are per, its last line all together."""
    parts = []
    whole = words.text("summary.whole")
    for group, listed in totals.groups.items():
        parts.append(f"## {words.text(f'report.per_{group}')}\n")
        parts.append(_line([words.text(f"summary.{column}") for column in (f"of.{group}", *TOTALS)]))
        parts.append(_line(["---", *["---:"] * len(TOTALS)]))
        for name, one in [*((one.name or "–", one) for one in listed), (whole, totals.whole)]:
            figures = plain_total(one)
            parts.append(_line([escaped(name), *(words.words(figures[column]) for column in TOTALS)]))
        parts.append("")
    return "\n".join(parts)
