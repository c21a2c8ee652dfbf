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
from behov_xl.messages.render import message
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


# ------------------------------------------------------------------------- what the adviser has written

OWN = "Min kommentar"


def again(form: Form, path: Path, times: int = 2) -> Path:
    """The workbook annotated once more, and then again: from the first time on, nothing changes any more."""
    path = annotated(form, path, path.with_name("en.xlsx"))
    for number in range(times):
        before = parts(path)
        path = annotated(form, path, path.with_name(f"{number}.xlsx"))
        assert parts(path) == before
    return path


def row_of(path: Path, code: str) -> int:
    """The sheet row of the first finding with this code, counted from 1."""
    return column(path, "Validering", "Kode").index(code) + 5


def reasons(path: Path) -> dict[str, tuple[object, ...]]:
    """Reason → severity and code in its row."""
    return {str(row[6]): (row[0], row[1]) for row in values(path, "Validering")[4:] if row[6]}


def retype(path: Path, *cells: tuple[str, str | float]) -> Path:
    changed = parts(path)
    for place, value in cells:
        type_into(changed, place, value)
    return rewritten(path, changed)


def rewritten(path: Path, changed: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in changed.items():
            archive.writestr(name, data)
    return path


def with_own_column(path: Path, *cells: tuple[str, str | float]) -> Path:
    """The table of findings with a column of the adviser's and three more rows, and these cells in it."""
    changed = parts(path)
    part = table_part(changed, "Funn")
    text = re.sub(rb'ref="A4:J(\d+)"', lambda one: b'ref="A4:K%d"' % (int(one[1]) + 3), changed[part])
    text = text.replace(b'count="10"', b'count="11"')
    new = f'<tableColumn id="11" name="{OWN}"/></tableColumns>'.encode()
    changed[part] = text.replace(b"</tableColumns>", new)
    for place, value in (("K4", OWN), *cells):
        type_into(changed, f"Validering!{place}", value)
    return rewritten(path, changed)


def test_a_reason_beside_a_finding_in_the_overview_holds(form: Form, tmp_path: Path) -> None:
    """The overview's rows have no cell that is typed."""
    source = tmp_path / "inn.xlsx"
    source.write_bytes((EXAMPLES / "bodo_2026.xlsx").read_bytes())
    path = annotated(form, retype(source, ("Oversikt!C5", 99)), tmp_path / "ut.xlsx")
    answer(path, f"Validering!G{row_of(path, 'BX511')}")
    answer(path, f"Validering!G{row_of(path, 'BX110')}", "Regnet om")
    found = {one.rule.code: one.acknowledged for one in report_of(path).findings}
    assert found["BX511"] == REASON
    assert found["BX110"] == "Regnet om"
    again(form, path)


def test_a_date_under_kvittering_is_kept_as_text(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    changed = parts(path)
    free = len(report_of(FEIL).findings) + 5
    for row in (row_of(path, "BX209"), free):
        type_into(changed, f"Validering!G{row}", "DATO")
    part = sheet_part(changed, "Validering")
    date = b't="d"><v>2026-05-12</v></c>'
    changed[part] = changed[part].replace(b't="inlineStr"><is><t>DATO</t></is></c>', date)
    path = again(form, rewritten(path, changed))
    kept = [row for row in values(path, "Validering")[4:] if str(row[6]).startswith("2026-05-12")]
    assert [row[0] for row in kept] == ["Kvittert", ""]


def test_a_reason_beside_an_error_stays_there(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    answer(path, f"Validering!G{row_of(path, 'BX301')}", "Det er slik")
    path = again(form, path)
    assert reasons(path) == {"Det er slik": ("Feil", "BX301")}
    (void,) = (one for one in report_of(path).findings if one.rule.code == "BX121")
    assert void.cell == f"G{row_of(path, 'BX301')}"
    assert column(path, "Validering", "Celle")[row_of(path, "BX121") - 5] == void.cell


def test_a_reason_that_has_lapsed_stays_and_holds_again_when_all_is_as_it_was(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    found = next(one for one in report_of(FEIL).findings if one.rule.code == "BX209")
    before = values(FEIL, str(found.sheet))[found.row][found.column]
    answer(path, f"Validering!G{row_of(path, 'BX209')}")
    path = again(form, retype(path, (f"{found.sheet}!{found.cell}", "77 000,- (leie)")))
    assert reasons(path) == {REASON: ("", "BX209")}
    assert "BX121" in column(path, "Validering", "Kode")
    path = again(form, retype(path, (f"{found.sheet}!{found.cell}", str(before))))
    assert reasons(path) == {REASON: ("Kvittert", "BX209")}
    assert "BX121" not in column(path, "Validering", "Kode")


def test_a_row_that_somebody_typed_stays_whole(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    free = len(report_of(FEIL).findings) + 5
    typed = [("B", "BX209"), ("F", "Se avtalen"), ("G", REASON)]
    path = again(form, retype(path, *((f"Validering!{letter}{free}", text) for letter, text in typed)))
    row = values(path, "Validering")[len(report_of(FEIL).findings) + 4]
    assert (row[0], row[1], row[5], row[6]) == ("", "BX209", "Se avtalen", REASON)


def test_a_row_whose_key_was_deleted_keeps_its_reason(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    at = row_of(path, "BX209")
    path = again(form, retype(path, (f"Validering!G{at}", REASON), (f"Validering!J{at}", "")))
    assert reasons(path) == {REASON: ("", "BX209")}
    assert column(path, "Validering", "Kode").count("BX209") == 2


def test_the_advisers_own_column_follows_its_findings(form: Form, tmp_path: Path) -> None:
    path = annotated(form, FEIL, tmp_path / "ut.xlsx")
    first, last = row_of(path, "BX209"), len(report_of(FEIL).findings) + 4
    last_code = column(path, "Validering", "Kode")[last - 5]
    path = with_own_column(path, (f"K{first}", "ring LMS"), (f"K{last}", 46_000), (f"K{last + 1}", "mitt eget"))
    found = next(one for one in report_of(FEIL).findings if one.rule.code == "BX209")
    path = again(form, retype(path, (f"{found.sheet}!{found.cell}", "")))
    beside = {row[10]: (row[0], row[1]) for row in values(path, "Validering")[4:] if row[10] != ""}
    assert beside["ring LMS"] == ("", "BX209")
    assert beside[46_000][1] == last_code
    assert beside[46_000][0] != ""
    assert beside["mitt eget"] == ("", "")


def test_formulas_and_links_in_the_advisers_own_column_stay_where_they_are(form: Form, tmp_path: Path) -> None:
    path = with_own_column(annotated(form, FEIL, tmp_path / "ut.xlsx"))
    changed = parts(path)
    part = sheet_part(changed, "Validering")
    xml = re.sub(
        rb'(<row r="7"[^>]*>.*?)(</row>)', rb'\1<c r="K7"><f>LEN(F7)</f><v>5</v></c>\2', changed[part], count=1
    )
    changed[part] = xml.replace(b"<hyperlinks>", b'<hyperlinks><hyperlink ref="K8" location="Tiltak!A1"/>')
    answer(rewritten(path, changed), f"Validering!G{row_of(path, 'BX301')}")
    xml = parts(again(form, path))[part]
    assert b"<f>LEN(F7)</f>" in xml
    assert b'<hyperlink ref="K8" location="Tiltak!A1"/>' in xml


def test_links_to_whole_columns_and_names_are_left(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "inn.xlsx"
    changed = parts(FEIL)
    part = sheet_part(changed, "Validering")
    links = b'<hyperlinks><hyperlink ref="A:A" location="Tiltak!A1"/><hyperlink ref="Navn" location="Tiltak!A1"/></hyperlinks>'
    changed[part] = changed[part].replace(b"<pageMargins", links + b"<pageMargins", 1)
    xml = parts(again(form, rewritten(path, changed)))[part]
    assert b'ref="A:A"' in xml
    assert b'ref="Navn"' in xml
    assert b'ref="D5"' in xml


def test_a_table_that_reaches_far_down_costs_nothing(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "inn.xlsx"
    changed = parts(FEIL)
    part = table_part(changed, "Funn")
    changed[part] = re.sub(rb'ref="A4:J\d+"', b'ref="A4:J1048576"', changed[part])
    path = again(form, rewritten(path, changed))
    assert b'ref="A4:J1048576"' in parts(path)[part]
    assert len([one for one in column(path, "Validering", "Kode") if one]) == len(report_of(FEIL).findings)
    assert parts(path)[sheet_part(changed, "Validering")].count(b"<row ") < 200


def test_what_is_answered_and_errors_come_before_what_there_is_no_room_for(
    form: Form, tmp_path: Path, workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        {"table": "budget", "add": {"measure": "T1", "party": "uh", "description": f"{n}", "amount": f"{n} kr"}}
        for n in range(1, 20)
    ]
    monkeypatch.setattr("behov_xl.workbook.marks.FINDINGS_LIMIT", 15)
    path = annotated(form, workbook(*lines), tmp_path / "ut.xlsx")
    codes = [one for one in column(path, "Validering", "Kode") if one]
    errors = [one.rule.code for one in report_of(path).findings if one.severity == "error"]
    assert len(codes) == 15
    assert errors
    assert set(errors) <= set(codes)
    answer(path, f"Validering!G{row_of(path, 'BX209')}")
    monkeypatch.setattr("behov_xl.workbook.marks.FINDINGS_LIMIT", 1)
    path = again(form, path)
    assert reasons(path) == {REASON: ("Kvittert", "BX209")}
    monkeypatch.setattr("behov_xl.workbook.marks.FINDINGS_LIMIT", 0)
    path = again(form, path)
    assert reasons(path) == {REASON: ("", "BX209")}
    assert REASON in {one.acknowledged for one in report_of(path).findings}


# ------------------------------------------------------------------------------------------- languages


@pytest.mark.parametrize("lang", ["nb", "nn", "en", None])
def test_colours_and_counts_are_in_the_workbooks_language_whatever_the_messages_are(
    form: Form, workbook: Callable[..., Path], tmp_path: Path, lang: str | None
) -> None:
    source = workbook(base="feil_2026", lang="nn")
    data, report = annotate(source.read_bytes(), "bok.xlsx", form, catalogue(lang) if lang else None)
    path = tmp_path / "ut.xlsx"
    path.write_bytes(data)
    severities, overview = column(path, "Validering", "Alvor"), form.sheet_by_id["Oversikt"].label.nn
    warnings = sum(one.severity == "warning" for one in report.findings)
    assert severities.count("Åtvaring") == warnings
    assert [row[7] for row in values(path, overview) if row[6] == "Åtvaring"] == [warnings]
    words = catalogue(lang or "nn")
    assert column(path, "Validering", "Melding")[0] == message(report.findings[0], words)


def test_only_counts_of_severities_are_written(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "inn.xlsx"
    changed = parts(FEIL)
    part = sheet_part(changed, "Oversikt")
    own = [("Budsjett!C5:C50", "UH"), ("Funn[Kode]", "Feil"), ("Funn[Alvorlighet]", "Mine"), ("Funn[Ark]", "Tiltak")]
    cells = "".join(
        f'<c r="{letter}60"><f>COUNTIF({area},"{word}")</f><v>77</v></c>'
        for letter, (area, word) in zip("ABCD", own, strict=True)
    )
    new = (
        f'<row r="60">{cells}<c r="E60"><f>COUNTIF( funn[ALVORLIGHET] , "Merknad" )</f><v>77</v></c></row></sheetData>'
    )
    changed[part] = changed[part].replace(b"</sheetData>", new.encode())
    path = annotated(form, rewritten(path, changed), tmp_path / "ut.xlsx")
    infos = sum(one.severity == "info" for one in report_of(path).findings)
    assert values(path, "Oversikt")[59][:5] == [77, 77, 77, 77, infos]
