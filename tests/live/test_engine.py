"""The engine over LibreOffice does what xlwings' public classes promise, on our own workbooks and on every kind of cell."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import python_calamine
import xlwings

from behov_xl.libreoffice import values
from behov_xl.libreoffice.application import Alert
from behov_xl.libreoffice.engine import NAME, connect, register
from behov_xl.libreoffice.office import OfficeUnavailable
from behov_xl.workbook.files import open_grid
from behov_xl.workbook.grid import Grid, address
from conftest import EXAMPLES, TEMPLATES, repack, type_into
from live.conftest import DAY, FORMULAS, NOON

Opener = Callable[..., xlwings.Book]
BOOKS = [TEMPLATES / "behovsmelding_2026.xlsx", *sorted(EXAMPLES.glob("*.xlsx"))]
by_name = pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)


@pytest.fixture
def book(opened: Opener, sample: Path) -> xlwings.Book:
    return opened(sample)


@pytest.fixture
def sheet(book: xlwings.Book) -> xlwings.Sheet:
    return book.sheets["Ark 1"]


def _filled(sheet: xlwings.Sheet, what: str = "value") -> dict[str, Any]:
    """What stands in the used cells of a sheet, by address."""
    used = sheet.used_range
    rows = used.options(ndim=2).value if what == "value" else used.formula
    rows = rows if isinstance(rows, list | tuple) else [[rows]]
    return {
        address(used.row - 1 + row, used.column - 1 + column): value
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value not in (None, "")
    }


def _grid(path: Path) -> Grid:
    return open_grid(path, ["no such table, so that all sheets are read"])


def _in_file(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What another reader finds in the file; days are moments to xlwings."""
    with python_calamine.load_workbook(path) as workbook:
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield (
                name,
                {
                    address(r, c): _as_xlwings(one)
                    for r, row in enumerate(rows)
                    for c, one in enumerate(row)
                    if one != ""
                },
            )


def _as_xlwings(value: Any) -> Any:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime.combine(value, datetime.time())
    return pytest.approx(value) if isinstance(value, float) else value


def _hidden(lines: Callable[[int, int], Any], first: int, last: int) -> set[int]:
    """The hidden rows or columns, from 0, as an action finds them: halves are asked where only some are hidden."""
    hidden = lines(first, last).hidden
    if hidden is None:
        middle = (first + last) // 2
        return _hidden(lines, first, middle) | _hidden(lines, middle + 1, last)
    return set(range(first - 1, last)) if hidden else set()


# Our own workbooks


@by_name
def test_values_are_those_in_the_file(opened: Opener, path: Path) -> None:
    book = opened(path)
    found = list(_in_file(path))
    assert [sheet.name for sheet in book.sheets] == [name for name, _ in found]
    for name, expected in found:
        assert _filled(book.sheets[name]) == expected


@by_name
def test_errors_are_those_in_the_file(opened: Opener, path: Path) -> None:
    book = opened(path)
    for name, grid in _grid(path).sheets.items():
        used = book.sheets[name].used_range
        rows = used.options(ndim=2, err_to_str=True).value
        found = {
            (used.row - 1 + row, used.column - 1 + column): value
            for row, cells in enumerate(rows)
            for column, value in enumerate(cells)
            if str(value).startswith("#")
        }
        assert found == grid.errors


@by_name
def test_formulas_are_those_in_the_file(opened: Opener, path: Path) -> None:
    book = opened(path)
    for name, grid in _grid(path).sheets.items():
        formulas = {cell: one[1:] for cell, one in _filled(book.sheets[name], "formula").items() if one[0] == "="}
        assert formulas == grid.formulas


@by_name
def test_tables_are_where_they_are_in_the_file(opened: Opener, path: Path) -> None:
    book = opened(path)
    areas = _grid(path).tables
    tables = {table.name.lower(): table for sheet in book.sheets for table in sheet.tables}
    assert tables.keys() == areas.keys()
    for name, table in tables.items():
        area = areas[name]
        assert table.parent.name == area.sheet
        assert tuple(table.header_row_range.options(ndim=1).value) == area.headings
        body = table.data_body_range
        assert (table.header_row_range.row - 1, body.row - 1, body.last_cell.row) == (area.header, area.first, area.end)
        assert table.range.column - 1 == area.left
        assert table.show_totals == (area.total_row is not None)
        assert (table.totals_row_range and table.totals_row_range.row - 1) == area.total_row


@by_name
def test_hidden_and_merged_cells_are_those_in_the_file(opened: Opener, path: Path) -> None:
    book = opened(path)
    for name, grid in _grid(path).sheets.items():
        sheet = book.sheets[name]
        rows = _hidden(lambda first, last, on=sheet: on.range((first, 1), (last, 1)).rows, 1, 64)
        assert rows == set(grid.hidden_rows)
        columns = _hidden(lambda first, last, on=sheet: on.range((1, first), (1, last)).columns, 1, 32)
        assert columns == {column for first, end in grid.hidden_columns for column in range(first, end)}
        for (top, left), (bottom, right) in grid.merged:
            cells = sheet.range((top + 1, left + 1), (bottom + 1, right + 1))
            assert cells.merge_cells is True
            assert cells.last_cell.merge_area == cells
        assert sheet.visible is not grid.hidden


