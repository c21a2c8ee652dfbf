"""Fixes: the finding is gone, no other has come, nothing else has changed, and fixing again changes nothing."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from faults import COMPLETE, FAULTS, PROMPT, Fault, base, book, faulty, findings, fixed, stale, values_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from behov_xl.annotate import annotate
from behov_xl.fixes.catalogue import FIXES
from behov_xl.form import current
from behov_xl.messages import catalogue as words
from behov_xl.messages.render import message
from behov_xl.rules import catalogue
from behov_xl.validate import validate_grids
from behov_xl.workbook.patch import Patch
from behov_xl.workbook.sheet_edit import CellEdit
from behov_xl.workbook.sheet_xml import CannotEdit
from conftest import EXAMPLES, parts_of, sheet_part, short

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
FORM = current()


# ------------------------------------------------------------------------------------- the property


def test_the_example_has_nothing_to_fix_and_stays_byte_for_byte() -> None:
    assert fixed(COMPLETE, unsafe=True).data == COMPLETE
    assert stale(COMPLETE) == {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.place} {'/'.join(fault.codes)}")
@pytest.mark.parametrize("options", [{}, {"native_checkboxes": True}], ids=["symbols", "native"])
def test_each_fault_is_found_fixed_and_leaves_the_example_as_it_was(fault: Fault, options: dict[str, Any]) -> None:
    whole = base(**options)
    data = faulty([fault], whole)
    before = {one.split()[0] for one in findings(book(data).report)}
    assert set(fault.codes) <= before
    safe = fixed(data)
    assert (findings(safe.report) == []) is not fault.unsafe
    if fault.unsafe:
        assert safe.data == data
        assert {one.rule.code for one in safe.unsafe} >= set(fault.codes)
    done = fixed(data, unsafe=True)
    assert findings(done.report) == []
    assert done.unfixed == ()
    assert values_of(done.data) == values_of(whole)
    typed = [change for change in done.changes if not change.computed]
    assert len(typed) == (not fault.stale)
    assert {code for change in done.changes for code in change.codes} >= set(fault.codes)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(FAULTS), unique_by=lambda one: one.place, max_size=12), st.booleans())
def test_any_mix_of_faults_is_fixed_without_new_ones(faults: list[Fault], unsafe: bool) -> None:
    data = faulty(faults)
    before = set(findings(book(data).report))
    done = fixed(data, unsafe=unsafe)
    after = set(findings(done.report))
    kept = {short(one.finding) for one in done.unfixed}
    assert after - kept <= {one for one in before | after if one.split()[0] in _waiting(faults, unsafe=unsafe)}
    if not any(fault.heading or "BX105" in fault.codes for fault in faults):
        assert after <= before
    assert fixed(done.data, unsafe=unsafe).data == done.data
    assert stale(done.data) == {}


def _waiting(faults: Sequence[Fault], *, unsafe: bool) -> set[str]:
    """The codes that may be left: of faults that only --unsafe fixes, and what follows from them."""
    return (
        set()
        if unsafe
        else {code for fault in faults if fault.unsafe for code in (*fault.codes, "BX119", "BX303", "BX403")}
    )


# -------------------------------------------------------------------------- what is not to be touched


def acknowledged(data: bytes, *codes: str) -> bytes:
    """The workbook with a reason under Kvittering for the findings with these codes."""
    noted, report = annotate(data, "bok.xlsx", FORM, words("nb"))
    table = book(noted).layouts["findings"]
    patch = Patch(noted)
    for index, finding in enumerate(report.findings):
        if finding.rule.code in codes:
            where = table.area.first + index, table.columns["acknowledgement"]
            assert patch.cells(table.sheet, [CellEdit(*where, "Avtalt")]) == []
    return patch.result()


def test_an_acknowledged_finding_is_not_fixed() -> None:
    done = fixed(acknowledged(faulty([Fault("Tiltak!G6", 400000)]), "BX110"), unsafe=True)
    assert [(one.rule.code, one.acknowledged) for one in done.report.findings] == [("BX110", "Avtalt")]
    assert done.changes == ()


def test_what_is_acknowledged_is_not_lost_to_another_finding_of_its_cell() -> None:
    done = fixed(acknowledged(faulty([Fault("Tiltak!G5", 310000)]), "BX110"), unsafe=True)
    assert done.changes == ()
    assert [(one.finding.rule.code, one.reason) for one in done.unfixed] == [("BX301", "acknowledged")]


@pytest.mark.parametrize(
    ("slip", "sum_"),
    [(Fault("Tiltak!E5", 12000), Fault("Tiltak!G5", 300000)), (Fault("Tiltak!E6", 510000), Fault("Tiltak!E9", 360000))],
)
def test_a_sum_is_not_made_to_agree_with_a_slip(slip: Fault, sum_: Fault) -> None:
    data = faulty([slip, sum_])
    found = book(data).report.findings
    assert any(one.params.get("suggestion") for one in found if one.rule.code in {"BX301", "BX302"})
    safe = fixed(data)
    assert safe.data == data
    assert {sum_.place} == {
        f"{one.sheet}!{one.cell}" for one in safe.unsafe if one.rule.code in {"BX110", "BX301", "BX302"}
    }
    done = fixed(data, unsafe=True)
    assert findings(done.report) == []
    assert values_of(done.data) == values_of(COMPLETE)
    assert {f"{sheet}!{row}" for sheet, row, _ in book(done.data).formulas} == {
        f"{sheet}!{row}" for sheet, row, _ in book(COMPLETE).formulas
    }


def test_a_sum_is_not_made_to_agree_with_a_slip_that_cannot_be_put_right() -> None:
    """The slip stands in a formula of the adviser's own."""
    data = faulty([Fault("Tiltak!E5", 12000, formula="6000*2"), Fault("Tiltak!G5", 300000)])
    done = fixed(data, unsafe=True)
    assert {(one.finding.rule.code, one.reason) for one in done.unfixed if one.finding.cell == "G5"} == {
        ("BX301", "formula"),
        ("BX110", "slip"),
    }
    assert ("Tiltak", 4, 6) not in book(done.data).formulas


