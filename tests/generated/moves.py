"""Moves things about in a finished workbook as Excel does it: rows, columns and sheets, in the package's XML."""

from __future__ import annotations

import posixpath
import random
import re
from collections.abc import Callable, Iterator

from behov_xl.form import Form, Table
from behov_xl.workbook.grid import Position, address, position
from conftest import table_part
from generated.drafts import Parts

_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*?)(/>|>.*?</c>)', re.DOTALL)
_ROW = re.compile(rb'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_COLUMN = re.compile(rb"<tableColumn [^>]*?/>|<tableColumn .*?</tableColumn>", re.DOTALL)
Move = Callable[[Position], Position]


def reorder_sheets(parts: Parts, draw: random.Random) -> None:
    """The tabs in another order. (What Excel keeps by their number, such as print titles, goes.)"""
    xml = re.sub(rb"<definedName [^>]*localSheetId.*?</definedName>", b"", parts["xl/workbook.xml"])
    sheets = re.findall(rb"<sheet [^>]*/>", xml)
    shuffled = draw.sample(sheets, len(sheets))
    parts["xl/workbook.xml"] = xml.replace(b"".join(sheets), b"".join(shuffled))


def reorder_columns(form: Form, parts: Parts, draw: random.Random) -> None:
    """The columns of every table with rows in another order."""
    for table, (top, left), (bottom, right) in _areas(form, parts):
        if table.layout == "fields":
            continue
        order = draw.sample(range(right - left + 1), right - left + 1)

        def move(
            at: Position, top: int = top, bottom: int = bottom, left: int = left, order: list[int] = order
        ) -> Position:
            inside = top <= at[0] <= bottom and left <= at[1] < left + len(order)
            return (at[0], left + order[at[1] - left]) if inside else at

        _move_cells(parts, _sheet_of(parts, table), move)
        name = table_part(parts, table.name)
        columns = _COLUMN.findall(parts[name])
        moved = sorted(range(len(columns)), key=lambda index: order[index])
        parts[name] = parts[name].replace(b"".join(columns), b"".join(columns[index] for index in moved))


def insert_rows(form: Form, parts: Parts, draw: random.Random, *, inside: bool) -> None:
    """Blank rows above every table, or inside it."""
    for table, (top, _), (bottom, _) in list(_areas(form, parts)):
        count = draw.randint(1, 3)
        if not inside:
            _insert(form, parts, table, lambda at, top=top, count=count: (at[0] + count * (at[0] >= top), at[1]))
        elif bottom - top - (table.total_label is not None) >= 2:
            below = draw.randint(top + 2, bottom - (table.total_label is not None))
            _insert(form, parts, table, lambda at, below=below, count=count: (at[0] + count * (at[0] >= below), at[1]))


def insert_columns(form: Form, parts: Parts, draw: random.Random) -> None:
    """A column of the adviser's own inside every table with rows."""
    for table, (top, left), (_, right) in list(_areas(form, parts)):
        if table.layout == "fields":
            continue
        at = draw.randint(left + 1, right)
        _insert(form, parts, table, lambda one, at=at: (one[0], one[1] + (one[1] >= at)))
        sheet = _sheet_of(parts, table)
        _write(parts, sheet, (top, at), "Vårt eget notat")
        _write(parts, sheet, (top + 1, at), "husk")
        name = table_part(parts, table.name)
        columns = _COLUMN.findall(parts[name])
        added = [*columns[: at - left], b'<tableColumn id="99" name="V\xc3\xa5rt eget notat"/>', *columns[at - left :]]
        parts[name] = parts[name].replace(b"".join(columns), b"".join(added))


# ------------------------------------------------------------------------------------------ parts


def _areas(form: Form, parts: Parts) -> Iterator[tuple[Table, Position, Position]]:
    """The form's tables for the adviser, with the first and last cell of each as they stand now."""
    for table in form.tables:
        if table.notes:
            first, last = _reference(parts[table_part(parts, table.name)])
            yield table, position(first), position(last)


def _reference(xml: bytes) -> tuple[str, str]:
    found = re.search(rb' ref="([A-Z0-9]+):([A-Z0-9]+)"', xml)
    assert found
    return found[1].decode(), found[2].decode()


def _sheet_of(parts: Parts, table: Table) -> str:
    target = table_part(parts, table.name)
    for name, xml in parts.items():
        if name.startswith("xl/worksheets/_rels/") and posixpath.basename(target).encode() + b'"' in xml:
            return f"xl/worksheets/{posixpath.basename(name).removesuffix('.rels')}"
    raise AssertionError(target)


def _insert(form: Form, parts: Parts, table: Table, move: Move) -> None:
    """Moves a sheet's cells apart, and with them its tables and merged cells."""
    sheet = _sheet_of(parts, table)
    _move_cells(parts, sheet, move)
    parts[sheet] = re.sub(
        rb'<mergeCell ref="(\w+):(\w+)"', lambda m: _moved(m, move, b'<mergeCell ref="'), parts[sheet]
    )
    for other in form.on_sheet(table.sheet):
        name = table_part(parts, other.name)
        parts[name] = re.sub(rb' ref="(\w+):(\w+)"', lambda m: _moved(m, move, b' ref="'), parts[name])


def _moved(match: re.Match[bytes], move: Move, before: bytes) -> bytes:
    first, last = (address(*move(position(match[n].decode()))) for n in (1, 2))
    return before + f'{first}:{last}"'.encode()


def _move_cells(parts: Parts, sheet: str, move: Move) -> None:
    head, _, rest = parts[sheet].partition(b"<sheetData>")
    data, _, tail = rest.partition(b"</sheetData>")
    cells: dict[Position, bytes] = {}
    heights: dict[int, bytes] = {}
    for row in _ROW.finditer(data):
        number = int(row[1]) - 1
        heights[move((number, 0))[0]] = re.sub(rb' spans="[^"]*"', b"", row[2])
        for cell in _CELL.finditer(row[3] or b""):
            to = move(position(cell[1].decode()))
            cells[to] = f'<c r="{address(*to)}"'.encode() + cell[2] + cell[3]
    parts[sheet] = head + b"<sheetData>" + _rows(cells, heights) + b"</sheetData>" + tail


def _rows(cells: dict[Position, bytes], attributes: dict[int, bytes]) -> bytes:
    rows: dict[int, list[bytes]] = {row: [] for row in sorted({row for row, _ in cells} | attributes.keys())}
    for (row, _), cell in sorted(cells.items()):
        rows[row].append(cell)
    return b"".join(
        f'<row r="{row + 1}"'.encode() + attributes.get(row, b"") + b">" + b"".join(found) + b"</row>"
        for row, found in rows.items()
    )


def _write(parts: Parts, sheet: str, at: Position, text: str) -> None:
    """Types a text into an empty cell, and keeps the cells in order, as readers expect."""
    cell = f'<c r="{address(*at)}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()
    row = f'<row r="{at[0] + 1}"'.encode()
    start = parts[sheet].index(b">", parts[sheet].index(row)) + 1
    parts[sheet] = parts[sheet][:start] + cell + parts[sheet][start:]
    _move_cells(parts, sheet, lambda one: one)
