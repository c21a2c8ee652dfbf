"""Defined names, of a book and of its sheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from behov_xl.libreoffice.cells import Range
from behov_xl.libreoffice.notation import to_excel, to_office

if TYPE_CHECKING:
    from behov_xl.libreoffice.book import Book
    from behov_xl.libreoffice.sheet import Sheet


class Names(base_classes.Names):
    """The names of a book with those of its sheets, or of one sheet."""

    def __init__(self, book: Book, sheet: Sheet | None = None) -> None:
        self._book = book
        self._sheet = sheet

    @property
    def api(self) -> Any:
        return (self._sheet or self._book).api.NamedRanges

    def __iter__(self) -> Iterator[Name]:
        if self._sheet is None:
            yield from (Name(self._book, None, one) for one in self._book.api.NamedRanges)
        for sheet in [self._sheet] if self._sheet else self._book.sheets:
            yield from (Name(self._book, sheet, one) for one in sheet.api.NamedRanges)

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(name.name, name) for name in self]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __call__(self, name_or_index: str | int) -> Name:
        names = list(self)
        if isinstance(name_or_index, int):
            return names[name_or_index - 1]
        for name in names:
            if name.name.lower() == name_or_index.lower():
                return name
        raise KeyError(name_or_index)

    def contains(self, name_or_index: str | int) -> bool:
        if isinstance(name_or_index, int):
            return 1 <= name_or_index <= len(self)
        return any(name.name.lower() == name_or_index.lower() for name in self)

    def add(self, name: str, refers_to: str) -> Name:
        origin = self._book.office.struct("table.CellAddress")
        self.api.addNewByName(name, to_office(refers_to.removeprefix("=")), origin, 0)
        return Name(self._book, self._sheet, self.api.getByName(name))


class Name(base_classes.Name):
    """One name; one that belongs to a sheet has the sheet's name in front, as in Excel."""

    def __init__(self, book: Book, sheet: Sheet | None, named: Any) -> None:
        self._book = book
        self._sheet = sheet
        self._named = named

    @property
    def api(self) -> Any:
        return self._named

    @property
    def name(self) -> str:
        return f"{self._sheet.quoted_name}!{self._named.Name}" if self._sheet else str(self._named.Name)

    @name.setter
    def name(self, value: str) -> None:
        self._named.Name = value.rpartition("!")[2]

    @property
    def refers_to(self) -> str:
        return f"={to_excel(self._named.Content)}"

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self._named.Content = to_office(value.removeprefix("="))

    @property
    def refers_to_range(self) -> Range:
        """Raises ``ValueError`` for a name that stands for something else than cells."""
        cells = self._named.getReferredCells()
        if cells is None:
            raise ValueError(f"{self.name} refers to no cells")
        area = cells.RangeAddress
        return Range.of(self._book.sheets(area.Sheet + 1), area)

    def delete(self) -> None:
        (self._sheet or self._book).api.NamedRanges.removeByName(self._named.Name)
