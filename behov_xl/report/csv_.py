"""All findings as one table, a row each, for Excel in Norway: semicolons, decimal commas, UTF-8 with its mark.

With those three, Excel opens the file by a double click with æ, ø and å whole and every column its own. Nothing that
stands in a workbook is ever a formula here: what Excel would compute gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Finding, Report, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import advice, wrong
from behov_xl.report import Stream
from behov_xl.report.json import finding as plain_finding
from behov_xl.report.json import total as plain_total
from behov_xl.report.places import one_line

if TYPE_CHECKING:
    from behov_xl.dataset.totals import Totals

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
COLUMNS = (
    "workbook",
    "owner",
    "network",
    "year",
    "sheet",
    "cell",
    "measure",
    "severity",
    "code",
    "rule",
    "wrong",
    "advice",
    "expected",
    "actual",
    "fix",
    "acknowledged",
)
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
             "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def render(report: Report, words: Catalogue) -> str:
    """The table, with a line of headings."""
    return STREAM.whole(report.workbooks, report.form, report.tally(), words)


def _headings(words: Catalogue) -> str:
    return MARK + _lines([[words.text(f"csv.{column}") for column in COLUMNS]])


def _findings(workbook: WorkbookReport, form: str, words: Catalogue) -> str:
    del form
    return _lines(_row(finding, workbook, words) for finding in workbook.findings)


STREAM = Stream(_findings, _headings)


def _lines(rows: Iterable[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _row(finding: Finding, workbook: WorkbookReport, words: Catalogue) -> list[str]:
    submission = workbook.submission
    plain = plain_finding(finding, words) | {
        "workbook": workbook.path,
        "owner": submission.owner if submission else None,
        "network": submission.network if submission else None,
        "year": submission.year if submission else None,
        "severity": words.text(f"severity.{finding.severity}"),
        "rule": finding.rule.name,
        "wrong": wrong(finding, words),
        "advice": advice(finding, words),
        "fix": words.text(f"fix.{finding.rule.fix}"),
    }
    return [cell(plain[column]) for column in COLUMNS]


def cell(value: Any) -> str:
    """A value as it stands in the table: numbers as numbers, texts as texts, whatever they look like."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value).replace(".", ",")
    text = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    # Looked at before and after control characters are gone: either way it must begin harmlessly.
    safe = one_line(text)
    return f"'{safe}" if text.startswith(_COMPUTED) or safe.startswith(_COMPUTED) else safe


TOTALS = ("submissions", "measures", "owner", "uh", "total")
"""What a total says, besides whose it is."""


def render_totals(totals: Totals, words: Catalogue) -> str:
    """The totals of a dataset as one table: what they are per, its name, and the figures."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([words.text(f"summary.{column}") for column in ("per", "name", *TOTALS)])
    for group, listed in totals.groups.items():
        for one in map(plain_total, listed):
            writer.writerow([words.text(f"summary.of.{group}"), *(cell(one[column]) for column in ("name", *TOTALS))])
    return MARK + out.getvalue()
