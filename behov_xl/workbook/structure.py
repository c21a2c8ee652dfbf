"""Finds the form's tables in a grid, by table name and heading, wherever they were moved to, in either language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Finding, Rule, Severity, declare
from behov_xl.headings import normal
from behov_xl.workbook.grid import CellValue, Grid, SheetGrid, TableArea, address

if TYPE_CHECKING:
    from behov_xl.form import Column, Form, Label, Table

LONG_TABLE = 2_000
"""Data rows in one table from which on something is likely to be wrong; the largest real forms have a few dozen."""

NOT_OURS = declare(
    "BX101",
    "not-a-behovsmelding",
    Severity.ERROR,
    """
    The workbook holds none of the form's tables, neither by name nor by heading, so it is something else.

    Wrong: last year's accounts, uploaded by mistake.
    Right: a workbook made from the template (`behov-xl template`).
    """,
    section="workbook",
    essential=True,
)
TABLE_MISSING = declare(
    "BX102",
    "table-missing",
    Severity.ERROR,
    """
    A table of the form was not found, neither by its name nor by its headings. What it should hold cannot be checked.

    Wrong: the sheet Budsjett was deleted.
    Right: the sheet copied in again from the template.
    """,
    section="workbook",
    essential=True,
)
HELPER_MISSING = declare(
    "BX103",
    "helper-table-missing",
    Severity.WARNING,
    """
    A table that only helps the adviser (the overview, the list of findings) is gone. The content can be checked all the
    same, but there is nowhere to show totals or findings.

    Wrong: the sheet Validering was deleted.
    Right: the sheet copied in again from the template.
    """,
    section="workbook",
)
COLUMN_MISSING = declare(
    "BX104",
    "column-missing",
    Severity.ERROR,
    """
    A column of a table is missing or has another heading. Columns are found by their heading, in bokmål or nynorsk, so
    that they may be moved; a heading that is changed is a column that is not found.

    Wrong: the heading "Sum eier" was changed to "Egenandel".
    Right: the heading "Sum eier".
    """,
    section="workbook",
    fix="safe",
    essential=True,
)
FIELD_MISSING = declare(
    "BX105",
    "field-missing",
    Severity.ERROR,
    """
    A question or field is missing on its sheet, or its label has been changed. Fields are found by their label.

    Wrong: the row "Består partnerskapet av flere eiere?" was deleted.
    Right: the row as it is in the template.
    """,
    section="workbook",
    fix="safe",
    essential=True,
)
ROWS_OUTSIDE = declare(
    "BX106",
    "rows-outside-table",
    Severity.ERROR,
    """
    Something that looks like a row of the table stands below it, outside. Formulas and sums do not see such rows. It
    happens when the table did not grow while one was typing, as in LibreOffice or when rows are pasted.

    Wrong: a budget line two rows below the end of the table Budsjett.
    Right: the same line as the table's last row.
    """,
    section="workbook",
)
NOT_A_TABLE = declare(
    "BX107",
    "table-name-lost",
    Severity.WARNING,
    """
    The headings are there, but the area is no Excel table with the form's name any more. It was read by its headings;
    formulas that name the table no longer work.

    Wrong: the table Aktiviteter converted to a range, or renamed Tabell1.
    Right: an Excel table with the name Aktiviteter.
    """,
    section="workbook",
)
SHEET_RENAMED = declare(
    "BX108",
    "sheet-renamed",
    Severity.INFO,
    """
    The sheet that holds a table has another name than in the template. Everything works all the same, but the guide and
    colleagues use the template's name.

    Wrong: the sheet Tiltak was renamed Ark1.
    Right: the sheet name Tiltak.
    """,
    section="workbook",
)
LONG = declare(
    "BX109",
    "very-long-table",
    Severity.WARNING,
    f"""
    A table has more than {LONG_TABLE} filled rows. All of them are checked, but a behovsmelding has a few dozen.

    Wrong: 100 000 budget lines, pasted from the accounts.
    Right: one budget line per kind of cost and party.
    """,
    section="workbook",
)


@dataclass(slots=True)
class Layout:
    """Where one table of the form stands in one workbook. Positions count from 0."""

    sheet: str
    anchor: str
    area: TableArea
    columns: Mapping[str, int]
    """Column id → sheet column. For a table of fields: value column per option suffix ("" or ".yes", ".no")."""
    field_rows: Mapping[str, int] = field(default_factory=dict)
    """Field id → sheet row, for a table of fields only."""
    whole: bool = False
    """Whether all columns, or fields, were found."""
    repeats: bool = True
    """Whether a heading or label may be there more than once."""

    def locate(self, column: str, row: int) -> tuple[int, int] | None:
        """The cell of a column (or field) in a row; ``None`` where the workbook has no such cell."""
        if self.field_rows:
            found_row, where = self.field_rows.get(column), self.columns.get(_suffix(column))
            return None if found_row is None or where is None else (found_row, where)
        where = self.columns.get(column)
        return None if where is None else (row, where)

    def column_at(self, row: int, column: int) -> str | None:
        """The column (or field) that a cell belongs to; ``None`` for a cell outside the table's data and total row."""
        if self.field_rows:
            return next((id_ for id_ in self.field_rows if self.locate(id_, 0) == (row, column)), None)
        last = self.area.end if self.area.total_row is None else self.area.total_row + 1
        inside = self.area.first <= row < last
        return next((id_ for id_, where in self.columns.items() if where == column), None) if inside else None


