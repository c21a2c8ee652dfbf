"""What a careful user would write: openpyxl reads three sheets, a pandera schema for each, and the sums and hours.

Read-only mode with values, one pass over each sheet, the schemas made once, all errors collected (``lazy``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pandera.pandas as pa

HEADINGS = 4
"""The row of headings on each sheet, from 1."""
_TEXT = pa.Column(str, pa.Check.str_length(min_value=1), nullable=False)
_AMOUNT = pa.Column(float, pa.Check.ge(0), nullable=True, coerce=True)
_COUNT = pa.Column(float, pa.Check.in_range(0, 1000), nullable=True, coerce=True)
SCHEMAS = {
    "Tiltak": pa.DataFrameSchema(
        {"Tiltak-ID": _TEXT, "Navn": _TEXT, "Kompetansemiljø": _TEXT, "Sum eier": _AMOUNT, "Sum UH": _AMOUNT},
        unique=["Tiltak-ID"],
    ),
    "Aktiviteter": pa.DataFrameSchema(
        {
            "Tiltak-ID": _TEXT, "År": pa.Column(str, pa.Check.str_matches(r"^\d{4}/\d{4}$")), "Hva": _TEXT,
            "Semestre": _COUNT, "Ganger per semester": _COUNT, "Timer per gang": _COUNT, "Omfang (timer)": _COUNT,
        }
    ),
    "Budsjett": pa.DataFrameSchema(
        {"Tiltak-ID": _TEXT, "Part": pa.Column(str, pa.Check.isin(["Eier", "UH"])), "Beløp": _AMOUNT}
    ),
}  # fmt: skip


def check(paths: Sequence[Path]) -> int:
    """Returns how many failures it found."""
    return sum(_workbook(path) for path in paths)


def _workbook(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        frames = {sheet: _frame(book[sheet], list(schema.columns)) for sheet, schema in SCHEMAS.items()}
    finally:
        book.close()
    failures = 0
    for sheet, schema in SCHEMAS.items():
        try:
            schema.validate(frames[sheet], lazy=True)
        except pa.errors.SchemaErrors as errors:
            failures += len(errors.failure_cases)
    return failures + _sums(frames["Tiltak"], frames["Budsjett"]) + _hours(frames["Aktiviteter"])


def _frame(sheet, columns: list[str]) -> pd.DataFrame:
    rows = sheet.iter_rows(min_row=HEADINGS, values_only=True)
    headings = list(next(rows))
    places = [headings.index(column) for column in columns]
    key = headings.index("Tiltak-ID")
    listed = [
        [row[place] for place in places] for row in rows if row[key] not in (None, "") and str(row[key])[0] == "T"
    ]
    return pd.DataFrame(listed, columns=columns)


def _sums(measures: pd.DataFrame, budget: pd.DataFrame) -> int:
    by_party = budget.assign(amount=pd.to_numeric(budget["Beløp"], errors="coerce")).pivot_table(
        index="Tiltak-ID", columns="Part", values="amount", aggfunc="sum"
    )
    wrong = 0
    for party, column in (("Eier", "Sum eier"), ("UH", "Sum UH")):
        if party in by_party:
            stated = pd.to_numeric(measures[column], errors="coerce")
            summed = measures["Tiltak-ID"].map(by_party[party])
            wrong += int(((stated - summed).abs() > 0.5).sum())
    return wrong


def _hours(activities: pd.DataFrame) -> int:
    numbers = activities[["Semestre", "Ganger per semester", "Timer per gang", "Omfang (timer)"]]
    numbers = numbers.apply(pd.to_numeric, errors="coerce")
    product = numbers["Semestre"] * numbers["Ganger per semester"] * numbers["Timer per gang"]
    return int(((product - numbers["Omfang (timer)"]).abs() > 0.01).sum())
