"""What a formula looks at: its text → its parts, with every reference resolved to the cells it names.

The same formula is written in more than one way: with the table's headings or with cell addresses, with and without
sheet names, dollar signs and spaces. Resolved, all of them are the same. What cannot be resolved with certainty (names,
other workbooks, ranges over sheets) gives ``None``: nobody may be accused of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from behov_xl.workbook.grid import Grid, TableArea, address, position

MAX_FORMULA = 8_192
"""Characters that Excel allows in a formula."""
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CELL = r"\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}"
_PARTS = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<text>"(?:[^"]|"")*")
  | (?P<table>[^\W\d][\w.]*)?(?P<columns>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])
  | (?:(?P<quoted>'(?:[^']|'')+')!|(?P<sheet>[^\W\d][\w.]*)!)?(?P<cells>{_CELL}(?::{_CELL})?)(?![\w.(\[!])
  | (?P<function>[^\W\d][\w.]*)\(
  | (?P<constant>TRUE|FALSE)\b
  | (?P<number>\d+(?:\.\d*)?(?:E[+-]?\d+)?|\.\d+)
  | (?P<error>\#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!))
  | (?P<operator><=|>=|<>|[-+*/^&=<>(),%{{}};])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SPECIFIERS = {"#this row", "#data", "#all", "#totals", "#headers"}
_ITEM = re.compile(r"\[((?:[^\[\]']|'.)*)\]")


class Cells(NamedTuple):
    """A rectangle of cells: first row and column, and last, all from 0."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    def without(self, other: Cells) -> list[Cells]:
        """What is left of these cells when the others are taken away, in up to four rectangles."""
        sheet, top, left, bottom, right = self
        if sheet != other.sheet or bottom < other.top or other.bottom < top or right < other.left or other.right < left:
            return [self]
        upper, lower = max(top, other.top), min(bottom, other.bottom)
        pieces = [
            Cells(sheet, top, left, upper - 1, right),
            Cells(sheet, upper, left, lower, other.left - 1),
            Cells(sheet, upper, other.right + 1, lower, right),
            Cells(sheet, lower + 1, left, bottom, right),
        ]
        return [one for one in pieces if one.top <= one.bottom and one.left <= one.right]

    @property
    def address(self) -> str:
        """``E5``, or ``E5:E8``."""
        first, last = address(self.top, self.left), address(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


def beyond(cells: Iterable[Cells], others: Iterable[Cells]) -> list[Cells]:
    """What of ``cells`` is not among the others, in order."""
    rest = list(cells)
    for other in others:
        rest = [piece for one in rest for piece in one.without(other)]
    return sorted(rest)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula's parts in order, and those of them that matter by themselves."""

    parts: tuple[object, ...]
    cells: frozenset[Cells]
    numbers: frozenset[float]
    texts: frozenset[str]
    broken: bool
    """Whether it holds an error value, such as the #REF! that is left of a deleted column."""


def resolve(text: str, grid: Grid, sheet: str, row: int, table: TableArea) -> Formula | None:
    """The formula of a cell in ``row`` of ``table`` on ``sheet``; ``None`` where a part of it is not understood."""
    if len(text) > MAX_FORMULA:
        return None
    parts: list[object] = []
    at = len(text) - len(text.lstrip("= "))
    while at < len(text):
        match = _PARTS.match(text, at)
        if match is None:
            return None
        at = match.end()
        part = _part(match, grid, sheet, row, table)
        if part is None:
            return None
        if part != "":
            parts.append(part)
    return Formula(
        tuple(parts),
        frozenset(part for part in parts if isinstance(part, Cells)),
        frozenset(part for part in parts if isinstance(part, float)),
        frozenset(part[1:-1] for part in parts if isinstance(part, str) and part.startswith('"')),
        any(isinstance(part, str) and part.startswith("#") for part in parts),
    )


def _part(match: re.Match[str], grid: Grid, sheet: str, row: int, table: TableArea) -> object | None:
    """One part as it is compared; ``""`` for one that means nothing, ``None`` for one that is not understood."""
    kind, found = match.lastgroup, match[0]
    if kind == "space":
        return ""
    if kind == "columns":
        named = grid.tables.get(match["table"].lower()) if match["table"] else table
        return None if named is None else _columns(match["columns"][1:-1], named, row)
    if kind == "cells":
        quoted = match["quoted"]
        named_sheet = quoted[1:-1].replace("''", "'") if quoted else match["sheet"] or sheet
        known = next((name for name in grid.sheet_names if name.casefold() == named_sheet.casefold()), None)
        return None if known is None else _rectangle(match["cells"], known)
    if kind == "function":
        return f"{found.upper().removeprefix('_XLFN.')}"
    return float(found) if kind == "number" else found if kind == "text" else found.upper()


def _rectangle(text: str, sheet: str) -> Cells | None:
    first, _, last = text.replace("$", "").partition(":")
    (top, left), (bottom, right) = position(first), position(last or first)
    if max(top, bottom) >= _LAST_ROW or max(left, right) >= _LAST_COLUMN:
        return None
    return Cells(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _columns(inside: str, table: TableArea, row: int) -> Cells | None:
    """``[Sum eier]``, ``[[#This Row],[Sum eier]]``, ``[@[Sum eier]]``, ``[@Sum]``, ``[[A]:[B]]`` of a table."""
    items = [item.strip() for item in _ITEM.findall(inside)] if "[" in inside else [inside.strip()]
    this_row = inside.lstrip().startswith("@")
    if "[" not in inside:
        items = [items[0].removeprefix("@").strip()]
    specifiers = [item.casefold() for item in items if item.casefold() in _SPECIFIERS]
    named = [_unescaped(item) for item in items if item and item.casefold() not in _SPECIFIERS]
    headings = [heading.casefold() for heading in table.headings]
    if len(specifiers) > 1 or len(named) > 2 or any(name not in headings for name in named):
        return None
    places = [headings.index(name) for name in named] or [0, len(headings) - 1]
    rows = _rows("#this row" if this_row else specifiers[0] if specifiers else "#data", table, row)
    if rows is None:
        return None
    return Cells(table.sheet, rows[0], table.left + min(places), rows[1], table.left + max(places))


def _unescaped(item: str) -> str:
    return re.sub(r"'(.)", r"\1", item).casefold()


def _rows(specifier: str, table: TableArea, row: int) -> tuple[int, int] | None:
    if specifier == "#this row":
        return (row, row) if table.first <= row < table.end else None
    if specifier == "#totals":
        return None if table.total_row is None else (table.total_row, table.total_row)
    if specifier == "#headers":
        return table.header, table.header
    last = table.end - 1
    if specifier == "#all":
        return table.header, last if table.total_row is None else table.total_row
    return (table.first, last) if last >= table.first else None