def test_native_checkboxes_are_truth_values(opened: Opener, workbook: Callable[..., Path]) -> None:
    path = workbook(native_checkboxes=True)
    expected = dict(_in_file(path))["Avkryssing"]
    assert {True, False} <= {type(value) and value for value in expected.values() if isinstance(value, bool)}
    found = _filled(opened(path).sheets["Avkryssing"])
    assert found == expected
    assert {cell for cell, one in found.items() if isinstance(one, bool)} == {
        cell for cell, one in expected.items() if isinstance(one, bool)
    }


def test_a_checkbox_that_is_ticked_is_saved_as_a_truth_value(opened: Opener, workbook: Callable[..., Path]) -> None:
    book = opened(workbook(native_checkboxes=True))
    cells = book.sheets["Avkryssing"].tables["Avkryssing"].data_body_range[:2, 1:3]
    turned = [[not one for one in row] for row in cells.value]
    cells.value = turned
    assert cells.value == turned
    book.save()
    sheet = open_grid(Path(book.fullname), ["Avkryssing"]).sheets["Avkryssing"]
    first = sheet.rows[cells.row - 1 :][:2]
    assert [row[1:3] for row in first] == turned
    assert [type(one) for row in first for one in row[1:3]] == [bool] * 4
    assert not {"B5", "C5", "B6", "C6"} & set(sheet.formulas)


@by_name
def test_what_is_saved_reads_the_same(opened: Opener, path: Path, tmp_path: Path) -> None:
    book = opened(path)
    before = {sheet.name: _filled(sheet) for sheet in book.sheets}
    book.save(tmp_path / "lagret.xlsx")
    assert book.fullname == str(tmp_path / "lagret.xlsx")
    after = dict(_in_file(tmp_path / "lagret.xlsx"))
    assert before == after
    assert _grid(tmp_path / "lagret.xlsx").tables == _grid(path).tables


# Values


def test_values_have_the_types_that_they_have_in_excel(sheet: xlwings.Sheet) -> None:
    assert sheet["A1:A8"].value == ["tekst", "007", "=1+1", 1.5, DAY, NOON, pytest.approx(12.5 / 24), None]
    assert sheet["B1:C3"].value == [[True, True], [False, False], [DAY + datetime.timedelta(days=1), 1.0]]
    assert [type(one) for one in sheet["B1:B2"].value] == [bool, bool]
    assert type(sheet["C3"].value) is float


def test_an_empty_text_of_a_formula_is_an_empty_cell_to_xlwings(sheet: xlwings.Sheet) -> None:
    last = f"C{len(FORMULAS)}"
    assert sheet[last].formula == '=IF(A1="tekst","",1)'
    assert sheet[last].value is None


def test_options_are_heard(sheet: xlwings.Sheet) -> None:
    assert sheet["A4:A8"].options(dates=datetime.date).value[1:3] == [DAY.date(), NOON.date()]
    assert sheet["A8:B8"].options(empty="–").value == ["–", "–"]
    assert sheet["C3"].options(numbers=int).value == 1
    assert sheet["A1"].options(ndim=2).value == [["tekst"]]
    frame = sheet["A1:B2"].options(pd.DataFrame, header=False, index=False).value
    assert frame.values.tolist() == [["tekst", True], ["007", False]]


ERRORS = {
    "=1/0": "#DIV/0!",
    "=NA()": "#N/A",
    "=UKJENT(1)": "#NAME?",
    '="a"+1': "#VALUE!",
    "=#REF!+1": "#REF!",
    "=10^400": "#NUM!",
}


def test_errors_are_nothing_or_their_texts(app: xlwings.App, tmp_path: Path) -> None:
    sheet = app.books.add().sheets[0]
    sheet["B2"].value = "før"
    sheet["B3"].resize(len(ERRORS)).formula = [[formula] for formula in ERRORS]
    cells = sheet["B2"].resize(len(ERRORS) + 1)
    assert cells.value == ["før", *[None] * len(ERRORS)]
    assert cells.options(err_to_str=True).value == ["før", *ERRORS.values()]
    sheet.name = "Feil"
    sheet.book.save(tmp_path / "feil.xlsx")
    in_file = open_grid(tmp_path / "feil.xlsx", ["none"]).sheets["Feil"].errors
    assert in_file == {(row + 2, 1): text for row, text in enumerate(ERRORS.values())}


def test_an_error_that_was_typed_is_a_constant(opened: Opener, sample: Path) -> None:
    repack(sample, lambda parts: type_into(parts, "Tiltak!A2", "#REF!"))
    cell = opened(sample).sheets["Tiltak"]["A2"]
    assert (cell.value, cell.options(err_to_str=True).value, cell.formula) == (None, "#REF!", "#REF!")