def _suffix(column: str) -> str:
    _, dot, option = column.partition(".")
    return dot + option


def _normal(value: CellValue) -> str:
    return normal(value) if isinstance(value, str) else ""


Matches = dict[tuple[Any, ...], tuple[dict[str, int], dict[str, int], bool, bool]]
"""Table, where it stands and its headings or labels → what a layout says of them."""


def find_tables(form: Form, grid: Grid, matches: Matches | None = None) -> tuple[dict[str, Layout], list[Finding]]:
    """Table id → where it stands, and what is wrong with the workbook's structure.

    ``matches`` is filled in: what headings came to need not be found out anew for the next workbook.
    """
    matches = {} if matches is None else matches
    layouts: dict[str, Layout] = {}
    findings: list[Finding] = []
    for table in form.tables:
        area = grid.tables.get(table.name.lower()) or _by_headings(form, table, grid)
        if area is None:
            missing = TABLE_MISSING if table.notes else HELPER_MISSING
            label = form.sheet_by_id[table.sheet].label
            findings.append(Finding(missing, params={"table": table.name, "sheet": label}))
            continue
        layout = (
            _field_layout(form, table, area, grid, matches)
            if table.layout == "fields"
            else _row_layout(table, area, grid, matches)
        )
        layouts[table.id] = layout
        if not _as_in_the_template(form, table, layout, grid.sheets[layout.sheet]):
            findings += _structure_findings(form, table, layout, grid)
    if not any(form.by_id[name].notes for name in layouts):
        return {}, [Finding(NOT_OURS, params={"sheets": grid.sheet_names[:5]})]
    return layouts, findings


def _as_in_the_template(form: Form, table: Table, layout: Layout, sheet: SheetGrid) -> bool:
    """Whether there is surely nothing to say of a table's structure, as of most."""
    if not (layout.whole and layout.area.is_table and layout.sheet in form.sheet_by_id[table.sheet].label.both):
        return False
    return table.layout == "fields" or _row_outside(form, table, layout, sheet) is None


