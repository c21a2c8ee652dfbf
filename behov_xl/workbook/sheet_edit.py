"""Replaces cells in the XML of one sheet and leaves every other character of it as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from behov_xl.workbook.grid import Position, address
from behov_xl.workbook.sheet_xml import (
    CannotEdit,
    Cell,
    Reason,
    Row,
    SheetXml,
    area_of,
    attributes,
    escaped,
    whole_number,
    with_attribute,
)

Value = str | float | int | bool | None
"""What a cell is to show: text, number, bool, or nothing."""


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What one cell is to hold. Positions count from 0.

    ``formula`` makes it a formula cell whose cached value is ``value``; ``keep_formula`` gives the formula that is
    there a new cached value. ``like``: the cell whose style it takes; otherwise it keeps its own. ``copy``: the cell
    of the sheet that it becomes, as that is before any edit: content, style and all. Not for formulas.
    """

    row: int
    column: int
    value: Value = None
    formula: str | None = None
    keep_formula: bool = False
    like: Position | None = None
    copy: Position | None = None

    @property
    def cell(self) -> str:
        return address(self.row, self.column)

    @property
    def fills(self) -> bool:
        return self.value is not None or self.formula is not None or self.copy is not None


Refusals = list[tuple[CellEdit, Reason]]
_Styles = Mapping[Position, str | None]
_Splice = tuple[int, int, str]
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SELF_CLOSED = re.compile(r"\s*/>$")
_AFTER_LINKS = (
    "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties",
    "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture",
    "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
"""What stands behind the links in a sheet, by the standard (ECMA-376 part 1, CT_Worksheet)."""


def edit_cells(sheet: SheetXml, edits: Sequence[CellEdit]) -> tuple[Refusals, set[str]]:
    """Applies the edits. Returns those that were refused, and the cells that were formulas and are none now."""
    styles = {edit.like: _style(sheet, edit.like) for edit in edits if edit.like}
    refused = list(_refused(sheet, edits))
    kept_out = {id(edit) for edit, _ in refused}
    by_row: dict[int, dict[int, CellEdit]] = {}
    for edit in edits:
        if id(edit) not in kept_out:
            by_row.setdefault(edit.row, {})[edit.column] = edit
    splices: list[_Splice] = []
    lost: set[str] = set()
    for number, wanted in sorted(by_row.items()):
        row = sheet.rows.get(number)
        splices += _new_row(sheet, number, wanted, styles) if row is None else _old_row(sheet, row, wanted, styles)
        cells = sheet.cells(row) if row else {}
        lost |= {
            edit.cell
            for edit in wanted.values()
            if edit.formula is None
            and not edit.keep_formula
            and edit.column in cells
            and sheet.formula(cells[edit.column])
        }
    _splice(sheet, splices)
    _widen(sheet, [edit for wanted in by_row.values() for edit in wanted.values() if edit.fills])
    return refused, lost


def set_heights(sheet: SheetXml, heights: Mapping[int, float | None]) -> None:
    """Gives rows the height in points that their texts need, or back what a program finds right (``None``).

    A height that somebody has set stays. Rows that do not exist are left out.
    """
    splices: list[_Splice] = []
    for number, height in heights.items():
        row = sheet.rows.get(number)
        if row is None or attributes(row.attributes).get("customHeight") in {"1", "true"}:
            continue
        new = re.sub(r"""\s+ht=(?:"[^"]*"|'[^']*')""", "", row.attributes)
        if height is not None:
            new = with_attribute(new, "ht", f"{height:g}")
        start = row.start + len(f"<{sheet.prefix}row")
        splices.append((start, start + len(row.attributes), new))
    _splice(sheet, splices)


def _style(sheet: SheetXml, where: Position) -> str | None:
    cell = sheet.cell(where)
    return attributes(cell.attributes).get("s") if cell else None


def _splice(sheet: SheetXml, splices: Sequence[_Splice]) -> None:
    out, done = [], 0
    for start, end, new in sorted(splices, key=lambda one: one[:2]):  # stable: new cells of a place keep their order
        out += [sheet.text[done:start], new]
        done = end
    sheet.text = "".join([*out, sheet.text[done:]])
    sheet.__dict__.pop("rows", None)


# ------------------------------------------------------------------------------------------ refusals


def _refused(sheet: SheetXml, edits: Sequence[CellEdit]) -> Iterator[tuple[CellEdit, Reason]]:
    """Edits of cells that belong together with others, so that they cannot be changed by themselves."""
    merged = sheet.areas("mergeCell")
    arrays = [area for area in sheet.areas("f", ("array", "dataTable")) if area[:2] != area[2:]]
    going = {(edit.row, edit.column) for edit in edits if not edit.keep_formula}
    shared = _sharing(sheet)
    for edit in edits:
        where = edit.row, edit.column
        cell = sheet.cell(where)
        if any(_inside(where, area) and where != area[:2] for area in merged):
            yield edit, Reason.MERGED
        elif edit.keep_formula:
            if cell is None or not sheet.formula(cell):
                yield edit, Reason.NO_FORMULA
        elif any(_inside(where, area) for area in arrays):
            yield edit, Reason.ARRAY
        elif shared.get(where, set()) - going:
            yield edit, Reason.SHARED


def _inside(where: Position, area: tuple[int, int, int, int]) -> bool:
    return area[0] <= where[0] <= area[2] and area[1] <= where[1] <= area[3]


def _sharing(sheet: SheetXml) -> dict[Position, set[Position]]:
    """Each cell that holds a formula for others → those others."""
    if not re.search(r"""\st\s{0,9}=\s{0,9}["']shared["']""", sheet.text):
        return {}
    groups: dict[str, set[Position]] = {}
    masters: dict[Position, str] = {}
    for where, formula in sheet.formulas().items():
        if formula.attributes.get("t") == "shared":
            id_ = formula.attributes.get("si", "")
            if formula.text:
                masters[where] = id_
            else:
                groups.setdefault(id_, set()).add(where)
    return {where: groups.get(id_, set()) for where, id_ in masters.items()}


# --------------------------------------------------------------------------------------------- rows


def _old_row(sheet: SheetXml, row: Row, wanted: Mapping[int, CellEdit], styles: _Styles) -> Iterator[_Splice]:
    cells = sheet.cells(row)
    new: list[tuple[int, str]] = []
    for column, edit in sorted(wanted.items()):
        if column in cells:
            yield cells[column].start, cells[column].end, _changed(sheet, cells[column], edit, styles)
        elif edit.fills or edit.like:
            new.append((column, _new_cell(sheet, edit, styles, row)))
    if not new:
        return
    start = sheet.text[row.start : row.start_end]
    first, _, last = map(whole_number, attributes(row.attributes).get("spans", "").partition(":"))
    if first is not None and last is not None:
        reach = f"{min(first, new[0][0] + 1)}:{max(last, new[-1][0] + 1)}"
        start = start.replace(row.attributes, with_attribute(row.attributes, "spans", reach), 1)
    if row.inner is None:
        content = "".join(text for _, text in new)
        yield row.start, row.start_end, _SELF_CLOSED.sub(">", start) + content + f"</{sheet.prefix}row>"
        return
    if start != sheet.text[row.start : row.start_end]:
        yield row.start, row.start_end, start
    for column, text in new:
        place = next((cell.start for cell in cells.values() if cell.column > column), row.inner[1])
        yield place, place, text


def _new_row(sheet: SheetXml, number: int, wanted: Mapping[int, CellEdit], styles: _Styles) -> Iterator[_Splice]:
    edits = [edit for _, edit in sorted(wanted.items()) if edit.fills or edit.like]
    if edits:
        place = next((row.start for row in sheet.rows.values() if row.number > number), sheet.data[1])
        cells = "".join(_new_cell(sheet, edit, styles, None) for edit in edits)
        yield place, place, f'<{sheet.prefix}row r="{number + 1}">{cells}</{sheet.prefix}row>'


# -------------------------------------------------------------------------------------------- cells


def _new_cell(sheet: SheetXml, edit: CellEdit, styles: _Styles, row: Row | None) -> str:
    style = whole_number(styles[edit.like]) if edit.like else _style_of_place(sheet, row, edit.column)
    kept = f' r="{edit.cell}"' + (f' s="{style}"' if style is not None else "")
    return _copied(sheet, edit, kept) if edit.copy else _cell_xml(sheet.prefix, kept, edit)


def _copied(sheet: SheetXml, edit: CellEdit, empty: str) -> str:
    """Another cell in this one's place; ``empty``: the attributes of this one where there is no other."""
    source = sheet.cell(edit.copy) if edit.copy else None
    if source is None:
        return f"<{sheet.prefix}c{empty}/>"
    start = f"<{sheet.prefix}c{with_attribute(source.attributes, 'r', edit.cell)}"
    return f"{start}>{source.inner}</{sheet.prefix}c>" if source.inner else f"{start}/>"


def _style_of_place(sheet: SheetXml, row: Row | None, column: int) -> int | None:
    """The style that a cell which does not exist shows: its row's, or its column's."""
    of_row = attributes(row.attributes) if row else {}
    style = whole_number(of_row.get("s"))
    if style is not None and of_row.get("customFormat") in {"1", "true"}:
        return style
    for start in sheet.tag("col").finditer(sheet.text, 0, sheet.head):
        found = attributes(start[1])
        first, last = whole_number(found.get("min")), whole_number(found.get("max"))
        if first is not None and last is not None and first <= column + 1 <= last:
            return whole_number(found.get("style"))
    return None


def _changed(sheet: SheetXml, cell: Cell, edit: CellEdit, styles: _Styles) -> str:
    """A cell with other content: its style and whatever else it carries stay."""
    if edit.copy:
        return _copied(sheet, edit, f' r="{edit.cell}"')
    kept = cell.attributes
    for name in ("t", "vm") if edit.keep_formula else ("t", "vm", "cm"):  # what its old content was
        kept = with_attribute(kept, name, None)
    if edit.like:
        kept = with_attribute(kept, "s", styles[edit.like])
    formula = sheet.formula(cell)
    as_before = formula is not None and (
        edit.keep_formula or (edit.formula is not None and same_formula(formula.text, edit.formula))
    )
    extension = cell.inner.find(f"<{sheet.prefix}extLst")
    rest = cell.inner[extension:] if extension >= 0 else ""
    return _cell_xml(sheet.prefix, kept, edit, formula.xml if formula and as_before else "", rest)


def _cell_xml(prefix: str, kept: str, edit: CellEdit, formula: str = "", rest: str = "") -> str:
    if edit.formula is not None and not formula:
        formula = f"<{prefix}f>{escaped(edit.formula.removeprefix('='))}</{prefix}f>"
    kind, content = _content(prefix, edit.value, computed=bool(formula))
    start = f"<{prefix}c{kept}" + (f' t="{kind}"' if kind else "")
    inner = formula + content + rest
    return f"{start}>{inner}</{prefix}c>" if inner else f"{start}/>"


def _content(prefix: str, value: Value, *, computed: bool) -> tuple[str, str]:
    """The cell's type and value. Texts stand in the cell itself: the shared ones stay as they are."""
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return "b", f"<{prefix}v>{int(value)}</{prefix}v>"
    if isinstance(value, int | float):
        return "", f"<{prefix}v>{number_text(value)}</{prefix}v>"
    if computed:
        return "str", f"<{prefix}v>{_cell_text(value)}</{prefix}v>"
    space = ' xml:space="preserve"' if value != value.strip() or "\n" in value else ""
    return "inlineStr", f"<{prefix}is><{prefix}t{space}>{_cell_text(value)}</{prefix}t></{prefix}is>"


def _cell_text(text: str) -> str:
    """Text as it stands in a cell: what XML cannot hold is written ``_x0007_``, as Excel does."""
    marked = _LIKE_AN_ESCAPE.sub("_x005F_", text)
    return escaped(_ILLEGAL.sub(lambda match: f"_x{ord(match[0]):04X}_", marked).replace("\r", "_x000D_"))


def number_text(value: float) -> str:
    """A number as Excel stores it. Raises ``ValueError`` for what is none."""
    if value != value or value in {float("inf"), float("-inf")}:
        raise ValueError(f"not a number: {value}")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def same_formula(one: str, other: str) -> bool:
    """Whether two formulas differ in spaces and case at most."""
    return plain_formula(one) == plain_formula(other)


def plain_formula(text: str) -> str:
    """A formula as it is compared."""
    return "".join(text.removeprefix("=").split()).casefold()


# ----------------------------------------------------------------------------- what goes with cells


def _widen(sheet: SheetXml, edits: Sequence[CellEdit]) -> None:
    """Makes ``<dimension>`` reach over the cells that were filled in."""
    found = sheet.tag("dimension").search(sheet.text, 0, sheet.head)
    reference = attributes(found[1]).get("ref", "") if found else ""
    if found is None or not edits or not reference:
        return
    top, left, bottom, right = area_of(reference)
    rows, columns = [edit.row for edit in edits], [edit.column for edit in edits]
    wider = min(top, *rows), min(left, *columns), max(bottom, *rows), max(right, *columns)
    if wider != (top, left, bottom, right):
        new = with_attribute(found[1], "ref", f"{address(*wider[:2])}:{address(*wider[2:])}")
        sheet.text = sheet.text[: found.start(1)] + new + sheet.text[found.end(1) :]
        sheet.head += len(new) - len(found[1])
        sheet.__dict__.pop("rows", None)


def holds_something(sheet: SheetXml, area: tuple[int, int, int, int]) -> bool:
    """Whether a cell of this area has a value or a formula, or is part of a merged one."""
    top, left, bottom, right = area
    for number, row in sheet.rows.items():
        if top <= number <= bottom:
            cells = sheet.cells(row).values()
            if any(left <= cell.column <= right and cell.inner.strip() for cell in cells):
                return True
    return any(overlap(area, merged) for merged in sheet.areas("mergeCell"))


def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two areas have a cell in common."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def replace_links(sheet: SheetXml, areas: Sequence[tuple[int, int, int, int]], links: Mapping[Position, str]) -> None:
    """Takes the links of these areas out and sets new ones: cell → place in the workbook, as ``'Ark'!A1``."""
    p = sheet.prefix
    one = re.compile(rf"{sheet.tag('hyperlink').pattern}(?:(?<!/>)</{re.escape(p)}hyperlink\s{{0,9}}>)?")
    data_end = sheet.data[1]
    head, tail = sheet.text[:data_end], sheet.text[data_end:]

    def kept(match: re.Match[str]) -> str:
        try:
            where = area_of(attributes(match[1]).get("ref", ""))
        except CannotEdit:
            return match[0]  # it stands at no cell of ours
        return "" if any(overlap(area, where) for area in areas) else match[0]

    tail = one.sub(kept, tail)
    new = "".join(
        f'<{p}hyperlink ref="{address(*where)}" location="{escaped(place, quote=True)}"/>'
        for where, place in links.items()
    )
    opening = sheet.tag("hyperlinks").search(tail)
    if opening and not opening[2]:
        tail = tail[: opening.end()] + new + tail[opening.end() :]
        tail = re.sub(rf"<{re.escape(p)}hyperlinks>\s*</{re.escape(p)}hyperlinks\s*>", "", tail)
    elif new:
        whole = f"<{p}hyperlinks>{new}</{p}hyperlinks>"
        names = "|".join(_AFTER_LINKS)
        # What comes before may hold elements of the same names.
        before = max(
            tail.rfind(f"</{p}{name}") for name in ("customSheetViews", "conditionalFormatting", "dataValidations")
        )
        behind = re.compile(rf"<{re.escape(p)}(?:{names})(?=[\s/>])|</{re.escape(p)}worksheet")
        following = behind.search(tail, max(before, 0))
        if following is None:
            raise CannotEdit(Reason.UNUSUAL)
        tail = tail[: following.start()] + whole + tail[following.start() :]
    sheet.text = head + tail
