"""What cells look like: formats, colours, sizes, and what of them is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

if TYPE_CHECKING:
    from behov_xl.libreoffice.sheet import Sheet

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_POINTS = 72 / 2540
"""Points in a hundredth of a millimetre."""
_PIXELS, _PADDING, _DIGIT = 96 / 2540, 5, 7
"""Column widths count digits of Excel's default font: pixels in 1/100 mm, at the edges, of a digit."""

Area = tuple[int, int, int, int]
"""First row and column, last row and column, from 1."""


class Appearance(base_classes.Range):
    """The half of a range that shows."""

    def __init__(self, sheet: Sheet, area: Area) -> None:
        self.sheet = sheet
        self.area = area

    @property
    def api(self) -> Any:
        return self.cells(*self.area)

    def cells(self, top: int, left: int, bottom: int, right: int) -> Any:
        """UNO's range of cells on the same sheet, from 1."""
        return self.sheet.api.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)

    @property
    def document(self) -> Any:
        return self.sheet.book.api

    @property
    def office(self) -> Any:
        return self.sheet.book.office

    @property
    def shape(self) -> tuple[int, int]:
        top, left, bottom, right = self.area
        return bottom - top + 1, right - left + 1

    @property
    def number_format(self) -> str | None:
        """The format in English, as in Excel; ``None`` where the cells differ."""
        keys = {one.NumberFormat for one in self.api.getUniqueCellFormatRanges()}
        if len(keys) != 1:
            return None
        formats = self.document.NumberFormats
        found = formats.getByKey(keys.pop())
        english = self.office.struct("lang.Locale", Language="en", Country="US")
        if found.Locale.Language not in {"en", ""} or found.FormatString == "Standard":
            found = formats.getByKey(formats.addNewConverted(found.FormatString, found.Locale, english))
        return str(found.FormatString)

    @number_format.setter
    def number_format(self, value: str) -> None:
        self.check_editable()
        formats = self.document.NumberFormats
        english = self.office.struct("lang.Locale", Language="en", Country="US")
        key = formats.queryKey(value, english, False)
        self.api.NumberFormat = formats.addNew(value, english) if key < 0 else key

    @property
    def color(self) -> tuple[int, int, int] | None:
        """The fill as red, green and blue; ``None`` without one, or where the cells differ."""
        colors = {one.CellBackColor for one in self.api.getUniqueCellFormatRanges()}
        color = colors.pop()
        if colors or color < 0:
            return None
        return color >> 16, color >> 8 & 255, color & 255

    @color.setter
    def color(self, value: tuple[int, int, int] | str | int | None) -> None:
        self.check_editable()
        self.api.CellBackColor = _fill(value)

    @property
    def wrap_text(self) -> bool | None:
        """Whether long texts break into lines; ``None`` where the cells differ."""
        found = {one.IsTextWrapped for one in self.api.getUniqueCellFormatRanges()}
        return found.pop() if len(found) == 1 else None

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self.check_editable()
        self.api.IsTextWrapped = value

    def autofit(self, axis: str | None = None) -> None:
        """Makes columns (``c``) as wide and rows (``r``) as high as what they hold, or both."""
        if axis in {None, "c", "columns"}:
            self.api.Columns.OptimalWidth = True
        if axis in {None, "r", "rows"}:
            self.api.Rows.OptimalHeight = True

    def check_editable(self) -> None:
        """LibreOffice keeps protected cells as they are without a word; Excel raises."""
        if self.sheet.protected and self.api.CellProtection.IsLocked:
            raise PermissionError(f"{self.address} is protected")

    @property
    def row_hidden(self) -> bool | None:
        """Whether the rows are hidden, by hand or by a filter; ``None`` where some are."""
        top, _, bottom, _ = self.area
        return _hidden(self.cells(top, 1, bottom, LAST_COLUMN), bottom - top + 1, rows=True)

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        self.api.Rows.IsVisible = not value

    @property
    def column_hidden(self) -> bool | None:
        """Whether the columns are hidden; ``None`` where some are."""
        _, left, _, right = self.area
        return _hidden(self.cells(1, left, LAST_ROW, right), right - left + 1, rows=False)

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        self.api.Columns.IsVisible = not value

    @property
    def row_height(self) -> float | None:
        """In points; ``None`` where rows differ."""
        height = self.api.Rows.Height
        same = abs(self.api.Size.Height - height * self.shape[0]) <= self.shape[0]
        return round(height * _POINTS, 2) if same else None

    @row_height.setter
    def row_height(self, value: float) -> None:
        self.api.Rows.Height = round(value / _POINTS)

    @property
    def column_width(self) -> float | None:
        """In digits of Excel's default font; ``None`` where columns differ."""
        width = self.api.Columns.Width
        same = abs(self.api.Size.Width - width * self.shape[1]) <= self.shape[1]
        return round(max(0.0, width * _PIXELS - _PADDING) / _DIGIT, 2) if same else None

    @column_width.setter
    def column_width(self, value: float) -> None:
        self.api.Columns.Width = round((value * _DIGIT + _PADDING) / _PIXELS)


def _hidden(cells: Any, count: int, *, rows: bool) -> bool | None:
    """Counts the lines of which anything is visible, from the areas that one call gives."""
    spans = {
        (one.StartRow, one.EndRow) if rows else (one.StartColumn, one.EndColumn)
        for one in cells.queryVisibleCells().RangeAddresses
    }
    shown, end = 0, -1
    for first, last in sorted(spans):
        shown += max(0, last - max(first - 1, end))
        end = max(end, last)
    return True if not shown else False if shown == count else None


def _fill(color: tuple[int, int, int] | str | int | None) -> int:
    if color is None:
        return -1
    if isinstance(color, str):
        return int(color.removeprefix("#"), 16)
    red, green, blue = (color & 255, color >> 8 & 255, color >> 16) if isinstance(color, int) else color
    return red << 16 | green << 8 | blue
