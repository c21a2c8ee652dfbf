"""The table of findings in an open workbook: written, and emptied, in one call.

Nothing else of the workbook is touched: colours and notes follow from this table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from behov_xl.listing import Listing
from behov_xl.workbook.grid import Grid, SheetGrid, TableArea, address
from behov_xl.workbook.patch import permutation
from behov_xl.workbook.sheet_xml import CannotEdit, Reason
from behov_xl.workbook.structure import Layout

if TYPE_CHECKING:
    import xlwings

_PLAIN = re.compile(
    r"(?!(true|false|sann|usann)$)[a-zæøå]+|[☐☒☑✓]|[a-zæøå«].{24,}|[a-zæøå].*!.*|bx\d{3}|f[0-9a-f]{16,}(-\d+)?",
    re.I | re.S,
)
"""Texts that no spreadsheet takes for something else. "1-2", "mai 2027" and "=A1" it would: as a date, as a formula."""


def write_listing(book: xlwings.Book, table: Layout, grid: Grid, listed: Listing, least: int = 0) -> None:
    """Makes the table hold these rows, and no more: it grows when it must, and shrinks to ``least`` rows if it may.

    Raises :class:`CannotEdit` when it cannot grow, and changes nothing then.
    """
    area, rows = table.area, listed.rows
    old_end = area.end
    new_end = max(area.first + len(rows), old_end)
    shrunk = max(area.first + max(len(rows), least, 1), area.first + 1)
    sheet = book.sheets[table.sheet]
    if new_end > old_end:
        _check_room(grid, area, new_end)
        _resize(sheet, area, new_end)
    moves = _moves(grid.sheets[table.sheet], table, listed.moved, new_end)
    ours = {column: id_ for id_, column in table.columns.items()}
    for columns, cells in _blocks(ours, moves, area, range(area.first, new_end), rows, grid):
        where = (area.first + 1, columns[0] + 1), (new_end, columns[-1] + 1)
        sheet.range(*where).value = cells
    if least:
        _shrink(sheet, grid.sheets[table.sheet], table, moves, shrunk)


def _shrink(sheet: xlwings.Sheet, before: SheetGrid, table: Layout, moves: Mapping[int, Any], end: int) -> None:
    """Down to the rows that are needed. What the adviser has beside them stays inside; computed copies are cleared."""
    area = table.area
    rows, formulas = range(area.first, area.end), before.formulas or {}
    own = {area.left + at for at in range(len(area.headings))} - {*table.columns.values(), *moves}
    computed = {column for column in own if all(address(row, column) in formulas for row in rows)}
    for column in own - computed:
        filled = [row for row in rows if before.value(row, column) != "" or address(row, column) in formulas]
        end = max([end, *(row + 1 for row in filled)])
    if end >= area.end:
        return
    for column in sorted(computed):
        sheet.range((end + 1, column + 1), (area.end, column + 1)).clear_contents()
    _resize(sheet, area, end)


def _resize(sheet: xlwings.Sheet, area: TableArea, end: int) -> None:
    table = next(one for one in sheet.tables if one.name.lower() == area.name.lower())
    table.resize(sheet.range((area.header + 1, area.left + 1), (end, area.left + len(area.headings))))


def _check_room(grid: Grid, area: TableArea, end: int) -> None:
    """Below the table there must be nothing, and no total row."""
    sheet, width = grid.sheets[area.sheet], range(area.left, area.left + len(area.headings))
    below = range(area.end, end)
    filled = any(sheet.value(row, column) not in ("", None) for row in below for column in width)
    wrong = any(row in below and column in width for row, column in sheet.errors)
    others = (one for one in grid.tables.values() if one.sheet == area.sheet and one.name != area.name)
    in_the_way = any(
        one.header < end and one.end > area.end and one.left < width.stop and one.left + len(one.headings) > area.left
        for one in others
    )
    if filled or wrong or in_the_way or area.total_row is not None:
        raise CannotEdit(Reason.NO_ROOM)


def _moves(sheet: SheetGrid, table: Layout, moved: Mapping[int, int], end: int) -> dict[int, dict[int, int]]:
    """Column of the adviser's own → new row → old row. Where formulas stand, or may stand, all stays where it is."""
    area = table.area
    order = permutation(moved, range(area.first, end))
    if sheet.formulas is None or all(new == old for new, old in order.items()):
        return {}
    own = {area.left + at for at in range(len(area.headings))} - set(table.columns.values())
    rows = range(area.first, end)
    return {
        column: order
        for column in own
        if not any(address(row, column) in sheet.formulas or (row, column) in sheet.errors for row in rows)
        and any(sheet.value(row, column) != "" for row in rows)
    }


def _blocks(
    ours: Mapping[int, str],
    moves: Mapping[int, Mapping[int, int]],
    area: TableArea,
    rows: range,
    listed: Sequence[Mapping[str, Any]],
    grid: Grid,
) -> Iterator[tuple[list[int], list[list[Any]]]]:
    """Runs of columns beside each other that are written, and their cells: usually one run, the whole table."""
    sheet = grid.sheets[area.sheet]

    def cell(row: int, column: int) -> Any:
        if column in moves:
            value = sheet.value(moves[column][row], column)
            return typed(value)
        place = row - area.first
        return _cell(ours[column], listed[place], grid) if place < len(listed) else None

    for columns in _runs(sorted({*ours, *moves})):
        yield columns, [[cell(row, column) for column in columns] for row in rows]


def _runs(columns: list[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for column in columns:
        if run and column != run[-1] + 1:
            yield run
            run = []
        run.append(column)
    if run:
        yield run


def _cell(id_: str, row: Mapping[str, Any], grid: Grid) -> Any:
    if id_ == "cell" and row.get("cell_key") and row["cell"] and row["sheet"] in grid.sheet_names:
        sheet = str(row["sheet"]).replace("'", "''")
        target = f"#'{sheet}'!{row['cell']}".replace('"', '""')
        return f'=HYPERLINK("{target}","{row["cell"]}")'
    return typed(row.get(id_))


def typed(value: Any) -> Any:
    """A value as it is typed: a text that would be read as something else has an apostrophe first, as in Excel."""
    if not isinstance(value, str) or not value:
        return None if value == "" else value
    return value if _PLAIN.fullmatch(value) else f"'{value}"
