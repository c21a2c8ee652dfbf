"""Hours: numbers against numbers, words against numbers. Hours per school year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from behov_xl.extent import TOLERANCE, hours_said, product_slack
from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, each, hits, sums_by
from behov_xl.rules.lookups import having
from behov_xl.rules.shared import cells, keys_of, per_chunk
from behov_xl.values import hours_in_words, times_in_words
from behov_xl.workbook.input_rules import maximum

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions

_PLAN = "2 Plan for partnerskap"
_FACTORS = ("semesters", "times", "hours_each")


@per_chunk
def _products(s: Submissions) -> list[tuple[float, float]]:
    """Semesters × times × hours, and how far rounding may take it. A number that cannot be right (BX207) gives NaN."""
    columns = s.form.by_id["activities"].by_id
    rows = list(zip(*(cells(s, "activities", one) for one in _FACTORS), strict=True))
    most = [maximum(columns[one]) for one in _FACTORS]
    known = {row: _product(row, most) for row in set(rows)}
    return list(map(known.__getitem__, rows))


def _product(row: tuple[float, ...], most: list[float]) -> tuple[float, float]:
    if not all(0 <= factor <= limit for factor, limit in zip(row, most, strict=True)):
        return math.nan, math.nan
    return math.prod(row), product_slack(*row)


@per_chunk
def _in_words(s: Submissions) -> list[float | None]:
    """What the descriptions say in words; ``None`` where it cannot be known. The row's own semesters count."""
    columns = (cells(s, "activities", one) for one in ("description", "semesters"))
    rows = zip(*columns, strict=True)
    return [hours_said(text, 2.0 if semesters != semesters else semesters) for text, semesters in rows]


@rule("BX401", "hours-product", Severity.ERROR, section=_PLAN, fix="unsafe")
def hours_product(s: Submissions) -> Iterator[Hits]:
    """The stated extent is not semesters × times per semester × hours each time.

    Wrong: 2 × 2 × 1,5 timer, omfang 8 timer.
    Right: 2 × 2 × 1,5 timer, omfang 6 timer.
    """
    stated = cells(s, "activities", "stated_hours")
    rows = enumerate(zip(_products(s), stated, strict=True))
    wrong = [index for index, ((expected, slack), shown) in rows if abs(expected - shown) > slack]
    yield hits(
        s,
        "activities",
        wrong,
        "stated_hours",
        expected=Each([_products(s)[index][0] for index in wrong]),
        actual=each(s, "activities", "stated_hours", wrong),
        semesters=each(s, "activities", "semesters", wrong),
        times=each(s, "activities", "times", wrong),
        each=each(s, "activities", "hours_each", wrong),
    )


