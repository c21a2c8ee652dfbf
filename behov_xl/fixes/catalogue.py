"""How each finding is fixed: one small function per code, from the finding to the cell it changes, or why it does not.

Nothing is guessed: where more than one thing may be meant, the cell stays as it is and the reason is said.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from behov_xl import values
from behov_xl.findings import Finding
from behov_xl.fixes.book import Book, Place
from behov_xl.form import Column, Table
from behov_xl.headings import normal
from behov_xl.workbook.cells import NUMBER_AS_TEXT, PLACEHOLDER, read_column
from behov_xl.workbook.grid import CellValue, Position
from behov_xl.workbook.input_rules import BOXES
from behov_xl.workbook.sheet_edit import Value, same_formula
from behov_xl.workbook.structure import Layout


@dataclass(frozen=True, slots=True)
class Change:
    """What one cell is to become. ``formula``: the template's; what it gives is computed when all else is changed.

    ``heading``: the cell is the heading of this column (counted from 0) of this Excel table, and formulas that name it
    change along. ``like``: the cell of the sheet whose style it takes. ``keep``: the cell keeps the formula it has, and
    ``value`` is what that shows.
    """

    place: Place
    value: Value = None
    formula: str | None = None
    heading: tuple[str, int] | None = None
    like: Position | None = None
    keep: bool = False


_TOO_NEAR = 0.1
"""Two choices whose likeness to what was typed differs by less than this may both be meant."""
Fixer = Callable[[Book, Finding], Change | str]
"""The change, or the key of the reason why there is none (catalogues, section ``fix_refused``)."""


def _where(finding: Finding) -> Place:
    return finding.sheet or "", finding.row, finding.column


def _table(book: Book, finding: Finding) -> Table:
    return book.form.by_id[(finding.table or "").removesuffix(".total")]


def _typed(book: Book, finding: Finding, value: Value) -> Change | str:
    """A typed cell with another value. Never over a formula: what it looks at is what should be changed."""
    return "formula" if _where(finding) in book.formulas else Change(_where(finding), value)


# ------------------------------------------------------------------------------------------ formulas


def restore(book: Book, finding: Finding) -> Change | str:
    """The template's formula, and what it gives. Over one that is not the template's only where that computes else."""
    place = _where(finding)
    formula = book.template_formula(finding.table or "", finding.column_id or "", finding.row)
    if formula is None:
        return "no_reference"
    own = book.formulas.get(place)
    if own and not same_formula(own, formula) and place not in book.changed_formulas:
        return "formula"
    return "slip" if book.slips.get(place) else Change(place, formula=formula)


def total(book: Book, finding: Finding) -> Change | str:
    """The template's formula; but first the one amount whose slip explains why the sum is wrong: it would be hidden."""
    return suggested(book, finding) if finding.params["suggestion"] else restore(book, finding)


def calculated(book: Book, finding: Finding) -> Change | str:
    """The formula as it is, with what it gives."""
    place = _where(finding)
    return Change(place, finding.params["expected"], keep=True) if place in book.formulas else "no_formula"


# -------------------------------------------------------------------------------------------- values


def number(book: Book, finding: Finding) -> Change | str:
    """The number that the text says. In a cell that computes itself, the formula instead."""
    if book.template_formula(finding.table or "", finding.column_id or "", finding.row):
        return restore(book, finding)
    return _typed(book, finding, finding.params["number"])


def behind_date(book: Book, finding: Finding) -> Change | str:
    """The number that Excel made a date of, shown as the column's other numbers are."""
    if finding.params.get("number") is None:
        return "no_guess"
    change = _typed(book, finding, finding.params["number"])
    if isinstance(change, str):
        return change
    table, dated = _table(book, finding), (datetime.date, datetime.time, datetime.timedelta)
    below = [] if table.layout == "fields" else book.cells_below(table, finding.column)
    like = next((one for one in below if not isinstance(book.sheet(table).value(*one), dated)), None)
    return Change(change.place, change.value, like=like)


def cleaned(book: Book, finding: Finding) -> Change | str:
    """The text without stray spaces."""
    return _typed(book, finding, finding.params["cleaned"])


def emptied(book: Book, finding: Finding) -> Change | str:
    """Nothing, where nothing may stand. What must be filled in keeps its prompt."""
    column = _table(book, finding).by_id.get(finding.column_id or "")
    return "required" if column is None or column.required or column.every else _typed(book, finding, None)


def as_listed(book: Book, finding: Finding) -> Change | str:
    """The choice that is meant, as the list has it in the workbook's language."""
    guess = finding.params.get("guess")
    return _typed(book, finding, guess.words(book.lang(_table(book, finding)))) if guess else "no_guess"


def meant(book: Book, finding: Finding) -> Change | str:
    """The one choice that is like what was typed; none where another is nearly as like: 2026/2028."""
    column, guess = _table(book, finding).by_id[finding.column_id or ""], finding.params.get("guess")
    text = normal(str(finding.params["actual"]))
    like = {
        label: max(difflib.SequenceMatcher(None, text, normal(one)).ratio() for one in label.both)
        for label in book.form.options(column).values()
    }
    if not guess or any(ratio > like[guess] - _TOO_NEAR for label, ratio in like.items() if label != guess):
        return "no_guess"
    return as_listed(book, finding)


# --------------------------------------------------------------------------------------------- hours


def _both_off(book: Book, finding: Finding) -> bool:
    """Whether numbers and words both differ from the stated hours, so that nobody can tell which of them is right."""
    codes = {one.rule.code for one in book.report.findings if _where(one) == _where(finding)}
    return {"BX401", "BX402"} <= codes


