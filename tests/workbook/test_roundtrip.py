"""LibreOffice opens what we write, recalculates it, and saves what we can read."""

from __future__ import annotations

from pathlib import Path

import pytest
import python_calamine

from behov_xl.workbook.grid import address
from conftest import EXAMPLES, STALE, TEMPLATES, Office, found, repack, report_of, sheet_part

WORKBOOKS = [TEMPLATES / "behovsmelding_2026.xlsx", *sorted(EXAMPLES.glob("*.xlsx"))]
XLSX = "xlsx:Calc MS Excel 2007 XML"


def _cells(path: Path) -> dict[tuple[str, int, int], object]:
    with python_calamine.load_workbook(path) as book:
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {
        (sheet, row, column): round(value, 9) if isinstance(value, float) else value
        for sheet, rows in sheets.items()
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value != ""
    }


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_every_cached_value_is_what_libreoffice_computes(path: Path, office: Office, tmp_path: Path) -> None:
    before, after = _cells(path), _cells(office.convert(path, XLSX, tmp_path))
    places = before.keys() | after.keys()
    differ = {(place[0], address(*place[1:])) for place in places if before.get(place) != after.get(place)}
    assert differ == {(one.sheet, one.cell) for one in report_of(path).findings if one.rule.code == STALE}


def test_a_wrong_cached_value_would_be_seen(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "foer.xlsx"
    path.write_bytes((EXAMPLES / "komplett_2026.xlsx").read_bytes())

    def change(parts: dict[str, bytes]) -> None:
        part = sheet_part(parts, "Tiltak")
        assert b"<v>300000</v>" in parts[part]
        parts[part] = parts[part].replace(b"<v>300000</v>", b"<v>300001</v>")

    repack(path, change)
    assert found(path) == ["BX301 Tiltak!G5", "BX301 Tiltak!G7"]
    assert found(office.convert(path, XLSX, tmp_path / "etter")) == []


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_a_round_trip_changes_no_finding(path: Path, office: Office, tmp_path: Path) -> None:
    before, after = report_of(path), report_of(office.convert(path, XLSX, tmp_path))
    assert after.submission == before.submission
    assert found(Path(after.path)) == [one for one in found(path) if not one.startswith(STALE)]


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_no_workbook_shows_an_error_value_but_the_one_that_is_meant_to(
    path: Path, office: Office, tmp_path: Path
) -> None:
    text = office.convert(path, "html", tmp_path).read_text(encoding="utf-8", errors="replace")
    errors = sum(text.count(one) for one in ("#DIV/0!", "#NAME?", "#REF!", "#VALUE!", "#N/A", "#NUM!", "Err:"))
    assert errors == (1 if path.stem == "feil_2026" else 0)


def test_a_cell_changed_by_a_user_is_exactly_what_is_found(office: Office, tmp_path: Path) -> None:
    target = tmp_path / "endret.xlsx"
    office.run("edit", str(EXAMPLES / "komplett_2026.xlsx"), str(target), "Tiltak!E5=125000")
    assert found(target) == ["BX303 Tiltak!E5"]
    assert report_of(target).submission.owner_total == 365_000


def test_a_total_typed_over_by_a_user_is_found(office: Office, tmp_path: Path) -> None:
    target = tmp_path / "endret.xlsx"
    office.run("edit", str(EXAMPLES / "komplett_2026.xlsx"), str(target), "Tiltak!G6=400001", "Aktiviteter!H5=7")
    assert found(target) == ["BX110 Tiltak!G6", "BX301 Tiltak!G6", "BX401 Aktiviteter!H5"]
