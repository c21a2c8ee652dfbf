"""The template judged as a file: reproducible, small, valid XML, what Excel asks of it."""

from __future__ import annotations

import importlib.util
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from behov_xl.form import Form
from behov_xl.workbook.template import template_bytes
from conftest import EXAMPLES, TEMPLATES, found, report_of

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
COMMITTED = TEMPLATES / "behovsmelding_2026.xlsx"

# The order in which a worksheet's elements must stand (ECMA-376, CT_Worksheet); Excel offers a repair otherwise.
ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects controls webPublishItems "
    "tableParts extLst"
).split()


def _built() -> dict[str, bytes]:
    spec = importlib.util.spec_from_file_location("build", TEMPLATES / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {path.name: data for path, data in module.built() if path.suffix == ".xlsx"}


BUILT = _built()


@pytest.mark.parametrize("name", BUILT)
def test_what_is_committed_is_what_the_command_builds(name: str) -> None:
    (path,) = TEMPLATES.rglob(name)
    assert path.read_bytes() == BUILT[name], "run: python workbook_templates/build.py"


def test_every_committed_workbook_is_built() -> None:
    assert {path.name for path in TEMPLATES.rglob("*.xlsx")} == set(BUILT)


def test_the_same_form_gives_the_same_bytes(form: Form) -> None:
    assert template_bytes(form) == template_bytes(form)


def test_the_template_is_under_80_kb() -> None:
    assert COMMITTED.stat().st_size < 80_000


def test_the_package_carries_a_fixed_date_only() -> None:
    with zipfile.ZipFile(COMMITTED) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        dates = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", archive.read("docProps/core.xml").decode())
    assert set(dates) == {"2026-01-01T00:00:00Z"}


@pytest.fixture(params=["symbol nb", "symbol nn", "native nb"])
def parts(request: pytest.FixtureRequest, form: Form, tmp_path: Path) -> dict[str, bytes]:
    checkboxes, lang = request.param.split()
    path = tmp_path / "mal.xlsx"
    path.write_bytes(template_bytes(form, lang=lang, native_checkboxes=checkboxes == "native"))
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _sheets(parts: dict[str, bytes]) -> dict[str, ET.Element]:
    return {name: ET.fromstring(xml) for name, xml in parts.items() if name.startswith("xl/worksheets/sheet")}


def test_every_part_is_well_formed(parts: dict[str, bytes]) -> None:
    for name, xml in parts.items():
        if name.endswith((".xml", ".rels")):
            ET.fromstring(xml)


def test_worksheet_elements_stand_in_the_order_of_the_standard(parts: dict[str, bytes]) -> None:
    for name, sheet in _sheets(parts).items():
        places = [ORDER.index(child.tag.removeprefix(MAIN)) for child in sheet]
        assert places == sorted(places), name


def test_table_ids_and_names_are_unique_and_headings_match_the_cells(parts: dict[str, bytes]) -> None:
    tables = [ET.fromstring(xml) for name, xml in parts.items() if name.startswith("xl/tables/")]
    assert len({table.get("id") for table in tables}) == len(tables)
    assert len({table.get("displayName", "").casefold() for table in tables}) == len(tables)
    for table in tables:
        names = [column.get("name") for column in table.iter(f"{MAIN}tableColumn")]
        ids = [column.get("id") for column in table.iter(f"{MAIN}tableColumn")]
        assert len(set(ids)) == len(ids)
        assert len({str(name).casefold() for name in names}) == len(names)


def test_names_and_messages_are_within_what_excel_takes(parts: dict[str, bytes]) -> None:
    workbook = ET.fromstring(parts["xl/workbook.xml"])
    names = [name.get("name", "") for name in workbook.iter(f"{MAIN}definedName") if name.get("localSheetId") is None]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 255 for name in names)
    for sheet in _sheets(parts).values():
        for rule in sheet.iter(f"{MAIN}dataValidation"):
            assert len(rule.get("promptTitle", "")) <= 32
            assert len(rule.get("errorTitle", "")) <= 32
            assert len(rule.get("prompt", "")) <= 255
            assert len(rule.get("error", "")) <= 255
            for formula in rule.iter(f"{MAIN}formula1"):
                assert len(formula.text or "") <= 255


def test_no_sheet_with_a_table_is_protected_since_tables_could_not_grow(parts: dict[str, bytes]) -> None:
    assert not any(b"sheetProtection" in xml for name, xml in parts.items() if name.startswith("xl/worksheets/"))


def test_no_two_merged_ranges_overlap_and_none_is_in_a_table(parts: dict[str, bytes]) -> None:
    for sheet in _sheets(parts).values():
        rows = [one.get("ref", "") for one in sheet.iter(f"{MAIN}mergeCell")]
        assert all(re.fullmatch(r"[A-Z]+([34]):[A-Z]+\1", row) for row in rows)


def test_sheets_and_tables_are_named_as_the_form_says(form: Form) -> None:
    book = openpyxl.load_workbook(COMMITTED)
    assert book.sheetnames == [sheet.label.nb for sheet in form.sheets]
    tables = {name for sheet in book for name in sheet.tables}
    assert tables == {table.name for table in form.tables}


def test_header_rows_are_frozen_and_repeated_in_print() -> None:
    book = openpyxl.load_workbook(COMMITTED)
    for name in ("Tiltak", "Avkryssing", "Aktiviteter", "Budsjett", "Beskrivelse"):
        sheet = book[name]
        assert sheet.freeze_panes == "B5"
        assert sheet.print_title_rows == "$4:$4"
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (
            9,
            1 if sheet.page_setup.fitToWidth else None,
        )


def test_the_overview_has_two_native_charts() -> None:
    with zipfile.ZipFile(COMMITTED) as archive:
        assert [name for name in archive.namelist() if name.startswith("xl/charts/chart")] == [
            "xl/charts/chart1.xml", "xl/charts/chart2.xml",
        ]  # fmt: skip


def test_native_checkboxes_are_excels_own_and_read_the_same(workbook: Callable[..., Path]) -> None:
    native, symbol = workbook(name="n.xlsx", base="bodo_2026", native_checkboxes=True), EXAMPLES / "bodo_2026.xlsx"
    with zipfile.ZipFile(native) as archive:
        assert "xl/featurePropertyBag/featurePropertyBag.xml" in archive.namelist()
    assert found(native) == found(symbol)
    assert report_of(native).submission == report_of(symbol).submission


def test_the_nynorsk_template_is_read_as_well(workbook: Callable[..., Path]) -> None:
    assert found(workbook(lang="nn")) == []


def test_an_empty_template_names_what_must_be_filled_in() -> None:
    assert found(COMMITTED) == [
        "BX208 Behovsmelding!B11", "BX208 Behovsmelding!B5", "BX208 Behovsmelding!B7", "BX208 Behovsmelding!B9",
        "BX501 Behovsmelding!B17", "BX501 Behovsmelding!B18", "BX501 Behovsmelding!B19", "BX501 Behovsmelding!B20",
        "BX606 Tiltak!C5",
    ]  # fmt: skip
