"""A workbook that is open somewhere reads as its file does, as far as the program that holds it tells."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
import xlwings
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from behov_xl.form import Form, current
from behov_xl.validate import validate_grids
from behov_xl.workbook import engines, live
from behov_xl.workbook.files import Refused
from behov_xl.workbook.grid import Grid, TableArea
from behov_xl.workbook.live import live_grid
from client import payload
from conftest import EXAMPLES, TEMPLATES
from generated.drafts import grid_of
from generated.faults import FAULTS, Fault
from generated.test_faults import NIGHTLY, faulted

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


@pytest.mark.timeout(900)
def test_generated_workbooks_have_the_same_findings_to_the_letter() -> None:
    form, judged = current(), []

    @seed(7)
    @settings(
        max_examples=200 if NIGHTLY else 30,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.data(), st.sampled_from(FAULTS))
    def check(data: st.DataObject, fault: Fault) -> None:
        _, draft, _ = data.draw(faulted(fault))
        made = draft.bytes()
        judged.append((as_the_client_tells(grid_of(form, made)), read(opened(BytesIO(made)), form)))

    check()
    assert len(judged) >= (200 if NIGHTLY else 30)
    from_files = validate_grids([one for one, _ in judged], form, keys=True)
    assert validate_grids([one for _, one in judged], form, keys=True) == from_files
    assert sum(bool(report.findings) for report in from_files) > len(judged) / 2


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


# ------------------------------------------------------------ what only Excel does, as its own interface would say it


def test_short_references_to_the_same_row_are_read_as_a_file_has_them() -> None:
    area = TableArea("Tiltak", "Tiltak", 3, 4, 9, 0, ("Navn", "Sum eier"))
    spelled = {
        "SUM([@[Sum eier]],[@Navn])": "SUM(Tiltak[[#This Row],[Sum eier]],Tiltak[[#This Row],[Navn]])",
        "SUMIFS(Budsjett[Beløp],Budsjett[Part],Tiltak[@Navn])": (
            "SUMIFS(Budsjett[Beløp],Budsjett[Part],Tiltak[[#This Row],[Navn]])"
        ),
        "SUM(Tiltak[Sum eier])": "SUM(Tiltak[Sum eier])",
    }
    for shown, whole in spelled.items():
        assert live._spelled_out(shown, 5, 1, [area]) == whole
    assert live._spelled_out("[@Navn]", 12, 1, [area]) == "[@Navn]"  # below the table there is no such row


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([["a", None], [1.0, "b"]], [["a", "#N/A"], ["1,0", "b"]]),
        ([["a", None]], ["a", "#DIV/0!"]),
        ([[None], ["b"]], ["#REF!", "b"]),
        ([[None]], "#NAME?"),
    ],
)
def test_errors_on_a_mac_are_what_the_cells_show(
    monkeypatch: pytest.MonkeyPatch, values: list[list[object]], shown: object
) -> None:
    monkeypatch.setattr(live, "in_excel_for_mac", lambda _: True)
    area = MagicMock()
    area.options.return_value.value = values
    area.api.string_value.get.return_value = shown
    flat = shown if isinstance(shown, list) else [shown]
    flat = [cell for row in flat for cell in (row if isinstance(row, list) else [row])]
    assert [cell for row in live._block(area) for cell in row] == [
        text if text.startswith("#") else value
        for value, text in zip([c for r in values for c in r], flat, strict=True)
    ]
    assert "err_to_str" not in area.options.call_args.kwargs


@pytest.mark.parametrize(("said", "expected"), [(True, True), (-1, True), (0, False), (2, False), (False, False)])
def test_excels_two_ways_to_hide_a_sheet_are_both_hidden(said: object, expected: bool) -> None:
    assert engines.visible(SimpleNamespace(visible=said)) is expected


def test_a_sheet_formatted_to_its_last_row_is_read_as_far_as_it_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "in_excel_for_windows", lambda _: True)
    sheet = MagicMock()
    sheet.used_range.last_cell = SimpleNamespace(row=1_048_576, column=12)
    sheet.cells.find = lambda _, *, direction, order: (
        SimpleNamespace(row=40, column=3) if order == "rows" else SimpleNamespace(row=7, column=9)
    )
    assert live._last(sheet) == (40, 9)
    sheet.cells.find = lambda *_, **__: None
    assert live._last(sheet) == (1, 1)


def test_what_excel_refuses_to_tell_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class ComError(Exception):
        pass

    monkeypatch.setattr(engines.sys, "platform", "win32")
    monkeypatch.setattr(engines, "import_module", lambda name: SimpleNamespace(com_error=ComError))
    engines.refusals.cache_clear()

    def ask() -> bool:
        raise ComError

    try:
        assert engines.told(ask, default=True)
    finally:
        engines.refusals.cache_clear()
