"""What is wrong with the cells themselves: formulas typed over, error values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, declare, rule
from behov_xl.rules.hits import Each, Hits, at_fields, hits
from behov_xl.rules.shared import cells
from behov_xl.workbook.grid import FORM_PROPERTY
from behov_xl.workbook.input_rules import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from behov_xl.form import Column, Form
    from behov_xl.workbook.columns import Submissions

CAPPED = declare(
    "BX112",
    "findings-capped",
    Severity.INFO,
    """
    One rule found more faults in the workbook than anybody reads one by one. The first are listed, the rest counted.

    Wrong: 100 000 budget lines for a measure that does not exist.
    Right: the cause found from the first of them, and corrected for all.
    """,
    section="workbook",
)


@rule("BX110", "formula-typed-over", Severity.WARNING, section="workbook", fix="safe")
def formula_typed_over(s: Submissions) -> Iterator[Hits]:
    """A cell that computes itself holds a typed value, or nothing: it no longer follows when the row changes.

    Wrong: 401500 typed into Totalt.
    Right: the template's formula in Totalt.
    """
    for name, column in computed_columns(s.form):
        computed = cells(s, name, f"{column.id}.computed")
        if all(computed):
            continue
        shown = cells(s, name, column.id)
        typed = [index for index, formula in enumerate(computed) if not formula]
        if column.id == "note":
            # A row that was added without the formula only lacks its message; text typed there is lost in it.
            typed = [index for index in typed if shown[index]]
        actual = Each([None if shown[index] != shown[index] else shown[index] for index in typed])
        yield hits(s, name, typed, column.id, label=column.label, actual=actual)


def computed_columns(form: Form) -> Iterator[tuple[str, Column]]:
    """Table (``<table>.total`` for its total row) and column of all that the template computes."""
    for table in form.tables:
        if table.layout == "rows":
            yield from ((table.id, column) for column in table.columns if column.formula)
        if table.total_label:
            yield from ((f"{table.id}.total", column) for column in table.totals)


@rule("BX111", "error-value", Severity.ERROR, section="workbook")
def error_value(s: Submissions) -> Iterator[Hits]:
    """A cell of the form shows an Excel error. Whatever depends on it cannot be right either.

    Wrong: `#REF!` in Totalt after a column was deleted.
    Right: the template's formula, or a number.
    """
    for (workbook, table, row, column), value in s.error_cells.items():
        yield Hits(table, [workbook], [row], [column], [""], {"actual": [value]})


@rule("BX212", "year-not-the-forms", Severity.WARNING, section="Total sum")
def year_not_the_forms(s: Submissions) -> Iterator[Hits]:
    """The year in the head is not the year of the form, whose terms and school years then do not fit.

    Wrong: År 2025 in the form of 2026.
    Right: År 2026.
    """
    wrong = {
        workbook: str(int(year))
        for workbook, year in zip(cells(s, "head", "workbook"), cells(s, "head", "year"), strict=True)
        if FIRST_YEAR <= year <= LAST_YEAR
        and year != s.form.year
        # In the form of another year (BX115) that year is the right one.
        and s.grids[workbook].properties.get(FORM_PROPERTY, s.form.id) == s.form.id
    }
    books, expected = list(wrong), [str(s.form.year)] * len(wrong)
    yield at_fields("head", books, ["year"] * len(wrong), actual=list(wrong.values()), expected=expected)
