from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from behov_xl.findings import Finding, Severity
from behov_xl.form import Form
from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.report import json as report_json
from behov_xl.report import text as report_text
from behov_xl.validate import validate, validate_grids
from behov_xl.workbook.content import Content
from behov_xl.workbook.files import open_grid
from behov_xl.workbook.marks import finding_rows
from behov_xl.workbook.template import write_template
from conftest import EXAMPLES, repack, report_of, sheet_part, short

WARNING = {"table": "budget", "row": 1, "set": {"amount": "40 000,- (leie)"}}
"""BX209 Budsjett!F5, and nothing else."""
REASON = "Avtalt med UH"


def keyed(form: Form, path: Path) -> list[Finding]:
    """The findings of a workbook with their keys, as those get them who write them into it."""
    (report,) = validate_grids([open_grid(path, [table.name for table in form.tables])], form, keys=True)
    return list(report.findings)


@pytest.fixture
def answered(form: Form, content: Callable[..., Content], tmp_path: Path) -> Callable[..., Path]:
    """A workbook whose findings were written into it and answered with a reason; then ``later`` edits were made."""

    def make(*edits: dict[str, Any], later: tuple[dict[str, Any], ...] = (), reason: str = REASON) -> Path:
        path = tmp_path / "bok.xlsx"
        write_template(form, path, content=content(*edits))
        before = keyed(form, path)
        rows = [{**row, "acknowledgement": reason} for row in finding_rows(before, catalogue("nb"))]
        made = content(*edits, *later)
        made.rows["findings"] = rows
        write_template(form, path, content=made)
        return path

    return make


def _state(path: Path) -> dict[str, str | None]:
    return {short(finding): finding.acknowledged for finding in report_of(path).findings}


def test_an_answered_warning_is_shown_with_its_reason_and_does_not_count(answered: Callable[..., Path]) -> None:
    path = answered(WARNING)
    assert _state(path) == {"BX209 Budsjett!F5": REASON}
    report = validate([path])
    assert report.count()[Severity.WARNING] == 0
    assert report.exit_code(Severity.WARNING) == 0
    assert f"kvittert: {REASON}" in report_text.render(report, catalogue("nb"))
    assert f'"acknowledged": "{REASON}"' in report_json.render(report, catalogue("nb"))


def test_an_error_cannot_be_answered_and_that_is_said(answered: Callable[..., Path]) -> None:
    path = answered({"table": "activities", "row": 1, "set": {"stated_hours": 8}})
    state = _state(path)
    assert state.pop("BX401 Aktiviteter!H5") is None
    assert [one.split()[0] for one in state] == ["BX121"]
    (void,) = (one for one in report_of(path).findings if one.rule.code == "BX121")
    assert (void.sheet, "en feil kan ikke" in message(void, catalogue("nb"))) == ("Validering", True)
    assert validate([path]).exit_code(Severity.ERROR) == 1


def test_a_reason_lapses_when_the_values_behind_it_change(answered: Callable[..., Path]) -> None:
    later = ({"table": "budget", "row": 1, "set": {"amount": "41 000,- (leie)"}},)
    state = _state(answered(WARNING, later=later))
    assert state["BX209 Budsjett!F5"] is None
    assert any(one.startswith("BX121 Validering!") for one in state)


def test_a_reason_lapses_when_what_other_tables_say_changes(answered: Callable[..., Path]) -> None:
    """Which kinds of unit are counted is in another table than the box it does not agree with."""
    scope = {"table": "ticks", "row": 1, "set": {"scope": "both"}}
    assert _state(answered(scope))["BX512 Avkryssing!D5"] == REASON
    later = ({"table": "units", "row": 1, "set": {"municipal_kindergartens": 13}},)
    assert _state(answered(scope, later=later))["BX512 Avkryssing!D5"] is None


def test_a_reason_of_a_finding_that_is_gone_is_nobodys_fault(answered: Callable[..., Path]) -> None:
    later = ({"table": "budget", "row": 1, "set": {"amount": 40000}},)
    assert _state(answered(WARNING, later=later)) == {}