def test_texts_are_written_as_texts(app: xlwings.App, tmp_path: Path) -> None:
    sheet = app.books.add().sheets[0]
    texts = ["007", "=1+1", "1 234", "TRUE", "05.01.2026", "'", "æøå ☒", "200 000,-", "a\nb"]
    sheet["B2"].value = [f"'{text}" if text[0] in "='" else text for text in texts]
    assert sheet["B2"].resize(1, len(texts)).value == texts
    assert sheet["B2"].resize(1, len(texts)).formula == (tuple(texts),)
    sheet.name = "Tekst"
    sheet.book.save(tmp_path / "tekst.xlsx")
    assert list(dict(_in_file(tmp_path / "tekst.xlsx"))["Tekst"].values()) == texts
    assert not open_grid(tmp_path / "tekst.xlsx", ["none"]).sheets["Tekst"].formulas


def test_what_begins_with_an_equals_sign_is_written_as_a_formula(app: xlwings.App) -> None:
    sheet = app.books.add().sheets[0]
    sheet["A1"].value = [["a", "=1+1"], ["=SUM(B1,2)", "=A2*2"], ["b", '=HYPERLINK("#A1","se")']]
    assert sheet["A1:B3"].value == [["a", 2], [4, 8], ["b", "se"]]
    assert sheet["A2:B3"].formula == (("=SUM(B1,2)", "=A2*2"), ("b", '=HYPERLINK("#A1","se")'))


WRITTEN = [["tekst", 1, 2.5, True, False, None, DAY, NOON, DAY.date(), "", math.nan]]
READ = [["tekst", 1.0, 2.5, True, False, None, DAY, NOON, DAY, None, None]]


def test_values_come_back_as_they_were_written(app: xlwings.App) -> None:
    sheet = app.books.add().sheets[0]
    sheet["C3"].value = WRITTEN
    cells = sheet["C3"].resize(1, len(READ[0])).options(ndim=2)
    assert cells.value == READ
    assert [type(one) for one in cells.value[0]] == [type(one) for one in READ[0]]


def test_other_values_over_them_leave_no_trace_of_their_formats(app: xlwings.App) -> None:
    sheet = app.books.add().sheets[0]
    cells = sheet["A1:C1"]
    cells.value = [True, False, True]
    cells.value = [1, 0, None]
    assert cells.value == [1.0, 0.0, None]
    assert [type(one) for one in cells.value[:2]] == [float, float]


def test_a_date_keeps_the_format_that_the_cell_has(sheet: xlwings.Sheet) -> None:
    before = sheet["A5"].number_format
    sheet["A5"].value = datetime.datetime(2027, 3, 1)
    assert sheet["A5"].number_format == before
    assert sheet["A5"].value == datetime.datetime(2027, 3, 1)


def test_a_single_value_fills_the_range(app: xlwings.App) -> None:
    sheet = app.books.add().sheets[0]
    sheet["A1:B2"].value = "x"
    assert sheet["A1:B2"].value == [["x", "x"], ["x", "x"]]


def test_contents_are_cleared_and_formats_stay(sheet: xlwings.Sheet) -> None:
    sheet["A1:D13"].clear_contents()
    assert _filled(sheet).keys() == {"F1"}
    assert sheet["A13"].color == (255, 204, 0)
    assert sheet["A5"].number_format.lower() == "dd.mm.yyyy"


def _filter(cells: xlwings.Range, wanted: str) -> None:
    """Shows only the rows that have a text in their first column."""
    office, area = cells.sheet.book.impl.office, cells.api
    descriptor = area.createFilterDescriptor(True)
    descriptor.ContainsHeader = True
    field = office.struct("sheet.TableFilterField", Field=0, StringValue=wanted)
    field.Operator = office.enum("sheet.FilterOperator", "EQUAL")
    descriptor.setFilterFields((field,))
    area.filter(descriptor)


class Counted:
    """Counts what is asked of one of UNO's objects and of those that it hands out."""

    def __init__(self, target: Any, calls: list[str]) -> None:
        self._target, self._calls = target, calls

    def _counted(self, value: Any) -> Any:
        return Counted(value, self._calls) if type(value).__name__ == "pyuno" or callable(value) else value

    def __getattr__(self, name: str) -> Any:
        self._calls.append(name)
        return self._counted(getattr(self._target, name))

    def __call__(self, *arguments: Any) -> Any:
        return self._counted(self._target(*arguments))

    def __iter__(self) -> Iterator[Any]:
        for one in self._target:
            self._calls.append("next")
            yield self._counted(one)


@pytest.mark.parametrize("read", [values.read_formulas, lambda *cells: values.read_values(*cells, errors=False)])
def test_the_number_of_calls_does_not_grow_with_the_rows(app: xlwings.App, read: Callable[..., Any]) -> None:
    sheet = app.books.add().sheets[0]
    row = ["tekst", 1, 2.5, True, DAY, "=1+1"]
    sheet["A1"].value = [row] * 5000
    sheet["G1:G5000"].formula = [["=A1=B1"]] * 5000
    counts = []
    for rows in (5, 5000):
        calls: list[str] = []
        cells = sheet.range((1, 1), (rows, 7)).impl.api
        assert len(read(Counted(sheet.book.api, calls), Counted(cells, calls))) == rows
        counts.append(len(calls))
    assert counts[0] == counts[1] < 40


