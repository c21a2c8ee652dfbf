"""Reads the XML of one sheet so that single cells of it can be replaced: where each row and cell stands in the text.

Whichever program wrote it: with prefixes, other quotes, attributes in any order. What is not known for certain (cells
without an address, comments between cells) is refused, with a reason.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from behov_xl.workbook.grid import Position, position

_DIGITS = 9
"""Of the largest number that is read: no row, column or style has more."""


class Reason(StrEnum):
    """Why a package or a cell is not edited. The words are in the catalogues, section ``fix_refused``."""

    SIGNED = "signed"
    MACROS = "macros"
    DAMAGED = "damaged"
    UNUSUAL = "unusual"
    NO_SHEET = "no_sheet"
    NO_ADDRESS = "no_address"
    NO_FORMULA = "no_formula"
    NO_TABLE = "no_table"
    SHARED = "shared"
    ARRAY = "array"
    MERGED = "merged"
    HEADING_TAKEN = "heading_taken"
    NO_ROOM = "no_room"


class CannotEdit(Exception):
    """The package, sheet or table is not edited; ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


_ATTRIBUTE = r"""\s{1,99}[\w:.-]{1,99}\s{0,9}=\s{0,9}(?:"[^"<]{0,9000}"|'[^'<]{0,9000}')"""
_ONE_ATTRIBUTE = re.compile(r"""\s{1,99}([\w:.-]{1,99})\s{0,9}=\s{0,9}(?:"([^"<]{0,9000})"|'([^'<]{0,9000})')""")
_ROOT = re.compile(r"<(?:([\w.-]{1,20}):)?worksheet[\s>]")


def attributes(text: str) -> dict[str, str]:
    """The attributes of a tag, with their prefixes, entities resolved."""
    return {name: html.unescape(one or other) for name, one, other in _ONE_ATTRIBUTE.findall(text)}


def whole_number(attribute: str | None) -> int | None:
    """What an attribute says that should be a whole number; ``None`` where it is none: nobody has made sure of it."""
    if attribute is None or not attribute.isascii() or not attribute.isdecimal() or len(attribute) > _DIGITS:
        return None
    return int(attribute)


def with_attribute(text: str, name: str, value: str | None) -> str:
    """A tag's attributes with one of them set, in its place, or taken out (``None``)."""
    new = "" if value is None else f' {name}="{escaped(value, quote=True)}"'
    changed = _ONE_ATTRIBUTE.sub(lambda match: new if match[1] == name else match[0], text)
    return changed if value is None or name in attributes(text) else changed + new


def tag(prefix: str, name: str) -> re.Pattern[str]:
    """A start tag: its attributes, and a slash if it is an end tag as well."""
    return re.compile(rf"<{re.escape(prefix)}{name}((?:{_ATTRIBUTE}){{0,60}})\s{{0,9}}(/?)>")


def escaped(text: str, *, quote: bool = False) -> str:
    """Text as it stands in XML."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;") if quote else text


def area_of(reference: str) -> tuple[int, int, int, int]:
    """``A4:J11`` → first row, first column, last row, last column, from 0.

    Raises :class:`CannotEdit` for what may be meant, but names no cells: ``A:A``, ``4:5``, a name.
    """
    first, _, last = reference.replace("$", "").partition(":")
    try:
        (top, left), (bottom, right) = position(first), position(last or first)
    except ValueError as error:
        raise CannotEdit(Reason.UNUSUAL) from error
    return top, left, bottom, right


@dataclass(frozen=True, slots=True)
class Row:
    """A row and where it stands in the text. ``inner`` is ``None`` for a row that is written without an end tag."""

    number: int
    start: int
    start_end: int
    attributes: str
    inner: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and where it stands in the text; ``inner`` is what is between its tags."""

    row: int
    column: int
    start: int
    end: int
    attributes: str
    inner: str


@dataclass(frozen=True, slots=True)
class Formula:
    """The formula element of a cell: itself, its attributes, and its text, ``""`` where another cell holds it."""

    xml: str
    attributes: dict[str, str]
    text: str


