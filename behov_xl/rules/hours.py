"""Hours: numbers against numbers, words against numbers. Hours per school year."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from behov_xl.extent import TOLERANCE, hours_said, product_slack
from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys, sums_by
from behov_xl.rules.lookups import having
from behov_xl.rules.shared import cells, keys_of, per_chunk
from behov_xl.values import hours_in_words, times_in_words
from behov_xl.workbook.input_rules import maximum

if TYPE_CHECKING:
    import pandas as pd

    from behov_xl.workbook.frames import Submissions

_PLAN = "2 Plan for partnerskap"


@per_chunk
def _product(s: Submissions) -> tuple[pd.Series[float], pd.Series[float]]:
    """Semesters × times × hours, and how far rounding may take it. A number that cannot be right (BX207) gives NaN."""
    activities, columns = s["activities"], s.form.by_id["activities"].by_id
    semesters, times, each = (
        activities[one].where(activities[one].between(0, maximum(columns[one])))
        for one in ("semesters", "times", "hours_each")
    )
    return semesters * times * each, product_slack(semesters, times, each)


@per_chunk
def _in_words(s: Submissions) -> pd.Series[float]:
    """What the descriptions say in words; NaN where it cannot be known. The row's own number of semesters counts."""
    activities = s["activities"]
    found = activities["stated_hours"].copy()
    semesters = activities["semesters"].fillna(2.0).tolist()
    said = [hours_said(*row) for row in zip(cells(s, "activities", "description"), semesters, strict=True)]
    found[:] = [float("nan") if value is None else value for value in said]
    return found


@rule("BX401", "hours-product", Severity.ERROR, section=_PLAN, fix="unsafe")
def hours_product(s: Submissions) -> Iterator[Hits]:
    """The stated extent is not semesters × times per semester × hours each time.

    Wrong: 2 × 2 × 1,5 timer, omfang 8 timer.
    Right: 2 × 2 × 1,5 timer, omfang 6 timer.
    """
    activities = s["activities"]
    expected, slack = _product(s)
    wrong = (expected - activities["stated_hours"]).abs() > slack
    found = activities[wrong]
    yield hits(
        "activities",
        found,
        "stated_hours",
        expected=expected[wrong],
        actual=found["stated_hours"],
        semesters=found["semesters"],
        times=found["times"],
        each=found["hours_each"],
    )


@rule("BX402", "hours-in-words", Severity.WARNING, section=_PLAN, fix="unsafe")
def hours_in_the_description(s: Submissions) -> Iterator[Hits]:
    """The description gives the hours in words, and they are not the stated extent.

    What the words leave open is not guessed; where words and numbers agree against the stated extent, BX401 says it.

    Wrong: "2 møter hvert semester med 1,5 time per møte", omfang 8 timer.
    Right: "2 møter hvert semester med 1,5 time per møte", omfang 6 timer.
    """
    activities = s["activities"]
    said = _in_words(s)
    product, slack = _product(s)
    wrong = ((said - activities["stated_hours"]).abs() > TOLERANCE) & ~((said - product).abs() <= slack)
    found = activities[wrong]
    yield hits(
        "activities",
        found,
        "stated_hours",
        expected=said[wrong],
        actual=found["stated_hours"],
        text=found["description"],
    )


@rule("BX403", "hours-per-year", Severity.ERROR, section=_PLAN, fix="safe")
def hours_per_year(s: Submissions) -> Iterator[Hits]:
    """The overview's hours of a measure in a school year, or their sum, are not the sum of the activities' hours.

    A wrong row of the overview is that row's fault, not the sum's, and hours that are text are their cell's (BX209).

    Wrong: activities of 6, 4, 2, 6 and 4 hours, and 20 hours in the overview.
    Right: 22 hours in the overview.
    """
    known = having(s, "activities", "measure", "school_year", "stated_hours")
    stated, in_excel = _hours_by_year(s)
    overview, totals = (frame[frame["workbook"].isin(known)] for frame in (s["hours"], s["hours.total"]))
    measures, books = keys(overview), totals["workbook"].tolist()
    for column in s.form.by_id["hours"].totals:
        year = str(column.school_year)
        cells = [(*measure, year) for measure in measures]
        right, counted = ([hours.get(cell, 0.0) for cell in cells] for hours in (stated, in_excel))
        yield from _unlike("hours", overview, column.id, right, counted)
        shown = sums_by(overview, overview[column.id].tolist())
        right, counted = ([hours.get((book, None, year), 0.0) for book in books] for hours in (stated, in_excel))
        yield from _unlike("hours.total", totals, column.id, right, counted, [shown.get(book, 0.0) for book in books])


_Hours = dict[tuple[int, str | None, str], float]


