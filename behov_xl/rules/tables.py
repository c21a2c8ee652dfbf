"""What is true of one table by itself: required, in range, unique. Pandera schemas, made from the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Rule, Severity, declare
from behov_xl.rules.hits import Each, Hits, hits
from behov_xl.rules.shared import cells, folded, per_form
from behov_xl.workbook.cells import OUT_OF_RANGE
from behov_xl.workbook.grid import address
from behov_xl.workbook.input_rules import lowest, maximum

if TYPE_CHECKING:
    import pandera.pandas as pa

    from behov_xl.form import Column, Form, Table
    from behov_xl.workbook.columns import Submissions

UNCALCULATED = declare(
    "BX113",
    "formula-without-value",
    Severity.ERROR,
    """
    A cell that must be filled in holds a formula without a value: a program wrote the file and did not calculate it.
    What the formula would give is not known, so nothing that depends on it is checked.

    Wrong: `=100000+20000` in Sum eier, in a file that no spreadsheet program has saved.
    Right: the same file, opened and saved in Excel or LibreOffice.
    """,
    section="cell",
)
REQUIRED = declare(
    "BX208",
    "required-value",
    Severity.ERROR,
    """
    A cell that must be filled in is empty, in a row that is in use, or a field of the head.

    Wrong: a budget line without an amount.
    Right: a budget line with an amount.
    """,
    section="cell",
)
DUPLICATE = declare(
    "BX602",
    "duplicate-key",
    Severity.ERROR,
    """
    Two rows have the same key, so that nobody can tell which of them other rows belong to.

    Wrong: two measures with Tiltak-ID T1.
    Right: T1 and T2. (The number may repeat: "Tiltak 1" with LMS and "Tiltak 1" with Nord.)
    """,
    section="workbook",
)


Fits = Callable[[Any], bool]
"""Says of a column's value whether it is what it must be."""


@per_form
def schemas(form: Form) -> dict[str, pa.DataFrameSchema]:
    """Table id → its schema over :meth:`behov_xl.workbook.columns.Submissions.frame`.

    Numbers are float64 (kroner, hours, counts), texts and option ids str with ``""`` for nothing. Columns without a
    requirement are left out. Keys are unique per workbook: as ``key`` a frame must carry what :func:`keys` gives.
    """
    return {id_: _schema(form.by_id[id_], asked) for id_, asked in _asked(form).items()}


@per_form
def _asked(form: Form) -> dict[str, dict[str, Fits]]:
    """What the checks of each table's columns ask of their values."""
    return {
        table.id: {one.id: fits for one in table.columns if one.formula is None and (fits := _fits(one))}
        for table in form.tables
        if table.notes
    }


def _schema(table: Table, asked: dict[str, Fits]) -> pa.DataFrameSchema:
    import pandera.pandas as pa  # takes longer than a workbook, and nearly all of them fit

    columns = {
        id_: pa.Column(None, pa.Check(fits, name="value", element_wise=True, ignore_na=False), nullable=True)
        for id_, fits in asked.items()
    }
    return pa.DataFrameSchema(columns, unique=["workbook", "key"] if table.unique else None, name=table.id)


def _fits(column: Column) -> Fits | None:
    """What a column's values must be: there, if required; in range, if they are numbers."""
    required = column.required
    if not column.numeric:
        return (lambda text: text != "") if required else None
    least, most = lowest(column), maximum(column)

    def number_fits(number: float) -> bool:
        return least <= number <= most or (number != number and not required)

    return number_fits


def check_tables(s: Submissions) -> Iterator[tuple[Rule, Hits]]:
    """Every failure of every schema, all at once, as hits of the rule it belongs to.

    A schema's checks are asked one by one, and only where not all values fit: its ``validate`` takes twenty times as
    long to see that nothing fails, and much longer to tell in tables what does.
    """
    for id_, asked in _asked(s.form).items():
        table = s.form.by_id[id_]
        failing = [column for column, fits in asked.items() if not all(map(fits, set(cells(s, id_, column))))]
        for column, passed in _passed(s, id_, failing) if failing else ():
            yield from _failures(s, table, table.by_id[column], [at for at, one in enumerate(passed) if not one])
        if table.unique and _may_repeat(s, table):
            yield DUPLICATE, _repeats(s, table)