def test_errors_in_hidden_and_filtered_rows_are_told_apart_too(book: xlwings.Book) -> None:
    sheet = book.sheets["Tiltak"]
    sheet["D4:D6"].formula = [["=1/0"], ["=NA()"], ["=1/0"]]
    sheet["C4:C6"].value = [["a"], ["b"], ["b"]]
    _filter(sheet["C3:D6"], "a")
    sheet["A4"].rows.hidden = True
    assert sheet["D4:D6"].options(err_to_str=True).value == ["#DIV/0!", "#N/A", "#DIV/0!"]


# Formulas


def test_formulas_are_written_as_excel_shows_them(sheet: xlwings.Sheet) -> None:
    expected = [text.replace("_xlfn.", "").replace("(TRUE,", "(TRUE(),") for text, _ in FORMULAS]
    assert sheet["C1"].resize(len(FORMULAS)).formula == tuple((text,) for text in expected)


def test_the_formula_of_a_constant_is_its_text(sheet: xlwings.Sheet) -> None:
    assert sheet["A1:B5"].formula == (
        ("tekst", "TRUE"), ("007", "FALSE"), ("=1+1", "=A5+1"), ("1.5", ""), ("46027", "")
    )  # fmt: skip


def test_a_text_stays_a_text_where_a_truth_value_stood(app: xlwings.App) -> None:
    cells = app.books.add().sheets[0]["A1:B2"]
    cells.value = [[True, True], [False, 1]]
    cells.value = [["1", True], ["0", 1]]
    assert cells.value == [["1", True], ["0", 1.0]]
    assert cells.formula == (("1", "TRUE"), ("0", "1"))


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=SUM('Ark 1'!A4,Tiltak!$A$1:A2,{1,2;3,4})", 14.5),
        ('=IF(A1="tekst","a,b;c!","")', "a,b;c!"),
        ("=SUM(Liste[Sum])", 0.0),
        ("=Tiltak!A3*2", 6.0),
        ("=DAY(EDATE(A5,1))", 5.0),
        ("=ROWS(Liste[[#Headers],[#Data],[Sum]])", 4.0),
        ("=AND(A4>1,A4<2)", True),
    ],
)
def test_formulas_are_set_in_excels_notation(sheet: xlwings.Sheet, formula: str, value: Any) -> None:
    sheet["H1"].formula = formula
    assert sheet["H1"].formula == formula
    assert sheet["H1"].value == value


def test_this_row_may_be_written_short(book: xlwings.Book) -> None:
    sheet = book.sheets["Tiltak"]
    sheet["C4:C6"].value = [[1], [2], [3]]
    sheet["D4:D6"].formula = [["=Liste[@Navn]*2"], ["=Liste[@[Navn]]*3"], ["=Liste[[#This Row],[Navn]]*4"]]
    assert sheet["D4:D6"].value == [2.0, 6.0, 12.0]


def test_one_formula_fills_a_range_and_moves_along(book: xlwings.Book) -> None:
    sheet = book.sheets["Tiltak"]
    sheet["F1:G3"].formula = "=$A1*10+A$1"
    assert sheet["F1:G3"].formula == tuple((f"=$A{n}*10+A$1", f"=$A{n}*10+B$1") for n in (1, 2, 3))


# Cells


def test_colors_are_read_and_set(sheet: xlwings.Sheet) -> None:
    assert sheet["A13"].color == (255, 204, 0)
    assert sheet["A12:A13"].color is None
    sheet["A1:B2"].color = (1, 2, 3)
    assert sheet["A1:B2"].color == (1, 2, 3)
    sheet["A1"].color = "#0A0B0C"
    assert sheet["A1"].color == (10, 11, 12)
    sheet["A1:B2"].color = None
    assert sheet["A1:B2"].color is None


def test_number_formats_are_read_and_set_in_english(sheet: xlwings.Sheet) -> None:
    assert sheet["A1"].number_format == "General"
    assert sheet["A5"].number_format.lower() == "dd.mm.yyyy"
    assert sheet["A1:A5"].number_format is None
    sheet["A4"].number_format = '#,##0.00" kr"'
    assert sheet["A4"].number_format == '#,##0.00" kr"'
    assert sheet["A4"].api.getCellByPosition(0, 0).String in {"1.50 kr", "1,50 kr"}


def test_rows_and_columns_are_hidden_wholly_partly_or_not(sheet: xlwings.Sheet) -> None:
    assert [sheet[one].rows.hidden for one in ("A1:A10", "A11:A12", "A10:A12", "A11")] == [False, True, None, True]
    assert [sheet[one].columns.hidden for one in ("A1:I1", "J1:K9", "I1:J1", "K7")] == [False, True, None, True]
    sheet["A11:A12"].rows.hidden = False
    sheet["A2:A3"].rows.hidden = True
    sheet["J1"].columns.hidden = False
    assert sheet["A11:A12"].rows.hidden is False
    assert sheet["A2:A3"].rows.hidden is True
    assert [sheet[one].columns.hidden for one in ("J1", "K1")] == [False, True]


