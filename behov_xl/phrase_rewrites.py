"""Phrases about hours that mean one thing, rewritten so that a word or a number stands for them."""

from __future__ import annotations

import re
from functools import lru_cache, reduce
from itertools import groupby
from operator import itemgetter, or_

SEASON = r"(?:vår|høst|haust)(?:en|semester(?:et)?|halvår(?:et)?)?"
_TERM = r"(?:(?:semest(?:er|re|ra)|halvår)(?:et|a|ane|ene|ne)?\b|sem\b\.?|termin(?:en)?\b)"
_TERM_MARKS = "sem|halvår|termin"
_YEAR = r"(?:skole|skule|barnehage)?år(?:et)?\b"
_EACH = r"(?:per|pr|hver|hvert|kvar|kvart)"
_HALF = r"(?:en|ein|et|eit|ett) halvt?\b"
_FRACTIONS = (("½", 5), ("¼", 25), ("¾", 75))
_LASTING = (
    r"(?:\b(?:med|av) )?(?:\bei?n )?\b(?:varighe(?:t|it)|lengde?)\b ?(?:(?:på|av)\b|:)?"
    r"|\b(?:som )?var[ea]r\b(?: i\b)?"
)
# Marks, pattern, replacement. One of the marks stands in every text that the pattern finds something in. Order matters:
# "fordelt på to semestre" says how a total is spread, and must go before "to semestre" is seen.
_PHRASES: tuple[tuple[str, str, str], ...] = (
    ("pr.", r"\bpr\. ?", "per "),
    ("m/", r"\bm/ ?", "med "),
    ("20", r"\b20[0-9]{2} ?[/–-] ?(?:20)?[0-9]{2}\b", " "),
    ("fordelt", rf"\bfordelt (?:på|over|mellom) {SEASON} og {SEASON}\b", " "),
    # "1 samling høst og vår": one, or one in each?
    (
        "vår|høst|haust",
        rf"\b{SEASON}(?: 20[0-9]{{2}})? ?(?:og|samt|[/,&+–-]) ?(?:på |i )?{SEASON}\b",
        " ? ",
    ),
    (" 20", rf"\b{SEASON} 20[0-9]{{2}}\b", " "),
    (
        "fordelt|over|gjennom|løpet",
        rf"\b(?:fordelt (?:på|over)|over|gjennom|i løpet av) (?:de )?(?:to|2|begge) {_TERM}",
        " ",
    ),
    ("fordelt over", r"\bfordelt over\b", "fordelt på"),
    ("begge|alle|de to", rf"\b(?:i )?(?:begge|alle|de to) {_TERM}", " §2 "),
    ("/", rf"(?<=\w) ?/ ?(?={_TERM}|{_YEAR}|(?:møte|samling|gang|gong|økt|dag)\b)", " per "),
    (_TERM_MARKS, rf"\b(?:i )?{_EACH} {_TERM}", " §S "),
    (_TERM_MARKS, rf"\bi {_TERM}", " §I "),
    ("år", rf"\b(?:(?:i )?{_EACH}|i|gjennom|i løpet av) {_YEAR}", " §Y "),
    ("halv", rf"\b(?:halvannen|halvannan|(?:en|én|ein|éin|1) og {_HALF})", " 1,5 "),
    *(("halv", rf"\b(?:{word}|{n}) og {_HALF}", f" {n},5 ") for n, word in ((2, "to"), (3, "tre"), (4, "fire"))),
    ("halv", rf"\b{_HALF}(?= time\b)", " 0,5 "),
    (" .| ,", r" [.,](?=[0-9])", " ? "),
    *(("½|¼|¾", rf"([0-9]) ?{sign}", rf"\1,{part} ") for sign, part in _FRACTIONS),
    *(("½|¼|¾", sign, f" 0,{part} ") for sign, part in _FRACTIONS),
    ("til sam|i alt|i sum", r"\b(?:til sam(?:men|an)|i alt|i sum)\b", " totalt "),
    ("varighe|lengd|varer|varar", _LASTING, " à "),
)
IN_PHRASES = re.compile(
    r"de|løpet|alle|alt|sum|sam(?:men|an)|halvt?|halvann[ea]n\w*|var[ea]r|(?:varighe|lengd|vår|høst|haust|halvår|sem|termin)\w*"
    r"|(?:skole|skule|barnehage)?år(?:et)?"
)
"""Words of those phrases that are words like others elsewhere."""
_REWRITES = tuple(
    (1 << number, tuple(marks.split("|")), [(re.compile(pattern), replacement) for _, pattern, replacement in group])
    for number, (marks, group) in enumerate(groupby(_PHRASES, key=itemgetter(0)))
)
"""A bit for each, the marks, and the patterns in a row that have the same."""
_HINTS = tuple((bit, [max(mark.split(), key=len) for mark in marks]) for bit, marks, _ in _REWRITES)
"""What stands in a piece of every text in which a mark stands."""


def rewritten(text: str) -> str:
    """The text, which is in lower case, with §S for "per semester", §Y for "i året" and the like."""
    text = f" {text}"
    possible = _possible(text)
    for bit, marks, patterns in _REWRITES:
        if not possible & bit:
            continue  # most patterns find nothing in most texts
        for mark in marks:
            if mark in text:
                for pattern, replacement in patterns:
                    text = pattern.sub(replacement, text)
                possible = _possible(text)
                break
    return text


def _possible(text: str) -> int:
    """The bits of the rewrites that may find something."""
    return reduce(or_, map(_hinted, text.split()), 0)


@lru_cache(maxsize=8192)
def _hinted(piece: str) -> int:
    return reduce(or_, [bit for bit, hints in _HINTS if any(hint in piece for hint in hints)], 0)
