"""GitLab's Code Quality report, which merge requests show. Acknowledged findings are left out."""

from __future__ import annotations

import json
from typing import Any

from behov_xl.findings import Finding, Report, Severity
from behov_xl.messages import Catalogue
from behov_xl.messages.render import message
from behov_xl.report.places import cell_name, identities, line_and_column, one_line, relative

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, words: Catalogue) -> str:
    """The report as one JSON list."""
    found = [
        _issue(finding, identity, workbook.path, words)
        for workbook in report.workbooks
        for finding, identity in identities(workbook)
        if finding.acknowledged is None
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _issue(finding: Finding, identity: str, path: str, words: Catalogue) -> dict[str, Any]:
    about = " ".join(part for part in (cell_name(finding), finding.measure or "") if part)
    text = one_line(message(finding, words))
    return {
        "description": f"{about}: {text}" if about else text,
        "check_name": f"{finding.rule.code} {finding.rule.name}",
        "fingerprint": identity,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": relative(path), "lines": {"begin": line_and_column(finding)[0]}},
    }