def test_rows_that_a_filter_hides_are_hidden(book: xlwings.Book) -> None:
    sheet = book.sheets["Tiltak"]
    sheet["C4:C6"].value = [["a"], ["b"], ["a"]]
    _filter(sheet["C3:D6"], "a")
    assert [sheet[one].rows.hidden for one in ("A3:A4", "A5", "A6", "A3:A6")] == [False, True, False, None]


def test_cells_are_merged_wholly_partly_or_not(sheet: xlwings.Sheet) -> None:
    cells = ("F1", "G2", "F1:G2", "F1:G1", "E1:G2", "F1:H9", "A1:B2")
    assert [sheet[one].merge_cells for one in cells] == [True, True, True, True, None, None, False]
    assert sheet["G2"].merge_area == sheet["F1:G2"]
    assert sheet["A1"].merge_area == sheet["A1"]
    sheet["F1"].merge_area.unmerge()
    assert sheet["F1:G2"].merge_cells is False
    sheet["A8:B8"].merge()
    assert sheet["A8:B8"].merge_cells is True


def test_links_are_read_and_made(book: xlwings.Book, sheet: xlwings.Sheet, tmp_path: Path) -> None:
    assert [sheet[one].hyperlink for one in ("D1", "D2")] == ["#Tiltak!B3", "https://www.xlwings.org/"]
    sheet["H1"].add_hyperlink("#'Ark 1'!B3", "se her", "tips")
    assert (sheet["H1"].value, sheet["H1"].hyperlink) == ("se her", "#'Ark 1'!B3")
    sheet["H2"].add_hyperlink("https://nav.no/", "nav")
    with pytest.raises(ValueError, match="hyperlink"):
        _ = sheet["A1"].hyperlink
    book.save(tmp_path / "lenker.xlsx")
    book.close()
    again = xlwings.apps.active.books.open(tmp_path / "lenker.xlsx").sheets["Ark 1"]
    assert [again[one].hyperlink for one in ("D1", "H1", "H2")] == ["#Tiltak!B3", "#'Ark 1'!B3", "https://nav.no/"]
    assert again["H1"].value == "se her"


def test_sizes_are_points_and_digits(sheet: xlwings.Sheet) -> None:
    assert sheet["A10"].row_height == pytest.approx(30, abs=0.1)
    assert sheet["A1:A10"].row_height is None
    sheet["A1:A3"].row_height = 22.5
    assert sheet["A1:A3"].row_height == pytest.approx(22.5, abs=0.1)
    sheet["A1:B1"].column_width = 12
    assert sheet["A1:B1"].column_width == pytest.approx(12, abs=0.1)
    assert sheet["A1:C1"].column_width is None


def test_texts_wrap_and_cells_fit_them(sheet: xlwings.Sheet) -> None:
    sheet["A1"].value = "et ord og et ord til, og så enda noen flere " * 3
    narrow = sheet["A1"].row_height
    sheet["A1:A2"].wrap_text = True
    sheet["A1"].rows.autofit()
    assert sheet["A1"].row_height > 2 * narrow
    assert [sheet[one].wrap_text for one in ("A1", "A3", "A1:A3")] == [True, False, None]
    sheet["D1:D2"].columns.autofit()
    assert sheet["D1"].column_width > 8


def test_addresses_shapes_and_places(sheet: xlwings.Sheet) -> None:
    cells = sheet.range((2, 3), (5, 6))
    assert (cells.address, cells.row, cells.column, cells.shape, cells.rows.count) == ("$C$2:$F$5", 2, 3, (4, 4), 4)
    assert cells.get_address(False, False) == "C2:F5"
    assert cells.get_address(include_sheetname=True, external=False) == "'Ark 1'!$C$2:$F$5"
    assert cells.last_cell.address == "$F$5"
    assert cells(1, 2) == sheet["D2"] == cells[0, 1] == cells[1]
    assert cells[1:3, 0].address == "$C$3:$C$4"
    assert cells.offset(1, 1).resize(1, 2).address == "$D$3:$E$3"
    assert sheet["B:C"].shape == (1_048_576, 2)
    assert sheet["3:4"].address == sheet.range((3, 1), (4, 16_384)).address
    assert sheet.cells[9, 2].address == "$C$10"
    assert sheet.range("A1", "B2") == sheet["A1:B2"] == sheet.range(sheet["A1"], sheet["B2"]) == sheet["B2:A1"]
    assert sheet["Alt"].options(ndim=1).value is not None
    for wrong in ("", "A", "A1:B", "A0", "Ukjent", "1", "XFE1", "A1048577"):
        with pytest.raises(ValueError, match="no such cells"):
            sheet.range(wrong)


def test_the_used_range_begins_at_the_first_used_cell(book: xlwings.Book) -> None:
    assert book.sheets["Ark 1"].used_range.address == "$A$1:$F$13"
    assert book.sheets["Gjemt"].used_range.address == "$A$1"
    added = book.sheets.add("Nytt")
    added["C4:D5"].value = 1
    assert added.used_range.address == "$C$4:$D$5"


