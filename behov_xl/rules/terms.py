"""Terms and school years that an activity's text names, against the year and the semesters of its row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, each, hits
from behov_xl.rules.shared import cells, per_chunk
from behov_xl.values import Term, school_years_named, terms_named, terms_of_school_year
from behov_xl.years import dated

if TYPE_CHECKING:
    from behov_xl.form import Form
    from behov_xl.workbook.columns import Submissions

_PLAN = "2 Plan for partnerskap"


@rule("BX405", "term-outside-year", Severity.WARNING, section=_PLAN)
def term_outside_year(s: Submissions) -> Iterator[Hits]:
    """The text names a term or a school year that is not in the school year the activity stands under.

    It is usually a row that was copied from the year before. Said once of a row. A time that the text points to
    ("evaluering av arbeidet i 2025/2026", "påmelding våren 2026") is not when the activity takes place.

    Wrong: "Skolebasert kompetanseutvikling (vår 2027)" under 2027/2028.
    Right: "Skolebasert kompetanseutvikling (vår 2028)" under 2027/2028.
    """
    years = cells(s, "activities", "school_year")
    wrong: dict[int, tuple[str, Term | str]] = {}
    for one in dated_texts(s):
        year = years[one.place]
        if one.place in wrong or not (named := _outside(one.terms, one.years, year)):
            continue
        own = _own_time(s.form, one.text)
        if own != one.text:
            named = _outside(terms_named(own), school_years_named(own), year)
        if named:
            wrong[one.place] = one.column, named
    if wrong:
        where, names = zip(*wrong.values(), strict=True)
        expected = each(s, "activities", "school_year", wrong)
        yield hits(s, "activities", list(wrong), where, actual=Each(names), expected=expected)


def _own_time(form: Form, text: str) -> str:
    """A text without what it says of other times, or for uncertain."""
    return "" if form.doubt.first(text) else form.pointing.cut_from(text) if form.pointing else text


class Dated(NamedTuple):
    """A text of an activity that may name a time: the place of its row, its column, and the times that it names."""

    place: int
    column: str
    text: str
    terms: tuple[Term, ...]
    years: tuple[str, ...]


@per_chunk
def dated_texts(s: Submissions) -> list[Dated]:
    """The names and descriptions of activities that may name a term or school year, by row."""
    found: list[Dated] = []
    for column in ("what", "description"):
        texts = cells(s, "activities", column)
        named = {text: (terms_named(text), school_years_named(text)) for text in set(texts) if dated(text)}
        found += [Dated(index, column, text, *named[text]) for index, text in enumerate(texts) if text in named]
    return sorted(found, key=itemgetter(0))


def _outside(terms: Iterable[Term], years: Iterable[str], year: str) -> Term | str | None:
    """The first of the terms and school years named that is not in ``year``."""
    if not year:
        return None
    inside = terms_of_school_year(year)
    for term in terms:
        if term not in inside:
            return term
    return next((one for one in years if one != year), None)


@rule("BX410", "one-term-two-semesters", Severity.INFO, section=_PLAN)
def one_term_two_semesters(s: Submissions) -> Iterator[Hits]:
    """The text names one term of the school year, and the row counts two semesters.

    A term in which something begins, ends or does not happen ("oppstart høst 2026") says nothing of the other one.

    Wrong: "Skolebasert kompetanseutvikling (vår 2027)", and 2 under Semestre.
    Right: "Skolebasert kompetanseutvikling (vår 2027)", and 1 under Semestre.
    """
    vague = [one for one in (s.form.bounds, s.form.doubt) if one]
    columns = [cells(s, "activities", one) for one in ("school_year", "semesters", "what", "description")]
    wrong, named = [], []
    for index, texts in groupby(dated_texts(s), key=itemgetter(0)):
        year, semesters, what, description = (column[index] for column in columns)
        term = _only_term(list(texts), f"{what}\n{description}", year) if semesters == 2.0 and year else None
        if term and not any(words.first(text) for words in vague for text in (what, description)):
            wrong.append(index)
            named.append(term)
    if wrong:
        label, shown = s.form.by_id["activities"].by_id["semesters"].label, each(s, "activities", "semesters", wrong)
        yield hits(s, "activities", wrong, "semesters", label=label, actual=Each(named), semesters=shown)


_AUTUMN = re.compile(r"\b(?:høst|haust)", re.IGNORECASE)
_SPRING = re.compile(r"\bvår(?:en|semester\w*|halvår\w*)?\b", re.IGNORECASE)


def _only_term(dated: list[Dated], text: str, year: str) -> Term | None:
    """The one term of the year that the texts name, if they name no other time: not the other season, not the year."""
    term, *others = {term for one in dated for term in one.terms} or (None,)
    if term is None or others or term not in terms_of_school_year(year) or any(one.years for one in dated):
        return None
    return None if (_SPRING if term.autumn else _AUTUMN).search(text) else term
