"""An amount beside the others of its column: thousands that were left out, a digit or three zeros too many. Kroner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, each, hits
from behov_xl.rules.shared import cells

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions

_LEAST_OTHERS = 3
"""Amounts that a column must have beside the one that is judged."""
_THOUSAND = 1000.0
_FAR = 8.0
"""How many times the largest of the others an amount must be to look like a slip."""
_COLUMNS = (("measures", "owner_sum"), ("measures", "uh_sum"), ("budget", "amount"))


@rule("BX215", "implausible-amount", Severity.WARNING, section="cell")
def implausible_amount(s: Submissions) -> Iterator[Hits]:
    """An amount is far from all others of its column, and was probably written in thousands, or has a digit too many.

    Said only where at least three other amounts show what is usual, and the amount as it should be is like them.

    Wrong: 200 beside 250 000, 150 000 and 80 000.
    Right: 200 000.
    """
    for table, column in _COLUMNS:
        rows: dict[int, list[tuple[float, int]]] = {}
        for index, (workbook, value) in enumerate(
            zip(cells(s, table, "workbook"), cells(s, table, column), strict=True)
        ):
            if value > 0:
                rows.setdefault(workbook, []).append((value, index))
        meant = dict(one for found in rows.values() if len(found) > _LEAST_OTHERS for one in _slips(found))
        if meant:
            at = sorted(meant)
            label = s.form.by_id[table].by_id[column].label
            expected = Each.at(meant, at)
            yield hits(s, table, at, column, label=label, actual=each(s, table, column, at), expected=expected)


def _slips(amounts: list[tuple[float, int]]) -> Iterator[tuple[int, float]]:
    """Index of each amount that looks like a slip, and what it probably means."""
    if max(amounts)[0] < _FAR * min(amounts)[0]:
        return  # nearly every column: nothing is far from anything
    small = [one for one in amounts if one[0] < _THOUSAND]
    others = sorted(value for value, _ in amounts if value >= _THOUSAND)
    if len(small) < len(others) >= _LEAST_OTHERS:
        for value, index in small:
            # The smallest of the others must itself be far from what is written, else both are just small.
            if value * 20 < others[0] and others[0] / 2 <= value * _THOUSAND <= others[-1] * 2:
                yield index, value * _THOUSAND
    largest, index = max(amounts)
    rest = [value for value, other in amounts if other != index]
    if largest > _FAR * max(rest):
        for by in (10.0, 100.0, _THOUSAND):
            if min(rest) / 2 <= largest / by <= max(rest) * 2:
                yield index, largest / by
                return
