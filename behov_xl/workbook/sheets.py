"""Reads the sheets of an opened package: as they are where they are written as usual, else written anew first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from behov_xl.workbook.archive_checks import too_large
from behov_xl.workbook.dates import DateFormats, date_formats
from behov_xl.workbook.formula_checks import check_all_formulas, check_formulas, may_ask
from behov_xl.workbook.grid import Position, SheetGrid
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import DamagedPackage, Package, kept_by_place
from behov_xl.workbook.part_checks import (
    check_head,
    check_shared_strings,
    check_text_bytes,
    check_texts,
    ends_well,
)
from behov_xl.workbook.plain_sheets import PlainSheet, read_sheet
from behov_xl.workbook.refusals import TOO_LARGE, Refused
from behov_xl.workbook.rewritten_sheets import rewritten_sheet, rewritten_strings
from behov_xl.workbook.sheet_facts import (
    columns_of,
    hidden_columns,
    hidden_rows,
    merged_cells,
    plain_columns,
    plain_merges,
)
from behov_xl.workbook.shells import Shell
from behov_xl.workbook.whole_tags import check_begins_well
from behov_xl.workbook.written_texts import Unfamiliar, read_strings

_STRINGS = "xl/sharedStrings.xml"


def read_sheets(package: Package, shell: Shell, names: Sequence[str], limits: Limits) -> dict[str, SheetGrid]:
    """The sheets of these names. Raises :class:`Refused`, and ``DamagedPackage``."""
    xml = {name: package.read(shell.sheets[name]) for name in names}
    strings = package.read(_STRINGS)
    check_head(_STRINGS, strings)
    most = check_shared_strings(package, xml.values(), limits)
    for name, part in shell.sheets.items():
        content = xml.get(name)
        looked_at = content is not None
        content = package.read(part) if content is None else content
        check_head(part, content)
        if looked_at:
            check_texts(content, limits)
        else:
            check_all_formulas(part, content)
    dates = date_formats(package.read("xl/styles.xml"), "1904" if shell.since_1904 else "")
    reading = _Reading(shell, _texts(strings, limits), dates, limits, many_texts=most > limits.text_bytes)
    grids = {name: reading.grid(name, one) for name, one in xml.items()}
    reading.check_formulas()
    return grids


def _texts(xml: bytes, limits: Limits) -> list[str]:
    """The shared texts."""
    with suppress(Unfamiliar):
        return read_strings(xml)
    try:
        plain = rewritten_strings(xml)
        check_texts(plain, limits)
        texts = read_strings(plain)
    except (DamagedPackage, Unfamiliar) as error:
        raise DamagedPackage(f"{_STRINGS}: {error}") from error
    if len(texts) > limits.shared_strings:
        raise too_large("shared_strings", len(texts), limits.shared_strings)
    return texts


class _End(NamedTuple):
    """What follows the cells of a sheet."""

    whole: bool
    """Whether it closes what was opened."""
    asks: bool
    """Whether something in it may ask a program or another machine for its value."""
    plain: bool
    """Whether the merged cells are told of in the usual way."""
    merged: tuple[tuple[Position, Position], ...]


@kept_by_place
def _end(tail: bytes) -> _End:
    return _End(ends_well(tail), may_ask(tail), plain_merges(tail), merged_cells(tail))


class _Columns(NamedTuple):
    """What is said of a sheet's columns."""

    plain: bool
    """Whether it is said in the usual way."""
    hidden: list[tuple[int, int]]


@kept_by_place
def _columns(told: bytes) -> _Columns:
    return _Columns(plain_columns(told), hidden_columns(told))


@dataclass(slots=True)
class _Reading:
    """The sheets of one workbook, as they are read one after the other."""

    shell: Shell
    texts: list[str]
    dates: DateFormats | None
    limits: Limits
    many_texts: bool
    """Whether the cells' texts may be more than is allowed: each as long as the longest, they would be."""
    read: dict[str, PlainSheet] = field(default_factory=dict)
    asking: bool = False
    """Whether something may ask a program or another machine for its value."""
    cells: int = 0
    text_bytes: int = 0

    def grid(self, name: str, xml: bytes) -> SheetGrid:
        """A sheet. Raises :class:`Refused`, and ``DamagedPackage``."""
        try:
            return self._grid(name, xml)
        except Unfamiliar:
            return self._rewritten(name, xml)

    def _rewritten(self, name: str, xml: bytes) -> SheetGrid:
        """The same of a sheet that is written in another way, or broken."""
        part = self.shell.sheets[name]
        try:
            plain, height, width = rewritten_sheet(xml)
        except DamagedPackage as error:
            raise DamagedPackage(f"{part}: {error}") from error
        check_all_formulas(part, xml)  # also what is not written anew, as no reader should find a cell there
        check_texts(plain, self.limits)
        self._check_extent(name, height, width)
        try:
            return self._grid(name, plain, rewritten=True)
        except Unfamiliar as error:
            raise DamagedPackage(f"{part}: {error}") from error

    def _grid(self, name: str, xml: bytes, *, rewritten: bool = False) -> SheetGrid:
        """The same of a sheet that is written as usual. Raises :class:`Unfamiliar` for any other."""
        sheet = read_sheet(xml, self.dates, name, bounded=rewritten)
        check_begins_well(self.shell.sheets[name], sheet.head)
        end, columns = _end(name, sheet.tail), _columns(name, columns_of(sheet.head))
        if not (end.whole and (rewritten or (end.plain and columns.plain))):
            raise Unfamiliar("what stands around the cells")
        self._check_extent(name, sheet.height, sheet.width)
        sheet.lay_out(self.texts)
        self.cells += sheet.height * sheet.width
        if self.many_texts or rewritten:
            self.text_bytes += sheet.text_bytes(self.texts)
            check_text_bytes(self.text_bytes, self.limits)
        self.asking = self.asking or sheet.asks or end.asks
        self.read[name] = sheet
        rows = hidden_rows(sheet.hidden, sheet.head, sheet.tail) if sheet.hidden else []
        hidden = name in self.shell.hidden
        return SheetGrid(name, sheet.rows, sheet.formulas, sheet.errors, hidden, rows, columns.hidden, end.merged)

    def _check_extent(self, name: str, rows: int, columns: int) -> None:
        limits = self.limits
        if rows > limits.rows or rows * columns > limits.cells:
            what = f"{name}: {rows} × {columns}"
            raise Refused(TOO_LARGE, what=what, limit=f"{limits.rows} × {limits.cells // limits.rows}")
        if self.cells + rows * columns > limits.cells:
            raise too_large("cells", self.cells + rows * columns, limits.cells)

    def check_formulas(self) -> None:
        """Raises :class:`Refused` where a formula of a sheet asks a program or another machine for its value."""
        if self.asking:
            others = {name: b"%b<sheetData>%b" % (sheet.head, sheet.tail) for name, sheet in self.read.items()}
            check_formulas(self.shell.sheets, others, {name: sheet.formulas for name, sheet in self.read.items()})
