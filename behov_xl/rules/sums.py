"""What must add up: rows, columns, budget lines, the coordinator's part, and the limits a county may set. Kroner."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, each, hits, sums_by
from behov_xl.rules.lookups import repeated, strays
from behov_xl.rules.shared import cells, keys_of, per_chunk
from behov_xl.rules.slips import TOLERANCE, UNCLEAR, Addend, explained, of_each

if TYPE_CHECKING:
    from behov_xl.form import Column
    from behov_xl.workbook.columns import Submissions

NAN = math.nan
MANY = 8
"""Budget lines of no measure, up to which it is tried which of them would make a sum right."""
_TOTALS = "Total sum"
_ECONOMY = "6 Økonomi og varighet"


@rule("BX301", "measure-total", Severity.ERROR, section=_TOTALS, fix="safe")
def measure_total(s: Submissions) -> Iterator[Hits]:
    """The total shown for a measure is not the owner's sum plus the UH's sum, whatever the cell holds.

    Wrong: 200 000 + 201 500 = 410 500.
    Right: 200 000 + 201 500 = 401 500.
    """
    columns = ("owner_sum", "uh_sum", "total")
    owners, uhs, totals = (cells(s, "measures", one) for one in columns)
    rows = zip(whole_sums(s), totals, strict=True)
    wrong = [index for index, (expected, total) in enumerate(rows) if abs(expected - total) >= TOLERANCE]
    if not wrong:
        return
    books, places, computed = (cells(s, "measures", one) for one in ("workbook", "row", "total.computed"))
    why = []
    for index in wrong:
        owner, uh, total, row = owners[index], uhs[index], totals[index], places[index]
        parts = [Addend("measures", row, column, value) for column, value in zip(columns, (owner, uh), strict=False)]
        shown = Addend("measures", row, "total", total, sign=-1)
        # A formula that shows an old value is no slip of the keyboard.
        off = total - owner - uh
        why.append(UNCLEAR if computed[index] else explained(s, books[index], [*parts, shown], off))
    expected = Each.at(whole_sums(s), wrong)
    yield hits(
        s, "measures", wrong, "total", expected=expected, actual=each(s, "measures", "total", wrong), **of_each(why)
    )


@per_chunk
def whole_sums(s: Submissions) -> list[float]:
    """What each measure asks for: the owner's sum and the UH's. NaN where one of them is not known."""
    sums = zip(cells(s, "measures", "owner_sum"), cells(s, "measures", "uh_sum"), strict=True)
    return [owner + uh for owner, uh in sums]


@rule("BX302", "column-sum", Severity.ERROR, section=_TOTALS, fix="safe")
def column_sum(s: Submissions) -> Iterator[Hits]:
    """A sum in the sum row is not the sum of its column.

    A wrong total in one row is that row's fault (BX301), and a number that is text its cell's (BX209); the sum row is
    only wrong when it agrees neither with the numbers as they stand, with or without those that are text, nor with the
    totals as they should be.

    Wrong: 200 000 and 250 000 above a sum of 540 000.
    Right: 200 000 and 250 000 above a sum of 450 000.
    """
    books = cells(s, "measures.total", "workbook")
    for column in s.form.by_id["measures"].totals:
        sums, stated = _by_workbook(s, cells(s, "measures", column.id)), cells(s, "measures.total", column.id)
        if any(abs(sums.get(book, 0.0) - value) >= TOLERANCE for book, value in zip(books, stated, strict=True)):
            yield from _column_sum(s, column, sums)


def _by_workbook(s: Submissions, values: list[float]) -> dict[int, float]:
    """Workbook → the sum of these values, one of each measure."""
    return sums_by(cells(s, "measures", "workbook"), values)


def _column_sum(s: Submissions, column: Column, shown: dict[int, float]) -> Iterator[Hits]:
    """The wrong sums of a column, some of which differ from ``shown``: what its numbers add up to."""
    numbers, faulty = cells(s, "measures", column.id), _faulty(s, column.id)
    unknown = _by_workbook(s, [float(fault and one != one) for one, fault in zip(numbers, faulty, strict=True)])
    right = _by_workbook(s, whole_sums(s)) if column.id == "total" else shown
    in_excel = _by_workbook(s, [NAN if fault else number for number, fault in zip(numbers, faulty, strict=True)])
    books, stated = (cells(s, "measures.total", one) for one in ("workbook", column.id))
    wrong = [
        index
        for index, (workbook, value) in enumerate(zip(books, stated, strict=True))
        if not unknown.get(workbook)
        and all(abs(sums.get(workbook, 0.0) - value) >= TOLERANCE for sums in (right, shown, in_excel))
    ]
    if wrong:
        expected = [right.get(books[index], 0.0) for index in wrong]
        why = _why_column(s, wrong, column.id, expected)
        actual = each(s, "measures.total", column.id, wrong)
        params = {"label": column.label, "expected": Each(expected), "actual": actual}
        yield hits(s, "measures.total", wrong, column.id, **params, **of_each(why))


def _why_column(s: Submissions, wrong: list[int], column: str, expected: list[float]) -> list[dict[str, Any]]:
    """For each wrong sum of a column, the one cell whose slip explains it. The rows' totals are BX301's."""
    of_column: dict[int, list[Addend]] = {}
    rows = zip(*(cells(s, "measures", one) for one in ("workbook", "row", column)), strict=True)
    for workbook, row, value in rows if column != "total" else ():
        if value == value:
            of_column.setdefault(workbook, []).append(Addend("measures", row, column, value))
    sums = [cells(s, "measures.total", one) for one in ("workbook", "row", f"{column}.computed", column)]
    why = []
    for index, right in zip(wrong, expected, strict=True):
        workbook, row, computed, shown = (one[index] for one in sums)
        addends = [*of_column.get(workbook, ()), Addend("measures.total", row, column, shown, sign=-1)]
        why.append(UNCLEAR if computed else explained(s, workbook, addends, shown - right))
    return why


def _faulty(s: Submissions, column: str) -> list[bool]:
    """Whether each row's cell has a finding about its value: it is text, or cannot be read."""
    places = zip(cells(s, "measures", "workbook"), cells(s, "measures", "row"), strict=True)
    return [(workbook, "measures", row, column) in s.faulty for workbook, row in places]


