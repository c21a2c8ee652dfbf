from __future__ import annotations

import re

import pytest

from behov_xl.findings import Finding, Report, Severity, Submission, WorkbookReport, declare
from behov_xl.rules import catalogue

READ = Submission("Eier", "Nett", 2026, 1, 0, 0, {})


def _report(*severities: Severity, read: bool = True) -> Report:
    rules = {rule.severity: rule for rule in catalogue().values()}
    findings = tuple(Finding(rules[severity], "Tiltak", "A1") for severity in severities)
    return Report("f", (WorkbookReport("a.xlsx", findings, READ if read else None),))


@pytest.mark.parametrize(
    ("severities", "fail_on", "code"),
    [
        ([], Severity.ERROR, 0),
        ([Severity.WARNING, Severity.INFO], Severity.ERROR, 0),
        ([Severity.WARNING], Severity.WARNING, 1),
        ([Severity.INFO], Severity.WARNING, 0),
        ([Severity.ERROR], Severity.WARNING, 1),
        ([Severity.ERROR], None, 0),
    ],
)
def test_exit_codes_follow_the_worst_finding(severities: list[Severity], fail_on: Severity | None, code: int) -> None:
    assert _report(*severities).exit_code(fail_on) == code


def test_a_file_that_could_not_be_read_is_2_whatever_else() -> None:
    assert _report(Severity.ERROR, read=False).exit_code(None) == 2


def test_a_code_is_never_used_twice() -> None:
    taken = next(iter(catalogue().values()))
    with pytest.raises(ValueError, match="declared twice"):
        declare(taken.code, "another-name", Severity.INFO, "")
    with pytest.raises(ValueError, match="declared twice"):
        declare("BX999", taken.name, Severity.INFO, "")


def test_codes_and_names_have_their_form() -> None:
    for rule in catalogue().values():
        assert re.fullmatch(r"BX[0-8]\d\d", rule.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
        assert rule.section