def test_a_reason_stays_when_rows_are_moved_and_other_cells_change(
    form: Form, answered: Callable[..., Path], content: Callable[..., Content]
) -> None:
    path = answered(WARNING, later=({"table": "budget", "row": 2, "remove": True},))
    assert _state(path)["BX209 Budsjett!F5"] == REASON
    moved = content(WARNING)
    moved.rows["findings"] = [
        {**row, "acknowledgement": REASON} for row in finding_rows(keyed(form, path), catalogue("nb"))
    ]
    moved.rows["budget"].reverse()
    write_template(form, path, content=moved)
    assert _state(path)["BX209 Budsjett!F15"] == REASON


def test_rows_that_are_equal_are_answered_one_by_one(
    form: Form, content: Callable[..., Content], tmp_path: Path
) -> None:
    line = {"measure": "T9", "party": "uh", "cost_type": "other", "description": "Kaffe", "amount": 500}
    path = tmp_path / "bok.xlsx"
    edits = [{"table": "budget", "add": line}] * 3
    write_template(form, path, content=content(*edits))
    findings = keyed(form, path)
    twice = [one for one in findings if one.rule.code == "BX308"]
    assert len({one.key for one in findings}) == len(findings)
    made = content(*edits)
    made.rows["findings"] = [{**finding_rows(twice, catalogue("nb"))[0], "acknowledgement": REASON}]
    write_template(form, path, content=made)
    assert [one.acknowledged for one in report_of(path).findings if one.rule.code == "BX308"] == [REASON, None]


def test_the_key_is_the_same_in_either_language(form: Form, workbook: Callable[..., Path]) -> None:
    nb, nn = (keyed(form, workbook(WARNING, name=f"{lang}.xlsx", lang=lang)) for lang in ("nb", "nn"))
    assert [one.key for one in nb] == [one.key for one in nn]


def test_what_is_answered_is_listed_and_not_coloured(form: Form, answered: Callable[..., Path]) -> None:
    path = answered(WARNING)
    row = next(row for row in finding_rows(keyed(form, path), catalogue("nb")) if row["code"] == "BX209")
    assert (row["severity"], row["acknowledgement"], row["row_key"]) == ("Kvittert", REASON, None)


def test_a_date_among_the_ids_is_a_text_to_every_format(form: Form, tmp_path: Path) -> None:
    """Excel makes a date of "1.5"; the findings of such a row name it as their measure."""
    path = tmp_path / "bok.xlsx"
    path.write_bytes((EXAMPLES / "bodo_2026.xlsx").read_bytes())
    date = b'<c r="A5" t="d"><v>2026-05-01</v></c>'

    def change(parts: dict[str, bytes]) -> None:
        part = sheet_part(parts, "Tiltak")
        parts[part] = re.sub(rb'<c r="A5"[^>]*>.*?</c>', date, parts[part], count=1)

    repack(path, change)
    findings = keyed(form, path)
    assert any(str(one.measure).startswith("2026-05-01") for one in findings)
    assert all(one.measure is None or isinstance(one.measure, str) for one in findings)
    assert '"measure": "2026-05-01' in report_json.render(validate([path]), catalogue("nb"))


def test_what_is_answered_comes_first_where_there_is_no_room_for_all(
    form: Form, workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = keyed(form, workbook(base="feil_2026"))
    at = next(index for index, one in enumerate(findings) if one.rule.code == "BX209")
    findings[at] = replace(findings[at], acknowledged=REASON)
    monkeypatch.setattr("behov_xl.workbook.marks.FINDINGS_LIMIT", 20)
    rows = finding_rows(findings, catalogue("nb"))
    order = [one.key for one in findings]
    assert len(rows) == 20
    assert rows == sorted(rows, key=lambda row: order.index(row["finding_key"]))
    assert {row["severity"] for row in rows} == {"Kvittert", "Feil"}
