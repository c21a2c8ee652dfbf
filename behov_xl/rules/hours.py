"""Hours: numbers against numbers, words against numbers, and the years they stand under. Hours per school year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys
from behov_xl.values import Term, hours_in_words, school_years_named, terms_named, terms_of_school_year

if TYPE_CHECKING:
    import pandas as pd

    from behov_xl.workbook.frames import Submissions

TOLERANCE = 0.01
_PLAN = "2 Plan for partnerskap"


def _product(activities: pd.DataFrame) -> pd.Series[float]:
    return activities["semesters"] * activities["times"] * activities["hours_each"]


def _in_words(activities: pd.DataFrame) -> pd.Series[float]:
    """What the descriptions say in words; NaN where it cannot be known. The row's own number of semesters counts."""
    found = activities["stated_hours"].copy()
    semesters = activities["semesters"].fillna(2.0).tolist()
    said = [hours_in_words(t, n) for t, n in zip(activities["description"].tolist(), semesters, strict=True)]
    found[:] = [float("nan") if value is None else value for value in said]
    return found


@rule("BX401", "hours-product", Severity.ERROR, section=_PLAN, fix="unsafe")
def hours_product(s: Submissions) -> Iterator[Hits]:
    """The stated extent is not semesters × times per semester × hours each time.

    Wrong: 2 × 2 × 1,5 timer, omfang 8 timer.
    Right: 2 × 2 × 1,5 timer, omfang 6 timer.
    """
    activities = s["activities"]
    expected = _product(activities)
    wrong = (expected - activities["stated_hours"]).abs() > TOLERANCE
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
    said = _in_words(activities)
    product = _product(activities)
    wrong = ((said - activities["stated_hours"]).abs() > TOLERANCE) & ~((said - product).abs() <= TOLERANCE)
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

    Wrong: activities of 6, 4, 2, 6 and 4 hours, and 20 hours in the overview.
    Right: 22 hours in the overview.
    """
    activities = s["activities"]
    stated: dict[tuple[int, str, str], float] = {}
    of_workbook: dict[tuple[int, str], float] = {}
    years, hours = activities["school_year"].tolist(), activities["stated_hours"].tolist()
    for (workbook, measure), year, value in zip(keys(activities), years, hours, strict=True):
        stated[workbook, measure, year] = stated.get((workbook, measure, year), 0.0) + value
        of_workbook[workbook, year] = of_workbook.get((workbook, year), 0.0) + value
    overview, totals = s["hours"], s["hours.total"]
    for column in s.form.by_id["hours"].totals:
        year = str(column.school_year)
        shown = overview[column.id]
        right = shown.copy()
        right[:] = [stated.get((workbook, measure, year), 0.0) for workbook, measure in keys(overview)]
        yield from _unlike("hours", overview, column.id, right)
        right = totals[column.id].copy()
        right[:] = [of_workbook.get((workbook, year), 0.0) for workbook in totals["workbook"].tolist()]
        as_shown = totals["workbook"].map(shown.groupby(overview["workbook"]).sum()).fillna(0.0)
        agrees = (as_shown - totals[column.id]).abs() <= TOLERANCE
        yield from _unlike("hours.total", totals[~agrees], column.id, right[~agrees])


def _unlike(table: str, frame: pd.DataFrame, column: str, expected: pd.Series[float]) -> Iterator[Hits]:
    wrong = (expected - frame[column]).abs() > TOLERANCE
    yield hits(table, frame[wrong], column, expected=expected[wrong], actual=frame[column][wrong])


@rule("BX404", "hours-cannot-be-checked", Severity.INFO, section=_PLAN)
def hours_cannot_be_checked(s: Submissions) -> Iterator[Hits]:
    """The row says how often but not how long (or the reverse): nobody can see where the stated hours come from.

    Wrong: "2 møter per semester", omfang 4 timer, nothing under Timer per gang.
    Right: the same with 1 under Timer per gang.
    """
    activities = s["activities"]
    half = activities["times"].notna() != activities["hours_each"].notna()
    found = activities[half & activities["stated_hours"].notna() & _in_words(activities).isna()]
    columns = ["times" if one else "hours_each" for one in found["times"].isna().tolist()]
    labels = Each([s.form.by_id["activities"].by_id[column].label for column in columns])
    yield hits("activities", found, columns, label=labels, actual=found["stated_hours"])


@rule("BX405", "term-outside-year", Severity.WARNING, section=_PLAN)
def term_outside_year(s: Submissions) -> Iterator[Hits]:
    """The text names a term or a school year that is not in the school year the activity stands under.

    It is usually a row that was copied from the year before.

    Wrong: "Skolebasert kompetanseutvikling (vår 2027)" under 2027/2028.
    Right: "Skolebasert kompetanseutvikling (vår 2028)" under 2027/2028.
    """
    activities = s["activities"]
    for column in ("what", "description"):
        named = [
            _outside(text, year)
            for text, year in zip(activities[column].tolist(), activities["school_year"].tolist(), strict=True)
        ]
        found = activities.loc[[one is not None for one in named]]
        names = Each([one for one in named if one is not None])
        yield hits("activities", found, column, actual=names, expected=found["school_year"])


def _outside(text: str, year: str) -> Term | str | None:
    """The first term or school year that the text names and that is not in ``year``."""
    if not year or not any(character.isdigit() for character in text):
        return None
    inside = terms_of_school_year(year)
    for term in terms_named(text):
        if term not in inside:
            return term
    return next((one for one in school_years_named(text) if one != year), None)