def test_ranges_grow_to_the_end_of_what_is_filled(sheet: xlwings.Sheet) -> None:
    assert sheet["A1"].end("down").address == "$A$7"
    assert sheet["A7"].end("down").address == "$A$13"
    assert sheet["A13"].end("down").address == "$A$1048576"
    assert sheet["A1"].end("right").address == "$D$1"
    assert sheet["A13"].end("up").address == "$A$7"
    assert sheet["D1"].end("left").address == "$A$1"
    assert sheet["A1"].expand("down").address == "$A$1:$A$7"
    assert sheet["A1"].expand().address == "$A$1:$D$7"


def test_rows_are_inserted_and_deleted(book: xlwings.Book) -> None:
    sheet = book.sheets["Tiltak"]
    sheet["5:6"].insert("down")
    table = sheet.tables["Liste"]
    assert table.range.address == "$C$3:$D$8"
    sheet["5:6"].delete()
    assert table.range.address == "$C$3:$D$6"
    sheet["A1"].insert("down")
    assert sheet["A1:A4"].value == [None, 1.0, 2.0, 3.0]
    assert book.names["Alt"].refers_to_range.address == "$A$2:$A$4"
    sheet["A1"].delete("up")
    assert sheet["A1:A3"].value == [1.0, 2.0, 3.0]


# Tables and names


def test_a_table_is_resized_and_renamed(book: xlwings.Book, tmp_path: Path) -> None:
    sheet = book.sheets["Tiltak"]
    (table,) = sheet.tables
    assert (table.name, table.range, table.show_autofilter) == ("Liste", sheet["C3:D6"], False)
    assert sheet["D5"].table == table
    assert sheet["A1"].table is None
    table.resize(sheet["C3:D9"])
    table.name = "Lengre"
    table.show_autofilter = True
    assert "Liste" not in sheet.tables
    assert sheet.tables["lengre"].data_body_range.address == "$C$4:$D$9"
    book.save(tmp_path / "tabell.xlsx")
    with python_calamine.load_workbook(tmp_path / "tabell.xlsx", load_tables=True) as saved:
        assert saved.table_names == ["Lengre"]
        assert saved.get_table_by_name("Lengre").end == (8, 3)


def test_a_table_is_added(book: xlwings.Book) -> None:
    sheet = book.sheets["Gjemt"]
    sheet["B2"].value = [["A", "B"], [1, 2]]
    table = sheet.tables.add(sheet["B2:C3"], name="Ny")
    assert table == sheet.tables["Ny"]
    assert table.header_row_range.value == ["A", "B"]
    assert (table.data_body_range.value, table.totals_row_range) == ([1.0, 2.0], None)


def test_the_totals_row_cannot_be_switched(book: xlwings.Book) -> None:
    table = book.sheets["Tiltak"].tables["Liste"]
    table.show_totals = False
    with pytest.raises(NotImplementedError):
        table.show_totals = True


def test_tables_are_filtered_and_show_by_what(book: xlwings.Book, tmp_path: Path) -> None:
    sheet = book.sheets["Tiltak"]
    table = sheet.tables["Liste"]
    table.data_body_range.value = [["a", 1], ["b", 2], ["c", 3]]
    assert [one.type for one in table.autofilter.criteria] == ["none", "none"]
    table.autofilter.apply_values(1, ["a", "c"])
    assert [(one.field, one.type, one.values) for one in table.autofilter.criteria] == [
        (1, "values", ["a", "c"]),
        (2, "none", None),
    ]
    assert [row.rows.hidden for row in table.data_body_range.rows] == [False, True, False]
    book.save(tmp_path / "filter.xlsx")
    assert open_grid(tmp_path / "filter.xlsx", ["Liste"]).tables["liste"].filtered
    table.autofilter.clear()
    assert table.data_body_range.rows.hidden is False
    assert [one.type for one in table.autofilter.criteria] == ["none", "none"]


def test_a_filter_of_another_kind_is_seen(book: xlwings.Book) -> None:
    table = book.sheets["Tiltak"].tables["Liste"]
    table.data_body_range.value = [["a", 1], ["b", 2], ["c", 3]]
    larger = 4
    field = book.impl.office.struct("sheet.TableFilterField3", Field=1, Operator=larger)
    field.Values = (book.impl.office.struct("sheet.FilterFieldValue", IsNumeric=True, NumericValue=1.0),)
    table.impl.autofilter._set([field])
    assert [one.type for one in table.autofilter.criteria] == ["none", "unknown"]
    assert table.data_body_range.rows.hidden is None
    table.autofilter.clear(1)
    assert table.data_body_range.rows.hidden is None
    table.autofilter.clear(2)
    assert table.data_body_range.rows.hidden is False


def test_tables_are_sorted(book: xlwings.Book) -> None:
    table = book.sheets["Tiltak"].tables["Liste"]
    table.data_body_range.value = [["a", 2], ["b", 1], ["a", 1]]
    book.sheets["Ark 1"]["B2:B3"].select()
    table.sort([1, 2], [False, True])
    assert table.range.value == [["Navn", "Sum"], ["b", 1.0], ["a", 1.0], ["a", 2.0]]
    assert book.selection == book.sheets["Ark 1"]["B2:B3"]


