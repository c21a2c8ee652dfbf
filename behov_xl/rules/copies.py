"""Activities that are copies of each other: a row that stands twice, a school year that repeats another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys
from behov_xl.rules.lookups import having
from behov_xl.values import clean

if TYPE_CHECKING:
    from behov_xl.workbook.frames import Submissions

_PLAN = "2 Plan for partnerskap"
_Line = tuple[str | float | None, ...]


@rule("BX407", "activity-twice", Severity.WARNING, section=_PLAN)
def activity_twice(s: Submissions) -> Iterator[Hits]:
    """The same activity stands twice under a measure's school year: same name, same description, same numbers.

    Its hours then count twice. Two gatherings that are alike are one row that happens twice.

    Wrong: "Fagsamling for alle ansatte", 6 hours, in two rows of T1 in 2026/2027.
    Right: one row, with the times it happens under Ganger per semester.
    """
    activities = s["activities"]
    first: dict[tuple[tuple[int, str], str, _Line], int] = {}
    wrong, before = [], []
    rows = activities["row"].tolist()
    for index, line in enumerate(_lines(s)):
        if line is not None and first.setdefault(line, index) != index:
            wrong.append(index)
            before.append(rows[first[line]] + 1)
    if wrong:
        found = activities.iloc[wrong]
        yield hits("activities", found, "what", actual=found["what"], expected_row=Each(before))


@rule("BX408", "years-copied", Severity.INFO, section=_PLAN)
def years_copied(s: Submissions) -> Iterator[Hits]:
    """Two school years of a measure have the same activities, to the letter. It may be meant; often it is a draft.

    Said of measures with at least two activities a year, once for each year that repeats an earlier one.

    Wrong: T1 has the same four activities in 2026/2027 and in 2027/2028.
    Right: activities that build on those of the year before.
    """
    plans: dict[tuple[int, str], dict[str, list[_Line]]] = {}
    first: dict[tuple[tuple[int, str], str], int] = {}
    unknown = set()
    for index, (line, key) in enumerate(zip(_lines(s), keys(s["activities"]), strict=True)):
        if line is None:
            unknown.add(key)
            continue
        plans.setdefault(key, {}).setdefault(line[1], []).append(line[2])
        first.setdefault((key, line[1]), index)
    wrong, year, original = [], [], []
    for key, years in plans.items():
        if len(years) < 2 or key in unknown:
            continue
        seen: dict[frozenset[tuple[_Line, int]], str] = {}
        for one in sorted(years):
            plan = frozenset(Counter(years[one]).items())
            if len(years[one]) > 1 and seen.setdefault(plan, one) != one:
                wrong.append(first[key, one])
                year.append(one)
                original.append(seen[plan])
    if wrong:
        yield hits("activities", s["activities"].iloc[wrong], "school_year", actual=Each(year), expected=Each(original))


def _lines(s: Submissions) -> Iterator[tuple[tuple[int, str], str, _Line] | None]:
    """For each activity its measure, its school year and all else that is typed in its row, as it is compared.

    ``None`` where a part of it is unknown: a column is gone, a cell cannot be read, or there is no name.
    """
    activities = s["activities"]
    columns = [one for one in s.form.by_id["activities"].typed if one not in {"measure", "school_year"}]
    there = having(s, "activities", "measure", "school_year", *columns)
    unread = {(workbook, row) for workbook, table, row, _ in s.faulty if table == "activities"}
    values = zip(*(activities[one].tolist() for one in columns), strict=True)
    places = (activities[one].tolist() for one in ("row", "school_year", "what"))
    for key, row, year, what, line in zip(keys(activities), *places, values, strict=True):
        known = key[0] in there and key[1] and year and what and (key[0], row) not in unread
        yield (key, year, tuple(map(_comparable, line))) if known else None


def _comparable(value: str | float) -> str | float | None:
    if isinstance(value, str):
        return clean(value).casefold()
    return value if value == value else None  # an empty cell equals an empty cell, which NaN does not