def _hours_by_year(s: Submissions) -> tuple[_Hours, _Hours]:
    """(workbook, measure, year) → hours as they are meant, and as Excel adds them up.

    Excel passes over text, and over keys and years that are not written as in the list. Measure ``None``: all of the
    workbook's. NaN where hours are missing.
    """
    unseen = _unlike_the_list(s)
    faulty = {(workbook, row, column) for workbook, table, row, column in s.faulty if table == "activities"}
    affected = {workbook for workbook, *_ in faulty}.union(workbook for workbook, _ in unseen)
    stated: _Hours = {}
    in_excel: _Hours = {}
    columns = (cells(s, "activities", one) for one in ("row", "school_year", "stated_hours"))
    for (workbook, measure), row, year, value in zip(keys_of(s, "activities"), *columns, strict=True):
        stated[workbook, measure, year] = stated.get((workbook, measure, year), 0.0) + value
        stated[workbook, None, year] = stated.get((workbook, None, year), 0.0) + value
        if workbook not in affected:
            continue
        of_all = (workbook, row, "stated_hours") not in faulty and (workbook, row, "school_year") not in faulty
        of_its = of_all and (workbook, row, "measure") not in faulty
        counts = of_its and (workbook, measure) not in unseen
        for key, counted in (((workbook, measure, year), counts), ((workbook, None, year), of_all)):
            in_excel[key] = in_excel.get(key, 0.0) + (value if counted else 0.0)
    return stated, {**stated, **in_excel}


def _unlike_the_list(s: Submissions) -> set[tuple[int, str]]:
    """The measures whose own id has a finding (spaces): no row that names them is equal to it."""
    rows = zip(keys_of(s, "measures"), cells(s, "measures", "row"), strict=True)
    return {key for key, row in rows if (key[0], "measures", row, "measure") in s.faulty}


def _unlike(table: str, frame: pd.DataFrame, column: str, *expected: list[float]) -> Iterator[Hits]:
    """Hits where the number shown is none of those that may be expected, of which the first is the right one."""
    shown = frame[column].tolist()
    wrong = [
        abs(right - value) > TOLERANCE and all(abs(one - value) > TOLERANCE for one in others)
        for value, right, *others in zip(shown, *expected, strict=True)
    ]
    if any(wrong):
        found = frame.loc[wrong]
        right = Each([one for one, off in zip(expected[0], wrong, strict=True) if off])
        yield hits(table, found, column, expected=right, actual=found[column])


@rule("BX404", "hours-cannot-be-checked", Severity.INFO, section=_PLAN)
def hours_cannot_be_checked(s: Submissions) -> Iterator[Hits]:
    """The row says how often but not how long (or the reverse): nobody can see where the stated hours come from.

    Both without the number of semesters leave open whether it is once or twice as much.

    Wrong: "2 møter per semester", omfang 4 timer, nothing under Timer per gang.
    Right: the same with 1 under Timer per gang.
    """
    activities = s["activities"]
    open_ = activities[activities["stated_hours"].notna() & _in_words(s).isna()]
    missing = [_missing(one) for one in open_[["semesters", "times", "hours_each"]].isna().itertuples(index=False)]
    places = zip(open_["workbook"].tolist(), open_["row"].tolist(), missing, strict=True)
    # What is there and cannot be read is not missing.
    wanted = [bool(column) and (w, "activities", row, column) not in s.faulty for w, row, column in places]
    found = open_.loc[wanted]
    columns = [column for column, one in zip(missing, wanted, strict=True) if one]
    labels = Each([s.form.by_id["activities"].by_id[column].label for column in columns])
    yield hits("activities", found, columns, label=labels, actual=found["stated_hours"])


def _missing(empty: tuple[Any, ...]) -> str:
    """The column that a half-filled row lacks; ``""`` for a row that gives both numbers, or leaves them to the text."""
    semesters, times, hours_each = empty
    if times != hours_each:
        return "times" if times else "hours_each"
    return "semesters" if semesters and not times else ""


@rule("BX406", "times-in-words", Severity.WARNING, section=_PLAN)
def times_in_the_description(s: Submissions) -> Iterator[Hits]:
    """The description says how often per semester, and the numbers of the row say something else.

    Said where the description counts one thing only and does not give the hours, so that BX402 cannot compare them.
    Half as often in two semesters is as often in all.

    Wrong: "2 møter per semester", and 3 under Ganger per semester.
    Right: "2 møter per semester", and 2 under Ganger per semester.
    """
    activities = s["activities"]
    columns = (cells(s, "activities", one) for one in ("description", "semesters", "times"))
    wrong, said = [], []
    for index, (text, semesters, times) in enumerate(zip(*columns, strict=True)):
        count = None if math.isnan(times) else times_in_words(text)
        if count is None or abs(count - times) <= TOLERANCE or abs(semesters * times - 2 * count) <= TOLERANCE:
            continue
        if hours_in_words(text, semesters if 0 < semesters <= 2 else 2.0) is None:
            wrong.append(index)
            said.append(count)
    if wrong:
        found, label = activities.iloc[wrong], s.form.by_id["activities"].by_id["times"].label
        yield hits(
            "activities",
            found,
            "times",
            label=label,
            expected=Each(said),
            actual=found["times"],
            text=found["description"],
        )