def _structure_findings(form: Form, table: Table, layout: Layout, grid: Grid) -> Iterator[Finding]:
    area = layout.area

    def finding(rule: Rule, row: int, column: int, **params: Any) -> Finding:
        place = {"sheet": layout.sheet, "anchor": layout.anchor, "cell": address(row, column), "table": table.id}
        return Finding(rule, **place, row=row, column=column, params={"table": table.name, **params})

    label = form.sheet_by_id[table.sheet].label
    if normal(layout.sheet) not in {normal(label.nb), normal(label.nn)} and table == form.on_sheet(table.sheet)[0]:
        yield finding(SHEET_RENAMED, 0, 0, found=layout.sheet, expected=label)
    if not area.is_table:
        yield finding(NOT_A_TABLE, area.header, area.left)
    if table.layout == "fields":
        for missing in _missing_fields(table, layout):
            yield finding(FIELD_MISSING, area.header, area.left, expected=missing)
        return
    outside = _row_outside(form, table, layout, grid.sheets[layout.sheet])
    if outside is not None:
        yield finding(ROWS_OUTSIDE, outside, area.left, last=area.end)
    if len(layout.columns) == len(table.columns):
        return
    known = set(layout.columns.values())
    strangers = [area.left + i for i, h in enumerate(area.headings) if area.left + i not in known and h]
    for index, column in enumerate(table.columns):
        if column.id not in layout.columns and not column.hidden:
            guess = _stranger_near(table, layout, index, strangers)
            found = "" if guess is None else str(grid.sheets[layout.sheet].value(area.header, guess))
            where = guess if guess is not None else area.left
            yield finding(COLUMN_MISSING, area.header, where, expected=column.label, actual=found)


def _missing_fields(table: Table, layout: Layout) -> list[Label]:
    labels = {c.id: c.label for c in table.columns if layout.locate(c.id, 0) is None}
    return list({label.nb: label for label in labels.values()}.values())


def _stranger_near(table: Table, layout: Layout, index: int, strangers: list[int]) -> int | None:
    """The unknown column that stands where the missing one should: right after the form's column before it."""
    for before in reversed(table.columns[:index]):
        if before.id in layout.columns:
            return layout.columns[before.id] + 1 if layout.columns[before.id] + 1 in strangers else None
    return layout.area.left if layout.area.left in strangers else None


def _row_layout(table: Table, area: TableArea, grid: Grid, matches: Matches) -> Layout:
    sheet = grid.sheets[area.sheet]
    cells = sheet.rows[area.header][area.left :] if area.header < len(sheet.rows) else []
    key = (table.id, area.left, area.headings, *cells[: len(area.headings)])
    match = matches.get(key)
    if match is None:
        columns: dict[str, int] = {}
        for index, heading in enumerate(area.headings):
            shown = _normal(cells[index]) if index < len(cells) else ""
            id_ = table.headings.get(shown or normal(heading))
            if id_ is not None:
                columns.setdefault(id_, area.left + index)
        match = matches[key] = columns, {}, len(columns) == len(table.columns), len(columns) < len(area.headings)
    return Layout(area.sheet, table.sheet, area, *match)


def _field_layout(form: Form, table: Table, area: TableArea, grid: Grid, matches: Matches) -> Layout:
    sheet = grid.sheets[area.sheet]
    headings = [sheet.value(area.header, area.left + i) for i in range(len(area.headings))]
    labels = [row[area.left] if area.left < len(row) else "" for row in sheet.rows[area.first : area.end]]
    key = (table.id, area.left, area.first, len(headings), *headings, *labels)
    match = matches.get(key)
    if match is None:
        rows: dict[str, int] = {}
        repeats = False
        for row, label in enumerate(labels, start=area.first):
            for id_ in table.field_labels.get(_normal(label), ()):
                repeats |= rows.setdefault(id_, row) != row
        columns: dict[str, int] = {}
        shown = [_normal(heading) for heading in headings]
        for offset, (suffix, known) in enumerate(form.value_headings(table).items(), start=1):
            named = [area.left + i for i, heading in enumerate(shown) if heading in known]
            columns[suffix] = named[0] if named else area.left + offset
        whole = all(one.id in rows and _suffix(one.id) in columns for one in table.columns)
        match = matches[key] = columns, rows or {"": -1}, whole, repeats
    return Layout(area.sheet, table.sheet, area, *match)