class SheetXml:
    """One sheet's XML. Raises :class:`CannotEdit` for what is not written in a way that can be edited safely."""

    def __init__(self, xml: bytes) -> None:
        try:
            self.text = xml.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CannotEdit(Reason.UNUSUAL) from error
        root = _ROOT.search(self.text)
        if root is None or "<!DOCTYPE" in self.text[: root.start()]:
            raise CannotEdit(Reason.UNUSUAL)
        self.prefix = f"{root[1]}:" if root[1] else ""
        opening = self.tag("sheetData").search(self.text)
        if opening is None:
            raise CannotEdit(Reason.UNUSUAL)
        if opening[2]:
            pair = f"<{self.prefix}sheetData{opening[1]}></{self.prefix}sheetData>"
            self.text = self.text[: opening.start()] + pair + self.text[opening.end() :]
        self.head = opening.start()
        """Where the rows begin; what comes before says how the sheet looks."""
        if self.text.find("<!", *self.data) >= 0:
            raise CannotEdit(Reason.UNUSUAL)

    def tag(self, name: str) -> re.Pattern[str]:
        """A start tag of this sheet's elements."""
        return tag(self.prefix, name)

    @property
    def data(self) -> tuple[int, int]:
        """Where the rows stand."""
        opening = self.tag("sheetData").search(self.text, self.head)
        end = -1 if opening is None else self.text.find(f"</{self.prefix}sheetData", opening.end())
        if opening is None or end < 0:
            raise CannotEdit(Reason.UNUSUAL)
        return opening.end(), end

    @cached_property
    def rows(self) -> dict[int, Row]:
        """The rows by number, in their order."""
        rows: dict[int, Row] = {}
        last = -1
        for start, inner, _ in self._elements("row", *self.data):
            number = whole_number(attributes(start[1]).get("r"))
            if number is None:
                raise CannotEdit(Reason.NO_ADDRESS)
            if number - 1 <= last:
                raise CannotEdit(Reason.UNUSUAL)
            last = number - 1
            rows[last] = Row(last, start.start(), start.end(), start[1], None if start[2] else (start.end(), inner))
        return rows

    def _elements(self, name: str, start: int, end: int) -> Iterator[tuple[re.Match[str], int, int]]:
        """Each element: its start tag, where its content ends and where it ends. They do not hold each other."""
        beginning = re.compile(rf"<{re.escape(self.prefix)}{name}(?=[\s/>])")
        opening, closing = self.tag(name), re.compile(rf"</{re.escape(self.prefix)}{name}\s{{0,9}}>")
        found = beginning.search(self.text, start, end)
        while found:
            first = opening.match(self.text, found.start(), end)
            last = closing.search(self.text, first.end(), end) if first and not first[2] else first
            if first is None or last is None:
                raise CannotEdit(Reason.UNUSUAL)
            yield first, first.end() if first[2] else last.start(), last.end()
            found = beginning.search(self.text, last.end(), end)

    def cells(self, row: Row) -> dict[int, Cell]:
        """The cells of a row by column, in their order."""
        cells: dict[int, Cell] = {}
        last = -1
        for start, inner, end in self._elements("c", *row.inner) if row.inner else ():
            try:
                number, column = position(attributes(start[1]).get("r", ""))
            except ValueError as error:
                raise CannotEdit(Reason.NO_ADDRESS) from error
            if number != row.number or column <= last:
                raise CannotEdit(Reason.UNUSUAL)
            last = column
            cells[column] = Cell(number, column, start.start(), end, start[1], self.text[start.end() : inner])
        return cells

    def cell(self, where: Position) -> Cell | None:
        """One cell, if the sheet has it."""
        row = self.rows.get(where[0])
        return self.cells(row).get(where[1]) if row else None

    def formula(self, cell: Cell) -> Formula | None:
        """The formula of a cell."""
        begin = re.search(rf"<{re.escape(self.prefix)}f(?=[\s/>])", cell.inner)
        if begin is None:
            return None
        start = self.tag("f").match(cell.inner, begin.start())
        end = cell.inner.find(f"</{self.prefix}f", begin.start())
        if start is None or (end < 0 and not start[2]):
            raise CannotEdit(Reason.UNUSUAL)
        text = "" if start[2] else cell.inner[start.end() : end]
        whole = cell.inner[begin.start() : start.end() if start[2] else cell.inner.find(">", end) + 1]
        return Formula(whole, attributes(start[1]), html.unescape(text))

    def formulas(self) -> dict[Position, Formula]:
        """Every formula of the sheet by its cell."""
        found: dict[Position, Formula] = {}
        mark = f"<{self.prefix}f"
        for row in self.rows.values():
            if row.inner and self.text.find(mark, *row.inner) >= 0:
                for column, cell in self.cells(row).items():
                    formula = self.formula(cell)
                    if formula:
                        found[row.number, column] = formula
        return found

    def areas(self, name: str, kinds: Sequence[str] = ()) -> list[tuple[int, int, int, int]]:
        """The ``ref`` of every element of a name (and of one of these types): first and last row and column."""
        found = (attributes(start[1]) for start in self.tag(name).finditer(self.text))
        return [area_of(one["ref"]) for one in found if "ref" in one and (not kinds or one.get("t") in kinds)]
