"""Ranges of cells."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from behov_xl.libreoffice.appearance import LAST_COLUMN, LAST_ROW, Appearance, Area
from behov_xl.libreoffice.notation import link_to_excel, link_to_office, to_office
from behov_xl.libreoffice.values import read_formulas, read_values, write_values
from behov_xl.workbook.grid import column_letters, position

if TYPE_CHECKING:
    from behov_xl.libreoffice.sheet import Sheet

_CONTENTS = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: numbers, dates, texts, formulas
_ADDRESS = re.compile(
    r"(?:\$?([A-Z]{1,3}))?(?:\$?([1-9]\d{0,6}))?(?::(?:\$?([A-Z]{1,3}))?(?:\$?([1-9]\d{0,6}))?)?\Z", re.IGNORECASE
)


def parse_address(text: str) -> Area | None:
    """``B2``, ``$A$1:C3``, ``A:C``, ``2:5`` → the cells; ``None`` for what is no address."""
    match = _ADDRESS.match(text)
    if match is None:
        return None
    left, top, right, bottom = match.groups()
    if ":" not in text:
        if not (left and top):
            return None
        right, bottom = left, top
    columns = [position(f"{letters}1")[1] + 1 for letters in (left, right) if letters]
    rows = [int(number) for number in (top, bottom) if number]
    if len(columns) == 1 or len(rows) == 1 or not (columns or rows):
        return None
    columns, rows = columns or [1, LAST_COLUMN], rows or [1, LAST_ROW]
    if max(columns) > LAST_COLUMN or max(rows) > LAST_ROW:
        return None
    return min(rows), min(columns), max(rows), max(columns)


class Range(Appearance):
    """Cells of one sheet, by their place: a range does not move along when rows are inserted above it."""

    def __init__(self, sheet: Sheet, top: int, left: int, bottom: int, right: int) -> None:
        super().__init__(sheet, (top, left, bottom, right))
        self.options: dict[str, Any] = {}

    @classmethod
    def of(cls, sheet: Sheet, address: Any) -> Range:
        """The cells of one of UNO's range addresses."""
        return cls(sheet, address.StartRow + 1, address.StartColumn + 1, address.EndRow + 1, address.EndColumn + 1)

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return (self.sheet.name, self.row, self.column, *self.shape)

    @property
    def row(self) -> int:
        return self.area[0]

    @property
    def column(self) -> int:
        return self.area[1]

    def __len__(self) -> int:
        rows, columns = self.shape
        return rows * columns

    def __call__(self, row: int, column: int | None = None) -> Range:
        """A cell by its row and column inside the range from 1, also beyond it, or by its number."""
        if column is None:
            row, column = (part + 1 for part in divmod(row - 1, self.shape[1]))
        top, left = self.row + row - 1, self.column + column - 1
        return Range(self.sheet, top, left, top, left)

    @property
    def address(self) -> str:
        return self.get_address(True, True, False)

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        top, left, bottom, right = self.area
        first, last = (
            f"{'$' * col_absolute}{column_letters(column - 1)}{'$' * row_absolute}{row}"
            for row, column in ((top, left), (bottom, right))
        )
        cells = first if first == last else f"{first}:{last}"
        return f"'[{self.sheet.book.name}]{self.sheet.name}'!{cells}" if external else cells

    @property
    def raw_value(self) -> list[list[Any]]:
        return read_values(self.document, self.api, errors=bool(self.options.get("err_to_str")))

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._write(self._write_values, value)

    def _write(self, write: Any, value: Any) -> None:
        rows, columns = self.shape
        if not isinstance(value, list | tuple):
            write([[value] * columns] * rows)
        elif value and isinstance(value[0], list | tuple):
            write(value)
        else:
            write([value])

    @property
    def formula(self) -> str | tuple[tuple[str, ...], ...]:
        rows = read_formulas(self.document, self.api)
        return rows[0][0] if len(self) == 1 else tuple(map(tuple, rows))

    @formula.setter
    def formula(self, value: Any) -> None:
        """Sets formulas; a single one is filled over the range, and its relative references move along."""
        if isinstance(value, str) and len(self) > 1:
            first = self(1, 1)
            first.formula = value
            self._fill_from(first.api)
        else:
            self._write(self._write_formulas, value)

    def _write_values(self, rows: Sequence[Sequence[Any]]) -> None:
        with self._refusing():
            write_values(self.office, self.document, self.api, rows)

    def _write_formulas(self, rows: Sequence[Sequence[Any]]) -> None:
        texts = tuple(tuple("" if one is None else to_office(str(one)) for one in row) for row in rows)
        with self._refusing():
            self.api.setFormulaArray(texts)

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """Raises ``PermissionError`` where LibreOffice only says that it did not do it."""
        try:
            yield
        except self.office.failed as error:
            if self.sheet.protected:
                raise PermissionError(f"{self.address} is protected") from error
            raise

    def _fill_from(self, first: Any) -> None:
        """Puts the first cell's formula into the others, as tokens, which hold relative references as such."""
        tokens, cells = first.getCellByPosition(0, 0).getTokens(), self.api
        for row in range(self.shape[0]):
            for column in range(self.shape[1]):
                if row or column:
                    cells.getCellByPosition(column, row).setTokens(tokens)

    @property
    def formula2(self) -> str | tuple[tuple[str, ...], ...]:
        return self.formula

    @formula2.setter
    def formula2(self, value: Any) -> None:
        self.formula = value

    @property
    def has_array(self) -> bool:
        return bool(self(1, 1).api.getArrayFormula())

    def clear_contents(self) -> None:
        self.check_editable()
        self.api.clearContents(_CONTENTS)

    @property
    def merge_area(self) -> Range:
        """The merged cells that the first cell belongs to, or that cell."""
        cursor = self.sheet.api.createCursorByRange(self(1, 1).api)
        cursor.collapseToMergedArea()
        return Range.of(self.sheet, cursor.RangeAddress)

    @property
    def merge_cells(self) -> bool | None:
        """Whether the cells are merged; ``None`` where only some are."""
        cursor = self.sheet.api.createCursorByRange(self.api)
        cursor.collapseToMergedArea()
        around = Range.of(self.sheet, cursor.RangeAddress).area
        if not self.api.getIsMerged() and around == self.area:
            return False
        one = self.merge_area.area
        inside = one[0] <= self.area[0] and one[1] <= self.area[1] and self.area[2] <= one[2] and self.area[3] <= one[3]
        return True if inside else None

    def merge(self, across: bool) -> None:
        for one in self._rows() if across else [self]:
            one.api.merge(True)

    def unmerge(self) -> None:
        self.api.merge(False)

    def _rows(self) -> list[Range]:
        top, left, bottom, right = self.area
        return [Range(self.sheet, row, left, row, right) for row in range(top, bottom + 1)]

    @property
    def hyperlink(self) -> str:
        """The link of the first cell, one inside the book as ``#Tiltak!B3``. Raises ``ValueError`` without one."""
        fields = self(1, 1).api.getCellByPosition(0, 0).getTextFields()
        if not fields.Count:
            raise ValueError("The cell doesn't seem to contain a hyperlink!")
        return link_to_excel(fields.getByIndex(0).URL)

    def add_hyperlink(self, address: str, text_to_display: str | None = None, screen_tip: str | None = None) -> None:  # noqa: ARG002
        """Makes the first cell a link, inside the book with ``#Tiltak!B3``; LibreOffice makes its screen tip itself."""
        self.check_editable()
        cell = self(1, 1).api.getCellByPosition(0, 0)
        cell.setString("")
        link = self.document.createInstance("com.sun.star.text.TextField.URL")
        link.URL, link.Representation = link_to_office(address), text_to_display or address
        cell.insertTextContent(cell.createTextCursor(), link, False)

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:  # noqa: ARG002
        """Inserts as many empty cells, whole rows or columns, and moves the others down or to the right."""
        kind = self._whole or ("RIGHT" if shift == "right" else "DOWN")
        self.sheet.api.insertCells(self.api.RangeAddress, self.office.enum("sheet.CellInsertMode", kind))

    def delete(self, shift: str | None = None) -> None:
        """Takes the cells, whole rows or columns, out of the sheet, and moves the others up or to the left."""
        kind = self._whole or ("LEFT" if shift == "left" else "UP")
        self.sheet.api.removeRange(self.api.RangeAddress, self.office.enum("sheet.CellDeleteMode", kind))

    @property
    def _whole(self) -> str:
        rows, columns = self.shape
        return "ROWS" if columns == LAST_COLUMN else "COLUMNS" if rows == LAST_ROW else ""

    def select(self) -> None:
        self.document.CurrentController.select(self.api)

    @property
    def table(self) -> Any:
        """The table that the first cell is in, or ``None``."""
        return next((one for one in self.sheet.tables if _contains(one.range.area, self.row, self.column)), None)

    def end(self, direction: str) -> Range:
        """Where Ctrl and an arrow key lead from the first cell: the end of what is filled, or its beginning."""
        down = direction in {"down", "d", "up", "u"}
        back = direction in {"up", "u", "left", "l"}
        top, left, bottom, right = self.sheet.used_range.area
        row, column = self.row, self.column
        if down:
            line = Range(self.sheet, min(row, top), column, max(row, bottom), column)
            filled = [one[0] != "" for one in line.api.getDataArray()]
        else:
            line = Range(self.sheet, row, min(column, left), row, max(column, right))
            filled = [one != "" for one in line.api.getDataArray()[0]]
        at = _end(filled, row - line.row if down else column - line.column, -1 if back else 1)
        if at is None:
            return self._edge(down=down, back=back)
        return line(at + 1, 1) if down else line(1, at + 1)

    def _edge(self, *, down: bool, back: bool) -> Range:
        last = 1 if back else LAST_ROW if down else LAST_COLUMN
        row, column = (last, self.column) if down else (self.row, last)
        return Range(self.sheet, row, column, row, column)


def _contains(area: Area, row: int, column: int) -> bool:
    return area[0] <= row <= area[2] and area[1] <= column <= area[3]


def _end(filled: Sequence[bool], at: int, step: int) -> int | None:
    line = range(at + step, len(filled) if step > 0 else -1, step)
    if filled[at] and len(line) and filled[line[0]]:
        return next((one - step for one in line if not filled[one]), line[-1])
    return next((one for one in line if filled[one]), None)
