"""Fixes: the finding is gone, no other has come, nothing else has changed, and fixing again changes nothing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from behov_xl.findings import WorkbookReport
from behov_xl.fixes import Fixed, fix_workbook
from behov_xl.fixes.book import Book
from behov_xl.fixes.catalogue import FIXES
from behov_xl.fixes.recalculate import computed_values, stored_values
from behov_xl.form import current
from behov_xl.rules import catalogue
from behov_xl.workbook.content import edit_content, read_content
from behov_xl.workbook.grid import position
from behov_xl.workbook.patch import Patch
from behov_xl.workbook.sheet_edit import CellEdit
from behov_xl.workbook.sheet_xml import CannotEdit
from behov_xl.workbook.template import template_bytes
from conftest import EXAMPLES, Office, short

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
XLSX = "xlsx:Calc MS Excel 2007 XML"
FORM = current()
PROMPT = "Klikk eller trykk her for å skrive inn tekst."


@dataclass(frozen=True)
class Fault:
    """A fault put into the complete example: the cell it is in, what is typed there, the codes it must lose."""

    place: str
    value: Any = None
    codes: tuple[str, ...] = ()
    unsafe: bool = False
    heading: tuple[str, int] | None = None
    formula: str | None = None
    stale: bool = False


FAULTS = [
    Fault("Budsjett!F5", "40 000,-", ("BX209",)),
    Fault("Budsjett!F6", "kr 80.000,-", ("BX209",)),
    Fault("Tiltak!E5", "120 000", ("BX209",)),
    Fault("Tiltak!F6", "250 000,- (Nord)", ("BX209",)),
    Fault("Aktiviteter!G5", "1,5 timer", ("BX209",)),
    Fault("Aktiviteter!H7", "fire timer", ("BX209",)),
    Fault("Enheter!D6", "9 stk", ("BX209",)),
    Fault("Tiltak!G5", 310000, ("BX110", "BX301")),
    Fault("Tiltak!G6", 400000, ("BX110",)),
    Fault("Tiltak!G7", 1, ("BX301",), formula="1+0"),
    Fault("Tiltak!E9", 350000, ("BX110", "BX302")),
    Fault("Tiltak!G9", 1, ("BX302",), stale=True),
    Fault("Tiltak!I5", "stemmer", ("BX110",)),
    Fault("Aktiviteter!I5", 6, ("BX110",)),
    Fault("Oversikt!B5", 60, ("BX110", "BX403")),
    Fault("Oversikt!C9", 1, ("BX403",), stale=True),
    Fault("Tiltak!H5", PROMPT, ("BX702",)),
    Fault("Tiltak!H7", PROMPT, ("BX702",)),
    Fault("Budsjett!A5", "T1 ", ("BX211",)),
    Fault("Aktiviteter!B5", "2026/27", ("BX217",)),
    Fault("Tiltak!E4", "Egenandel", ("BX104",), heading=("Tiltak", 4)),
    Fault("Budsjett!F4", "Kr", ("BX104",), heading=("Budsjett", 5)),
    Fault("Aktiviteter!H4", "Timer i alt", ("BX104",), heading=("Aktiviteter", 7)),
    Fault("Behovsmelding!A7", "Nettverk", ("BX105",)),
    Fault("Behovsmelding!A19", "Flere UH?", ("BX105",)),
    Fault("Avkryssing!B5", "x"),
    Fault("Avkryssing!F6", "ja"),
    Fault("Behovsmelding!C18", "SANN"),
    Fault("Aktiviteter!H5", 8, ("BX401",), unsafe=True),
    Fault("Budsjett!B6", "Eie", ("BX206",), unsafe=True),
    Fault("Budsjett!F8", 5000, ("BX303",), unsafe=True),
]


def base(*edits: dict[str, Any], **options: Any) -> bytes:
    content = read_content(FORM, EXAMPLES / "komplett_2026.toml")
    for edit in edits:
        edit_content(FORM, content, edit)
    return template_bytes(FORM, content=content, **options)


COMPLETE = base()


def faulty(faults: Sequence[Fault], data: bytes = COMPLETE) -> bytes:
    """Faults as they come about in Excel, which computes what follows from what is typed."""
    later = [one for one in faults if one.stale or one.formula or one.heading]
    done = _typed([one for one in faults if one not in later], data)
    patch = Patch(done)
    for (sheet, row, column), value in stored_values(book(data), book(done), set()).items():
        patch.cells(sheet, [CellEdit(row, column, value, keep_formula=True)])
    return _typed(sorted(later, key=lambda one: one.heading is not None), patch.result())


def _typed(faults: Sequence[Fault], data: bytes) -> bytes:
    patch = Patch(data)
    for fault in faults:
        sheet, _, cell = fault.place.partition("!")
        if fault.heading:
            patch.rename_heading(*fault.heading, fault.value)  # as Excel does: formulas change along
        else:
            edit = CellEdit(*position(cell), fault.value, formula=fault.formula, keep_formula=fault.stale)
            assert patch.cells(sheet, [edit]) == []
    return patch.result()


def fixed(data: bytes, **options: Any) -> Fixed:
    return fix_workbook(FORM, data, "bok.xlsx", **options)


def findings(report: WorkbookReport) -> list[str]:
    return sorted(short(one) for one in report.findings)


def book(data: bytes) -> Book:
    return Book.read(FORM, data, "bok.xlsx")


def values_of(data: bytes) -> dict[tuple[str, int, int], object]:
    with python_calamine.load_workbook(io.BytesIO(data)) as opened:
        sheets = {name: opened.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in opened.sheet_names}
    return {
        (name, row, column): round(value, 6) if isinstance(value, float) else value
        for name, rows in sheets.items()
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value != ""
    }


def stale(data: bytes) -> dict[Any, Any]:
    """The formula cells that show something else than their formula gives."""
    one = book(data)
    return {
        place: (one.value(place), value)
        for place, value in computed_values(one).items()
        if place in one.formulas and one.value(place) != value
    }


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


def test_an_acknowledged_finding_is_not_fixed() -> None:
    from behov_xl.annotate import annotate
    from behov_xl.messages import catalogue as words

    data = faulty([Fault("Tiltak!G6", 400000)])
    noted, _ = annotate(data, "bok.xlsx", FORM, words("nb"))
    table = book(noted).layouts["findings"]
    patch = Patch(noted)
    patch.cells(table.sheet, [CellEdit(table.area.first, table.columns["acknowledgement"], "Avtalt")])
    done = fixed(patch.result(), unsafe=True)
    assert [(one.rule.code, one.acknowledged) for one in done.report.findings] == [("BX110", "Avtalt")]
    assert done.changes == ()


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
    import zipfile

    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", b"<x/>")
    with pytest.raises(CannotEdit):
        fixed(target.getvalue())


# ------------------------------------------------------------------------------------ how it is done


def test_every_rule_that_promises_a_fix_has_one_and_no_other_has() -> None:
    known = catalogue()
    assert {code for code, rule in known.items() if rule.fix != "none"} == set(FIXES) & set(known)


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
    import datetime

    opened["Aktiviteter"]["G5"].value = datetime.datetime(2026, 5, 1)
    opened["Aktiviteter"]["G5"].number_format = "d. mmm"
    opened.save(tmp_path / "dato.xlsx")
    data = (tmp_path / "dato.xlsx").read_bytes()
    assert "BX213 Aktiviteter!G5" in findings(book(data).report)
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


# --------------------------------------------------------------------------------- in other programs


@pytest.mark.parametrize("unsafe", [False, True])
def test_libreoffice_computes_what_was_stored(unsafe: bool, office: Office, tmp_path: Path) -> None:
    faults = [one for one in FAULTS if not one.unsafe]
    whole = [one for index, one in enumerate(faults) if one.place not in {other.place for other in faults[:index]}]
    for name, data in (
        ("feil", (EXAMPLES / "feil_2026.xlsx").read_bytes()),
        ("alle", faulty(whole)),
    ):
        done = fixed(data, unsafe=unsafe)
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(done.data)
        opened = office.convert(path, XLSX, tmp_path / "lo").read_bytes()
        assert values_of(opened) == values_of(done.data)
        assert findings(book(opened).report) == findings(done.report)


@pytest.mark.parametrize("program", ["libreoffice", "openpyxl"])
def test_workbooks_that_other_programs_saved_are_fixed(program: str, office: Office, tmp_path: Path) -> None:
    path = tmp_path / "bok.xlsx"
    path.write_bytes(
        faulty(
            [
                Fault("Tiltak!E5", "120 000"),
                Fault("Tiltak!G6", 1),
                Fault("Avkryssing!B5", "x"),
                Fault("Tiltak!F4", "Sum høgskole", heading=("Tiltak", 5)),
            ]
        )
    )
    if program == "libreoffice":
        data = office.convert(path, XLSX, tmp_path / "lo").read_bytes()
    else:
        openpyxl.load_workbook(path).save(path)
        data = path.read_bytes()
    done = fixed(data)
    assert findings(done.report) == []
    path.write_bytes(done.data)
    opened = office.convert(path, XLSX, tmp_path / "etter").read_bytes()
    assert findings(book(opened).report) == []