@per_chunk
def budget_by_party(s: Submissions) -> dict[tuple[int, str], dict[str, float]]:
    """(workbook, measure) → kroner per party in the budget lines; NaN where a line of the measure cannot be read."""
    sums: dict[tuple[int, str], dict[str, float]] = {}
    columns = (cells(s, "budget", one) for one in ("party", "amount"))
    for key, party, amount in zip(keys_of(s, "budget"), *columns, strict=True):
        parties = sums.setdefault(key, {"owner": 0.0, "uh": 0.0})
        for one in parties:
            # A line without a readable party could be either's, so neither sum is known.
            parties[one] += NAN if party == "" else amount if party == one else 0.0
    return sums


@rule("BX303", "budget-party-sum", Severity.ERROR, section=_ECONOMY, fix="unsafe")
def budget_party_sum(s: Submissions) -> Iterator[Hits]:
    """The budget lines of a measure, added up per party, differ from the party's sum in the totals table.

    Measures without budget lines are left to the question whether the budget is in an attachment (BX513), and where two
    measures have the same id (BX602), nobody can tell whose lines they are.

    Wrong: lines of 150 000 and 40 000 for a sum of 200 000.
    Right: lines of 150 000 and 50 000 for a sum of 200 000.
    """
    budget = budget_by_party(s)
    attached = {
        key
        for key, yes in zip(keys_of(s, "ticks"), cells(s, "ticks", "budget_attached.yes"), strict=True)
        if yes == 1.0
    }
    found_keys = keys_of(s, "measures")
    skipped = attached | repeated(found_keys)
    astray: dict[int, list[tuple[str, float]]] | None = None
    for party, label in s.form.choices["party"].items():
        sums = cells(s, "measures", f"{party}_sum")
        lines = [NAN if key in skipped else budget.get(key, {}).get(party, NAN) for key in found_keys]
        off = {
            index: (line, one)
            for index, (line, one) in enumerate(zip(lines, sums, strict=True))
            if abs(line - one) >= TOLERANCE
        }
        if off:
            astray = _unplaced_lines(s) if astray is None else astray
            off = {
                index: (line, one)
                for index, (line, one) in off.items()
                if not _explained(astray.get(found_keys[index][0], []), party, one - line)
            }
            params = {
                "party": label,
                "expected": Each([line for line, _ in off.values()]),
                "actual": Each([one for _, one in off.values()]),
                "difference": Each([line - one for line, one in off.values()]),
            }
            why = _why_party(s, off, party)
            yield hits(s, "measures", list(off), f"{party}_sum", **params, **of_each(why))