def test_the_totals_row_stays_below_when_a_table_is_sorted(opened: Opener) -> None:
    table = opened(EXAMPLES / "komplett_2026.xlsx").sheets["Tiltak"].tables["Tiltak"]
    ids = table.data_body_range[:, 0].value
    table.sort(1, ascending=False)
    assert table.range[:, 0].value == ["Tiltak-ID", *reversed(ids), "Sum"]


@by_name
def test_custom_properties_are_those_in_the_file(opened: Opener, path: Path) -> None:
    found = opened(path).impl.custom_properties()
    properties = _grid(path).properties
    assert properties.items() <= found.items()
    assert "behov-xl template" in properties


def test_names_are_read_changed_and_made(book: xlwings.Book) -> None:
    names = {name.name: name.refers_to for name in book.names}
    assert names == {"Alt": "=Tiltak!$A$1:$A$3", "Andel": "=0.25", "Tiltak!Lokal": "=Tiltak!$A$2"}
    assert book.names["Alt"].refers_to_range == book.sheets["Tiltak"]["A1:A3"]
    assert [name.name for name in book.sheets["Tiltak"].names] == ["Tiltak!Lokal"]
    with pytest.raises(ValueError, match="no cells"):
        _ = book.names["Andel"].refers_to_range
    book.names.add("Ny", "='Ark 1'!$B$1:$B$2")
    assert book.sheets["Ark 1"].range("Ny").value == [True, False]
    book.names["Ny"].refers_to = "=Tiltak!$A$3"
    assert book.names["ny"].refers_to_range.value == 3.0
    book.names["Ny"].delete()
    assert "Ny" not in book.names


# Sheets, books, the program


def test_sheets_are_found_by_number_and_name(book: xlwings.Book) -> None:
    assert book.sheet_names == ["Ark 1", "Tiltak", "Gjemt"]
    assert [sheet.index for sheet in book.sheets] == [1, 2, 3]
    assert book.sheets["tiltak"] == book.sheets[1] == book.sheets(2)
    assert "Tiltak" in book.sheets
    assert "Ukjent" not in book.sheets
    assert [sheet.visible for sheet in book.sheets] == [True, True, False]
    with pytest.raises(KeyError):
        _ = book.sheets["Ukjent"]
    with pytest.raises(IndexError):
        book.sheets(4)


def test_sheets_are_added_renamed_activated_and_deleted(book: xlwings.Book) -> None:
    book.sheets["Tiltak"].activate()
    added = book.sheets.add("Validering", after="Gjemt")
    assert book.sheets.active == added
    assert book.sheets.add(before="Ark 1").index == 1
    added.name = "Kontroll"
    assert added.index == 5
    added.visible = False
    assert book.sheets["Kontroll"].visible is False
    added.delete()
    book.sheets["Ark 1"].activate()
    assert book.sheets.active.name == "Ark 1"
    assert book.sheet_names == ["Sheet1", "Ark 1", "Tiltak", "Gjemt"]


def test_a_sheet_is_copied_inside_a_book_and_into_another(app: xlwings.App, book: xlwings.Book) -> None:
    sheet = book.sheets["Tiltak"]
    assert sheet.copy().name == "Tiltak (2)"
    assert book.sheet_names == ["Ark 1", "Tiltak", "Gjemt", "Tiltak (2)"]
    assert [table.name for table in book.sheets["Tiltak (2)"].tables] == ["Liste_2"]
    other = app.books.add()
    copied = sheet.copy(before=other.sheets[0], name="Kopi")
    assert (copied.book, copied.index, copied["A1:A3"].value) == (other, 1, [1.0, 2.0, 3.0])
    assert len(copied.tables) == 0
    assert copied.tables.add(copied["C3:D6"], name="Liste").header_row_range.value == ["Navn", "Sum"]


def test_what_is_selected_can_be_read_and_changed(app: xlwings.App, book: xlwings.Book) -> None:
    cells = book.sheets["Tiltak"]["B2:C4"]
    cells.select()
    assert app.selection == book.selection == cells
    assert book.sheets.active.name == "Tiltak"


def test_protected_cells_are_not_written_in_silence(sheet: xlwings.Sheet) -> None:
    sheet.api.protect("")
    assert sheet.impl.protected
    before = _filled(sheet)
    for write in (
        lambda: setattr(sheet["A1"], "value", "x"),
        lambda: setattr(sheet["A1"], "formula", "=1"),
        lambda: setattr(sheet["A1"], "color", (1, 2, 3)),
        lambda: sheet["A1"].clear_contents(),
    ):
        with pytest.raises(PermissionError):
            write()
    sheet.api.unprotect("")
    assert not sheet.impl.protected
    assert _filled(sheet) == before


def test_the_users_own_last_step_is_undone_where_writing_is_not_recorded(book: xlwings.Book) -> None:
    sheet, undo = book.sheets["Tiltak"], book.api.UndoManager
    sheet["A1"].value = "skrevet av brukeren"
    undo.lock()
    sheet["C4:D6"].value = [[True, DAY]] * 3
    undo.unlock()
    undo.undo()
    assert sheet["A1"].value == 1.0
    assert sheet["C4:D6"].value == [[True, DAY]] * 3


