"""Budget lines by themselves, and the coordinator's part of a measure. Kroner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, each, hits
from behov_xl.rules.lookups import repeated
from behov_xl.rules.shared import cells, folded, keys_of
from behov_xl.rules.slips import TOLERANCE
from behov_xl.rules.sums import whole_sums

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions

_TOTALS = "Total sum"
_ECONOMY = "6 Økonomi og varighet"


@rule("BX307", "coordinator-lines", Severity.WARNING, section=_ECONOMY)
def coordinator_lines(s: Submissions) -> Iterator[Hits]:
    """The budget lines for coordination do not add up to the coordinator's sum in the totals table.

    Said only where both are given: a coordinator may also be paid out of lines of another kind. A sum that is larger
    than the whole measure is BX304's.

    Wrong: a line Koordinering of 20 000, and Sum koordinator 30 000.
    Right: a line Koordinering of 30 000, and Sum koordinator 30 000.
    """
    kinds = cells(s, "budget", "cost_type")
    if "coordination" not in kinds:
        return
    lines: dict[tuple[int, str], float] = {}
    for key, kind, amount in zip(keys_of(s, "budget"), kinds, cells(s, "budget", "amount"), strict=True):
        if kind == "coordination":
            lines[key] = lines.get(key, 0.0) + amount
    found_keys, paid = keys_of(s, "measures"), cells(s, "measures", "coordinator_sum")
    lost = repeated(found_keys)
    given = [float("nan") if key in lost else lines.get(key, float("nan")) for key in found_keys]
    wrong = [
        index
        for index, (one, other, most) in enumerate(zip(given, paid, whole_sums(s), strict=True))
        if abs(one - other) >= TOLERANCE and not other - most >= TOLERANCE
    ]
    expected, actual = Each.at(given, wrong), each(s, "measures", "coordinator_sum", wrong)
    yield hits(s, "measures", wrong, "coordinator_sum", expected=expected, actual=actual)


@rule("BX308", "budget-line-twice", Severity.WARNING, section=_ECONOMY)
def budget_line_twice(s: Submissions) -> Iterator[Hits]:
    """The same budget line stands twice, equal in all its columns, so that the same cost may count twice.

    Wrong: two lines "Lokaler til fagsamlinger", Høst 2026, 40 000, of the same measure and party.
    Right: one of them, or what is different about them in Beskrivelse or Periode.
    """
    columns = [c for c in s.form.by_id["budget"].columns if c.typed_by_user and c.id != "measure"]
    typed = ((cells if column.numeric else folded)(s, "budget", column.id) for column in columns)
    # NaN equals nothing, so a line whose amount cannot be read repeats none.
    lines = list(zip(keys_of(s, "budget"), *typed, strict=True))
    twice, rows = repeated(lines), cells(s, "budget", "row")
    first: dict[tuple[Any, ...], int] = {}
    again = [
        index
        for index, line in enumerate(lines if twice else ())
        if line in twice and line[0][1] and first.setdefault(line, index) != index
    ]
    before = Each([rows[first[lines[index]]] + 1 for index in again])
    yield hits(s, "budget", again, "amount", actual=each(s, "budget", "amount", again), first_row=before)


@rule("BX309", "coordinator-share", Severity.ERROR, section=_ECONOMY)
def coordinator_share(s: Submissions) -> Iterator[Hits]:
    """The coordinator takes a larger part of a measure than the county allows. Off unless the form's settings say.

    Wrong: coordinator 100 000 of 300 000 (33 %) where 20 % is the most.
    Right: coordinator 60 000 of 300 000.
    """
    most = s.form.settings.maximum_coordinator_share
    if most:
        allowed, paid = [one * most for one in whole_sums(s)], cells(s, "measures", "coordinator_sum")
        rows = zip(paid, allowed, strict=True)
        wrong = [index for index, (one, limit) in enumerate(rows) if one - limit >= TOLERANCE]
        expected, actual = Each.at(allowed, wrong), each(s, "measures", "coordinator_sum", wrong)
        yield hits(s, "measures", wrong, "coordinator_sum", expected=expected, actual=actual, share=most * 100)


@rule("BX310", "nothing-asked-for", Severity.WARNING, section=_TOTALS)
def nothing_asked_for(s: Submissions) -> Iterator[Hits]:
    """A measure's sums are both 0, so it asks for nothing. A measure without a need does not belong in the statement.

    Wrong: Sum eier 0 and Sum UH 0.
    Right: Sum eier 0 and Sum UH 150 000.
    """
    sums = zip(cells(s, "measures", "owner_sum"), cells(s, "measures", "uh_sum"), strict=True)
    yield hits(s, "measures", [index for index, (owner, uh) in enumerate(sums) if owner == 0 == uh], "uh_sum")
