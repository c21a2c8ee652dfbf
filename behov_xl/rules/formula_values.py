"""What the template's formulas give, from the cells as Excel sees them: a number that is text is no number to it.

Only for the columns whose values no rule of their own checks.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from behov_xl.rules.hits import Hits
from behov_xl.rules.shared import cells, keys_of
from behov_xl.rules.sums import budget_by_party
from behov_xl.workbook.grid import CellValue, address

if TYPE_CHECKING:
    from behov_xl.form import Column, Table
    from behov_xl.workbook.columns import Submissions

_AMOUNT = r"([-−]?\d{1,15}(?:[.,]\d{1,15})?)"
_TOLERANCE = 1e-6
_WILD = frozenset("*?~<>=")
"""Characters that have a meaning of their own in what SUMIFS looks for."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed cell and the formula in it."""

    workbook: int
    rows: str
    """The table's id; ``<table>.total`` in its total row."""
    table: Table
    column: Column
    row: int
    measure: str
    text: str

    @property
    def place(self) -> tuple[int, str, int, str]:
        return self.workbook, self.rows, self.row, self.column.id

    def hit(self, **params: Any) -> Hits:
        """The cell as a hit of a rule."""
        each = {name: [value] for name, value in {"label": self.column.label, **params}.items()}
        return Hits(self.rows, [self.workbook], [self.row], [self.column.id], [self.measure], each)


Doubt = tuple[Computed, Any, Mapping[str, Any]]
"""A cell, what it shows, and what the template's formula gives: per language that the formula may be in."""


def doubtful(s: Submissions) -> Iterator[Doubt]:
    """The cells that show something else than the template's formula gives.

    A cell that shows nothing shows nothing wrong: some programs leave the values of formulas out.
    """
    yield from _hours(s)
    yield from _checks(s)


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _is_number(value: CellValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(s: Submissions, workbook: int, table: Table, column: str, row: int, measure: str) -> Computed | None:
    """``None`` where the cell has no formula, or where the formula's text is not known."""
    layout = s.layouts[workbook][table.id]
    formulas, where = s.grids[workbook].sheets[layout.sheet].formulas, layout.columns.get(column)
    if not formulas or where is None or not layout.area.is_table:
        return None
    text = formulas.get(address(row, where))
    return Computed(workbook, table.id, table, table.by_id[column], row, measure, text) if text else None


def _raw(s: Submissions, workbook: int, table: str, column: str, row: int) -> Any:
    """A cell as it stands.

    ``None`` where Excel's view of it is not known: no such column, an error, a date, a formula without a value.
    """
    layout = s.layouts[workbook].get(table)
    where = layout.columns.get(column) if layout else None
    if layout is None or where is None:
        return None
    sheet = s.grids[workbook].sheets[layout.sheet]
    value = sheet.value(row, where)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta) or (row, where) in sheet.errors:
        return None
    if value == "" and (sheet.formulas is None or address(row, where) in sheet.formulas):
        return None
    return value


# -------------------------------------------------------------------------------- Aktiviteter: Beregnet


def _hours(s: Submissions) -> Iterator[Doubt]:
    table = s.form.by_id["activities"]
    factors = ("semesters", "times", "hours_each")
    columns = (cells(s, table.id, name) for name in ("workbook", "row", "measure", "computed_hours", *factors))
    rows = list(zip(*columns, strict=True))
    for index in _off_rows(s, factors):
        workbook, row, measure, shown, *numbers = rows[index]
        if _near(shown, math.prod(numbers)):
            continue
        cell = _cell(s, workbook, table, "computed_hours", row, measure)
        *inputs, value = (_raw(s, workbook, table.id, name, row) for name in (*factors, "computed_hours"))
        if cell is None or None in inputs or not _is_number(value):
            continue
        expected = float(math.prod(inputs)) if all(map(_is_number, inputs)) else ""
        if isinstance(expected, str) or not _near(shown, expected):
            yield cell, shown, {"nb": expected, "nn": expected}


def _off_rows(s: Submissions, factors: tuple[str, ...]) -> list[int]:
    """The activities that show other hours than what was read would give to the last digit."""
    given = map(math.prod, zip(*(cells(s, "activities", one) for one in factors), strict=True))
    rows = enumerate(zip(cells(s, "activities", "computed_hours"), given, strict=True))
    return [index for index, (shown, product) in rows if shown == shown and shown != product]


# -------------------------------------------------------------------------------------- Tiltak: Kontroll

_Off = tuple[float, float]
"""How far the budget lines are from the owner's sum, and from the UH's."""


