"""The rows of the table of findings as they are to be, with what the adviser has written into the table.

Reasons stand beside their findings, wherever those are listed now; so do the cells of columns that the adviser has
added. What belongs to no finding that is listed stays in a row of its own: it is not ours to delete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from behov_xl.findings import Finding
from behov_xl.messages import Catalogue
from behov_xl.workbook.cells import text_of
from behov_xl.workbook.grid import CellValue, Grid, address
from behov_xl.workbook.marks import chosen, finding_rows
from behov_xl.workbook.structure import Layout

_KEYS = ("cell_key", "row_key", "finding_key")
_OF_A_REASON = ("code", "measure", "acknowledgement")
"""What is kept of a row whose finding is gone. Its key is kept too: the finding may come back as it was."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows by column id, in order from the table's first; and where the adviser's own cells go: new row → old."""

    rows: list[dict[str, Any]]
    moved: dict[int, int]
    findings: int
    """How many of the rows are findings; the adviser's come after them."""


@dataclass(frozen=True, slots=True)
class _Before:
    """A row of the table as it is."""

    row: int
    values: Mapping[str, CellValue]
    beside: bool
    """Whether something stands in a column that is the adviser's own."""

    @property
    def key(self) -> str:
        return text_of(self.values.get("finding_key"))

    @property
    def reason(self) -> str:
        return text_of(self.values.get("acknowledgement"))

    @property
    def advisers(self) -> bool:
        """Whether somebody typed it: no row of ours is without keys."""
        keyed = any(text_of(self.values.get(id_)) for id_ in _KEYS)
        return "cell_key" in self.values and not keyed and any(text_of(one) for one in self.values.values())

    @property
    def kept(self) -> dict[str, Any]:
        """What of it stays when no finding takes it."""
        ids = [id_ for id_ in self.values if id_ not in _KEYS] if self.advisers else _OF_A_REASON
        return {id_: _writable(self.values.get(id_)) for id_ in ids}


def listing(findings: Sequence[Finding], table: Layout, grid: Grid, words: Catalogue, marking: Catalogue) -> Listing:
    """What the table is to hold. ``marking``: as for :func:`finding_rows`."""
    before = list(_before(table, grid))
    by_key: dict[str, _Before] = {}
    for one in before:
        if one.key and (one.reason or one.key not in by_key or not by_key[one.key].reason):
            by_key[one.key] = one  # of several, the one whose reason counts
    shown = chosen(findings)
    taken = {by_key[one.key].row for one in shown if one.key in by_key}
    rest = [one for one in before if one.row not in taken and (one.reason or one.beside or one.advisers)]
    shown = _at_new_places(shown, _moved(shown, by_key, rest, table), table.sheet)
    rows = finding_rows(shown, words, marking)
    for row, finding in zip(rows, shown, strict=True):
        if finding.key in by_key and by_key[finding.key].reason:
            row["acknowledgement"] = _writable(by_key[finding.key].values["acknowledgement"])
    for one in rest:
        key = one.key if by_key.get(one.key) is one else None
        rows.append({**one.kept, "finding_key": key})
    return Listing(rows, {new: old for old, new in _moved(shown, by_key, rest, table).items()}, len(shown))


def _before(table: Layout, grid: Grid) -> Iterator[_Before]:
    sheet, area = grid.sheets[table.sheet], table.area
    known = set(table.columns.values())
    others = [area.left + index for index in range(len(area.headings)) if area.left + index not in known]
    for row in range(area.first, min(area.end, len(sheet.rows))):
        beside = any(
            (sheet.value(row, column) not in ("", None) or (row, column) in sheet.errors)
            and address(row, column) not in (sheet.formulas or ())
            for column in others
        )
        yield _Before(row, {id_: sheet.value(row, column) for id_, column in table.columns.items()}, beside)


def _writable(value: CellValue) -> str | float | int | bool | None:
    """A cell's value as it can be written into another: a date as its text."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str | float | int | bool) else text_of(value)


def _moved(
    shown: Sequence[Finding], by_key: Mapping[str, _Before], rest: Sequence[_Before], table: Layout
) -> dict[int, int]:
    """Old sheet row → new one, of the rows that stay."""
    first = table.area.first
    places = {by_key[one.key].row: first + at for at, one in enumerate(shown) if one.key in by_key}
    return places | {one.row: first + at for at, one in enumerate(rest, start=len(shown))}


def _at_new_places(shown: list[Finding], places: Mapping[int, int], sheet: str) -> list[Finding]:
    """The findings about reasons in the table itself, at the rows where these stand afterwards."""
    own = [at for at, one in enumerate(shown) if one.table == "findings" and one.sheet == sheet]
    rows = [places.get(shown[at].row, shown[at].row) for at in own]
    there = sorted(
        (replace(shown[at], row=row, cell=address(row, shown[at].column)) for at, row in zip(own, rows, strict=True)),
        key=lambda one: one.row,
    )
    for at, one in zip(own, there, strict=True):
        shown[at] = one
    return shown
