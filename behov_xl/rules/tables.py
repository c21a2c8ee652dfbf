"""What is true of one table by itself: required, in range, unique. Pandera schemas, built from the form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Rule, Severity, declare
from behov_xl.rules.hits import Each, Hits, hits
from behov_xl.rules.shared import cells, folded
from behov_xl.workbook.cells import OUT_OF_RANGE
from behov_xl.workbook.grid import address
from behov_xl.workbook.input_rules import lowest, maximum

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

    from behov_xl.form import Column, Form, Table
    from behov_xl.workbook.frames import Submissions

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


_BUILT: dict[int, tuple[Form, dict[str, pa.DataFrameSchema]]] = {}


def schemas(form: Form) -> dict[str, pa.DataFrameSchema]:
    """Table id → its schema over the frames of :func:`behov_xl.workbook.frames.submissions`.

    Numbers are float64 (kroner, hours, counts), texts and option ids str with ``""`` for nothing. Columns without a
    requirement are left out. Keys are unique per workbook: the frame carries them, in lower case, as ``key``.
    """
    # By identity: building costs as much as validating, and forms hold dicts, so they cannot be hashed.
    if id(form) not in _BUILT:
        _BUILT[id(form)] = form, {table.id: _schema(table) for table in form.tables if table.notes}
    return _BUILT[id(form)][1]


def _schema(table: Table) -> pa.DataFrameSchema:
    import pandera.pandas as pa

    columns = {}
    for column in table.columns:
        check = _check(column) if column.formula is None else None
        if check is not None:
            columns[column.id] = pa.Column(None, check, nullable=True)
    unique = ["workbook", "key"] if table.unique else None
    return pa.DataFrameSchema(columns, unique=unique, name=table.id)


def _check(column: Column) -> pa.Check | None:
    """What a column's values must be: there, if required; in range, if they are numbers. One check, as each costs."""
    import pandera.pandas as pa

    required = column.required
    if column.numeric:
        least, most = lowest(column), maximum(column)

        def number_fits(numbers: pd.Series[float]) -> pd.Series[bool]:
            fits = numbers.between(least, most)
            return fits if required else fits | numbers.isna()

        return pa.Check(number_fits, name="value", ignore_na=False)
    return pa.Check(lambda texts: texts != "", name="value", ignore_na=False) if required else None


def check_tables(s: Submissions) -> Iterator[tuple[Rule, Hits]]:
    """Every failure of every schema, all at once, as hits of the rule it belongs to."""
    from pandera.errors import SchemaErrors

    for id_, schema in schemas(s.form).items():
        table, frame = s.form.by_id[id_], s[id_]
        if frame.empty:
            continue
        if table.unique:
            frame = frame.assign(key=_keys(s, table))
        try:
            schema.validate(frame, lazy=True, inplace=True)
        except SchemaErrors as errors:
            yield from _failures(s, table, frame, errors.failure_cases)


def _keys(s: Submissions, table: Table) -> list[str]:
    """The rows' keys as one text each; a row without a whole key gets one of its own, since it repeats nothing."""
    parts = zip(*(folded(s, table.id, column) for column in table.unique), strict=True)
    rows = cells(s, table.id, "row")
    return ["\x1f".join(key) if all(key) else f"\x1f\x1f{row}" for key, row in zip(parts, rows, strict=True)]


def _failures(s: Submissions, table: Table, frame: pd.DataFrame, cases: pd.DataFrame) -> Iterator[tuple[Rule, Hits]]:
    failed = cases[cases["check"] == "value"]
    for column_id, indexes in failed.groupby("column", sort=False)["index"]:
        column = table.by_id[str(column_id)]
        rows = frame.loc[sorted({int(index) for index in indexes})]
        empty = rows[column.id].isna() | (rows[column.id] == "")
        missing, wrong = rows[empty], rows[~empty]
        # What is there and cannot be read is not missing.
        missing = missing.loc[[(w, table.id, r, column.id) not in s.faulty for w, r in _places(missing)]]
        unvalued = [_holds_formula(s, table, w, r, column.id) for w, r in _places(missing)]
        uncalculated = missing.loc[unvalued]
        s.faulty.update((w, table.id, r, column.id) for w, r in _places(uncalculated))
        yield UNCALCULATED, hits(table.id, uncalculated, column.id, label=column.label)
        yield REQUIRED, hits(table.id, missing.loc[[not one for one in unvalued]], column.id, label=column.label)
        values = wrong[column.id].tolist()
        bounds: list[Any] = [lowest(column), maximum(column)]
        if column.type == "year":
            # A year is no quantity: 2015, not 2 015.
            values, bounds = [str(int(value)) for value in values], [str(int(bound)) for bound in bounds]
        params = {"actual": Each(values), "least": bounds[0], "limit": bounds[1]}
        yield OUT_OF_RANGE, hits(table.id, wrong, column.id, label=column.label, **params)
    if (cases["check"] == "multiple_fields_uniqueness").any():
        again = frame[frame.duplicated(["workbook", "key"], keep="first")]
        first = frame.drop_duplicates(["workbook", "key"]).set_index(["workbook", "key"])["row"]
        before = Each([int(first[place]) + 1 for place in zip(again["workbook"], again["key"], strict=True)])
        labels = [table.by_id[one].label for one in table.unique]
        shown = Each([_shown(s.form, table, row) for row in again.to_dict("records")])
        yield DUPLICATE, hits(table.id, again, table.unique[-1], labels=labels, actual=shown, expected_row=before)


def _holds_formula(s: Submissions, table: Table, workbook: int, row: int, column: str) -> bool:
    """Whether an empty cell holds a formula that nobody has calculated."""
    layout = s.layouts[workbook][table.id]
    where = layout.locate(column, row)
    return where is not None and address(*where) in (s.grids[workbook].sheets[layout.sheet].formulas or ())


def _places(rows: pd.DataFrame) -> Iterator[tuple[int, int]]:
    return zip(rows["workbook"].tolist(), rows["row"].tolist(), strict=True)


def _shown(form: Form, table: Table, row: dict[Any, Any]) -> list[Any]:
    """A row's key as the reader knows it: choices by their labels."""
    columns = [table.by_id[id_] for id_ in table.unique]
    return [form.options(one)[row[one.id]] if one.type == "choice" else row[one.id] for one in columns]
