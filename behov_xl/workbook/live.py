"""A workbook that is open in Excel or another program, as a grid: each sheet in bulk, never cell by cell.

Serves every engine of xlwings. Not all of them tell everything: what one cannot tell is left out of the grid, and the
rules that need it stay silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from behov_xl.workbook.engines import in_excel_for_mac, in_excel_for_windows, told, visible
from behov_xl.workbook.files import TOO_LARGE, Refused, sheets_to_read
from behov_xl.workbook.grid import (
    FORM_PROPERTY,
    TEMPLATE_PROPERTY,
    CellValue,
    Grid,
    Position,
    SheetGrid,
    TableArea,
    address,
    position,
)
from behov_xl.workbook.limits import DEFAULT
from behov_xl.workbook.live_cells import file_value, is_error

if TYPE_CHECKING:
    import xlwings

MAX_ROWS, MAX_CELLS = DEFAULT.rows, DEFAULT.cells
_Rows = list[list[CellValue]]
_SHORT_REFERENCE = re.compile(r"([\w.]*)\[@(?:\[([^\[\]]*)\]|([^\[\]@]*))\]")
"""``[@[Sum eier]]`` or ``Tiltak[@Navn]``, as Excel shows a reference to the same row."""


def live_grid(book: xlwings.Book, tables: Collection[str]) -> Grid:
    """Reads the sheets that hold the named tables (all sheets, when one of the tables is missing).

    Raises :class:`Refused` when a sheet is far larger than a behovsmelding can be.
    """
    names = [sheet.name for sheet in book.sheets]
    wide = {sheet.name: list(sheet.tables) for sheet in book.sheets}
    places = {table.name.lower(): (name, table) for name, found in wide.items() for table in found}
    corners: dict[str, tuple[int, int]] = {}
    values: dict[str, _Rows] = {}

    def rows_of(sheet: str) -> _Rows:
        if sheet not in values:
            corners[sheet] = _last(book.sheets[sheet])
            values[sheet] = _values(book.sheets[sheet], corners[sheet])
        return values[sheet]

    areas = {key: _area(table, sheet, rows_of(sheet)) for key, (sheet, table) in places.items()}
    wanted = {name.lower() for name in tables}
    sheets = {
        name: _sheet(book.sheets[name], rows_of(name), corners[name], areas)
        for name in sheets_to_read(areas, wanted, names)
    }
    read = {key: area for key, area in areas.items() if area.sheet in sheets}
    return Grid(book.name, sheets, read, names, _properties(book))


def _values(sheet: xlwings.Sheet, last: tuple[int, int]) -> _Rows:
    """A sheet's values from A1 on, in one call, without the empty rows and columns at its end."""
    rows = [[file_value(cell) for cell in row] for row in _block(sheet.range((1, 1), last))]
    height = max((at + 1 for at, row in enumerate(rows) if any(cell != "" for cell in row)), default=0)
    width = max((at + 1 for row in rows[:height] for at, cell in enumerate(row) if cell != ""), default=0)
    return [row[:width] for row in rows[:height]]


def _block(area: xlwings.Range) -> list[list[Any]]:
    if not in_excel_for_mac(area.sheet.book.app):
        block: list[list[Any]] = area.options(ndim=2, empty="", err_to_str=True).value
        return block
    # There xlwings cannot name errors: they are what the cell shows.
    values, shown = area.options(ndim=2, empty="").value, area.api.string_value.get()
    lines = shown if isinstance(shown, list) else [[shown]]
    lines = lines if isinstance(lines[0], list) else [lines] if len(values) == 1 else [[one] for one in lines]
    return [
        [text if is_error(text) else value for value, text in zip(*row, strict=True)]
        for row in zip(values, lines, strict=True)
    ]


def _last(sheet: xlwings.Sheet) -> tuple[int, int]:
    """Row and column, from 1, up to which a sheet is read. Raises :class:`Refused` if that is far too much."""
    used = sheet.used_range.last_cell
    last = used.row, used.column
    if _too_large(*last) and in_excel_for_windows(sheet.book.app):
        # Cells that are only formatted count as used there: whole columns may be.
        found: list[Any] = [sheet.cells.find("*", direction="backward", order=order) for order in ("rows", "columns")]
        last = (1, 1) if None in found else (found[0].row, found[1].column)
    if _too_large(*last):
        what = f"{sheet.name}: {last[0]} × {last[1]}"
        raise Refused(TOO_LARGE, what=what, limit=f"{MAX_ROWS} × {MAX_CELLS // MAX_ROWS}")
    return last


def _too_large(rows: int, columns: int) -> bool:
    return rows > MAX_ROWS or rows * columns > MAX_CELLS


def _area(table: Any, sheet: str, rows: _Rows) -> TableArea:
    top, left, bottom, right = _corners(table.range)
    body, totals = table.data_body_range, table.totals_row_range if table.show_totals else None
    header = table.header_row_range is not None
    first = top + header
    end = _corners(body)[2] + 1 if body is not None else bottom + 1 - (totals is not None)
    shown = rows[top] if header and top < len(rows) else []
    headings = [str(cell) for cell in shown[left : right + 1]]
    return TableArea(
        name=table.name,
        sheet=sheet,
        header=top,
        first=first,
        end=max(end, first),
        left=left,
        headings=(*headings, *[""] * (right + 1 - left - len(headings))),
        total_row=bottom if totals is not None else None,
        filtered=told(lambda: any(one.type != "none" for one in table.autofilter.criteria), default=False),
    )


def _corners(area: xlwings.Range) -> tuple[int, int, int, int]:
    """First row, first column, last row, last column, from 0: in one call, by the range's address."""
    first, _, last = area.address.replace("$", "").rpartition("!")[2].partition(":")
    return (*position(first), *position(last or first))


