"""Sheets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from behov_xl.libreoffice.appearance import LAST_COLUMN, LAST_ROW
from behov_xl.libreoffice.cells import Range, parse_address
from behov_xl.libreoffice.names import Names
from behov_xl.libreoffice.tables import Tables

if TYPE_CHECKING:
    from behov_xl.libreoffice.book import Book


class Sheets(base_classes.Sheets):
    """A book's sheets in their order."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def api(self) -> Any:
        return self._book.api.Sheets

    @property
    def active(self) -> Sheet:
        return Sheet(self._book, self._book.api.CurrentController.ActiveSheet)

    def __iter__(self) -> Iterator[Sheet]:
        for one in self.api:
            yield Sheet(self._book, one)

    def __len__(self) -> int:
        return int(self.api.Count)

    def __call__(self, name_or_index: str | int) -> Sheet:
        """A sheet by its number from 1, or its name; raises ``KeyError`` or ``IndexError`` if there is none."""
        if isinstance(name_or_index, int):
            if not 1 <= name_or_index <= len(self):
                raise IndexError(name_or_index)
            return Sheet(self._book, self.api.getByIndex(name_or_index - 1))
        for name in self.api.ElementNames:
            if name.lower() == name_or_index.lower():
                return Sheet(self._book, self.api.getByName(name))
        raise KeyError(name_or_index)

    def __contains__(self, name: str) -> bool:
        return name.lower() in {one.lower() for one in self.api.ElementNames}

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """A new sheet, in front of the active one unless told otherwise; it becomes the active one, as in Excel."""
        at = before.index - 1 if before else after.index if after else self.active.index - 1
        taken = set(self.api.ElementNames)
        name = name or next(new for number in range(1, len(taken) + 2) if (new := f"Sheet{number}") not in taken)
        self.api.insertNewByName(name, at)
        sheet = self(at + 1)
        sheet.activate()
        return sheet


class Sheet(base_classes.Sheet):
    """One sheet; it stays the same sheet when it is renamed or moved."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self._book = book
        self._sheet = sheet
        self._name: str = sheet.Name

    @property
    def api(self) -> Any:
        """UNO's sheet, fetched anew where it has gone astray.

        LibreOffice 7.4 moves the sheet objects that it has handed out along with the cells when cells are inserted or
        deleted at their beginning; then they no longer cover the sheet, and may know no more than its name.
        """
        with contextlib.suppress(self._book.office.failed):
            area = self._sheet.RangeAddress
            if (area.StartRow, area.StartColumn, area.EndRow + 1, area.EndColumn + 1) == (0, 0, LAST_ROW, LAST_COLUMN):
                return self._sheet
            self._name = self._sheet.Name
        self._sheet = self._book.api.Sheets.getByName(self._name)
        return self._sheet

    @property
    def book(self) -> Book:
        return self._book

    @property
    def name(self) -> str:
        return str(self.api.Name)

    @name.setter
    def name(self, value: str) -> None:
        self.api.Name = self._name = value

    @property
    def quoted_name(self) -> str:
        """The name as it stands in references: in quotes where it needs them."""
        name = self.name
        return name if name.isidentifier() else "'" + name.replace("'", "''") + "'"

    @property
    def names(self) -> Names:
        return Names(self._book, self)

    @property
    def index(self) -> int:
        return int(self.api.RangeAddress.Sheet) + 1

    @property
    def visible(self) -> bool:
        return bool(self.api.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        self.api.IsVisible = bool(value)

    @property
    def protected(self) -> bool:
        """Whether the sheet is protected. xlwings has no word for it; ``sheet.api`` protects and unprotects."""
        return bool(self.api.isProtected())

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """Cells by address, name, (row, column) or (row, column, rows, columns), up to those of ``arg2``.

        Raises ``ValueError`` for an address or name that does not exist.
        """
        first = self._area(arg1)
        last = first if arg2 is None else self._area(arg2)
        tops, lefts = (first[0], last[0]), (first[1], last[1])
        return Range(self, min(tops), min(lefts), max(first[2], last[2]), max(first[3], last[3]))

    def _area(self, argument: Any) -> tuple[int, int, int, int]:
        if isinstance(argument, Range):
            return argument.area
        if isinstance(argument, tuple):
            row, column, rows, columns = (*argument, 1, 1) if len(argument) == 2 else argument
            if min(row, column) < 1 or min(rows, columns) < 1:
                raise IndexError(f"no such cells: {argument}")
            return row, column, row + rows - 1, column + columns - 1
        area = parse_address(argument)
        if area is None:
            names = [*self.names, *self._book.names]
            named = next((one for one in names if one.name.rpartition("!")[2].lower() == argument.lower()), None)
            if named is None:
                raise ValueError(f"no such cells: {argument}")
            cells: Range = named.refers_to_range
            return cells.area
        return area

    @property
    def cells(self) -> Range:
        return Range(self, 1, 1, self.api.Rows.Count, self.api.Columns.Count)

    @property
    def used_range(self) -> Range:
        """What holds something, from the first used cell to the last; A1 on an empty sheet."""
        cursor = self.api.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return Range.of(self, cursor.RangeAddress)

    @property
    def tables(self) -> Tables:
        return Tables(self)

    def activate(self) -> None:
        self._book.api.CurrentController.setActiveSheet(self.api)

    def select(self) -> None:
        self.activate()

    def clear_contents(self) -> None:
        self.used_range.clear_contents()

    def autofit(self, axis: str | None = None) -> None:
        self.used_range.autofit(axis)

    def copy(self, before: Sheet | None = None, after: Sheet | None = None) -> None:
        """Copies the sheet to a place in its own or another book.

        Into another book LibreOffice does not take the tables along (:meth:`Tables.add` makes them anew).
        """
        beside = before or after or self
        target = beside.book.api.Sheets
        at = beside.index - 1 if before else beside.index
        if beside.book.api.RuntimeUID != self._book.api.RuntimeUID:
            target.importSheet(self._book.api, self.name, at)
        else:
            taken = {name.lower() for name in target.ElementNames}
            numbers = range(2, len(taken) + 3)
            name = next(new for one in numbers if (new := f"{self.name} ({one})").lower() not in taken)
            target.copyByName(self.name, name, at)

    def delete(self) -> None:
        self._book.api.Sheets.removeByName(self.name)
