"""SARIF 2.1.0, which code scanning and editors read: every rule, and every finding with its file and cell.

SARIF knows lines and columns of texts. A cell is given as both: by its name in ``logicalLocations``, and by its row and
column in ``region``, without which GitHub shows no alert.
"""

from __future__ import annotations

import json
from typing import Any

import behov_xl
from behov_xl.findings import Finding, Report, Rule, Severity, WorkbookReport
from behov_xl.messages import Catalogue
from behov_xl.messages.render import message, title, why
from behov_xl.report.json import finding as plain_finding
from behov_xl.report.places import cell_name, identities, line_and_column, one_line, uri
from behov_xl.rules import catalogue
from behov_xl.rules.reference import facts, section_name

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def render(report: Report, words: Catalogue) -> str:
    """The report as one SARIF log with one run."""
    rules = catalogue()
    numbers = {code: number for number, code in enumerate(rules)}
    driver = {
        "name": "behov-xl",
        "version": behov_xl.__version__,
        "semanticVersion": behov_xl.__version__,
        "language": words.lang,
        "rules": [_rule(rule, words) for rule in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"behov-xl/{report.form}/"},
        "invocations": [{"executionSuccessful": all(one.status != "unreadable" for one in report.workbooks)}],
        "columnKind": "unicodeCodePoints",
        "artifacts": [
            {"location": {"uri": uri(one.path)}, "mimeType": _XLSX, "roles": ["analysisTarget"]}
            for one in report.workbooks
        ],
        "results": [
            _result(finding, identity, workbook, index, numbers, words)
            for index, workbook in enumerate(report.workbooks)
            for finding, identity in identities(workbook)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _rule(rule: Rule, words: Catalogue) -> dict[str, Any]:
    explained = why(rule, words)
    told = "\n".join(f"- {label}: {text}" for label, text in facts(rule, words))
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": title(rule.code, words)},
        "fullDescription": {"text": " ".join(explained.split("\n\n")[0].split())},
        "help": {"text": explained, "markdown": f"{explained}\n\n{told}\n"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "name": rule.name,
            "section": section_name(rule, words),
            "fix": rule.fix,
        },
    }


def _result(
    finding: Finding, identity: str, workbook: WorkbookReport, index: int, numbers: dict[str, int], words: Catalogue
) -> dict[str, Any]:
    line, column = line_and_column(finding)
    physical = {
        "artifactLocation": {"uri": uri(workbook.path), "index": index},
        "region": {"startLine": line, "startColumn": column, "endColumn": column + 1},
    }
    location: dict[str, Any] = {"physicalLocation": physical}
    if name := cell_name(finding):
        logical = {"name": finding.cell or finding.sheet, "fullyQualifiedName": name, "kind": "cell"}
        location["logicalLocations"] = [logical]
    plain, told = plain_finding(finding, words), message(finding, words)
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": numbers[finding.rule.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(f"{name}: {told}" if name else told)},
        "locations": [location],
        # GitHub tells old alerts from new ones by this one; the line's text, which it is named for, a cell has not.
        "partialFingerprints": {"primaryLocationLineHash": identity},
        "properties": {
            key: plain[key]
            for key in ("sheet", "cell", "measure", "expected", "actual", "fix")
            if plain[key] is not None
        },
    }
    if finding.key:
        result["fingerprints"] = {"behov-xl/v1": finding.key}
    if finding.acknowledged is not None:
        # The reason stands in the workbook itself.
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": finding.acknowledged}]
    return result


def _text(text: str) -> str:
    """A message. What stands in a cell must not become a link, which is written ``[text](where)`` here."""
    return one_line(text).replace("](", "] (")
