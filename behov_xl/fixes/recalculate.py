"""What the template's formulas give in a workbook: the values to store beside them, as Excel would compute them."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator

from behov_xl.fixes.book import Book, Place
from behov_xl.form import Column, Table
from behov_xl.headings import normal
from behov_xl.workbook.cells import text_of
from behov_xl.workbook.content import Row
from behov_xl.workbook.formulas import Calculator, cached, excel_sum
from behov_xl.workbook.grid import CellValue
from behov_xl.workbook.sheet_edit import same_formula

_SUM = re.compile(r"=?SUM\(([^\W\d][\w.]*)\[([^\[\]']{1,255})\]\)", re.IGNORECASE)
_DAY_ZERO = datetime.datetime(1899, 12, 30, tzinfo=datetime.UTC)

Computed = dict[Place, float | int | str]


def computed_values(book: Book) -> Computed:
    """Every cell that the template computes, and sums of whole columns anywhere → the value its formula gives."""
    rows = {table.id: list(_rows(book, table)) for table in book.form.tables if table.layout == "rows"}
    calculators = {
        lang: Calculator(book.form, rows, _notes(book), lang) for lang in {book.lang(one) for one in book.form.tables}
    }
    found: Computed = dict(_sums(book, rows))
    for table in book.form.tables:
        layout = book.layouts.get(table.id)
        if layout is None or table.layout == "fields":
            continue
        calculator, area = calculators[book.lang(table)], layout.area
        for column in table.columns:
            where = layout.columns.get(column.id)
            if where is None:
                continue
            if column.formula:
                for index in range(len(rows[table.id])):
                    value = calculator.value(table, column, index, area.first + index + 1)
                    found[layout.sheet, area.first + index, where] = cached(value)
            if column.total and area.total_row is not None:
                found[layout.sheet, area.total_row, where] = cached(calculator.total(table, column))
    return found


def _rows(book: Book, table: Table) -> Iterator[Row]:
    """A table's rows as Excel's functions see them: text is text, also where a number is meant."""
    layout = book.layouts.get(table.id)
    if layout is None:
        return
    sheet = book.sheet(table)
    for number in range(layout.area.first, min(layout.area.end, len(sheet.rows))):
        row: Row = {}
        for column in table.columns:
            where = layout.columns.get(column.id)
            if where is None:
                continue
            value = sheet.value(number, where)
            if column.formula:
                written = book.formulas.get((layout.sheet, number, where))
                template = book.template_formula(table.id, column.id, number)
                if written is None or template is None or not same_formula(written, template):
                    row[column.id] = _as_excel(value)  # typed over, or a formula of the adviser's own
            else:
                row[column.id] = _meant(book, table, column, value)
        yield row


def _meant(book: Book, table: Table, column: Column, value: CellValue) -> float | str:
    """A typed cell: a choice by its id, where it is written as the formulas compare it; a key as text."""
    if column.type == "choice" and column.choices != "school_years":
        labels = {label.words(book.lang(table)).casefold(): id_ for id_, label in book.form.options(column).items()}
        return labels.get(str(value).casefold(), "")
    if column.type in {"text", "reference", "choice"}:
        return value if isinstance(value, str) else text_of(value)
    return _as_excel(value)


def _as_excel(value: CellValue) -> float | str:
    """A cell's value as SUM and COUNT see it: dates are numbers, ticks are none."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    if isinstance(value, datetime.time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
    moment = datetime.datetime.fromisoformat(value.isoformat()).replace(tzinfo=datetime.UTC)
    return (moment - _DAY_ZERO) / datetime.timedelta(days=1)


def _notes(book: Book) -> dict[str, str]:
    """What the note column looks up: row key → message, from the table of findings in the file."""
    table = book.form.by_id["findings"]
    layout = book.layouts.get(table.id)
    notes: dict[str, str] = {}
    if layout and {"row_key", "message"} <= layout.columns.keys():
        for row, column in book.cells_below(table, layout.columns["row_key"]):
            message = book.sheet(table).value(row, layout.columns["message"])
            shown = message if isinstance(message, str) else text_of(message)  # as it stands: spaces may be no-break
            notes.setdefault(text_of(book.sheet(table).value(row, column)), shown)
    return notes


def _sums(book: Book, rows: dict[str, list[Row]]) -> Iterator[tuple[Place, float | int | str]]:
    """Cells outside the tables that add up one of their columns, as the overview's key figures do."""
    by_name = {layout.area.name.casefold(): id_ for id_, layout in book.layouts.items() if layout.area.is_table}
    for place, text in book.formulas.items():
        match = _SUM.fullmatch(text.strip())
        id_ = by_name.get(match[1].casefold()) if match else None
        if match is None or id_ is None or id_ not in rows:
            continue
        table, area = book.form.by_id[id_], book.layouts[id_].area
        headings = {normal(heading): area.left + index for index, heading in enumerate(area.headings)}
        where = headings.get(normal(match[2]))
        column = next(
            (c for c in table.columns if where is not None and book.layouts[id_].columns.get(c.id) == where), None
        )
        if column is not None and column.formula is None:
            yield place, cached(excel_sum(*(row.get(column.id) for row in rows[id_])))
        elif column is not None and column.total:
            calculator = Calculator(book.form, rows, {}, book.lang(table))
            yield place, cached(calculator.total(table, column))


def stored_values(before: Book, after: Book, restored: set[Place]) -> Computed:
    """The formula cells whose stored value is not, or not any more, what the formula gives; and what it gives.

    A formula that is not the template's counts as one as long as it gave what the template's gives. A cell that shows
    an error is left to Excel, and so is what depends on cells whose formulas nobody has calculated.
    """
    was, now = computed_values(before), computed_values(after)
    now = {place: value for place, value in now.items() if isinstance(value, str) or math.isfinite(value)}
    guessed = _input_unknown(after)
    found: Computed = {}
    for place, value in now.items():
        sheet = after.grid.sheets.get(place[0])
        if place not in after.formulas:
            continue
        if place in restored:
            found[place] = value
            continue
        if sheet and (place[1:] in sheet.errors or after.value(place) == value):
            continue
        followed = was.get(place) != value and before.value(place) == was.get(place)
        if followed or (not guessed and _is_templates(after, place)):
            found[place] = value
    return found


def _is_templates(book: Book, place: Place) -> bool:
    """Whether a cell holds the template's formula for it, or a sum that is known."""
    text = book.formulas[place]
    found = _column_at(book, place)
    if found is None:
        return _SUM.fullmatch(text.strip()) is not None
    table, column = found
    total = place[1] == book.layouts[table].area.total_row
    template = book.template_formula(f"{table}.total" if total else table, column, place[1])
    return template is not None and same_formula(text, template)


def _column_at(book: Book, place: Place) -> tuple[str, str] | None:
    """The table and column that a cell belongs to."""
    sheet, row, column = place
    for id_, layout in book.layouts.items():
        if layout.sheet == sheet and (found := layout.column_at(row, column)):
            return id_, found
    return None


def _input_unknown(book: Book) -> bool:
    """Whether a cell that is typed holds a formula nobody has calculated, so that what follows from it is not known."""
    for place in book.formulas:
        sheet = book.grid.sheets.get(place[0])
        if sheet is None or book.value(place) != "" or place[1:] in sheet.errors:
            continue
        if found := _column_at(book, place):
            column = book.form.by_id[found[0]].by_id.get(found[1])
            if column and column.formula is None and place[1] != book.layouts[found[0]].area.total_row:
                return True
    return False
