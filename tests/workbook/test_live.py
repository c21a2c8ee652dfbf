"""A workbook that is open somewhere reads as its file does, as far as the program that holds it tells."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import xlwings
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from behov_xl.form import Form, current
from behov_xl.validate import validate_grids
from behov_xl.workbook import live
from behov_xl.workbook.files import Refused
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.live import live_grid
from client import payload
from conftest import EXAMPLES, TEMPLATES
from generated.drafts import grid_of
from generated.faults import FAULTS, Fault
from generated.test_faults import faulted

BOOKS = [*sorted(EXAMPLES.glob("*.xlsx")), TEMPLATES / "behovsmelding_2026.xlsx"]
CLIENT_DOES_NOT_SEND = {"formulas": None, "hidden_rows": [], "hidden_columns": [], "merged": []}
"""What xlwings' client in a browser does not tell of a sheet. (And the workbook's properties, and filters.)"""


def opened(data: Path | BytesIO) -> xlwings.Book:
    return xlwings.Book(json=payload(data))


def read(book: xlwings.Book, form: Form) -> Grid:
    return live_grid(book, [table.name for table in form.tables])


def as_the_client_tells(grid: Grid) -> Grid:
    sheets = {name: replace(sheet, **CLIENT_DOES_NOT_SEND) for name, sheet in grid.sheets.items()}
    tables = {name: replace(area, filtered=False) for name, area in grid.tables.items()}
    return replace(grid, sheets=sheets, tables=tables, properties={})


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_client_in_a_browser_gives_the_same_grid_as_the_file(path: Path, form: Form) -> None:
    expected = as_the_client_tells(grid_of(form, path.read_bytes()))
    found = read(opened(path), form)
    assert found.tables == expected.tables
    assert found.sheet_names == expected.sheet_names
    assert found.sheets == expected.sheets


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_it_has_the_same_findings_to_the_letter(path: Path, form: Form) -> None:
    grids = [as_the_client_tells(grid_of(form, path.read_bytes())), read(opened(path), form)]
    from_file, from_client = validate_grids(grids, form, keys=True)
    assert from_client == from_file


def test_generated_workbooks_have_the_same_findings_to_the_letter() -> None:
    form, judged = current(), []

    @seed(7)
    @settings(
        max_examples=200, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(st.data(), st.sampled_from(FAULTS))
    def check(data: st.DataObject, fault: Fault) -> None:
        _, draft, _ = data.draw(faulted(fault))
        made = draft.bytes()
        judged.append((as_the_client_tells(grid_of(form, made)), read(opened(BytesIO(made)), form)))

    check()
    assert len(judged) >= 200
    from_files = validate_grids([one for one, _ in judged], form, keys=True)
    assert validate_grids([one for _, one in judged], form, keys=True) == from_files
    assert sum(bool(report.findings) for report in from_files) > 150


def test_a_workbook_without_the_forms_tables_is_read_whole(form: Form, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["B3"] = "noe annet"
    book.save(tmp_path / "annet.xlsx")
    (report,) = validate_grids([read(opened(tmp_path / "annet.xlsx"), form)], form)
    assert [one.rule.code for one in report.findings] == ["BX101"]


def test_a_far_too_large_sheet_is_refused_before_it_is_read(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MAX_ROWS", 10)
    with pytest.raises(Refused) as refused:
        read(opened(BOOKS[0]), form)
    assert refused.value.rule.code == "BX007"