def test_a_formula_of_the_advisers_own_that_computes_the_same_stays() -> None:
    patch = Patch(COMPLETE)
    patch.cells("Tiltak", [CellEdit(4, 6, 300001, formula="E5+F5")])
    done = fixed(patch.result(), unsafe=True)
    assert [(one.finding.rule.code, one.reason) for one in done.unfixed] == [("BX301", "formula")]
    formula = 'IF(COUNT(E5,F5,G5)=3,E5*F5*G5,"")'
    patch.cells("Aktiviteter", [CellEdit(4, 8, 99, formula=formula)])
    done = fixed(patch.result())
    assert [(one.place, one.after, one.codes, one.computed) for one in done.changes if one.codes] == [
        (("Aktiviteter", 4, 8), 6, ("BX119",), True)
    ]
    assert book(done.data).formulas["Aktiviteter", 4, 8] == formula
    assert book(done.data).formulas["Tiltak", 4, 6] == "E5+F5"


def test_a_formula_of_the_advisers_own_is_never_typed_over() -> None:
    data = faulty([Fault("Tiltak!E5", "120 000", formula='"120 000"')])
    done = fixed(data, unsafe=True)
    assert [(one.finding.rule.code, one.reason) for one in done.unfixed if one.finding.cell == "E5"] == [
        ("BX209", "formula")
    ]
    assert book(done.data).formulas["Tiltak", 4, 4] == '"120 000"'


def test_words_in_a_note_column_are_only_deleted_when_asked_for() -> None:
    data = faulty([Fault("Tiltak!J5", "Husk å ringe UH")])
    assert findings(book(data).report) == ["BX110 Tiltak!J5"]
    safe = fixed(data)
    assert safe.data == data
    assert [one.rule.code for one in safe.unsafe] == ["BX110"]
    assert findings(fixed(data, unsafe=True).report) == []


def test_what_must_be_filled_in_keeps_its_prompt() -> None:
    data = faulty([Fault("Beskrivelse!C5", PROMPT)])
    done = fixed(data)
    assert [(one.finding.rule.code, one.reason) for one in done.unfixed] == [("BX702", "required")]
    assert done.data == data


def test_two_headings_that_may_be_either_are_left() -> None:
    data = faulty([Fault("Tiltak!E4", "A", heading=("Tiltak", 4)), Fault("Tiltak!F4", "B", heading=("Tiltak", 5))])
    done = fixed(data)
    assert [(one.finding.rule.code, one.reason) for one in done.unfixed] == [("BX104", "ambiguous")] * len(done.unfixed)
    assert done.unfixed
    assert done.data == data


def test_another_column_in_the_place_of_a_missing_one_is_left() -> None:
    edits = [CellEdit(row, 4, f"notat {row}") for row in range(4, 7)]
    patch = Patch(faulty([Fault("Tiltak!E4", "Mine notater", heading=("Tiltak", 4))]))
    patch.cells("Tiltak", edits)
    done = fixed(patch.result())
    assert [(one.finding.cell, one.reason) for one in done.unfixed if one.finding.rule.code == "BX104"] == [
        ("E4", "other_content")
    ]


