from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from behov_xl.findings import Finding, WorkbookReport
from behov_xl.form import current
from behov_xl.messages import LANGUAGES, catalogue
from behov_xl.report import json as report_json
from behov_xl.rules import catalogue as rules
from behov_xl.validate import validate
from behov_xl.years import Term
from conftest import EXAMPLES

PATHS = [EXAMPLES / "feil_2026.xlsx", EXAMPLES / "bodo_2026.xlsx", EXAMPLES / "nix.xlsx"]


def test_the_document_has_the_schema_that_other_tools_read() -> None:
    document = json.loads(report_json.render(validate(PATHS), catalogue("nb")))
    assert set(document) == {"schema", "tool", "workbooks", "summary"}
    assert document["schema"] == "behov-xl/report/1"
    assert set(document["tool"]) == {"name", "version"}
    bodo = document["workbooks"][1]
    assert set(bodo) == {"path", "form", "status", "submission", "findings"}
    assert bodo["submission"] == {
        "owner": "Bodø kommune",
        "network": "Kompetansenettverk Salten",
        "year": 2026,
        "measures": 5,
        "totals": {"owner": 880000, "uh": 1578860, "total": 2458860},
        "hours": {"2026/2027": 22, "2027/2028": 26},
    }
    keys = {
        "code",
        "name",
        "severity",
        "sheet",
        "cell",
        "measure",
        "message",
        "expected",
        "actual",
        "fix",
        "acknowledged",
    }
    assert all(set(finding) == keys for one in document["workbooks"] for finding in one["findings"])
    assert document["summary"]["workbooks"] == 3


def test_a_wrong_total_says_what_was_expected_in_whole_kroner() -> None:
    document = json.loads(report_json.render(validate(PATHS[:1]), catalogue("nb")))
    (finding,) = (one for one in document["workbooks"][0]["findings"] if one["code"] == "BX301")
    assert (finding["expected"], finding["actual"], finding["cell"], finding["measure"]) == (300000, 310000, "G5", "T1")
    assert isinstance(finding["expected"], int)


def test_sheet_and_cell_are_null_only_for_the_file_as_a_whole() -> None:
    document = json.loads(report_json.render(validate(PATHS), catalogue("nb")))
    unreadable = document["workbooks"][2]
    assert (unreadable["status"], unreadable["submission"], unreadable["form"]) == ("unreadable", None, None)
    assert unreadable["findings"][0]["sheet"] is None
    assert all(one["sheet"] and one["cell"] for book in document["workbooks"][:2] for one in book["findings"])


def test_lines_are_one_workbook_each() -> None:
    report = validate(PATHS)
    lines = report_json.render_lines(report, catalogue("nb")).splitlines()
    assert [json.loads(line)["path"] for line in lines] == [str(path) for path in PATHS]


def test_every_number_is_a_number_that_json_has() -> None:
    text = report_json.render(validate(PATHS), catalogue("nb"))
    assert "NaN" not in text
    assert "Infinity" not in text


LABEL = current().tables[0].columns[0].label
TEXTS = st.text(st.characters()) | st.sampled_from(["\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\u2029", 'a"\\\n'])
NUMBERS = st.floats() | st.integers() | st.booleans() | st.none()
VALUES = st.recursive(
    TEXTS | NUMBERS | st.sampled_from([LABEL, Term(2027, autumn=True)]),
    lambda inner: st.lists(inner | st.tuples(inner, inner), max_size=3),
    max_leaves=4,
)


@given(st.sampled_from(LANGUAGES), TEXTS, st.none() | TEXTS, VALUES, VALUES, st.none() | TEXTS)
def test_a_line_is_the_workbook_as_json_whatever_stands_in_it(lang, path, sheet, actual, expected, reason) -> None:
    words = catalogue(lang)
    params = {"actual": actual, "expected": expected, "label": LABEL}
    found = Finding(rules()["BX206"], sheet, "A1", sheet, params | {"guess": actual}, acknowledged=reason)
    report = WorkbookReport(path, (found, found))
    line = report_json.STREAM.written(report_json.STREAM.part(report, "2026", words)).decode()
    assert line == report_json._written(report_json.workbook(report, "2026", words)) + "\n"
    assert report_json._ACTING.search(line) is None