def computed_hours(book: Book, finding: Finding) -> Change | str:
    """The stated hours as the row's numbers give them, unless its words say something else again."""
    if _both_off(book, finding):
        return "contradicts"
    return _typed(book, finding, round(float(finding.params["expected"]), 2))


def hours_in_words(book: Book, finding: Finding) -> Change | str:
    """The stated hours as the description gives them, unless the row's numbers give something else."""
    columns = book.layouts["activities"].columns
    numbers = [columns.get(one) for one in ("semesters", "times", "hours_each")]
    sheet = book.sheet(book.form.by_id["activities"])
    if all(one is not None and sheet.value(finding.row, one) != "" for one in numbers):
        return "contradicts"
    return _typed(book, finding, round(float(finding.params["expected"]), 2))


# ---------------------------------------------------------------------------------------------- sums


def suggested(book: Book, finding: Finding) -> Change | str:
    """The one amount that makes the sum right."""
    suggestion = finding.params.get("suggestion") or {}
    layout = book.layouts.get(suggestion.get("table", ""))
    where = layout.locate(suggestion["column"], suggestion["row"]) if layout else None
    if layout is None or where is None:
        return "no_suggestion"
    place = (layout.sheet, *where)
    return "formula" if place in book.formulas else Change(place, suggestion["value"])


# ------------------------------------------------------------------------------- headings and labels


def heading(book: Book, finding: Finding) -> Change | str:
    """The form's heading, where exactly one unknown one stands in its place and its cells are what it should hold."""
    table, expected = _table(book, finding), finding.params["expected"]
    missing = [one for one in book.report.findings if one.rule.code == finding.rule.code and one.table == finding.table]
    if not finding.params.get("actual") or sum(_where(one) == _where(finding) for one in missing) > 1:
        return "ambiguous"
    column = next(one for one in table.columns if one.label == expected)
    if not _holds(book, table, column, finding.column):
        return "other_content"
    area = book.layouts[table.id].area
    place, text = _where(finding), expected.words(book.lang(table))
    return Change(place, text, heading=(area.name, finding.column - area.left) if area.is_table else None)


def _holds(book: Book, table: Table, column: Column, where: int) -> bool:
    """Whether what stands under a heading can be read as what should stand under the form's: most of it, at least."""
    if column.formula:
        return True
    cells = [book.sheet(table).value(*one) for one in book.cells_below(table, where)]
    filled: list[CellValue] = [value for value in cells if value not in {"", None}]
    readable = (NUMBER_AS_TEXT, PLACEHOLDER)
    faults = [one for one in read_column(book.form, column, filled)[1] if one.rule not in readable]
    return 2 * len(faults) <= len(filled)


def label(book: Book, finding: Finding) -> Change | str:
    """The form's label, where it is the only one that is missing and exactly one row has an unknown one."""
    table = _table(book, finding)
    missing = [one for one in book.report.findings if one.rule.code == finding.rule.code and one.table == finding.table]
    area, sheet = book.layouts[table.id].area, book.sheet(table)
    labels = {row: sheet.value(row, area.left) for row in range(area.first, min(area.end, len(sheet.rows)))}
    unknown = [row for row, text in labels.items() if normal(str(text)) not in table.field_labels]
    if len(missing) > 1 or len(unknown) != 1:
        return "ambiguous"
    return Change((finding.sheet or "", unknown[0], area.left), finding.params["expected"].words(book.lang(table)))


FIXES: dict[str, Fixer] = {
    "BX104": heading,
    "BX105": label,
    "BX110": restore,
    "BX118": restore,
    "BX119": calculated,
    "BX206": meant,
    "BX209": number,
    "BX211": cleaned,
    "BX213": behind_date,
    "BX216": meant,
    "BX217": as_listed,
    "BX301": total,
    "BX302": total,
    "BX303": suggested,
    "BX401": computed_hours,
    "BX402": hours_in_words,
    "BX403": restore,
    "BX702": emptied,
}


def level(book: Book, finding: Finding) -> str:
    """``safe``, ``unsafe`` or ``none``.

    Without being asked, what an adviser wrote into a note column is not deleted, and no sum is made to agree where
    another cell seems to be what is wrong.
    """
    if finding.rule.code not in FIXES:
        return "none"
    doubtful = finding.column_id == book.form.note_column.id or _where(finding) in book.slips
    return "unsafe" if doubtful else finding.rule.fix


# ---------------------------------------------------------------------------------------- checkboxes


def spelled_ticks(book: Book) -> Iterator[Change]:
    """Checkboxes that are understood but written in another way than the others: x, ja, SANN, 1.

    They become ☒ and ☐, or TRUE and FALSE in a column (or answer) whose other cells are Excel's own checkboxes.
    """
    for table in book.form.tables:
        layout = book.layouts.get(table.id)
        if layout is None or not any(column.type == "tick" for column in table.columns):
            continue
        cells = _tick_cells(book, table, layout)
        native = {one[1] for one, value in cells.items() if isinstance(value, bool)}
        symbols = {one[1] for one, value in cells.items() if value in BOXES}
        for (row, column), value in cells.items():
            parsed = values.checkbox(value)
            place = (layout.sheet, row, column)
            if parsed.value is None or not parsed.text or place in book.formulas:
                continue
            as_native = column in native or (column not in symbols and bool(native) and not symbols)
            yield Change(place, parsed.value if as_native else BOXES[parsed.value])


def _tick_cells(book: Book, table: Table, layout: Layout) -> dict[Position, CellValue]:
    sheet, found = book.sheet(table), {}
    for column in table.columns:
        if column.type != "tick":
            continue
        if layout.field_rows:
            where = layout.locate(column.id, 0)
            places = [where] if where else []
        else:
            places = book.cells_below(table, layout.columns[column.id]) if column.id in layout.columns else []
        found.update({one: sheet.value(*one) for one in places})
    return found