def test_numbers_words_and_stated_hours_that_all_differ_are_left() -> None:
    edit = {
        "table": "activities",
        "row": 1,
        "set": {"stated_hours": 9, "description": "2 møter hvert semester med 2 timer per møte"},
    }
    done = fixed(base(edit), unsafe=True)
    reasons = {one.finding.rule.code: one.reason for one in done.unfixed}
    assert reasons == {"BX401": "contradicts", "BX402": "contradicts"}


def test_a_year_that_may_be_either_of_two_is_left() -> None:
    done = fixed(faulty([Fault("Aktiviteter!B5", "2026/2028")]), unsafe=True)
    assert [(one.finding.rule.code, one.reason) for one in done.unfixed] == [("BX216", "no_guess")]


def test_a_fix_that_would_bring_a_new_finding_is_not_made_and_said() -> None:
    data = faulty([Fault("Aktiviteter!H7", "fire timer"), Fault("Tiltak!G5", 310000)])
    # A row whose only content is the prompt: emptied, the measure has no roles any more.
    patch = Patch(data)
    patch.cells("Roller", [CellEdit(row, column, None) for row in range(4, 7) for column in range(3)])
    patch.cells("Roller", [CellEdit(4, 1, None), CellEdit(4, 0, "T1"), CellEdit(4, 3, None), CellEdit(4, 2, PROMPT)])
    done = fixed(patch.result())
    assert "BX209" not in {one.rule.code for one in done.report.findings}
    left = [one for one in done.unfixed if one.reason == "brings_other"]
    assert all(one.instead is not None for one in left)


def test_a_file_that_must_not_be_changed_is_refused() -> None:
    target = io.BytesIO(COMPLETE)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", b"<x/>")
    with pytest.raises(CannotEdit):
        fixed(target.getvalue())


# ------------------------------------------------------------------------------------ how it is done


def test_every_rule_that_promises_a_fix_has_one_and_no_other_has() -> None:
    assert {code for code, rule in catalogue().items() if rule.fix != "none"} == set(FIXES)


def test_every_fix_is_as_safe_as_its_rule_says() -> None:
    """The faults are proved to be fixed with or without --unsafe above; BX213 has a test of its own."""
    shown = {code: "unsafe" if fault.unsafe else "safe" for fault in FAULTS for code in fault.codes} | {
        "BX213": "unsafe"
    }
    assert shown == {code: catalogue()[code].fix for code in FIXES}


def test_checkboxes_are_spelled_as_the_column_has_them() -> None:
    symbols = fixed(faulty([Fault("Avkryssing!B5", "1"), Fault("Avkryssing!C5", "nei")]))
    assert [(one.after, one.codes) for one in symbols.changes] == [("☒", ()), ("☐", ())]
    native = fixed(faulty([Fault("Avkryssing!B5", "x"), Fault("Behovsmelding!C18", "-")], base(native_checkboxes=True)))
    assert [one.after for one in native.changes] == [False, True]


@pytest.mark.parametrize("lang", ["nb", "nn"])
def test_what_is_written_is_in_the_workbooks_own_language(lang: str) -> None:
    heading = {"nb": "Sum eier", "nn": "Sum eigar"}[lang]
    sheet = {"nb": "Aktiviteter", "nn": "Aktivitetar"}[lang]
    faults = [
        Fault("Tiltak!E4", "Egenandel", heading=("Tiltak", 4)),
        Fault("Tiltak!I5", "ok"),
        Fault("Budsjett!B5", "Eie" if lang == "nb" else "Eigr"),
        Fault(f"{sheet}!I5", 6),
        Fault("Behovsmelding!A7", "Nettverk"),
    ]
    whole = base(lang=lang)
    done = fixed(faulty(faults, whole), unsafe=True)
    assert findings(done.report) == []
    assert values_of(done.data) == values_of(whole)
    opened = openpyxl.load_workbook(io.BytesIO(done.data))
    assert opened["Tiltak"]["E4"].value == heading
    assert opened["Tiltak"]["I5"].value == openpyxl.load_workbook(io.BytesIO(whole))["Tiltak"]["I5"].value
    assert opened["Tiltak"].tables["Tiltak"].tableColumns[4].name == heading


def test_a_heading_that_is_changed_in_its_cell_only_is_restored() -> None:
    data = faulty([Fault("Tiltak!E4", "Egenandel")])
    done = fixed(data)
    assert findings(done.report) == []
    assert values_of(done.data) == values_of(COMPLETE)


def test_what_a_restored_heading_brings_to_light_is_fixed_as_well() -> None:
    data = faulty([Fault("Tiltak!E5", "120 000,-"), Fault("Tiltak!E4", "Egenandel", heading=("Tiltak", 4))])
    done = fixed(data)
    assert findings(done.report) == []
    assert values_of(done.data) == values_of(COMPLETE)