@rule("BX402", "hours-in-words", Severity.WARNING, section=_PLAN, fix="unsafe")
def hours_in_the_description(s: Submissions) -> Iterator[Hits]:
    """The description gives the hours in words, and they are not the stated extent.

    What the words leave open is not guessed; where words and numbers agree against the stated extent, BX401 says it.

    Wrong: "2 møter hvert semester med 1,5 time per møte", omfang 8 timer.
    Right: "2 møter hvert semester med 1,5 time per møte", omfang 6 timer.
    """
    stated = cells(s, "activities", "stated_hours")
    wrong = {
        index: said
        for index, (said, shown, (product, slack)) in enumerate(zip(_in_words(s), stated, _products(s), strict=True))
        if said is not None and abs(said - shown) > TOLERANCE and not abs(said - product) <= slack
    }
    yield hits(
        s,
        "activities",
        list(wrong),
        "stated_hours",
        expected=Each(list(wrong.values())),
        actual=each(s, "activities", "stated_hours", wrong),
        text=each(s, "activities", "description", wrong),
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
    rows = [(index, *key) for index, key in enumerate(keys_of(s, "hours")) if key[0] in known]
    books = cells(s, "hours.total", "workbook")
    totals = [(index, book, None) for index, book in enumerate(books) if book in known]
    for column in s.form.by_id["hours"].totals:
        year = str(column.school_year)
        right, counted = _expected(stated, rows, year), _expected(in_excel, rows, year)
        yield _unlike(s, "hours", column.id, right, counted)
        shown = sums_by(cells(s, "hours", "workbook"), cells(s, "hours", column.id))
        right, counted = _expected(stated, totals, year), _expected(in_excel, totals, year)
        yield _unlike(s, "hours.total", column.id, right, counted, {at: shown.get(book, 0.0) for at, book, _ in totals})


def _expected(hours: _Hours, rows: Iterable[tuple[int, int, str | None]], year: str) -> dict[int, float]:
    """Row → the hours that it should show. Of rows the places, workbooks and measures (``None``: all of them)."""
    return {index: hours.get((workbook, measure, year), 0.0) for index, workbook, measure in rows}


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


def _unlike(s: Submissions, table: str, column: str, right: dict[int, float], *others: dict[int, float]) -> Hits:
    """Hits where the number shown is none of those that may be expected there, of which the first is the right one."""
    shown = cells(s, table, column)
    wrong = [
        index
        for index, expected in right.items()
        if abs(expected - shown[index]) > TOLERANCE
        and all(abs(one[index] - shown[index]) > TOLERANCE for one in others)
    ]
    expected = Each.at(right, wrong)
    return hits(s, table, wrong, column, expected=expected, actual=each(s, table, column, wrong))


@rule("BX404", "hours-cannot-be-checked", Severity.INFO, section=_PLAN)
def hours_cannot_be_checked(s: Submissions) -> Iterator[Hits]:
    """The row says how often but not how long (or the reverse): nobody can see where the stated hours come from.

    Both without the number of semesters leave open whether it is once or twice as much.

    Wrong: "2 møter per semester", omfang 4 timer, nothing under Timer per gang.
    Right: the same with 1 under Timer per gang.
    """
    places = zip(cells(s, "activities", "workbook"), cells(s, "activities", "row"), strict=True)
    stated, factors = cells(s, "activities", "stated_hours"), [cells(s, "activities", one) for one in _FACTORS]
    wrong: dict[int, str] = {}
    for index, (said, shown, place, *row) in enumerate(zip(_in_words(s), stated, places, *factors, strict=True)):
        if said is None and shown == shown and (column := _missing(*row)):
            # What is there and cannot be read is not missing.
            workbook, at = place
            if (workbook, "activities", at, column) not in s.faulty:
                wrong[index] = column
    labels = Each([s.form.by_id["activities"].by_id[column].label for column in wrong.values()])
    actual = each(s, "activities", "stated_hours", wrong)
    yield hits(s, "activities", list(wrong), list(wrong.values()), label=labels, actual=actual)


def _missing(semesters: float, times: float, hours_each: float) -> str:
    """The column that a half-filled row lacks; ``""`` for a row that gives both numbers, or leaves them to the text."""
    if (times != times) != (hours_each != hours_each):
        return "times" if times != times else "hours_each"
    return "semesters" if semesters != semesters and times == times else ""


@rule("BX406", "times-in-words", Severity.WARNING, section=_PLAN)
def times_in_the_description(s: Submissions) -> Iterator[Hits]:
    """The description says how often per semester, and the numbers of the row say something else.

    Said where the description counts one thing only and does not give the hours, so that BX402 cannot compare them.
    Half as often in two semesters is as often in all.

    Wrong: "2 møter per semester", and 3 under Ganger per semester.
    Right: "2 møter per semester", and 2 under Ganger per semester.
    """
    columns = (cells(s, "activities", one) for one in ("description", "semesters", "times"))
    wrong: dict[int, float] = {}
    for index, (text, semesters, times) in enumerate(zip(*columns, strict=True)):
        count = None if math.isnan(times) else times_in_words(text)
        if count is None or abs(count - times) <= TOLERANCE or abs(semesters * times - 2 * count) <= TOLERANCE:
            continue
        if hours_in_words(text, semesters if 0 < semesters <= 2 else 2.0) is None:
            wrong[index] = count
    yield hits(
        s,
        "activities",
        list(wrong),
        "times",
        label=s.form.by_id["activities"].by_id["times"].label,
        expected=Each(list(wrong.values())),
        actual=each(s, "activities", "times", wrong),
        text=each(s, "activities", "description", wrong),
    )
