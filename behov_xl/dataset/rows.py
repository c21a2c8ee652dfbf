"""The rows that a workbook gives to each table of the dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from behov_xl.findings import Severity, Submission, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.report.json import finding as plain_finding
from behov_xl.report.places import identities

Row = dict[str, Any]


def rows(report: WorkbookReport, words: Catalogue) -> Iterator[tuple[str, Row]]:
    """Table and row, without what is the same in all rows of a workbook: number, path, owner and partition."""
    yield "submissions", _submission(report)
    if report.submission is not None:
        yield from _of_submission(report.submission)
    for one, identity in identities(report):
        plain = plain_finding(one, words)
        told = {"expected": _text(plain["expected"]), "actual": _text(plain["actual"]), "identity": identity}
        yield "findings", plain | told


def _submission(report: WorkbookReport) -> Row:
    count = Counter(finding.severity for finding in report.findings if finding.acknowledged is None)
    row: Row = {"status": report.status, **{f"{severity}s": count[severity] for severity in Severity}}
    one = report.submission
    if one is not None:
        row |= {
            "organisation_number": one.organisation_number,
            "network_name": one.network,
            "measures": one.measures,
            "owner_sum": one.owner_total,
            "uh_sum": one.uh_total,
            "hours": float(sum(one.hours.values())),
        }
    return row


def _of_submission(one: Submission) -> Iterator[tuple[str, Row]]:
    for ask in one.asks:
        asked = {"measure": ask.measure, "name": ask.name, "uh": ask.uh}
        yield "measures", {**asked, "owner_sum": ask.owner_sum, "uh_sum": ask.uh_sum}
    for year, hours in one.hours.items():
        yield "hours", {"school_year": year, "hours": hours}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
