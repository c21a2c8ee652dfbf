"""The report as one page that needs nothing else: no network, no other file. The same report gives the same bytes.

The template is ``html.jinja``, its look ``html.css``, its filters ``html.js``. Everything that comes from a workbook is
escaped by Jinja or, in charts, by ElementTree; the page lets nothing run but the script whose hash its policy names.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

import behov_xl
from behov_xl.findings import Finding, Report, Rule, Severity, Submission, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import advice, title, why, wrong
from behov_xl.report.charts import Series, bars
from behov_xl.report.text import printable
from behov_xl.rules.reference import facts, paragraphs
from behov_xl.submission import Total, hours_per_year, totals_per_network, totals_per_uh
from behov_xl.workbook import overview, styles

CHARTED = 50
"""Up to so many workbooks, each has charts of its own; with more, drawing them would take longer than validating."""

CHUNK = 250
"""Rows of a table: a browser lays out a table whole, and one of thousands of rows would take it seconds."""

LARGE = 1_000
"""With more findings than this the browser is told to lay out only what is looked at."""

_COLOURS = {
    "navy": styles.NAVY,
    "slate": styles.SLATE,
    "line": styles.GRID,
    "error-fill": styles.ERROR_FILL,
    "error-text": styles.ERROR_TEXT,
    "warning-fill": styles.WARNING_FILL,
    "warning-text": styles.WARNING_TEXT,
    "info-fill": styles.INFO_FILL,
    "info-text": styles.INFO_TEXT,
    "owner": overview.OWNER_COLOUR,
    "uh": overview.UH_COLOUR,
    "hours": overview.HOURS_COLOUR,
}
"""The workbook's own colours, for light screens and for print; ``html.css`` has those of the dark."""


@dataclass(frozen=True, slots=True)
class _Book:
    """A workbook as the page shows it."""

    id: str
    report: WorkbookReport
    heading: str
    open: list[Finding]
    acknowledged: list[Finding]
    sums: str
    hours: str

    @property
    def submission(self) -> Submission | None:
        return self.report.submission

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.open)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Texts in order of their first appearance, each with a number: short attributes, and no text is a key."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, text: str | None) -> int:
        return self.numbers.setdefault(text or "", len(self.numbers))

    def sorted(self) -> list[tuple[str, int]]:
        return sorted(self.numbers.items(), key=lambda item: _natural(item[0]))


def render(report: Report, words: Catalogue) -> str:
    """The whole page."""
    style, script = _style(), _asset("html.js")
    books = [_book(index, one, words, charted=len(report.workbooks) <= CHARTED) for index, one in _counted(report)]
    sheets, measures = _Numbered(), _Numbered()
    for finding in (finding for book in books for finding in book.report.findings):
        sheets.of(finding.sheet)
        measures.of(finding.measure)
    several = len(books) > 1
    return _template().render(
        report=report,
        words=words,
        version=behov_xl.__version__,
        policy=_policy(style, script),
        style=style,
        script=script,
        books=books,
        several=several,
        large=len(books) > CHARTED or sum(len(book.report.findings) for book in books) > LARGE,
        charted=CHARTED,
        chunk_size=CHUNK,
        counts=report.count(),
        acknowledged=sum(len(book.acknowledged) for book in books),
        severities=list(Severity),
        sheets=sheets,
        measures=measures,
        rules=_rules(report),
        overall=_overall(report, words) if several else [],
        hours=_all_hours(report, words) if several else ({}, ""),
        **_functions(words),
    )


def _counted(report: Report) -> Iterable[tuple[int, WorkbookReport]]:
    return enumerate(report.workbooks, start=1)


def _book(index: int, report: WorkbookReport, words: Catalogue, *, charted: bool) -> _Book:
    one, id_ = report.submission, f"w{index}"
    heading = ", ".join(str(part) for part in (one.owner, one.year) if part) if one and one.owner else ""
    return _Book(
        id=id_,
        report=report,
        heading=heading or report.path.replace("\\", "/").rpartition("/")[2],
        open=[finding for finding in report.findings if finding.acknowledged is None],
        acknowledged=[finding for finding in report.findings if finding.acknowledged is not None],
        sums=_sums_chart(one, words, f"{id_}-sums") if one and charted else "",
        hours=_hours_chart(one.hours, words, f"{id_}-hours") if one and charted else "",
    )


