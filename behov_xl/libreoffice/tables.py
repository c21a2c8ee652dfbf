"""Excel tables: LibreOffice keeps them as database ranges, with a name, a header row and perhaps a totals row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from behov_xl.libreoffice.cells import Range
from behov_xl.libreoffice.filters import AutoFilter

if TYPE_CHECKING:
    from behov_xl.libreoffice.sheet import Sheet

_MOST_KEYS = 3


class Tables(base_classes.Collection):
    """The tables of one sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def api(self) -> Any:
        return self._sheet.book.api.DatabaseRanges

    @property
    def parent(self) -> Sheet:
        return self._sheet

    def __iter__(self) -> Iterator[Table]:
        number = self._sheet.index - 1
        for one in self.api:
            if one.IsUserDefined and one.DataArea.Sheet == number:
                yield Table(self._sheet, one)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __call__(self, key: str | int) -> Table:
        tables = list(self)
        if isinstance(key, int):
            return tables[key - 1]
        for table in tables:
            if table.name.lower() == key.lower():
                return table
        raise KeyError(key)

    def __contains__(self, key: str) -> bool:
        return any(table.name.lower() == key.lower() for table in self)

    def add(
        self,
        source: Any = None,
        name: str | None = None,
        source_type: Any = None,  # noqa: ARG002 -- Excel's other sources, and its styles, LibreOffice does not have
        link_source: Any = None,  # noqa: ARG002
        has_headers: Any = True,
        destination: Any = None,  # noqa: ARG002
        table_style_name: str | None = None,  # noqa: ARG002
    ) -> Table:
        """A table over ``source``, whose first row holds its headings."""
        if has_headers in {False, "no"}:
            raise NotImplementedError("a table without headings")
        known = set(self.api.ElementNames)
        name = name or next(new for number in range(1, len(known) + 2) if (new := f"Table{number}") not in known)
        self.api.addNewByName(name, _cells(source).api.RangeAddress)
        made = self.api.getByName(name)
        made.ContainsHeader = made.AutoFilter = True
        return Table(self._sheet, made)


def _cells(source: Any) -> Range:
    found: Range = getattr(source, "impl", source)
    return found


class Table:
    """One table."""

    def __init__(self, sheet: Sheet, database_range: Any) -> None:
        self.parent = sheet
        self.api = database_range

    @property
    def name(self) -> str:
        return str(self.api.Name)

    @name.setter
    def name(self, value: str) -> None:
        self.api.Name = value

    @property
    def display_name(self) -> str:
        return self.name

    @display_name.setter
    def display_name(self, value: str) -> None:
        self.name = value

    @property
    def range(self) -> Range:
        return Range.of(self.parent, self.api.DataArea)

    @property
    def show_headers(self) -> bool:
        return bool(self.api.ContainsHeader)

    @property
    def show_totals(self) -> bool:
        return bool(self.api.TotalsRow)

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        if value != self.show_totals:
            raise NotImplementedError("adding or removing the totals row")

    @property
    def show_autofilter(self) -> bool:
        return bool(self.api.AutoFilter)

    @show_autofilter.setter
    def show_autofilter(self, value: bool) -> None:
        self.api.AutoFilter = value

    @property
    def autofilter(self) -> AutoFilter:
        return AutoFilter(self)

    def sort(self, keys: Sequence[int], ascending: Sequence[bool]) -> None:
        """Sorts the data rows by up to three columns, from 1; the header and totals rows stay.

        LibreOffice 7.4 sorts no part of a table through its programming interface, but as its menu does: what is
        selected.
        """
        body, book = self.data_body_range, self.parent.book
        if body is None or not 1 <= len(keys) <= _MOST_KEYS:
            raise ValueError(f"cannot sort by {len(keys)} columns")
        body.check_editable()
        order: dict[str, Any] = {"ByRows": True, "HasHeader": False, "IncludeAttribs": True}
        for number, (key, up) in enumerate(zip(keys, ascending, strict=True), start=1):
            order |= {f"Col{number}": body.column + key - 1, f"Ascending{number}": up}
        selected, active = book.selection, book.sheets.active
        body.select()
        helper = book.office.service("com.sun.star.frame.DispatchHelper")
        frame = book.api.CurrentController.Frame
        helper.executeDispatch(frame, ".uno:DataSort", "", 0, book.office.properties(**order))
        active.activate()
        if selected is not None:
            selected.select()

    @property
    def header_row_range(self) -> Range | None:
        top, left, _, right = self.range.area
        return Range(self.parent, top, left, top, right) if self.show_headers else None

    @property
    def data_body_range(self) -> Range | None:
        top, left, bottom, right = self.range.area
        first, last = top + self.show_headers, bottom - self.show_totals
        return Range(self.parent, first, left, last, right) if first <= last else None

    @property
    def totals_row_range(self) -> Range | None:
        _, left, bottom, right = self.range.area
        return Range(self.parent, bottom, left, bottom, right) if self.show_totals else None

    @property
    def insert_row_range(self) -> None:
        return None

    def resize(self, range: Any) -> None:  # noqa: A002 -- xlwings' name for it
        """Makes the table cover other cells, its header row and totals row among them."""
        self.api.DataArea = _cells(range).api.RangeAddress
