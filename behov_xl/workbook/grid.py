"""A workbook as a grid: what a file and a live book have in common, and all that the rules may know of either."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

CellValue = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta | None
TEMPLATE_PROPERTY, FORM_PROPERTY = "behov-xl template", "behov-xl form"
"""Custom properties in which a workbook says which template and which form it was made from."""
Position = tuple[int, int]
"""Row and column, both counted from 0."""


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Row and column from 0 → a cell's address: (6, 5) → F7."""
    return _first_addresses(column)[row] if 0 <= row < _READY else f"{column_letters(column)}{row + 1}"


_READY = 512
"""Rows whose addresses are kept in store: the template has fewer, and so have nearly all workbooks."""


def addresses(rows: Sequence[int], column: int) -> Iterable[str]:
    """The addresses of a column's cells in some rows, from top to bottom."""
    if rows and rows[-1] >= _READY:
        return [address(row, column) for row in rows]
    return map(_first_addresses(column).__getitem__, rows)


@lru_cache(maxsize=64)
def _first_addresses(column: int) -> list[str]:
    letters = column_letters(column)
    return [f"{letters}{row + 1}" for row in range(_READY)]


def position(reference: str) -> Position:
    """A cell's address → row and column from 0: F7 → (6, 5). Raises ``ValueError`` for anything else."""
    letters = reference.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or letters == reference:
        raise ValueError(f"not a cell address: {reference!r}")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(reference[len(letters) :]) - 1, column - 1


@dataclass(frozen=True, slots=True)
class TableArea:
    """Where an Excel table stands: its header row, its first data row, the row after its last data row."""

    name: str
    sheet: str
    header: int
    first: int
    end: int
    left: int
    headings: tuple[str, ...]
    total_row: int | None = None
    is_table: bool = True
    """False for an area that was recognised by its headings because the file has no such table any more."""
    filtered: bool = False
    """Whether a filter may hide some of its rows."""


@dataclass(slots=True)
class SheetGrid:
    """One sheet's values from A1 on, which of its cells hold a formula or an error value, and what of it is hidden.

    All rows are equally long.

    ``formulas`` says what stands in each cell with a formula: its text, or ``None`` where the source does not tell it.
    It is ``None`` itself when the source could not tell which cells hold formulas; rules on them then stay silent.
    """

    name: str
    rows: list[list[CellValue]]
    formulas: Mapping[str, str | None] | None = field(default_factory=dict)
    errors: dict[Position, str] = field(default_factory=dict)
    hidden: bool = False
    """Whether the whole sheet is hidden."""
    hidden_rows: Sequence[int] = ()
    """Rows that somebody hid, in order; those that a filter hides are not among them."""
    hidden_columns: Sequence[tuple[int, int]] = ()
    """Runs of hidden columns: the first one, and the one after the last."""
    merged: Sequence[tuple[Position, Position]] = ()
    """Merged cells: the first and the last of each."""

    def value(self, row: int, column: int) -> CellValue:
        """The cell's value; ``''`` for an empty cell, also outside what the sheet holds."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return ""


@dataclass(slots=True)
class Grid:
    """One workbook: the sheets that hold the form's tables, and where those tables are."""

    path: str
    sheets: dict[str, SheetGrid]
    tables: dict[str, TableArea]
    """By table name in lower case. Besides the form's, tables that look like copies of them may be among them."""
    sheet_names: list[str]
    properties: Mapping[str, str] = field(default_factory=dict)
    """The workbook's custom properties: the template says in them which form and template it is."""