def _sums_chart(one: Submission, words: Catalogue, labelled_by: str) -> str:
    labels = [printable(f"{ask.measure} {ask.name}".strip()) for ask in one.asks]
    owner, uh = [ask.owner_sum for ask in one.asks], [ask.uh_sum for ask in one.asks]
    return bars(labels, _parties(owner, uh, words), labelled_by=labelled_by)


def _hours_chart(hours: Mapping[str, float], words: Catalogue, labelled_by: str) -> str:
    years = sorted(hours)
    series = Series(words.text("html.hours"), "var(--hours)", [hours[year] for year in years])
    return bars([printable(year) for year in years], [series], labelled_by=labelled_by)


def _parties(owner: list[float], uh: list[float], words: Catalogue) -> list[Series]:
    return [
        Series(words.text("html.sum_owner"), "var(--owner)", owner),
        Series(words.text("html.sum_uh"), "var(--uh)", uh),
    ]


def _overall(report: Report, words: Catalogue) -> list[tuple[str, list[Total], str]]:
    """What the submissions ask for together, per network and per UH: key of the heading, totals, chart."""
    return [
        (key, totals, _totals_chart(totals, words, f"{key}-chart"))
        for key, totals in (
            ("per_network", totals_per_network(report.workbooks)),
            ("per_uh", totals_per_uh(report.workbooks)),
        )
        if totals
    ]


def _totals_chart(totals: list[Total], words: Catalogue, labelled_by: str) -> str:
    labels = [printable(one.name) or "–" for one in totals]
    owner, uh = [one.owner_total for one in totals], [one.uh_total for one in totals]
    return bars(labels, _parties(owner, uh, words), labelled_by=labelled_by)


def _all_hours(report: Report, words: Catalogue) -> tuple[dict[str, float], str]:
    hours = hours_per_year(report.workbooks)
    return hours, _hours_chart(hours, words, "all-hours-chart")


def _rules(report: Report) -> list[Rule]:
    found = {finding.rule.code: finding.rule for one in report.workbooks for finding in one.findings}
    return [found[code] for code in sorted(found)]


def _functions(words: Catalogue) -> dict[str, Callable[..., Any]]:
    """What the template may ask."""
    examples = words.text("reference.wrong"), words.text("reference.right")
    return {
        "t": lambda key, **params: words.text(f"html.{key}", **params),
        "raw": words.raw,
        "kr": lambda value: words.text("html.kroner", value=value),
        "duration": lambda value: words.text("html.duration", value=value),
        "wrong": lambda finding: wrong(finding, words),
        "advice": lambda finding: advice(finding, words),
        "title": lambda rule: title(rule.code, words),
        "why": lambda rule: [" ".join(one.splitlines()) for one in paragraphs(why(rule, words), examples)],
        "facts": lambda rule: list(facts(rule, words)),
        "spoken": words.words,
    }


def _policy(style: str, script: str) -> str:
    """What the browser may load and run: this style, this script, and nothing else."""
    hashes = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script))
    style_hash, script_hash = (f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; style-src {style_hash}; script-src {script_hash}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _style() -> str:
    variables = "".join(f"--{name}:{colour};" for name, colour in _COLOURS.items())
    return f":root{{{variables}}}\n{_asset('html.css')}"


@cache
def _asset(name: str) -> str:
    return (files("behov_xl.report") / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, finalize=_shown, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("html.jinja"))


def _shown(value: Any) -> Any:
    """Texts without what is not to be seen: controls, and marks that turn the direction of what follows."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return printable(value)


def _natural(text: str) -> list[tuple[int, str]]:
    """T2 before T10."""
    parts: list[str] = []
    for character in text:
        if parts and parts[-1].isdecimal() == character.isdecimal():
            parts[-1] += character
        else:
            parts.append(character)
    return [(int(part), "") if part.isdecimal() and len(part) < 20 else (-1, part) for part in parts]