def _sheet(sheet: xlwings.Sheet, rows: _Rows, last: tuple[int, int], areas: dict[str, TableArea]) -> SheetGrid:
    errors: dict[Position, str] = {}
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if is_error(cell):
                errors[row, column] = str(cell)
                cells[column] = ""
    formulas = _formulas(sheet, rows, last, [area for area in areas.values() if area.sheet == sheet.name])
    grid = SheetGrid(sheet.name, rows, formulas, errors, not visible(sheet))
    if rows and rows[0]:
        size = len(rows), len(rows[0])
        if not any(area.filtered for area in areas.values() if area.sheet == sheet.name):
            grid.hidden_rows = [row for run in _hidden_rows(sheet, size) for row in range(*run)]
        grid.hidden_columns = list(_hidden_columns(sheet, size))
        none: list[tuple[Position, Position]] = []
        grid.merged = told(lambda: list(_merged(sheet, (0, 0, size[0] - 1, size[1] - 1))), default=none)
    return grid


def _formulas(
    sheet: xlwings.Sheet, rows: _Rows, last: tuple[int, int], areas: Sequence[TableArea]
) -> dict[str, str | None] | None:
    """Address → formula, from one call; ``None`` if the engine does not tell formulas."""
    # Further than the values reach: a formula may show nothing.
    block = told(lambda: sheet.range((1, 1), last).formula, default=None)
    if block is None:
        return None
    lines: Sequence[Sequence[Any]] = block if isinstance(block, tuple | list) else ((block,),)
    return {
        address(row, column): _spelled_out(cell[1:], row, column, areas)
        for row, cells in enumerate(lines)
        for column, cell in enumerate(cells)
        # A text that begins with = is no formula; what it says is what stands there.
        if isinstance(cell, str) and cell.startswith("=") and cell != _at(rows, row, column)
    }


def _spelled_out(formula: str, row: int, column: int, areas: Sequence[TableArea]) -> str:
    """A formula with its references to the same row as a file has them: ``Tiltak[[#This Row],[Navn]]``."""
    if "[@" not in formula:
        return formula
    own = next(
        (one.name for one in areas if one.first <= row < one.end and 0 <= column - one.left < len(one.headings)), ""
    )

    def whole(match: re.Match[str]) -> str:
        named = match[2] if match[2] is not None else match[3]
        return f"{match[1] or own}[[#This Row],[{named}]]" if named and (match[1] or own) else match[0]

    return _SHORT_REFERENCE.sub(whole, formula)


def _at(rows: _Rows, row: int, column: int) -> CellValue:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def _hidden_rows(sheet: xlwings.Sheet, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    def hidden(first: int, last: int) -> bool | None:
        return _hidden(sheet.range((first + 1, 1), (last + 1, 1)), "row")

    return _runs(0, size[0] - 1, hidden)


def _hidden_columns(sheet: xlwings.Sheet, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    def hidden(first: int, last: int) -> bool | None:
        return _hidden(sheet.range((1, first + 1), (1, last + 1)), "column")

    return _joined(_runs(0, size[1] - 1, hidden))


def _hidden(area: xlwings.Range, kind: str) -> bool | None:
    """Whether these rows or columns are hidden; ``None``: some of them."""
    if in_excel_for_windows(area.sheet.book.app):
        # xlwings asks row by row; Excel answers for all of them at once.
        native = area.api.EntireRow if kind == "row" else area.api.EntireColumn
        return None if native.Hidden is None else bool(native.Hidden)
    none: bool | None = False
    return told(lambda: area.rows.hidden if kind == "row" else area.columns.hidden, default=none)


def _runs(first: int, last: int, hidden: Callable[[int, int], bool | None]) -> Iterator[tuple[int, int]]:
    """The hidden ones of these lines in runs, first and one after last, by halving: usually one question is enough."""
    state = hidden(first, last)
    if state:
        yield first, last + 1
    elif state is None and first < last:
        middle = (first + last) // 2
        yield from _runs(first, middle, hidden)
        yield from _runs(middle + 1, last, hidden)


def _joined(runs: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    before: tuple[int, int] | None = None
    for run in runs:
        if before and before[1] == run[0]:
            before = before[0], run[1]
            continue
        if before:
            yield before
        before = run
    if before:
        yield before


def _merged(sheet: xlwings.Sheet, area: tuple[int, int, int, int]) -> Iterator[tuple[Position, Position]]:
    """The merged cells that begin in an area, by halving it."""
    top, left, bottom, right = area
    block = sheet.range((top + 1, left + 1), (bottom + 1, right + 1))
    if block.merge_cells is False:
        return
    if (top, left) == (bottom, right):
        first_row, first_column, last_row, last_column = _corners(block.merge_area)
        if (first_row, first_column) == (top, left):
            yield (first_row, first_column), (last_row, last_column)
    elif bottom > top:
        middle = (top + bottom) // 2
        yield from _merged(sheet, (top, left, middle, right))
        yield from _merged(sheet, (middle + 1, left, bottom, right))
    else:
        middle = (left + right) // 2
        yield from _merged(sheet, (top, left, bottom, middle))
        yield from _merged(sheet, (top, middle + 1, bottom, right))


def _properties(book: xlwings.Book) -> dict[str, str]:
    """The workbook's custom properties that say what it was made from, for which xlwings has no word of its own."""
    ours = getattr(book.impl, "custom_properties", None)
    if ours is not None:
        return dict(ours())
    if not in_excel_for_windows(book.app):
        return {}

    def value(name: str) -> str:
        return told(lambda: str(book.api.CustomDocumentProperties(name).Value), default="")

    return {name: value(name) for name in (FORM_PROPERTY, TEMPLATE_PROPERTY) if value(name)}