def test_books_are_found_opened_and_closed(app: xlwings.App, book: xlwings.Book, sample: Path, tmp_path: Path) -> None:
    assert (book.name, book.fullname) == (sample.name, str(tmp_path / "live" / sample.name))
    assert app.books.active == book == app.books[sample.name] == app.books.open(book.fullname)
    assert book.app == app == xlwings.apps.active
    assert book.api.supportsService("com.sun.star.sheet.SpreadsheetDocument")
    other = app.books.add()
    assert len(app.books) == 2
    assert app.books.active == other
    book.activate()
    assert app.books.active == book
    other.close()
    book.close()
    assert len(app.books) == 0
    with pytest.raises(FileNotFoundError):
        app.books.open(tmp_path / "finnes ikke.xlsx")


def test_xlwings_own_ways_to_a_book_lead_to_the_engine(app: xlwings.App, book: xlwings.Book) -> None:
    assert xlwings.Book(book.fullname) == book
    assert xlwings.Book(book.name) == book
    assert xlwings.books.active == book
    assert xlwings.Range("A1").value == xlwings.sheets.active["A1"].value == "tekst"
    book.set_mock_caller()
    try:
        assert xlwings.Book.caller() == book
    finally:
        del xlwings.Book._mock_caller
    new = xlwings.Book()
    assert new.app == app
    assert new != book


def test_what_is_no_workbook_is_not_opened(app: xlwings.App, tmp_path: Path) -> None:
    app.books.add()
    (tmp_path / "bok.xlsx").write_bytes(b"PK\x03\x04 ikke en bok")
    (tmp_path / "side.html").write_text("<html><body><p>ikke en bok</p></body></html>")
    for name in ("bok.xlsx", "side.html"):
        with pytest.raises(OSError, match=name):
            app.books.open(tmp_path / name)
    assert len(app.books) == 1


def test_a_book_can_be_opened_for_reading_only(app: xlwings.App, sample: Path) -> None:
    assert app.books.open(sample, read_only=True).api.isReadonly()


def test_a_book_is_saved_in_place(opened: Opener, sample: Path) -> None:
    book = opened(sample)
    book.sheets["Tiltak"]["A1"].value = "endret"
    book.save()
    assert dict(_in_file(Path(book.fullname)))["Tiltak"]["A1"] == "endret"
    with pytest.raises(ValueError, match=r"\.pdf"):
        book.save("bok.pdf")
    with pytest.raises(NotImplementedError):
        book.save(password="x")
    with pytest.raises(OSError, match="could not save"):
        book.save(f"{book.fullname}/bok.xlsx")


def test_settings_of_the_program_are_kept_and_put_back(app: xlwings.App, book: xlwings.Book) -> None:
    sheet = book.sheets["Tiltak"]
    sheet["F1"].formula = "=A1+1"
    with app.properties(screen_updating=False, calculation="manual", status_bar="Validerer …", display_alerts=False):
        assert book.api.hasControllersLocked()
        assert book.api.isActionLocked()
        assert (app.screen_updating, app.calculation, app.status_bar) == (False, "manual", "Validerer …")
        sheet["A1"].value = 41
        assert sheet["F1"].value == 2.0
        app.calculate()
        assert sheet["F1"].value == 42.0
    assert (app.screen_updating, app.calculation, app.status_bar) == (True, "automatic", False)
    assert not book.api.hasControllersLocked()
    assert not book.api.isActionLocked()


def test_a_book_may_be_closed_while_screen_updating_is_off(app: xlwings.App, book: xlwings.Book) -> None:
    app.screen_updating = False
    book.close()
    app.screen_updating = True
    assert app.screen_updating


def test_without_a_screen_alerts_are_kept_and_answered_harmlessly(app: xlwings.App, book: xlwings.Book) -> None:
    assert app.alert("Ferdig", "Behovsmelding") == "ok"
    assert app.alert("Rette?", buttons="yes_no", mode="info") == "no"
    assert app.impl.alerts == [Alert("Ferdig", "Behovsmelding", "ok", None), Alert("Rette?", "", "yes_no", "info")]
    app.impl.answer = lambda alert: "yes" if "Rette" in alert.prompt else "no"
    try:
        assert app.alert("Rette?", buttons="yes_no_cancel") == "yes"
    finally:
        del app.impl.answer


def test_the_program_says_what_it_is(app: xlwings.App) -> None:
    assert app.version.major >= 7
    assert app.pid in xlwings.engines[NAME].apps.keys()  # noqa: SIM118 -- a collection of xlwings
    assert xlwings.engines[NAME].apps[app.pid] == app
    assert register() is xlwings.engines[NAME] is xlwings.engines.active
    assert [engine.name for engine in xlwings.engines].count(NAME) == 1


def test_nobody_at_an_address_is_said_clearly() -> None:
    with pytest.raises(OfficeUnavailable) as refused:
        connect("pipe,name=behov-xl-nobody")
    assert (refused.value.key, refused.value.params) == ("office.no-answer", {"address": "pipe,name=behov-xl-nobody"})
