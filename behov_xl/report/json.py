"""The report for programs: schema ``behov-xl/report/1``, stable. Whole, or one workbook per line."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from math import isfinite
from typing import TYPE_CHECKING, Any

import behov_xl
from behov_xl.findings import Finding, Report, Rule, Severity, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import message
from behov_xl.report import Stream
from behov_xl.submission import Total, totals_per_network, totals_per_uh

if TYPE_CHECKING:
    from behov_xl.dataset.totals import Totals

SCHEMA = "behov-xl/report/1"
SUMMARY_SCHEMA = "behov-xl/summary/1"
_encoded = json.JSONEncoder(ensure_ascii=False).encode
_PLAIN = (bool, str, int, float, list)
_HARMLESS = bytes(range(0x7F))
_ACTING = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def render(report: Report, words: Catalogue) -> str:
    """The report as one JSON document."""
    counts = report.count()
    document = {
        "schema": SCHEMA,
        "tool": {"name": "behov-xl", "version": behov_xl.__version__},
        "workbooks": [workbook(one, report.form, words) for one in report.workbooks],
        "summary": {
            "workbooks": len(report.workbooks),
            "errors": counts[Severity.ERROR],
            "warnings": counts[Severity.WARNING],
            "infos": counts[Severity.INFO],
            "totals": {
                "uh": [total(one) for one in totals_per_uh(report.workbooks)],
                "network": [total(one) for one in totals_per_network(report.workbooks)],
            },
        },
    }
    return _written(document, indent=1) + "\n"


def render_lines(report: Report, words: Catalogue) -> str:
    """One workbook per line, each a whole JSON document."""
    return _harmless(STREAM.whole(report.workbooks, report.form, report.tally(), words))


def _line(report: WorkbookReport, form: str, words: Catalogue) -> str:
    """As ``_written(workbook(…))``, in half the time: what all findings of a rule have in common is written once."""
    known = _encoded(_about(report, form))
    findings = ", ".join([_finding_text(one, words) for one in report.findings])
    return f'{known[:-1]}, "findings": [{findings}]}}\n'


def _written(document: dict[str, Any], indent: int | None = None) -> str:
    return _harmless(json.dumps(document, ensure_ascii=False, indent=indent))


def _harmless(text: str) -> str:
    """JSON in whose strings is escaped what a terminal acts on, or shows the wrong way round."""
    return text if _acts_not(_bytes(text)) else _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _harmless_bytes(text: str) -> bytes:
    """As :func:`_harmless`, in UTF-8: what most texts are in already when they have been looked at."""
    written = _bytes(text)
    return written if _acts_not(written) else _bytes(_harmless(text))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _acts_not(written: bytes) -> bool:
    other = written.translate(None, _HARMLESS)  # a tenth of it, and quickly told
    return _ACTING.search(other.decode("utf-8", "surrogatepass")) is None


STREAM = Stream(_line, written=_harmless_bytes)


def workbook(report: WorkbookReport, form: str, words: Catalogue) -> dict[str, Any]:
    """One workbook as plain data. Amounts are kroner, whole ones as integers; hours are numbers."""
    return {**_about(report, form), "findings": [finding(one, words) for one in report.findings]}


def _about(report: WorkbookReport, form: str) -> dict[str, Any]:
    return {
        "path": report.path,
        "form": form if report.submission else None,
        "status": report.status,
        "submission": _submission(report),
    }


def _submission(report: WorkbookReport) -> dict[str, Any] | None:
    one = report.submission
    if one is None:
        return None
    return {
        "owner": one.owner,
        "network": one.network,
        "year": one.year,
        "measures": one.measures,
        "totals": _sums(one.owner_total, one.uh_total),
        "hours": {year: _plain_number(value) for year, value in sorted(one.hours.items())},
    }


def total(one: Total) -> dict[str, Any]:
    """What several submissions ask for together."""
    return {
        "name": one.name,
        "submissions": one.submissions,
        "measures": one.measures,
        **_sums(one.owner_total, one.uh_total),
    }


def render_totals(totals: Totals, words: Catalogue) -> str:
    """The totals of a dataset as one JSON document, in the report's own terms."""
    del words
    known = {"schema": SUMMARY_SCHEMA, "form": totals.form, "year": totals.year, "unreadable": totals.unreadable}
    groups = {group: [total(one) for one in listed] for group, listed in totals.groups.items()}
    whole = {key: value for key, value in total(totals.whole).items() if key != "name"}
    return _written({**known, "totals": groups, "whole": whole}, indent=1) + "\n"


def _sums(owner: float, uh: float) -> dict[str, float | int | None]:
    return {"owner": _plain_number(owner), "uh": _plain_number(uh), "total": _plain_number(owner + uh)}


def finding(one: Finding, words: Catalogue) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "code": one.rule.code,
        "name": one.rule.name,
        "severity": str(one.severity),
        "sheet": one.sheet,
        "cell": one.cell,
        "measure": one.measure,
        "message": message(one, words),
        "expected": _plain(one.params.get("expected"), words),
        "actual": _plain(one.params.get("actual"), words),
        "fix": one.rule.fix,
        "acknowledged": one.acknowledged,
    }


def _finding_text(one: Finding, words: Catalogue) -> str:
    """As :func:`finding`, as JSON."""
    rule, fix = _of_rule(one.rule)
    params = one.params
    return (
        f'{rule}, "sheet": {_text(one.sheet)}, "cell": {_text(one.cell)}, "measure": {_text(one.measure)},'
        f' "message": {_quoted(message(one, words))},'
        f' "expected": {_value(params.get("expected"), words)}, "actual": {_value(params.get("actual"), words)},'
        f' {fix}, "acknowledged": {_text(one.acknowledged)}}}'
    )


@lru_cache(maxsize=512)
def _of_rule(rule: Rule) -> tuple[str, str]:
    about = {"code": rule.code, "name": rule.name, "severity": str(rule.severity)}
    return _encoded(about)[:-1], _encoded({"fix": rule.fix})[1:-1]


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _value(value: Any, words: Catalogue) -> str:
    """As :func:`_plain`, as JSON."""
    if value is None:
        return "null"
    kind = type(value)
    if kind is str:
        return _quoted(value)
    if kind is float or kind is int:
        plain = _plain_number(value)
        return "null" if plain is None else repr(plain)
    if kind is list:
        return f"[{', '.join([_value(one, words) for one in value])}]"
    return _encoded(_plain(value, words)) if issubclass(kind, _PLAIN) else _quoted(words.words(value))


def _plain(value: Any, words: Catalogue) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return _plain_number(value)
    if isinstance(value, list):
        return [_plain(one, words) for one in value]
    return words.words(value)


def _plain_number(value: float) -> float | int | None:
    if not isfinite(value):
        return None
    whole = int(value)
    return whole if value == whole else round(value, 2)