def _passed(s: Submissions, table: str, failing: list[str]) -> Iterator[tuple[str, list[bool]]]:
    """These columns, and which of their values pass the schema's check."""
    frame, schema = s.frame(table), schemas(s.form)[table]
    for column in failing:
        (check,) = schema.columns[column].checks
        yield column, check(frame[column]).check_output.tolist()


def _may_repeat(s: Submissions, table: Table) -> bool:
    """Whether two rows have the same key, or the same part of one."""
    rows = list(zip(cells(s, table.id, "workbook"), *(folded(s, table.id, one) for one in table.unique), strict=True))
    return len(set(rows)) < len(rows)


def keys(s: Submissions, table: Table) -> list[str]:
    """The rows' keys as one text each; a row without a whole key gets one of its own, since it repeats nothing."""
    parts = zip(*(folded(s, table.id, column) for column in table.unique), strict=True)
    rows = cells(s, table.id, "row")
    return ["\x1f".join(key) if all(key) else f"\x1f\x1f{row}" for key, row in zip(parts, rows, strict=True)]


def _failures(s: Submissions, table: Table, column: Column, failed: list[int]) -> Iterator[tuple[Rule, Hits]]:
    """What is wrong with the cells of a column, in these rows."""
    books, rows, values = (cells(s, table.id, one) for one in ("workbook", "row", column.id))
    missing: list[int] = []
    uncalculated: list[int] = []
    wrong: list[int] = []
    for index in failed:
        place = books[index], table.id, rows[index], column.id
        if values[index] == values[index] != "":
            wrong.append(index)
        elif place not in s.faulty:  # what is there and cannot be read is not missing
            unvalued = _holds_formula(s, table, books[index], rows[index], column.id)
            (uncalculated if unvalued else missing).append(index)
            s.faulty.update([place] if unvalued else [])
    yield UNCALCULATED, hits(s, table.id, uncalculated, column.id, label=column.label)
    yield REQUIRED, hits(s, table.id, missing, column.id, label=column.label)
    actual: list[Any] = [values[index] for index in wrong]
    bounds: list[Any] = [lowest(column), maximum(column)]
    if column.type == "year":
        # A year is no quantity: 2015, not 2 015.
        actual, bounds = [str(int(value)) for value in actual], [str(int(bound)) for bound in bounds]
    params = {"actual": Each(actual), "least": bounds[0], "limit": bounds[1]}
    yield OUT_OF_RANGE, hits(s, table.id, wrong, column.id, label=column.label, **params)


def _repeats(s: Submissions, table: Table) -> Hits:
    """The rows whose key stands in an earlier row of the workbook."""
    rows = cells(s, table.id, "row")
    first: dict[tuple[int, str], int] = {}
    again: list[int] = []
    before: list[int] = []
    for index, key in enumerate(zip(cells(s, table.id, "workbook"), keys(s, table), strict=True)):
        earlier = first.setdefault(key, index)
        if earlier != index:
            again.append(index)
            before.append(rows[earlier] + 1)
    labels = [table.by_id[one].label for one in table.unique]
    shown = Each([_shown(s, table, index) for index in again])
    return hits(s, table.id, again, table.unique[-1], labels=labels, actual=shown, expected_row=Each(before))


def _holds_formula(s: Submissions, table: Table, workbook: int, row: int, column: str) -> bool:
    """Whether an empty cell holds a formula that nobody has calculated."""
    layout = s.layouts[workbook][table.id]
    where = layout.locate(column, row)
    return where is not None and address(*where) in (s.grids[workbook].sheets[layout.sheet].formulas or ())


def _shown(s: Submissions, table: Table, index: int) -> list[Any]:
    """A row's key as the reader knows it: choices by their labels."""
    columns = [table.by_id[id_] for id_ in table.unique]
    key = [(one, cells(s, table.id, one.id)[index]) for one in columns]
    return [s.form.options(one)[value] if one.type == "choice" else value for one, value in key]
