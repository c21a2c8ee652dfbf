"""Activities that are copies of each other: a row that stands twice, a school year that repeats another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, each, hits
from behov_xl.rules.lookups import having, repeated
from behov_xl.rules.shared import cells, folded, keys_of, per_chunk

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions

_PLAN = "2 Plan for partnerskap"
_Year = tuple[tuple[int, str], str]
"""A school year of a measure: (workbook, measure), year."""
_Line = tuple[str | float | None, ...]
"""All else that is typed in an activity's row, as it is compared."""


@rule("BX407", "activity-twice", Severity.WARNING, section=_PLAN)
def activity_twice(s: Submissions) -> Iterator[Hits]:
    """The same activity stands twice under a measure's school year: same name, same description, same numbers.

    Its hours then count twice. Two gatherings that are alike are one row that happens twice.

    Wrong: "Fagsamling for alle ansatte", 6 hours, in two rows of T1 in 2026/2027.
    Right: one row, with the times it happens under Ganger per semester.
    """
    texts = (folded(s, "activities", one) for one in ("what", "description"))
    alike = {year for year, *_ in repeated(list(zip(_years(s), *texts, strict=True)))}
    if not alike:
        return
    first: dict[tuple[_Year, _Line], int] = {}
    wrong, before = [], []
    rows = cells(s, "activities", "row")
    for index, year, line in _lines(s, alike):
        if line is not None and first.setdefault((year, line), index) != index:
            wrong.append(index)
            before.append(rows[first[year, line]] + 1)
    actual = each(s, "activities", "what", wrong)
    yield hits(s, "activities", wrong, "what", actual=actual, expected_row=Each(before))


@rule("BX408", "years-copied", Severity.INFO, section=_PLAN)
def years_copied(s: Submissions) -> Iterator[Hits]:
    """Two school years of a measure have the same activities, to the letter. It may be meant; often it is a draft.

    Said of measures with at least two activities a year, once for each year that repeats an earlier one.

    Wrong: T1 has the same four activities in 2026/2027 and in 2027/2028.
    Right: activities that build on those of the year before.
    """
    alike = _years_alike(s)
    if not alike:
        return
    plans: dict[_Year, list[_Line | None]] = {}
    first: dict[_Year, int] = {}
    for index, year, line in _lines(s, alike):
        plans.setdefault(year, []).append(line)
        first.setdefault(year, index)
    seen: dict[tuple[tuple[int, str], frozenset[tuple[_Line | None, int]]], str] = {}
    copies: dict[int, tuple[str, str]] = {}
    for one in sorted(plans):
        if None in plans[one]:
            continue
        earlier = seen.setdefault((one[0], frozenset(Counter(plans[one]).items())), one[1])
        if earlier != one[1]:
            copies[first[one]] = one[1], earlier
    if copies:
        later, original = zip(*copies.values(), strict=True)
        yield hits(s, "activities", list(copies), "school_year", actual=Each(later), expected=Each(original))


def _years_alike(s: Submissions) -> set[_Year]:
    """The school years of a measure that have the same names and descriptions: most plans are ruled out by these.

    A measure with a row whose year cannot be read is left out: that row may be the difference.
    """
    columns = [cells(s, "activities", one) for one in ("what", "description")]
    said = list(zip(keys_of(s, "activities"), *columns, strict=True))
    repeating = {measure for measure, *_ in repeated(said)}
    plans: dict[_Year, list[tuple[str, str]]] = {}
    for year, what, description in zip(_years(s), *columns, strict=True) if repeating else ():
        if year[0] in repeating:
            plans.setdefault(year, []).append((what, description))
    groups: dict[tuple[tuple[int, str], int, frozenset[tuple[str, str]]], list[_Year]] = {}
    for year, rows in plans.items():
        if len(rows) > 1 and (year[0], "") not in plans:
            groups.setdefault((year[0], len(rows), frozenset(rows)), []).append(year)
    return {year for years in groups.values() if len(years) > 1 for year in years}


@per_chunk
def _years(s: Submissions) -> list[_Year]:
    """The school year of each activity."""
    return list(zip(keys_of(s, "activities"), cells(s, "activities", "school_year"), strict=True))


def _lines(s: Submissions, wanted: Collection[_Year]) -> Iterator[tuple[int, _Year, _Line | None]]:
    """The activities of these years: index, year, and what is typed in the row.

    ``None`` where that is not known: a column is gone, a cell cannot be read, or there is no name.
    """
    columns = [one for one in s.form.by_id["activities"].typed if one not in {"measure", "school_year"}]
    there = having(s, "activities", "measure", "school_year", *columns)
    unread = {(workbook, row) for workbook, table, row, _ in s.faulty if table == "activities"}
    rows, values = cells(s, "activities", "row"), [cells(s, "activities", one) for one in columns]
    names = cells(s, "activities", "what")
    for index, year in enumerate(_years(s)):
        if year in wanted:
            (workbook, measure), school_year = year
            known = measure and school_year and names[index] and workbook in there
            readable = known and (workbook, rows[index]) not in unread
            yield index, year, tuple(_comparable(column[index]) for column in values) if readable else None


def _comparable(value: str | float) -> str | float | None:
    if isinstance(value, str):
        return value.casefold()
    return None if math.isnan(value) else value  # an empty cell equals an empty cell, which NaN does not
