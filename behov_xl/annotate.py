"""Findings into the workbook they are about: the table of findings, and what the note columns show of it.

Marks are data: the template's conditional formats and note columns look their cells up in the table of findings, so
that writing the table marks everything. Lossless: all else in the file stays as it is, reasons under Kvittering too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from behov_xl.findings import Severity, WorkbookReport
from behov_xl.form import Form
from behov_xl.headings import normal
from behov_xl.listing import Listing, listing
from behov_xl.messages import Catalogue, catalogue
from behov_xl.validate import validate_grids
from behov_xl.workbook.files import grid_from_bytes
from behov_xl.workbook.grid import Grid, TableArea, address
from behov_xl.workbook.language import language
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.marks import row_notes
from behov_xl.workbook.patch import Link, Patch
from behov_xl.workbook.sheet_edit import CellEdit, plain_formula
from behov_xl.workbook.sheet_xml import CannotEdit, Reason
from behov_xl.workbook.structure import Layout, find_tables
from behov_xl.workbook.styles import row_height
from behov_xl.workbook.table_xml import specifier


def annotate(
    data: bytes, path: str, form: Form, words: Catalogue | None = None, limits: Limits = DEFAULT
) -> tuple[bytes, WorkbookReport]:
    """The workbook with its findings written into it, and the report that they are from. ``data`` stays as it is.

    Messages are in the workbook's language, or in that of ``words``. Raises
    :class:`behov_xl.workbook.files.Refused` for a file that cannot be read, and
    :class:`behov_xl.workbook.sheet_xml.CannotEdit` for one that holds no table of findings, or must not be edited.
    """
    grid = grid_from_bytes(data, path, [table.name for table in form.tables], limits)
    (report,) = validate_grids([grid], form, keys=True)
    layouts, _ = find_tables(form, grid)
    table = layouts.get("findings")
    if table is None or not table.area.is_table:
        raise CannotEdit(Reason.NO_TABLE)
    own = catalogue(language(form, grid, layouts))
    words = words or own
    patch = Patch(data)
    listed = listing(report.findings, table, grid, words, own)
    patch.write_rows(table.area.name, list(_rows(listed.rows, table, grid)), _headings(table).values(), listed.moved)
    patch.heights(table.sheet, _heights(form, grid, table, listed))
    for sheet, edits in _notes(form, grid, layouts, row_notes(report.findings, words)).items():
        patch.cells(sheet, edits)
        patch.heights(sheet, {edit.row: row_height([(str(edit.value), form.note_column.width)]) for edit in edits})
    if "hours" in layouts:
        overview = layouts["hours"].sheet
        patch.cells(overview, list(_counts(patch, overview, table, own, listed)))
    return patch.result(), report


def _heights(form: Form, grid: Grid, table: Layout, listed: Listing) -> dict[int, float | None]:
    area, width = table.area, form.by_id["findings"].by_id["message"].width
    rows: dict[int, float | None] = dict.fromkeys(range(area.first, min(area.end, len(grid.sheets[table.sheet].rows))))
    texts = [row["message"] for row in listed.rows[: listed.findings]]
    return rows | {area.first + index: row_height([(text, width)]) for index, text in enumerate(texts)}


def _headings(table: Layout) -> Mapping[str, str]:
    """Column id → the heading that the workbook's table has for it."""
    return {id_: table.area.headings[where - table.area.left] for id_, where in table.columns.items()}


def _rows(rows: Sequence[dict[str, Any]], table: Layout, grid: Grid) -> Iterator[dict[str, Any]]:
    headings = _headings(table)
    for row in rows:
        made = {headings[id_]: value for id_, value in row.items() if id_ in headings}
        if row.get("cell_key") and row["sheet"] in grid.sheet_names and row["cell"] and "cell" in headings:
            sheet = str(row["sheet"]).replace("'", "''")
            made[headings["cell"]] = Link(row["cell"], f"'{sheet}'!{row['cell']}")
        yield made


def _notes(
    form: Form, grid: Grid, layouts: Mapping[str, Layout], notes: Mapping[str, str]
) -> dict[str, list[CellEdit]]:
    """Sheet → the note cells whose message changes. Only their values: what looks the message up is the formula."""
    found: dict[str, list[CellEdit]] = {}
    for id_, layout in layouts.items():
        column = _note_column(form, layout.area) if form.by_id[id_].notes else None
        if column is None:
            continue
        sheet = grid.sheets[layout.sheet]
        for row in range(layout.area.first, min(layout.area.end, len(sheet.rows))):
            message = notes.get(f"{layout.anchor}!{row + 1}", "")
            if message != sheet.value(row, column) and address(row, column) in (sheet.formulas or ()):
                found.setdefault(layout.sheet, []).append(CellEdit(row, column, message, keep_formula=True))
    return found


def _note_column(form: Form, area: TableArea) -> int | None:
    labels = {normal(label) for label in form.note_column.label.both}
    return next((area.left + i for i, heading in enumerate(area.headings) if normal(heading) in labels), None)


def _counts(patch: Patch, sheet: str, table: Layout, own: Catalogue, listed: Listing) -> Iterator[CellEdit]:
    """The overview's numbers of findings: a reader that does not calculate must not see the old ones."""
    column = f"{table.area.name}[{specifier(_headings(table).get('severity', ''))}]"
    words = [own.text(f"severity.{name}") for name in (*Severity, "acknowledged")]
    counting = {plain_formula(f'COUNTIF({column},"{word}")'): word for word in words}
    severities = [row.get("severity") for row in listed.rows]
    for (row, at), formula in patch.formulas(sheet).items():
        word = counting.get(plain_formula(formula.text or ""))
        if word is not None:
            yield CellEdit(row, at, severities.count(word), keep_formula=True)
