"""The reports that the tests of the HTML page render, and what is read out of a page."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import html5lib

from behov_xl.findings import Finding, Report, Severity
from behov_xl.messages import catalogue
from behov_xl.report import html
from behov_xl.validate import validate
from conftest import EXAMPLES

NAMES = ("feil_2026.xlsx", "bodo_2026.xlsx", "komplett_2026.xlsx", "nix.xlsx")
REASON = "Avtalt med nettverket."
SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"><img src=x onerror=alert(2)>'"


@cache
def examples(*names: str) -> Report:
    """The examples and a file that is not there; every third warning is acknowledged."""
    report = validate([EXAMPLES / name for name in names or NAMES])
    return replace(
        report, workbooks=tuple(replace(one, findings=tuple(_answered(one.findings))) for one in report.workbooks)
    )


def _answered(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    warnings = 0
    for finding in findings:
        warnings += finding.severity is Severity.WARNING
        answered = finding.severity is Severity.WARNING and warnings % 3 == 0
        yield replace(finding, acknowledged=REASON) if answered else finding


def hostile(workbook: Callable[..., Path]) -> Report:
    """A workbook in which everything that people type is markup, and a name of a file that is, too."""
    path = workbook(
        {"table": "head", "set": {"owner": SCRIPT, "network": IMAGE}},
        {"table": "measures", "row": 1, "set": {"name": "</script><b>T1</b>", "uh": "</style>" + SCRIPT}},
        {"table": "measures", "row": 2, "set": {"measure": "T2\"'><i>", "owner_sum": "</td>" + SCRIPT}},
        name="bok '\"&lt;b&gt;<b>.xlsx",
    )
    report = validate([path, EXAMPLES / "komplett_2026.xlsx"])
    first, *others = report.workbooks
    findings = tuple(replace(one, acknowledged="</p>" + SCRIPT) for one in first.findings[:1]) + first.findings[1:]
    return replace(report, workbooks=(replace(first, findings=findings), *others))


def thousands(count: int) -> Report:
    """One workbook with so many findings."""
    (one,) = examples("feil_2026.xlsx").workbooks
    return Report("behovsmelding-2026", (replace(one, findings=(one.findings * count)[:count]),))


def rendered(report: Report, lang: str = "nb") -> str:
    return html.render(report, catalogue(lang))


def parsed(page: str) -> ET.Element:
    """The page as a browser reads it; what is no valid HTML is an error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def text(element: ET.Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def rows(page: ET.Element, part: str = "") -> list[dict[str, Any]]:
    """The findings of a page, of those that are ``open`` or ``acknowledged``, or all."""
    found = []
    for table in page.iterfind(f".//div[@class='{part}']" if part else ".//article"):
        for row in table.iterfind(".//tbody/tr[@data-severity]"):
            place, severity, measure, what, rule = row
            found.append(
                {
                    "place": text(place),
                    "severity": text(severity),
                    "measure": text(measure),
                    "what": text(what),
                    "rule": text(rule),
                }
            )
    return found
