"""A workbook as a grid: what a file and a live book have in common, and all that the rules may know of either."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

CellValue = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta | None
Position = tuple[int, int]
"""Row and column, both counted from 0."""


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
    return f"{column_letters(column)}{row + 1}"


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


@dataclass(slots=True)
class SheetGrid:
    """One sheet's values from A1 on, and the addresses of the cells that hold a formula or an error value.

    All rows are equally long.

    ``formulas`` is ``None`` when the source could not tell which cells hold formulas; rules on them then stay silent.
    """

    name: str
    rows: list[list[CellValue]]
    formulas: set[str] | None = field(default_factory=set)
    errors: dict[Position, str] = field(default_factory=dict)

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
    """By table name in lower case."""
    sheet_names: list[str]
