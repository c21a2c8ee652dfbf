"""School years and terms, alone in a cell or named in a running text. Pure: standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from behov_xl.spaces import clean

LONGEST = 4_000
"""Characters of a text that are looked at."""

_TO = r"\s?[/–‐‑-]\s?"
SCHOOL_YEAR = re.compile(
    rf"(?:(?:skole|skule|barnehage)år(?:et)?\s)?((?:20)?[0-9]{{2}}){_TO}((?:20)?[0-9]{{2}})", re.IGNORECASE
)
_SCHOOL_YEAR_IN_TEXT = re.compile(rf"(20[0-9]{{2}})(?<![\w/.–‑-][0-9]{{4}}){_TO}((?:20)?[0-9]{{2}})(?!\w|[/.–‑-][0-9])")


def consecutive(first: str, second: str) -> str:
    """Two years as written (``2026`` or ``26``) → ``2026/2027``; ``""`` where they do not follow each other."""
    start, end = int(first) % 2000 + 2000, int(second) % 2000 + 2000
    return f"{start}/{end}" if end == start + 1 else ""


_DATED = re.compile(r"[23]\W*[0-9]")
"""Stands in everything that names a school year or a term, and in few other texts."""


def dated(text: str) -> bool:
    """Whether a text may name a time."""
    return ("2" in text or "3" in text) and _DATED.search(text) is not None


def school_years_named(text: str) -> tuple[str, ...]:
    """The school years that a running text names, in order, each once."""
    text = clean(text[:LONGEST])
    if "20" not in text:
        return ()
    found = (consecutive(*match.groups()) for match in _SCHOOL_YEAR_IN_TEXT.finditer(text))
    return tuple(dict.fromkeys(one for one in found if one))


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """Half a school year. Ordered by time: spring 2026 < autumn 2026 < spring 2027."""

    year: int
    autumn: bool


@lru_cache(maxsize=64)
def terms_of_school_year(year: str) -> tuple[Term, Term]:
    """``2026/2027`` → autumn 2026, spring 2027."""
    return Term(int(year[:4]), autumn=True), Term(int(year[5:]), autumn=False)


_PART = r"(?:en|semester(?:et)?|halvår(?:et)?)?"
_OTHER = rf"\s?(?:/|og|eller|\+|&)\s?([vh])(?:(?<=v)år|(?<=h)(?:au|ø)st){_PART}"
# The first letter first, which is quickest to look for. Only the abbreviations need their capital: V27, H26.
_TERMS = re.compile(
    rf"([vVhH])(?<=\b.)(?:(?i:(?:(?<=v)år|(?<=h)(?:au|ø)st){_PART}(?:{_OTHER})?\s?[-'’]?\s?(20[0-9]{{2}}))"
    rf"(?!\w|{_TO}[0-9]{{2}})|(?<=[VH])-?([2-3][0-9])\b(?![-/–.][0-9]))"
)
_SHORT = re.compile(r"[VH]-?[23]")
"""Stands in every text with an abbreviated term."""


def terms_named(text: str) -> tuple[Term, ...]:
    """The terms with a year that a running text names, in order, each once. ``vår/høst 2026`` names two.

    A season without a year right behind it names none ("vår" is also "our"), nor does a plain year.
    """
    text = clean(text[:LONGEST])
    if "20" not in text and not _SHORT.search(text):
        return ()
    found: list[Term] = []
    for match in _TERMS.finditer(text):
        first, second, year, short = match.groups()
        number = int(year) if year else 2000 + int(short)
        found += [Term(number, autumn=season in "hH") for season in (first, second) if season]
    return tuple(dict.fromkeys(found))
