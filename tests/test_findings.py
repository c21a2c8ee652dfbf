from __future__ import annotations

import copy
import pickle
import re
from dataclasses import fields

import pytest

from behov_xl.findings import Ask, Finding, Place, Report, Severity, Submission, WorkbookReport, declare
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


@pytest.mark.parametrize("kind", [Ask, Finding, Place, Submission, WorkbookReport])
def test_records_are_compared_by_what_they_say(kind: type) -> None:
    names = [field.name for field in fields(kind)]
    one, same, other = (kind(*(f"{name}{mark}" for name in names)) for mark in ("", "", "!"))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert pickle.loads(pickle.dumps(one, 5)) == one


def test_a_severity_is_found_by_its_text() -> None:
    assert {"error": 1}[Severity.ERROR] == 1
    assert {Severity.ERROR: 1}["error"] == 1


def test_there_is_one_object_of_each_rule_in_a_process() -> None:
    for rule in catalogue().values():
        assert pickle.loads(pickle.dumps(rule, 5)) is rule
        assert copy.deepcopy(rule) is rule