def _by_headings(form: Form, table: Table, grid: Grid) -> TableArea | None:
    """Finds a table that is no Excel table (any more) by its headings: the row that holds most of them."""
    if not table.notes:
        return None
    # Other tables of the form have some of the same headings.
    names = {other.name.lower() for other in form.tables}
    taken = {(area.sheet, area.header) for name, area in grid.tables.items() if name in names}
    for sheet in grid.sheets.values():
        area = _fields_on(table, sheet) if table.layout == "fields" else _rows_on(table, sheet)
        if area is not None and (area.sheet, area.header) not in taken:
            return area
    return None


def _rows_on(table: Table, sheet: SheetGrid) -> TableArea | None:
    wanted = table.headings
    typed = {column.id for column in table.columns if column.formula is None}
    for row, cells in enumerate(sheet.rows[:60]):
        hits = [column for column, value in enumerate(cells) if _normal(value) in wanted]
        if len({wanted[_normal(cells[column])] for column in hits} & typed) >= max(2, 0.6 * len(typed)):
            left, right = hits[0], hits[-1] + 1
            end, total = _end_of_rows(table, sheet, row + 1, left)
            headings = tuple(str(value) for value in cells[left:right])
            return TableArea(table.name, sheet.name, row, row + 1, end, left, headings, total, is_table=False)
    return None


def _end_of_rows(table: Table, sheet: SheetGrid, first: int, left: int) -> tuple[int, int | None]:
    """The row after the last one, and the total row if there is one."""
    labels = {normal(table.total_label.nb), normal(table.total_label.nn)} if table.total_label else set()
    for row in range(first, len(sheet.rows)):
        if labels and _normal(sheet.value(row, left)) in labels:
            return row, row
    return len(sheet.rows), None


def _fields_on(table: Table, sheet: SheetGrid) -> TableArea | None:
    labels = table.field_labels
    found = [
        (row, column)
        for row, cells in enumerate(sheet.rows[:200])
        for column, value in enumerate(cells[:20])
        if _normal(value) in labels
    ]
    if len(found) < max(2, len(labels) // 4):
        return None
    left = min(column for _, column in found)
    rows = [row for row, column in found if column == left]
    header = max(min(rows) - 1, 0)
    headings = tuple(str(sheet.value(header, left + i)) for i in range(4))
    return TableArea(table.name, sheet.name, header, min(rows), max(rows) + 1, left, headings, is_table=False)


def is_blank(value: CellValue) -> bool:
    """Nothing, white space or an empty checkbox. A typed 0 is not blank."""
    return value is None or value is False or (isinstance(value, str) and value.strip() in {"", "☐"})


def row_in_use(cells: list[CellValue], columns: Iterable[int]) -> bool:
    """Whether one of these cells of a row is filled in."""
    for column in columns:
        value = cells[column]
        if value != "" and not is_blank(value):
            return True
    return False


_ID = re.compile(r"\S{0,6}\d\S{0,6}")
"""What a measure's id looks like: short, with a digit. "Sum" and "NB: se vedlegg 2" are remarks."""


def _row_outside(form: Form, table: Table, layout: Layout, sheet: SheetGrid) -> int | None:
    """The first row below the table that looks like one of its rows; an adviser's own sum or remark does not."""
    below = layout.area.end + (layout.area.total_row is not None)
    if not (layout.area.is_table and table.notes) or below >= len(sheet.rows):
        return None
    width = len(sheet.rows[below])
    columns = [(c, layout.columns[c.id]) for c in table.columns if c.formula is None and c.id in layout.columns]
    inside = [(column, where) for column, where in columns if where < width]
    mark = next(
        (one for one in inside if one[0].id == "measure" or (one[0].required and one[0].type == "choice")), None
    )
    if mark is None:
        return None
    for row in range(below, len(sheet.rows)):
        cells = sheet.rows[row]
        filled = sum(not is_blank(cells[where]) for _, where in inside)
        if filled >= 2 and _fits(form, mark[0], cells[mark[1]]):
            return row
    return None


def _fits(form: Form, column: Column, value: CellValue) -> bool:
    """Whether a value below a table is what stands in this column: an id, or one of its choices."""
    if column.type == "choice":
        return _normal(value) in form.words_of(column)
    return _ID.fullmatch(value.strip() if isinstance(value, str) else str(value)) is not None