def _checks(s: Submissions) -> Iterator[Doubt]:
    table = s.form.by_id["measures"]
    column = table.by_id["check"]
    columns = (cells(s, table.id, name) for name in ("workbook", "row", "measure", "check"))
    budget = budget_by_party(s)
    sums = zip(keys_of(s, table.id), *(cells(s, table.id, name) for name in ("owner_sum", "uh_sum")), strict=True)
    lines: dict[int, list[tuple[str, str, Any]] | None] = {}
    claims = {shown: _claimed(column, shown) for shown in set(cells(s, table.id, "check")) if shown}
    for (workbook, row, measure, shown), (key, owner, uh) in zip(zip(*columns, strict=True), sums, strict=True):
        claimed = claims.get(shown)
        read = budget.get(key)
        if claimed is None or (read and _agrees(claimed, (read["owner"] - owner, read["uh"] - uh))):
            continue  # it says what was read, which is nearly always what Excel sees
        cell = _cell(s, workbook, table, "check", row, measure)
        if cell is None:
            continue
        if workbook not in lines:
            lines[workbook] = _budget_lines(s, workbook)
        given = {lang: _off(s, cell, lines[workbook], lang) for lang in ("nb", "nn")}
        if None not in given.values() and not any(_agrees(claimed, off) for off in given.values()):
            yield cell, shown, {lang: _in_words(column, off, lang) for lang, off in given.items()}


def _claimed(column: Column, shown: str) -> _Off | None:
    """What the control column says. ``None`` for words that are not the template's."""
    for lang in ("nb", "nn"):
        words = {key: label.words(lang) for key, label in column.words.items()}
        if shown == words["ok"]:
            return 0.0, 0.0
        pattern = f"{re.escape(words['owner_off'])} {_AMOUNT} · {re.escape(words['uh_off'])} {_AMOUNT}"
        if match := re.fullmatch(pattern, shown):
            owner, uh = (float(one.replace("−", "-").replace(",", ".")) for one in match.groups())
            return owner, uh
    return None


def _agrees(claimed: _Off, off: _Off | tuple[()] | None) -> bool:
    if not off:
        return False
    fine = abs(off[0]) + abs(off[1]) < 0.5
    return claimed == (0.0, 0.0) if fine else all(abs(a - b) <= 0.01 for a, b in zip(claimed, off, strict=True))


def _in_words(column: Column, off: _Off | tuple[()] | None, lang: str) -> str:
    words = {key: label.words(lang) for key, label in column.words.items()}
    if not off:
        return ""
    if abs(off[0]) + abs(off[1]) < 0.5:
        return words["ok"]
    owner, uh = (f"{round(one, 2):.15g}".replace(".", ",") for one in off)
    return f"{words['owner_off']} {owner} · {words['uh_off']} {uh}"


def _budget_lines(s: Submissions, workbook: int) -> list[tuple[str, str, Any]] | None:
    """Measure, party and amount of each line as they stand; ``None`` where one of them is not known."""
    layout = s.layouts[workbook].get("budget")
    if layout is None or not layout.area.is_table:
        return None
    rows = range(layout.area.first, min(layout.area.end, len(s.grids[workbook].sheets[layout.sheet].rows)))
    found = [[_raw(s, workbook, "budget", name, row) for name in ("measure", "party", "amount")] for row in rows]
    if any(one is None for line in found for one in line):
        return None
    return [(_as_text(measure), _as_text(party), amount) for measure, party, amount in found]


def _off(
    s: Submissions, cell: Computed, lines: list[tuple[str, str, Any]] | None, lang: str
) -> _Off | tuple[()] | None:
    """As the formula in Kontroll computes it; ``()`` for a measure without lines, ``None`` where it is not known."""
    wanted, *sums = (_raw(s, cell.workbook, "measures", name, cell.row) for name in ("measure", "owner_sum", "uh_sum"))
    if lines is None or wanted is None or any(one is None for one in sums) or _WILD & set(str(wanted)):
        return None
    own = [(party, amount) for measure, party, amount in lines if measure == _as_text(wanted) and measure]
    if not own:
        return ()
    owner, uh = (
        sum(amount for party, amount in own if party == label.words(lang).casefold() and _is_number(amount))
        - (shown if _is_number(shown) else 0)
        for label, shown in zip(s.form.choices["party"].values(), sums, strict=True)
    )
    return owner, uh


def _as_text(value: CellValue) -> str:
    """As COUNTIF and SUMIFS compare: without regard to case, and 1 as "1"."""
    return f"{value:.15g}" if isinstance(value, float) else str(value).casefold()