def test_a_date_is_made_a_number_in_the_style_of_the_others(tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(io.BytesIO(COMPLETE))
    opened["Aktiviteter"]["G5"].value = datetime.datetime(2026, 5, 1)
    opened["Aktiviteter"]["G5"].number_format = "d. mmm"
    opened.save(tmp_path / "dato.xlsx")
    data = (tmp_path / "dato.xlsx").read_bytes()
    assert "BX213 Aktiviteter!G5" in findings(book(data).report)
    assert fixed(data).data == data
    done = fixed(data, unsafe=True)
    cell = openpyxl.load_workbook(io.BytesIO(done.data))["Aktiviteter"]["G5"]
    assert (cell.value, cell.number_format) == (
        1.5,
        openpyxl.load_workbook(io.BytesIO(COMPLETE))["Aktiviteter"]["G6"].number_format,
    )


def test_sums_on_the_advisers_own_sheet_follow() -> None:
    patch = Patch(COMPLETE)
    patch.cells(
        "Veiledning", [CellEdit(60, 3, 370000, formula="SUM(Tiltak[Sum eier])"), CellEdit(61, 3, 1, formula="D61*2")]
    )
    data = faulty([Fault("Tiltak!E5", "120 000")], patch.result())
    patch = Patch(data)
    patch.cells("Veiledning", [CellEdit(60, 3, 250000, keep_formula=True)])
    done = fixed(patch.result())
    shown = values_of(done.data)
    assert shown["Veiledning", 60, 3] == values_of(COMPLETE)["Oversikt", 4, 7]
    assert shown["Veiledning", 61, 3] == 1  # only Excel can tell


@pytest.mark.parametrize("name", ["bodo", "feil"])
def test_the_examples_only_lose_findings(name: str) -> None:
    data = (EXAMPLES / f"{name}_2026.xlsx").read_bytes()
    before = set(findings(book(data).report))
    for unsafe in (False, True):
        done = fixed(data, unsafe=unsafe)
        assert set(findings(done.report)) < before
        assert fixed(done.data, unsafe=unsafe).data == done.data


def test_more_findings_than_are_listed_are_fixed_in_one_run() -> None:
    line = {"measure": "T1", "party": "uh", "cost_type": "other", "amount": 1}
    added = [{"table": "budget", "add": {**line, "description": f"Nr {number}"}} for number in range(1_300)]
    patch = Patch(base(*added))
    rows = range(30, 1_280)
    patch.cells("Budsjett", [CellEdit(row, 5, "500,- kr") for row in rows])
    done = fixed(patch.result())
    assert len([one for one in done.changes if "BX209" in one.codes]) == len(rows)
    assert "BX209" not in {one.rule.code for one in done.report.findings}
    assert done.report == validate_grids([book(done.data).grid], FORM)[0]
    assert fixed(done.data).data == done.data


def test_what_remains_is_listed_as_the_validator_lists_it() -> None:
    added = [
        {"table": "budget", "add": {"measure": "T99", "party": "uh", "description": f"Nr {number}", "amount": number}}
        for number in range(1, 150)
    ]
    done = fixed(base(*added))
    codes = [one.rule.code for one in done.report.findings]
    assert codes.count("BX601") == 100
    assert "BX112" in codes


def test_notes_stay_as_they_are_in_the_table_of_findings() -> None:
    """Their messages hold no-break spaces, in which nothing is to be put right."""
    noted, report = annotate((EXAMPLES / "bodo_2026.xlsx").read_bytes(), "bok.xlsx", FORM, words("nb"))
    assert any("\u00a0" in message(one, words("nb")) for one in report.findings)
    assert [(one.place, one.codes) for one in fixed(noted).changes] == [(("Tiltak", 4, 7), ("BX702",))]


@pytest.mark.parametrize("number", ["1E+400", "-1E+400", "1E+300"])
def test_a_number_that_no_cell_can_hold_is_no_reason_to_give_up(number: str) -> None:
    parts = parts_of(faulty([Fault("Budsjett!F6", "500,- kr")]))
    part = sheet_part(parts, "Budsjett")
    parts[part] = re.sub(rb'(<c r="F5"[^>]*>)<v>[^<]*', rb"\1<v>" + number.encode(), parts[part])
    parts[part] = re.sub(rb'(<c r="F7"[^>]*>)<v>[^<]*', rb"\1<v>" + number.encode(), parts[part])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    done = fixed(target.getvalue(), unsafe=True)
    assert ("Budsjett", 5, 5) in {one.place for one in done.changes}
    assert b"inf" not in parts_of(done.data)[sheet_part(parts, "Tiltak")]
