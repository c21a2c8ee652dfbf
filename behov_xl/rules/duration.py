"""The ticked duration of a measure, against the years and terms that its activities and budget lines name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.remembering import remembered
from behov_xl.rules.hits import Each, Hits, each, hits
from behov_xl.rules.lookups import having
from behov_xl.rules.shared import cells, keys_of, per_chunk
from behov_xl.rules.terms import dated_texts
from behov_xl.values import Term, school_years_named, terms_named, terms_of_school_year
from behov_xl.years import dated

if TYPE_CHECKING:
    from behov_xl.form import Choice, Form
    from behov_xl.workbook.columns import Submissions

_SECTION = "6 Økonomi og varighet"
_PLAN = "partnership"
_SENTENCE_END = re.compile(r"(?<!\d)[.!?;](?=\s)")
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Box:
    """One box of the duration and the time it stands for: the terms that its label names, or all from ``since`` on."""

    option: Choice
    terms: tuple[Term, ...]
    since: Term | None

    def covers(self, term: Term) -> bool:
        return term in self.terms or (self.since is not None and term >= self.since)


def _boxes(form: Form) -> list[_Box]:
    boxes = []
    for option in form.group_by_id["duration"].options:
        terms = terms_named(option.label.nb)
        open_end = bool(option.school_years) and not terms
        boxes.append(_Box(option, terms, terms_of_school_year(min(option.school_years))[0] if open_end else None))
    return boxes


@per_chunk
def _ticked(s: Submissions) -> dict[_Key, list[_Box]]:
    """(workbook, measure) → the boxes that are ticked. Only where every box can be read."""
    boxes = _boxes(s.form)
    columns = [f"duration.{box.option.id}" for box in boxes]
    there = having(s, "ticks", *columns)
    found: dict[_Key, list[_Box]] = {}
    for key, row in zip(
        keys_of(s, "ticks"), zip(*(cells(s, "ticks", one) for one in columns), strict=True), strict=True
    ):
        if key[0] in there and not any(map(math.isnan, row)):
            found.setdefault(key, []).extend(box for box, tick in zip(boxes, row, strict=True) if tick)
    return found


def _years(boxes: list[_Box]) -> set[str]:
    return {year for box in boxes for year in box.option.school_years}


@rule("BX515", "activity-outside-duration", Severity.WARNING, section=_SECTION)
def activity_outside_duration(s: Submissions) -> Iterator[Hits]:
    """An activity stands under a school year in which the measure, by its ticked duration, does not run.

    Wrong: varighet Høst 2026 ☒ only, and an activity under 2027/2028.
    Right: Videre ☒ as well.
    """
    years = {key: _years(boxes) for key, boxes in _ticked(s).items()}
    measures = keys_of(s, "activities")
    rows = enumerate(zip(measures, cells(s, "activities", "school_year"), strict=True))
    wrong = [index for index, (key, year) in rows if year and years.get(key) and year not in years[key]]
    actual, expected = each(s, "activities", "school_year", wrong), [sorted(years[measures[one]]) for one in wrong]
    yield hits(s, "activities", wrong, "school_year", actual=actual, expected=Each(expected))


@rule("BX516", "duration-without-activities", Severity.INFO, section=_SECTION)
def duration_without_activities(s: Submissions) -> Iterator[Hits]:
    """A ticked part of the duration has no activities, though the measure has activities in other years.

    Wrong: Videre ☒, and all activities under 2026/2027.
    Right: Videre ☐, or activities under 2027/2028.
    """
    busy: dict[tuple[int, str], set[str]] = {}
    for key, year in zip(keys_of(s, "activities"), cells(s, "activities", "school_year"), strict=True):
        busy.setdefault(key, set()).add(year)
    known = [busy.get(key, {""}) for key in keys_of(s, "ticks")]
    for option in s.form.group_by_id["duration"].options:
        column, years = f"duration.{option.id}", set(option.school_years)
        boxes = zip(cells(s, "ticks", column), known, strict=True)
        wrong = [
            index for index, (box, there) in enumerate(boxes) if box == 1.0 and "" not in there and not there & years
        ]
        yield hits(s, "ticks", wrong, column, label=option.label, expected=list(option.school_years))


@rule("BX519", "period-outside-duration", Severity.WARNING, section=_SECTION)
def period_outside_duration(s: Submissions) -> Iterator[Hits]:
    """The period of a budget line names a term or a school year in which the measure, by its duration, does not run.

    Half a school year inside is enough for the year. "2026–2027" may be two calendar years.

    Wrong: "Høst 2027" as the period, and Videre ☐ under varighet.
    Right: "Høst 2027" as the period, and Videre ☒ under varighet.
    """
    periods = cells(s, "budget", "period")
    if not any(periods):
        return
    ticked, lines = _ticked(s), keys_of(s, "budget")
    wrong: dict[int, Term | str] = {}
    for index, (key, period) in enumerate(zip(lines, periods, strict=True)):
        outside = _outside(period, ticked[key]) if period and ticked.get(key) else None
        if outside:
            wrong[index] = outside
    expected = _labels(ticked, lines, wrong)
    yield hits(s, "budget", list(wrong), "period", actual=Each(list(wrong.values())), expected=expected)


def _outside(period: str, boxes: list[_Box]) -> Term | str | None:
    """The first term or school year of a period that none of the ticked boxes covers."""
    return next((name for name, _ in _all_outside(period, boxes)), None)


def _all_outside(period: str, boxes: list[_Box]) -> Iterator[tuple[Term | str, Term]]:
    """The terms and school years of a period that none of the ticked boxes covers, and when they begin."""
    terms, years = _times_named(period)
    for term in terms:
        if not any(box.covers(term) for box in boxes):
            yield term, term
    for year in years:
        autumn, spring = terms_of_school_year(year)
        parts = [autumn, spring]
        if "/" not in period:
            parts += [Term(autumn.year, autumn=False), Term(spring.year, autumn=True)]
        if not any(box.covers(term) for box in boxes for term in parts):
            yield year, min(parts)


@remembered(4096)
def _times_named(period: str) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    return terms_named(period), school_years_named(period)


def _labels(ticked: dict[_Key, list[_Box]], keys: list[_Key], rows: Iterable[int]) -> Each:
    """The boxes that are ticked for the measures of these rows, as a parameter."""
    return Each([[box.option.label for box in ticked[keys[index]]] for index in rows])


def _terms_inside(terms: Iterable[Term], year: str) -> tuple[Term, ...]:
    """Those of these terms that are in this school year."""
    inside = terms_of_school_year(year)
    return tuple(term for term in terms if term in inside)


@rule("BX409", "term-outside-duration", Severity.WARNING, section="2 Plan for partnerskap")
def term_outside_duration(s: Submissions) -> Iterator[Hits]:
    """An activity names a term of its school year in which the measure, by its ticked duration, does not run.

    A year that is outside as a whole is BX515's, a term that is not in the year BX405's, and a term that has no box at
    all cannot be ticked.

    Wrong: "Fagdag (vår 2027)" under 2026/2027, and Vår 2027 ☐ under varighet.
    Right: "Fagdag (vår 2027)" under 2026/2027, and Vår 2027 ☒ under varighet.
    """
    years = cells(s, "activities", "school_year")
    candidates = [
        (one.place, one.column, term)
        for one in dated_texts(s)
        for term in (_terms_inside(one.terms, years[one.place]) if years[one.place] else ())
        if not s.form.doubt.first(one.text)
    ]
    if not candidates:
        return
    ticked, boxes = _ticked(s), _boxes(s.form)
    rows = keys_of(s, "activities")
    wrong: dict[int, tuple[str, Term]] = {}
    for index, column, term in candidates:
        there = ticked.get(rows[index], [])
        covered = any(box.covers(term) for box in there) or not any(box.covers(term) for box in boxes)
        if years[index] in _years(there) and not covered:
            wrong.setdefault(index, (column, term))
    terms = Each([term for _, term in wrong.values()])
    where = [column for column, _ in wrong.values()]
    yield hits(s, "activities", list(wrong), where, actual=terms, expected=_labels(ticked, rows, wrong))


@rule("BX411", "plan-outside-duration", Severity.INFO, section="2 Plan for partnerskap")
def plan_outside_duration(s: Submissions) -> Iterator[Hits]:
    """The plan for the partnership names a term or a school year after the last one that is ticked as the duration.

    What came before may be told anywhere. A sentence that is uncertain, or points to another time, says nothing.

    Wrong: "Arbeidet pågår i 2026/2027 og 2027/2028.", and Videre ☐ under varighet.
    Right: "Arbeidet pågår i 2026/2027 og 2027/2028.", and Videre ☒ under varighet.
    """
    rows = enumerate(zip(cells(s, "texts", "section"), cells(s, "texts", "text"), strict=True))
    ticked, places = _ticked(s), keys_of(s, "texts")
    wrong: dict[int, Term | str] = {}
    for index, text in ((index, text) for index, (section, text) in rows if section == _PLAN and dated(text)):
        later = _later(s.form, text, ticked.get(places[index], []))
        if later:
            wrong[index] = later
    expected = _labels(ticked, places, wrong)
    yield hits(s, "texts", list(wrong), "text", actual=Each(list(wrong.values())), expected=expected)


def _later(form: Form, text: str, boxes: list[_Box]) -> Term | str | None:
    """The first time after all ticked ones that a text speaks of; ``None`` if the ticked time has no known end."""
    last = max((term for box in boxes for term in box.terms), default=None)
    if last is None or any(box.since for box in boxes):
        return None
    vague = [words for words in (form.pointing, form.doubt) if words]
    for sentence in _SENTENCE_END.split(text):
        later = next((name for name, begins in _all_outside(sentence, boxes) if begins > last), None)
        if later and not any(words.first_at_all(sentence) for words in vague):
            return later
    return None
