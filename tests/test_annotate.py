from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import python_calamine

from behov_xl.annotate import annotate
from behov_xl.form import Form
from behov_xl.messages import catalogue
from behov_xl.validate import validate
from behov_xl.workbook.sheet_xml import CannotEdit
from conftest import EXAMPLES, STALE, TEMPLATES, Office, report_of, sheet_part, short, table_part, type_into

FEIL = EXAMPLES / "feil_2026.xlsx"
REASON = "Avtalt med statsforvalteren"


def annotated(form: Form, path: Path, target: Path) -> Path:
    target.write_bytes(annotate(path.read_bytes(), str(path), form, catalogue("nb"))[0])
    return target


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def values(path: Path, sheet: str) -> list[list[object]]:
    with python_calamine.load_workbook(BytesIO(path.read_bytes())) as book:
        return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def column(path: Path, sheet: str, heading: str, header: int = 3) -> list[object]:
    rows = values(path, sheet)
    return [row[rows[header].index(heading)] for row in rows[header + 1 :]]


def answer(path: Path, place: str, reason: str = REASON) -> None:
    changed = parts(path)
    type_into(changed, place, reason)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in changed.items():
            archive.writestr(name, data)


def test_every_finding_stands_in_the_table_and_its_message_in_its_row(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    findings = report_of(FEIL).findings
    assert column(path, "Validering", "Kode")[: len(findings)] == [one.rule.code for one in findings]
    assert column(path, "Validering", "Celle")[: len(findings)] == [one.cell for one in findings]
    messages = column(path, "Validering", "Melding")
    assert column(path, "Budsjett", "Merknad")[0] in messages
    assert column(path, "Behovsmelding", "Merknad")[1] in messages
    assert [row[7] for row in values(path, "Oversikt") if row[6] == "Feil"] == [
        sum(one.severity == "error" for one in findings)
    ]


def test_the_findings_of_the_annotated_copy_are_the_same(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    assert [short(one) for one in report_of(path).findings] == [short(one) for one in report_of(FEIL).findings]


def test_only_what_shows_findings_is_changed(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    before, after = parts(FEIL), parts(path)
    sheets = {sheet_part(before, sheet.label.nb) for sheet in form.sheets if sheet.kind != "guide"}
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed <= {*sheets, table_part(before, "Funn"), "xl/workbook.xml"}
    assert list(before) == list(after)


def test_annotating_again_changes_nothing(form: Form, tmp_path: Path) -> None:
    once = annotated(form, FEIL, tmp_path / "ut.xlsx")
    twice = annotated(form, once, tmp_path / "igjen.xlsx")
    assert parts(once) == parts(twice)


def test_findings_that_are_gone_are_cleared(form: Form, tmp_path: Path, workbook: Callable[..., Path]) -> None:
    wrong = workbook({"table": "budget", "row": 1, "set": {"amount": "40 000,-"}})
    path = annotated(form, wrong, tmp_path / "ut.xlsx")
    changed = parts(path)
    type_into(changed, "Budsjett!F5", 40_000)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in changed.items():
            archive.writestr(name, data)
    again = annotated(form, path, tmp_path / "rettet.xlsx")
    assert {one for one in column(again, "Validering", "Kode") if one} == {STALE}  # nothing computed Kontroll anew
    assert not any(column(again, "Budsjett", "Merknad"))


def test_a_reason_survives_every_run_and_takes_the_colour_away(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    at = column(path, "Validering", "Kode").index("BX209") + 5
    answer(path, f"Validering!G{at}")
    for name in ("en.xlsx", "to.xlsx"):
        path = annotated(form, path, tmp_path / name)
        found = {one.rule.code: one.acknowledged for one in report_of(path).findings}
        assert found["BX209"] == REASON
        row = values(path, "Validering")[at - 1]
        assert (row[0], row[6], row[8]) == ("Kvittert", REASON, "")


def test_a_reason_beside_no_finding_is_kept(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "inn.xlsx"
    path.write_bytes((EXAMPLES / "komplett_2026.xlsx").read_bytes())
    answer(path, "Validering!G5", "Husk å ringe LMS")
    assert column(annotated(form, path, tmp_path / "ut.xlsx"), "Validering", "Kvittering")[0] == "Husk å ringe LMS"


def test_more_findings_than_rows_make_the_table_grow(form: Form, tmp_path: Path, workbook: Callable[..., Path]) -> None:
    bad = [
        {"table": "budget", "add": {"measure": "T9", "party": "uh", "description": f"{n}", "amount": n}}
        for n in range(1, 60)
    ]
    path = annotated(form, workbook(*bad), tmp_path / "ut.xlsx")
    assert column(path, "Validering", "Kode").count("BX601") == 59
    assert b'ref="A4:' in parts(path)[table_part(parts(path), "Funn")]
    assert len(report_of(path).findings) == len(report_of(workbook(*bad)).findings)


def test_a_workbook_without_the_table_of_findings_is_refused(form: Form, workbook: Callable[..., Path]) -> None:
    data = workbook().read_bytes()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    part = table_part(held, "Funn")
    held[part] = held[part].replace(b'name="Funn" displayName="Funn"', b'name="Annet" displayName="Annet"')
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    with pytest.raises(CannotEdit):
        annotate(target.getvalue(), "uten.xlsx", form, catalogue("nb"))


def test_libreoffice_opens_it_and_finds_the_same(form: Form, tmp_path: Path, office: Office) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    saved = office.convert(path, "xlsx:Calc MS Excel 2007 XML", tmp_path / "lo")
    assert column(saved, "Validering", "Kode") == column(path, "Validering", "Kode")
    assert column(saved, "Budsjett", "Merknad")[:12] == column(path, "Budsjett", "Merknad")[:12]
    assert [row[7] for row in values(saved, "Oversikt")[4:11]] == [row[7] for row in values(path, "Oversikt")[4:11]]


def test_the_empty_template_takes_its_findings(form: Form, tmp_path: Path) -> None:
    path = annotated(form, TEMPLATES / "behovsmelding_2026.xlsx", tmp_path / "ut.xlsx")
    assert "BX606" in column(path, "Validering", "Kode")
    assert validate([path]).workbooks[0].status == "findings"


def test_rows_are_high_enough_for_what_they_show_and_a_height_set_by_hand_stays(form: Form, tmp_path: Path) -> None:
    source = tmp_path / "inn.xlsx"
    changed = parts(FEIL)
    budget = sheet_part(changed, "Budsjett")
    changed[budget] = changed[budget].replace(b'<row r="6"', b'<row r="6" ht="9" customHeight="1"')
    with zipfile.ZipFile(source, "w") as archive:
        for name, data in changed.items():
            archive.writestr(name, data)
    path = annotated(form, source, tmp_path / "ut.xlsx")
    rows = dict(re.findall(rb'<row r="(\d+)"([^>]*)>', parts(path)[budget]))
    assert b'ht="9" customHeight="1"' in rows[b"6"]
    assert re.search(rb'ht="(?:45|60)"', rows[b"5"])
    assert b"customHeight" not in rows[b"5"]
