"""What keeps the rows of a workbook from being seen, or read: copies, hidden cells, merged cells, repeated headings.

And where the workbook comes from. Nothing here looks at what the cells mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Finding, Rule, Severity, declare
from behov_xl.headings import normal
from behov_xl.workbook.grid import FORM_PROPERTY, TEMPLATE_PROPERTY, Grid, SheetGrid, TableArea, address, column_letters
from behov_xl.workbook.structure import Layout, row_in_use

if TYPE_CHECKING:
    from behov_xl.form import Form, Table

_SECTION = "workbook"

OTHER_TEMPLATE = declare(
    "BX114",
    "template-version",
    Severity.INFO,
    """
    The workbook was made from another version of the template than the one this program writes. All is checked as
    usual; formulas, lists and help texts may differ from those of the template of today.

    Wrong: a workbook made from template 0.9, where the template is 1.0.
    Right: a workbook made from template 1.0.
    """,
    section=_SECTION,
)
OTHER_FORM = declare(
    "BX115",
    "form-of-another-year",
    Severity.WARNING,
    """
    The workbook was made from the form of another year, whose questions, terms and school years are not this year's.
    Usually it is last year's workbook that was filled in again.

    Wrong: a workbook made from the form of 2025, sent in for 2026.
    Right: a workbook made from the template of 2026.
    """,
    section=_SECTION,
)
COPIED = declare(
    "BX116",
    "table-copied",
    Severity.WARNING,
    """
    Another table of the workbook has the headings of one of the form's and rows that are filled in. A copied sheet gets
    such a table, with a name of its own; no sum and no check sees its rows.

    Wrong: measures filled in on the sheet "Tiltak (2)", a copy of Tiltak.
    Right: all measures on the sheet Tiltak, and the copy deleted.
    """,
    section=_SECTION,
)
HIDDEN = declare(
    "BX117",
    "hidden-data",
    Severity.WARNING,
    """
    Rows, columns or sheets that hold something are hidden. They count in every sum, but nobody who reads the workbook
    sees them. Empty rows may be hidden, and so may what a filter hides.

    Wrong: rows 8 to 10 of Budsjett are filled in and hidden.
    Right: the rows shown, or deleted if they should not count.
    """,
    section=_SECTION,
)
MERGED = declare(
    "BX120",
    "merged-cells",
    Severity.WARNING,
    """
    Cells are merged inside a table. Only the first of them holds a value, so that the other rows lack theirs, and the
    table cannot be sorted. Excel does not allow it in tables; LibreOffice does.

    Wrong: A5:A7 merged, with T1 for three budget lines.
    Right: T1 in A5, A6 and A7.
    """,
    section=_SECTION,
)
REPEATED = declare(
    "BX122",
    "duplicate-heading",
    Severity.WARNING,
    """
    The same heading, or the same field, is there twice. Only the first one is read.

    Wrong: two columns with the heading "Sum UH".
    Right: one column "Sum UH"; the other one with a heading of its own.
    """,
    section=_SECTION,
)


def sheet_faults(form: Form, grid: Grid, layouts: Mapping[str, Layout]) -> Iterator[Finding]:
    """The findings of the rules above in one workbook."""
    if not layouts:
        return
    yield from _origin(form, grid)
    if len(grid.tables) > len(form.tables) or any(not one.area.is_table for one in layouts.values()):
        yield from _copies(form, grid, layouts)
    said: set[tuple[str, int]] = set()
    for table in form.tables:
        layout = layouts.get(table.id)
        if layout is None or not table.notes:
            continue
        sheet = grid.sheets[layout.sheet]
        if layout.repeats:
            yield from _repeated(table, layout, sheet)
        if sheet.hidden or sheet.hidden_rows or sheet.hidden_columns:
            yield from _hidden(table, layout, sheet, said)
        if sheet.merged:
            yield from _merged(table, layout, sheet)


def _finding(rule: Rule, table: Table, layout: Layout, row: int, column: int, **params: Any) -> Finding:
    place = {"sheet": layout.sheet, "anchor": layout.anchor, "cell": address(row, column), "table": table.id}
    id_ = layout.column_at(row, column)
    return Finding(rule, **place, row=row, column=column, column_id=id_, params={"table": table.name, **params})


def _origin(form: Form, grid: Grid) -> Iterator[Finding]:
    made_from, template = (grid.properties.get(one, "").strip() for one in (FORM_PROPERTY, TEMPLATE_PROPERTY))
    if made_from and made_from != form.id:
        yield Finding(OTHER_FORM, params={"actual": made_from, "expected": form.id})
    elif template and template != form.template:
        yield Finding(OTHER_TEMPLATE, params={"actual": template, "expected": form.template})


# ------------------------------------------------------------------------------------------------ copies


def _copies(form: Form, grid: Grid, layouts: Mapping[str, Layout]) -> Iterator[Finding]:
    ours = {table.name.lower() for table in form.tables}
    read = {(layout.sheet, layout.area.header) for layout in layouts.values()}
    for name, area in grid.tables.items():
        if name in ours or (area.sheet, area.header) in read:
            continue
        sheet = grid.sheets[area.sheet]
        original = next((table for table in form.tables if _is_copy(table, area, sheet)), None)
        rows = _rows_filled(original, area, sheet) if original else 0
        if original and rows:
            params = {"table": original.name, "found": area.name, "sheet": area.sheet, "rows": rows}
            cell = address(area.header, area.left)
            yield Finding(COPIED, sheet=area.sheet, cell=cell, row=area.header, column=area.left, params=params)


def _is_copy(table: Table, area: TableArea, sheet: SheetGrid) -> bool:
    """Whether an area has nearly all of a table's headings (or labels), and in their order.

    A table of the adviser's own may well have some of the same headings.
    """
    if not table.notes:
        return False
    if table.layout == "fields":
        labels = {normal(str(sheet.value(row, area.left))) for row in _rows(area, sheet)}
        return len(labels & table.field_labels.keys()) * 4 >= len({c.id.partition(".")[0] for c in table.columns}) * 3
    order = [column.id for column in table.columns]
    places = [
        order.index(table.headings[heading]) for heading in map(normal, area.headings) if heading in table.headings
    ]
    return len(places) * 4 >= len(order) * 3 and all(one < other for one, other in pairwise(places))


def _rows_filled(table: Table, area: TableArea, sheet: SheetGrid) -> int:
    """How many rows somebody has written in; what the template fills in beforehand does not count."""
    width = min(area.left + len(area.headings), len(sheet.rows[0]) if sheet.rows else 0)
    if table.layout == "fields":
        answers = range(area.left + 1, width - 1)  # the last column is the note's
        prefilled = {normal(label) for column in table.columns if column.prefill for label in column.label.both}
        rows = [row for row in _rows(area, sheet) if normal(str(sheet.value(row, area.left))) not in prefilled]
    else:
        ids = [table.headings.get(normal(heading), "") for heading in area.headings]
        answers_at = [area.left + index for index, id_ in enumerate(ids) if id_ in table.typed]
        return sum(
            row_in_use(sheet.rows[row], [one for one in answers_at if one < width]) for row in _rows(area, sheet)
        )
    return sum(row_in_use(sheet.rows[row], answers) for row in rows)


def _rows(area: TableArea, sheet: SheetGrid) -> range:
    return range(area.first, min(area.end, len(sheet.rows)))


# ---------------------------------------------------------------------------------------- hidden, merged


def _hidden(table: Table, layout: Layout, sheet: SheetGrid, said: set[tuple[str, int]]) -> Iterator[Finding]:
    """Said once of a sheet, and once of a column, also where a sheet has several tables."""
    area = layout.area
    filled = [row for row in _rows(area, sheet) if _in_use(table, layout, sheet, row)]
    if sheet.hidden:
        if filled and (sheet.name, -1) not in said:
            said.add((sheet.name, -1))
            yield _finding(HIDDEN, table, layout, area.header, area.left, hidden_sheet=sheet.name, rows="", columns="")
        return
    hidden = set(() if area.filtered else sheet.hidden_rows)
    for first, last in _runs([row for row in filled if row in hidden], hidden):
        rows = f"{first + 1}–{last + 1}" if last > first else f"{first + 1}"
        yield _finding(HIDDEN, table, layout, first, area.left, hidden_sheet="", rows=rows, columns="")
    for where in _columns_of_data(table, layout) if sheet.hidden_columns else ():
        if any(first <= where < end for first, end in sheet.hidden_columns) and (sheet.name, where) not in said:
            row = next((row for row in filled if row_in_use([sheet.value(row, where)], (0,))), None)
            if row is not None:
                said.add((sheet.name, where))
                params = {"hidden_sheet": "", "rows": "", "columns": column_letters(where)}
                yield _finding(HIDDEN, table, layout, row, where, **params)


def _columns_of_data(table: Table, layout: Layout) -> list[int]:
    """The sheet columns in which the adviser writes. What is computed may be hidden: it follows from the rest."""
    if table.layout == "fields":
        return list(layout.columns.values())
    own = [column.id for column in table.columns if not column.hidden and not column.formula]
    return [layout.columns[id_] for id_ in own if id_ in layout.columns]


def _in_use(table: Table, layout: Layout, sheet: SheetGrid, row: int) -> bool:
    """Whether a row (or the row of a field) holds something that the adviser wrote."""
    if table.layout == "rows":
        places = [(row, layout.columns[id_]) for id_ in table.typed if id_ in layout.columns]
    else:
        places = [place for id_ in table.typed if (place := layout.locate(id_, 0)) and place[0] == row]
    return row_in_use([sheet.value(*place) for place in places], range(len(places)))


def _runs(rows: list[int], joined: set[int]) -> Iterator[tuple[int, int]]:
    """First and last row of each run; rows between that are in ``joined`` do not end it."""
    first = last = -1
    for row in rows:
        if first < 0:
            first = row
        elif not all(between in joined for between in range(last + 1, row)):
            yield first, last
            first = row
        last = row
    if first >= 0:
        yield first, last


def _merged(table: Table, layout: Layout, sheet: SheetGrid) -> Iterator[Finding]:
    area = layout.area
    right = area.left + len(area.headings)
    for (top, left), (bottom, last) in sheet.merged:
        if top < area.end and bottom >= area.first and left < right and last >= area.left:
            cells = f"{address(top, left)}:{address(bottom, last)}"
            yield _finding(MERGED, table, layout, max(top, area.first), max(left, area.left), cells=cells)


# ---------------------------------------------------------------------------------------------- repeated


def _repeated(table: Table, layout: Layout, sheet: SheetGrid) -> Iterator[Finding]:
    """The later ones of headings, or of fields' labels, that are there more than once."""
    area = layout.area
    if table.layout == "fields":
        first = {row: id_ for id_, row in layout.field_rows.items()}
        for row in _rows(area, sheet):
            label = sheet.value(row, area.left)
            ids = table.field_labels.get(normal(label), ()) if isinstance(label, str) and row not in first else ()
            if ids:
                seen = address(layout.field_rows[ids[0]], area.left)
                yield _finding(REPEATED, table, layout, row, area.left, actual=str(label).strip(), cell=seen)
        return
    if len(area.headings) <= len(layout.columns):
        return
    known = set(layout.columns.values())
    for index, heading in enumerate(area.headings):
        where = area.left + index
        label = sheet.value(area.header, where)
        shown = label if isinstance(label, str) and normal(label) else heading
        id_ = table.headings.get(normal(shown))
        # A second column of remarks is the adviser's own.
        if id_ is not None and where not in known and not (table.by_id[id_].formula and id_ == "note"):
            seen = address(area.header, layout.columns[id_])
            yield _finding(REPEATED, table, layout, area.header, where, actual=shown.strip(), cell=seen)
