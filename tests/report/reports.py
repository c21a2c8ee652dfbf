"""Reports for the formats' tests: one of real workbooks, and one whose every text means harm."""

from __future__ import annotations

from functools import lru_cache

from behov_xl.findings import Finding, Report, Submission, WorkbookReport
from behov_xl.rules import catalogue
from behov_xl.validate import validate
from conftest import EXAMPLES

HARM = "=cmd|' /C calc'!A0\r\n::error::tatt over\x07](http://ond.example) <script>alert(1)</script> a|b @alle ;\" `x` \ud800"


@lru_cache(maxsize=1)
def real() -> Report:
    """A faulty workbook, one that is fine, and one that is not there."""
    return validate([EXAMPLES / "feil_2026.xlsx", EXAMPLES / "komplett_2026.xlsx", EXAMPLES / "nix.xlsx"])


def hostile() -> Report:
    """One workbook with two findings of the same rule in the same cell, an acknowledged one, and one of the file."""
    rules = catalogue()
    params = {"actual": HARM, "expected": [HARM], "suggestion": ""}
    unknown = Finding(rules["BX601"], HARM, "B5", HARM, params, "Roller", 4, 1, None, "roles", "measure")
    acknowledged = Finding(
        rules["BX603"], "Tiltak", "D5", "T1", params, "Tiltak", 4, 3, HARM, "measures", "uh", key="Fab"
    )
    capped = Finding(rules["BX112"], None, None, None, {"code": "BX601", "more": 7, "shown": 100})
    submission = Submission(HARM, HARM, 2026, 1, -5.0, 10.0, {"2026/2027": 1.5})
    workbook = WorkbookReport(f"/tmp/{HARM}.xlsx", (unknown, unknown, acknowledged, capped), submission)
    return Report("behovsmelding-2026", (workbook,))
