"""Lossless edits of an .xlsx package: single cells, a heading, the rows of one table. Every other part stays as it is.

No library that reads a workbook and writes it anew is used on an adviser's file: those lose charts, native checkboxes
and whatever else they do not know. Here the changed cells are replaced in the text of their sheet's part, and all other
parts are copied byte for byte, compressed as they were.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from behov_xl.workbook.archive import part_names, replace_parts
from behov_xl.workbook.grid import Position, TableArea
from behov_xl.workbook.package import DamagedPackage, Package
from behov_xl.workbook.sheet_edit import (
    CellEdit,
    Refusals,
    Value,
    edit_cells,
    holds_something,
    overlap,
    replace_links,
    set_heights,
)
from behov_xl.workbook.sheet_xml import CannotEdit, Formula, Reason, SheetXml, area_of, attributes, tag, with_attribute
from behov_xl.workbook.table_xml import TableXml, rename_in_xml

_WORKBOOK, _CALC_CHAIN, _TYPES = "xl/workbook.xml", "xl/calcChain.xml", "[Content_Types].xml"
_RELATIONSHIPS = "xl/_rels/workbook.xml.rels"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a place in the workbook, as ``'Tiltak'!E5``."""

    text: str
    place: str


@dataclass(slots=True)
class Patch:
    """A package while it is edited. The bytes it was made from stay as they are; :meth:`result` gives the new ones.

    Raises :class:`CannotEdit` for a package that must not be edited: signed, with macros, damaged.
    """

    data: bytes
    _package: Package = field(init=False)
    _names: dict[str, str] = field(init=False)
    _parts: dict[str, str | None] = field(init=False, default_factory=dict)
    """Parts as they are now, by name in lower case; ``None`` for one that was taken out."""
    _calculate: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        try:
            self._package = Package.open(self.data)
            self._package.find_sheets()
            self._names = {name.lower(): name for name in part_names(self.data)}
        except DamagedPackage as error:
            raise CannotEdit(Reason.DAMAGED) from error
        if any(name.startswith("_xmlsignatures/") for name in self._names):
            raise CannotEdit(Reason.SIGNED)
        if any(name.endswith("vbaproject.bin") for name in self._names):
            raise CannotEdit(Reason.MACROS)

    # --------------------------------------------------------------------------------------- parts

    def _read(self, name: str) -> bytes:
        """A part as it is now; ``b""`` for one that does not exist."""
        if name.lower() in self._parts:
            return (self._parts[name.lower()] or "").encode()
        try:
            return self._package.read(name)
        except DamagedPackage as error:
            raise CannotEdit(Reason.DAMAGED) from error

    def _write(self, name: str, text: str) -> None:
        if text.encode() != self._read(name):
            self._parts[name.lower()] = text

    def _sheet(self, name: str) -> SheetXml:
        if name not in self._package.sheets:
            raise CannotEdit(Reason.NO_SHEET)
        return SheetXml(self._read(self._package.sheets[name]))

    def result(self) -> bytes:
        """The package with all edits; the very bytes it was made from when nothing was changed."""
        if not self._parts:
            return self.data
        if self._calculate:
            self._calculate_on_load()
        changed = {self._names[name]: None if text is None else text.encode() for name, text in self._parts.items()}
        try:
            return replace_parts(self.data, changed)
        except DamagedPackage as error:
            raise CannotEdit(Reason.DAMAGED) from error

    # --------------------------------------------------------------------------------------- cells

    def formulas(self, sheet: str) -> dict[Position, Formula]:
        """Every formula of a sheet by its cell."""
        return self._sheet(sheet).formulas()

    def cells(self, sheet: str, edits: Sequence[CellEdit]) -> Refusals:
        """Edits cells of one sheet. Returns the edits that were refused; raises for a sheet that cannot be edited.

        Formulas are computed anew when the workbook is opened: this cannot tell what depends on a cell.
        """
        xml = self._sheet(sheet)
        refused, lost = edit_cells(xml, edits)
        if len(refused) < len(edits):
            self._write(self._package.sheets[sheet], xml.text)
            self._calculate = True
            self._forget_formulas(sheet, lost)
        return refused

    def heights(self, sheet: str, heights: Mapping[int, float | None]) -> None:
        """Row → the height in points that its texts need; what somebody set by hand stays. ``None``: as found right."""
        xml = self._sheet(sheet)
        set_heights(xml, heights)
        self._write(self._package.sheets[sheet], xml.text)

    def _calculate_on_load(self) -> None:
        """Has Excel compute every formula when it opens the workbook (``fullCalcOnLoad``)."""
        try:
            text = self._read(_WORKBOOK).decode("utf-8")
        except UnicodeDecodeError as error:
            raise CannotEdit(Reason.UNUSUAL) from error
        root = re.search(r"<(?:([\w.-]{1,20}):)?workbook[\s>]", text)
        prefix = f"{root[1]}:" if root and root[1] else ""
        found = tag(prefix, "calcPr").search(text)
        if found:
            new = with_attribute(found[1], "fullCalcOnLoad", "1")
            if attributes(found[1]).get("fullCalcOnLoad") not in {"1", "true"}:
                self._write(_WORKBOOK, text[: found.start(1)] + new + text[found.end(1) :])
            return
        ends = [
            match.end()
            for name in ("sheets", "functionGroups", "externalReferences", "definedNames")
            for match in re.finditer(rf"</{prefix}{name}\s{{0,9}}>|<{prefix}{name}\s{{0,9}}/>", text)
        ]
        if ends:
            self._write(_WORKBOOK, f'{text[: max(ends)]}<{prefix}calcPr fullCalcOnLoad="1"/>{text[max(ends) :]}')

    def _forget_formulas(self, sheet: str, cells: set[str]) -> None:
        """Takes cells that are no formulas any more out of the calculation chain, or Excel calls the file damaged."""
        text = self._read(_CALC_CHAIN).decode("utf-8", "replace")
        if not (cells and text):
            return
        ids = _sheet_ids(self._read(_WORKBOOK).decode("utf-8", "replace"))
        kept, current, said = [], "", ""
        prefix = f"{found[1]}:" if (found := re.search(r"<([\w.-]{1,20}):calcChain[\s>]", text)) else ""
        chain = list(tag(prefix, "c").finditer(text))
        for entry in chain:
            cell = attributes(entry[1])
            current = cell.get("i", current)  # without one, the sheet of the entry before
            if current == ids.get(sheet) and cell.get("r") in cells:
                continue
            kept.append(f"<{prefix}c{entry[1] if current == said else with_attribute(entry[1], 'i', current)}/>")
            said = current
        if len(kept) == len(chain):
            return
        if kept:
            self._write(_CALC_CHAIN, text[: chain[0].start()] + "".join(kept) + text[chain[-1].end() :])
        else:
            self._remove(_CALC_CHAIN)

    def _remove(self, name: str) -> None:
        """Takes a part of the workbook out, with its relationship and its content type."""
        self._parts[name.lower()] = None
        target = re.escape(posixpath.relpath(name, "xl"))
        for part, pattern in (
            (_RELATIONSHIPS, rf'<Relationship\s[^>]{{0,900}}Target="(?:/xl/)?{target}"[^>]{{0,900}}/>'),
            (_TYPES, rf'<Override\s[^>]{{0,900}}PartName="/{re.escape(name)}"[^>]{{0,900}}/>'),
        ):
            self._write(part, re.sub(pattern, "", self._read(part).decode("utf-8")))

    # -------------------------------------------------------------------------------------- tables

    def _table(self, name: str) -> tuple[TableArea, str]:
        """Where a table stands, and its part."""
        for sheet, part in self._package.sheets.items():
            for target in self._tables_on(part):
                if TableXml(self._read(target)).attributes.get("displayName", "").lower() == name.lower():
                    areas = {area.name.lower(): area for area in self._package.tables()}
                    if name.lower() in areas and areas[name.lower()].sheet == sheet:
                        return areas[name.lower()], target
        raise CannotEdit(Reason.NO_TABLE)

    def _tables_on(self, part: str) -> list[str]:
        return [target for _, kind, target in self._package.relationships(part) if kind == "table"]

    def rename_heading(self, table: str, column: int, heading: str) -> None:
        """Gives a table's ``column``-th column another heading, and calls it so in every formula that names it.

        Raises :class:`CannotEdit` when the table is not there or has the heading already.
        """
        area, part = self._table(table)
        xml = TableXml(self._read(part))
        old = xml.headings()[column]
        if heading.casefold() in {one.casefold() for at, one in enumerate(xml.headings()) if at != column}:
            raise CannotEdit(Reason.HEADING_TAKEN)
        xml.rename(column, heading)
        refused = self.cells(area.sheet, [CellEdit(area.header, area.left + column, heading)])
        if refused:
            raise CannotEdit(refused[0][1])
        self._write(part, xml.text)
        if old != heading:
            for name in self._with_formulas():
                text = self._read(name).decode("utf-8", "replace")
                self._write(name, rename_in_xml(text, xml.attributes.get("displayName", table), old, heading))

    def _with_formulas(self) -> list[str]:
        parts = list(self._package.sheets.values())
        return [_WORKBOOK, *parts, *(target for part in parts for target in self._tables_on(part))]

    def write_rows(
        self,
        table: str,
        rows: Sequence[Mapping[str, Value | Link]],
        headings: Iterable[str] | None = None,
        moved: Mapping[int, int] | None = None,
    ) -> None:
        """Replaces the data rows of a table: one mapping per row, heading → value; what is not named is emptied.

        ``headings``: the columns that are ours to write; what stands in the others is never lost. ``moved`` says where
        it goes: new sheet row → the one it stands in now. Where formulas compute it, it stays where it is.

        Surplus rows are emptied and stay; the table grows when there are more rows than it has, in the style of its
        last one. Raises :class:`CannotEdit` when it cannot grow: it has a total row, or something stands below.
        """
        area, part = self._table(table)
        columns = {heading: area.left + index for index, heading in enumerate(area.headings)}
        ours = {heading: columns[heading] for heading in (columns if headings is None else headings)}
        unknown = {name for row in rows for name in row} - set(ours)
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        # Rows that the table reaches over and that do not exist hold nothing to empty.
        existing = min(area.end, max(self._sheet(area.sheet).rows, default=-1) + 1)
        end = max(existing, area.first + len(rows))
        if end > area.end:
            self._grow(area, part, (area.end, area.left, end - 1, area.left + len(area.headings) - 1))
        others = [column for heading, column in columns.items() if heading not in ours]
        edits = {(one.row, one.column): one for one in self._moves(area, others, moved or {}, end)}
        links: dict[Position, str] = {}
        for number in range(area.first, end):
            row = rows[number - area.first] if number - area.first < len(rows) else {}
            for heading, column in columns.items():
                like = (area.end - 1, column) if number >= area.end else None
                value = row.get(heading)
                if isinstance(value, Link):
                    links[number, column] = value.place
                    value = value.text
                if heading in ours or like:
                    edits.setdefault((number, column), CellEdit(number, column, value, like=like))
        refused = self.cells(area.sheet, list(edits.values()))
        if refused:
            raise CannotEdit(refused[0][1])
        sheet = self._sheet(area.sheet)
        replace_links(sheet, [(area.first, column, end - 1, column) for column in ours.values()], links)
        self._write(self._package.sheets[area.sheet], sheet.text)

    def _moves(self, area: TableArea, columns: Sequence[int], moved: Mapping[int, int], end: int) -> Iterator[CellEdit]:
        """The cells of other columns that go to another row: each row's, so that none is written over."""
        going = {new: old for new, old in permutation(moved, range(area.first, end)).items() if new != old}
        if not (columns and going):
            return
        sheet = self._sheet(area.sheet)
        computed = {column for row, column in sheet.formulas() if area.first <= row < end}
        merged = sheet.areas("mergeCell")
        for column in columns:
            if column not in computed and not any(overlap((area.first, column, end - 1, column), m) for m in merged):
                yield from (CellEdit(new, column, copy=(old, column)) for new, old in going.items())

    def _grow(self, area: TableArea, part: str, below: tuple[int, int, int, int]) -> None:
        others = [TableXml(self._read(one)) for one in self._tables_on(self._package.sheets[area.sheet]) if one != part]
        in_the_way = any(overlap(below, area_of(one.attributes["ref"])) for one in others)
        if area.total_row is not None or in_the_way or holds_something(self._sheet(area.sheet), below):
            raise CannotEdit(Reason.NO_ROOM)
        xml = TableXml(self._read(part))
        xml.stretch((area.header, area.left, below[2], below[3]))
        self._write(part, xml.text)


def permutation(moved: Mapping[int, int], rows: range) -> dict[int, int]:
    """All rows, new → old, in one order: those that are not named stay where they can."""
    free = set(rows) - set(moved.values())
    order = dict(moved) | {row: row for row in free - set(moved)}
    displaced = sorted(free & set(moved))
    return order | dict(zip(sorted(set(rows) - set(order)), displaced, strict=True))


def _sheet_ids(workbook: str) -> dict[str, str]:
    """Sheet name → the number by which other parts call it."""
    found = (attributes(match[1]) for match in re.finditer(r"<(?:[\w.-]{1,20}:)?sheet(\s[^<>]{0,2000})>", workbook))
    return {one["name"]: one.get("sheetId", "") for one in found if "name" in one}