def _why_party(s: Submissions, off: dict[int, tuple[float, float]], party: str) -> list[dict[str, Any]]:
    """For each measure whose lines are off, the one cell whose slip explains it, or the line that is another party's.

    ``off``: row of Tiltak → what the lines give and the sum that is shown, in kroner.
    """
    measures, places = keys_of(s, "measures"), cells(s, "measures", "row")
    lines: dict[tuple[int, str], list[tuple[str, Addend]]] = {measures[index]: [] for index in off}
    rows = zip(keys_of(s, "budget"), *(cells(s, "budget", one) for one in ("row", "party", "amount")), strict=True)
    for key, row, whose, amount in rows:
        if key in lines:
            lines[key].append((whose, Addend("budget", row, "amount", amount)))
    why = []
    for index, (given, shown) in off.items():
        key = measures[index]
        own = [addend for whose, addend in lines[key] if whose == party]
        others = [addend for whose, addend in lines[key] if whose != party]
        sum_ = Addend("measures", places[index], f"{party}_sum", shown, sign=-1)
        why.append(explained(s, key[0], [*own, sum_], shown - given, elsewhere=others))
    return why


def _unplaced_lines(s: Submissions) -> dict[int, list[tuple[str, float]]]:
    """Workbook → party and amount of the budget lines of no measure: their id is missing (BX208) or unknown (BX601)."""
    found: dict[int, list[tuple[str, float]]] = {}
    columns = keys_of(s, "budget"), strays(s, "budget"), cells(s, "budget", "party"), cells(s, "budget", "amount")
    for (workbook, id_), stray, party, amount in zip(*columns, strict=True):
        if stray or not id_:
            found.setdefault(workbook, []).append((party, amount))
    return found


def _explained(astray: list[tuple[str, float]], party: str, lacking: float) -> bool:
    """Whether lines of no measure are exactly what a party's lines lack: then they are the fault, not the sum."""
    amounts = [amount for one, amount in astray if one in {party, ""} and amount]
    if len(amounts) > MANY or any(amount != amount for amount in amounts):
        return bool(amounts) and lacking > 0
    reach = {0.0}
    for amount in amounts:
        reach |= {one + amount for one in reach}
    return any(one and abs(one - lacking) < TOLERANCE for one in reach)


@rule("BX304", "coordinator-sum", Severity.ERROR, section=_ECONOMY)
def coordinator_sum(s: Submissions) -> Iterator[Hits]:
    """The coordinator's sum is a part of the measure's sum and cannot be larger than it.

    Wrong: coordinator 500 000 of a total of 401 500.
    Right: coordinator 50 000 of a total of 401 500.
    """
    whole, paid = whole_sums(s), cells(s, "measures", "coordinator_sum")
    wrong = [index for index, (one, most) in enumerate(zip(paid, whole, strict=True)) if one - most >= TOLERANCE]
    expected, actual = Each.at(whole, wrong), each(s, "measures", "coordinator_sum", wrong)
    yield hits(s, "measures", wrong, "coordinator_sum", expected=expected, actual=actual)


@rule("BX305", "owner-share", Severity.ERROR, section=_TOTALS)
def owner_share(s: Submissions) -> Iterator[Hits]:
    """The owner carries a smaller part of a measure than the county requires. Off unless the form's settings say.

    Wrong: owner 80 000 of 364 000 (22 %) where 30 % is required.
    Right: owner 110 000 of 364 000.
    """
    least = s.form.settings.minimum_owner_share
    if least:
        needed, given = [one * least for one in whole_sums(s)], cells(s, "measures", "owner_sum")
        rows = zip(needed, given, strict=True)
        wrong = [index for index, (wanted, one) in enumerate(rows) if wanted - one >= TOLERANCE]
        expected, actual = Each.at(needed, wrong), each(s, "measures", "owner_sum", wrong)
        yield hits(s, "measures", wrong, "owner_sum", expected=expected, actual=actual, share=least * 100)


@rule("BX306", "sum-above-cap", Severity.ERROR, section=_TOTALS)
def sum_above_cap(s: Submissions) -> Iterator[Hits]:
    """A measure, or the submission as a whole, asks for more than the county's cap. Off unless the form's settings say.

    Wrong: a measure of 609 560 where the cap is 500 000.
    Right: a measure of 500 000.
    """
    if cap := s.form.settings.maximum_measure_total:
        yield _above(s, "measures", whole_sums(s), cap)
    if cap := s.form.settings.maximum_submission_total:
        sums = _by_workbook(s, whole_sums(s))
        yield _above(s, "measures.total", [sums.get(one, 0.0) for one in cells(s, "measures.total", "workbook")], cap)


def _above(s: Submissions, table: str, sums: list[float], cap: float) -> Hits:
    wrong = [index for index, one in enumerate(sums) if one - cap >= TOLERANCE]
    return hits(s, table, wrong, "total", expected=float(cap), actual=Each.at(sums, wrong))
