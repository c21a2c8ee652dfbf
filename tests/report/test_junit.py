from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from reports import hostile, real

from behov_xl.findings import Report, Severity
from behov_xl.messages import catalogue
from behov_xl.report import junit

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent.parent / "schemas" / "junit.xsd"))


def suites_of(report: Report, fail_on: Severity | None = Severity.ERROR) -> etree._Element:
    root = etree.fromstring(junit.render(report, catalogue("nb"), fail_on=fail_on).encode())
    SCHEMA.assertValid(root)
    for suite in root:
        assert int(suite.get("tests")) == len(suite)
        for count, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count)) == len(suite.findall(f"testcase/{element}"))
    for count in ("tests", "failures", "errors"):
        assert int(root.get(count)) == sum(int(suite.get(count)) for suite in root)
    return root


def test_the_schema_refuses_what_ci_servers_do_not_read() -> None:
    assert not SCHEMA.validate(etree.fromstring("<testsuites><testsuite/></testsuites>"))


@pytest.mark.parametrize("fail_on", [Severity.ERROR, Severity.WARNING, None])
def test_what_fails_is_what_fail_on_says(fail_on: Severity | None) -> None:
    counts = real().count()
    root = suites_of(real(), fail_on)
    expected = {None: 0, Severity.ERROR: counts[Severity.ERROR] - 1}
    expected[Severity.WARNING] = expected[Severity.ERROR] + counts[Severity.WARNING]
    assert int(root.get("failures")) == expected[fail_on]
    assert int(root.get("errors")) == 1  # the file that is not there, whatever is asked for


def test_there_is_a_suite_per_workbook_and_a_case_that_passes_where_nothing_was_found() -> None:
    faulty, fine, missing = suites_of(real())
    assert len(faulty) == len(real().workbooks[0].findings)
    assert [(case.get("name"), len(case)) for case in fine] == [("ingen funn", 0)]
    assert missing.find("testcase/error").get("message")


def test_a_failure_says_where_what_and_what_to_do() -> None:
    (case,) = suites_of(real()).xpath("testsuite/testcase[starts-with(@name, 'BX301')]")
    assert case.get("name") == "BX301 measure-total Tiltak!G5"
    lines = case.find("failure").text.splitlines()
    assert len(lines) == 4
    assert lines[3].endswith("Tiltak!G5 T1")


def test_an_acknowledged_finding_is_skipped_with_its_reason_and_any_text_is_valid_xml() -> None:
    (suite,) = suites_of(hostile())
    assert "<script>alert(1)</script>" in suite.find("testcase/skipped").get("message")
    assert suite.get("failures") == "2"
