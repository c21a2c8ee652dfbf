"""Hours in running text: "2 møter hvert semester med 1,5 time per møte" → 6 hours in a school year.

Phrases that mean one thing are rewritten, words become tokens of one letter, numbers are folded with what they count
(:mod:`behov_xl.phrase_tokens`), and what a text may say is a handful of regular expressions over the letters that are
left. A number, or a word that bears on a number, that none of them explains makes the answer "unknown".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from operator import itemgetter

from behov_xl.phrase_rewrites import SEASON
from behov_xl.phrase_skeleton import skeleton
from behov_xl.phrase_tokens import Token, tokens_of
from behov_xl.remembering import remembered

LONGEST = 2_000
"""Characters; a description longer than this says more than hours, so its hours stay unknown."""

_ONE_SEASON = re.compile(rf"\b(?!vår\b(?! 20)){SEASON}\b", re.IGNORECASE)  # "vår" alone is also "our"
_YEARS = re.compile(rf"\b(20[0-9]{{2}}) ?[/–-] ?(?:20)?[0-9]{{2}}\b|\b({SEASON}) (20[0-9]{{2}})\b", re.IGNORECASE)
_SHORT_UNIT = re.compile(r"min(?<![^\W\d]min)\b|[th](?<![^\W\d_][th])\b")


def hours_in_words(text: str, semesters: float = 2) -> float | None:
    """The hours per school year that a description gives, or ``None`` when that cannot be known.

    ``semesters`` is how many times "per semester" happens in the year. "2 møter per semester" says how often and not
    how long: unknown.
    """
    if len(text) > LONGEST or "§" in text or not _names_a_unit(text):
        return None
    return _hours(skeleton(text), semesters)


@remembered(8192)
def _hours(text: str, semesters: float) -> float | None:
    """As :func:`hours_in_words`, of a skeleton: few texts differ in more than words that bear on nothing."""
    found = _YEARS.findall(text) if "20" in text else ()
    years = {int(year or of_term) - (season[:1] in {"v", "V"}) for year, season, of_term in found}
    if len(years) > 1:  # the hours of several school years
        return None
    tokens = tokens_of(text, semesters)
    if tokens is None or (_names_one_season(text) and any(token.kind == "S" for token in tokens)):
        return None
    total = _read(tokens)
    return total if total is not None and 0 < total < math.inf else None


def _names_a_unit(text: str) -> bool:
    if "time" in text:  # nearly always, and quickly told
        return True
    text = text.lower()
    if "time" in text or "tima" in text or "minutt" in text or "kvarter" in text:
        return True
    return _SHORT_UNIT.search(text) is not None


def _names_one_season(text: str) -> bool:
    lowered = text.lower()
    likely = "vår" in lowered or "høst" in lowered or "haust" in lowered
    return likely and _ONE_SEASON.search(text) is not None


_PER_TERM = re.compile(r"[^CGXYSP]*(?:[CG]w?[B(,]?S|S[wB,(]*[CG])[^CGXYSP]*")


def times_in_words(text: str) -> float | None:
    """How often per semester a description says that something happens; ``None`` unless it counts one thing only.

    "2 møter per semester" is 2, whatever the text says of how long they are.
    """
    if len(text) > LONGEST or "§" in text or not _names_a_term(text):
        return None
    return _times(skeleton(text))


@remembered(8192)
def _times(text: str) -> float | None:
    """As :func:`times_in_words`, of a skeleton."""
    tokens = tokens_of(text, 1.0)
    if tokens is None or _names_one_season(text):
        return None
    letters = "".join([token.kind for token in tokens])
    if tokens and tokens[0].head == "§I":
        letters = f"?{letters[1:]}"
    if not _PER_TERM.fullmatch(letters):
        return None
    return next(token.value for token in tokens if token.kind in "CG")


def _names_a_term(text: str) -> bool:
    if "sem" in text:
        return True
    text = text.lower()
    return "sem" in text or "halvår" in text or "termin" in text


# ---------------------------------------------------------------------------------------- reading

_HOW_OFTEN = r"(?:w?[B(,]?[SY]\)?)?"
_PER_EVENT = r"(?:w?[B(,]?P\)?)?"
_CLAUSES = {
    # 2 møter per semester à 1,5 time per møte
    "each": rf"(?:CX)*[CG]{_HOW_OFTEN}w?[B(,]?KD\)?(?:X[CG])*{_PER_EVENT}{_HOW_OFTEN}",
    # 2 møter per semester, 1,5 time per møte · 4 samlinger, hver på 3 timer · 1,5 time per møte, 2 møter
    "listed": rf"[CG]{_HOW_OFTEN}w?[B(,&]?Dw?P\)?{_HOW_OFTEN}",
    "every": rf"[CG]{_HOW_OFTEN}w?[B,(]?w?Pw?K?D\)?",
    "turned": rf"(?:Dw?P|Pw?K?D)w?[B,&(]?w?X?[CG]\)?{_HOW_OFTEN}",
    # 2 timer 3 ganger i året · 3 ganger 2 timer
    "times": rf"Dw?[B(,]?G\)?{_HOW_OFTEN}|GD{_HOW_OFTEN}",
    # 2 x 3 timer · 3 t x 2 pr semester
    "product": rf"(?:[CG]X)+D(?:X[CG])*\)?{_PER_EVENT}{_HOW_OFTEN}|Dw?(?:X[CG])+\)?{_HOW_OFTEN}",
    # 1 samling (5 timer) · 1 samling 5 timer: with one there is nothing to multiply
    "single": r"C\(D\)|CD(?=[B,)&+]|$)",
    "spread": rf"D{_HOW_OFTEN}w?[B(,]?FC(?:w?Y)?\)?",  # 12 timer fordelt på 4 samlinger
    "rate": r"D[we]?[B,(]?[SY]\)?",  # 2 timer per semester
    # totalt 6 timer · 6 timer totalt; and (6 timer), which only repeats what the clause before it gives
    "total": rf"TB?D{_HOW_OFTEN}|D{_HOW_OFTEN}w?T",
    "repeat": r"\(D\)",
    "bare": rf"[CG]{_HOW_OFTEN}",
}
_BETWEEN = frozenset("wB,)&+")
"""What stands between clauses, and begins none."""
_PATTERNS = {name: re.compile(pattern) for name, pattern in _CLAUSES.items()}


_HEADING = re.compile(r"[weEQKB,()&+]*(?:(?<=[eE])X(?=C))?")
_LEADING = re.compile(r"[SY][wB,(]*")
_IDLE = re.compile(r"K(?!D)|(?<!D)(?<!D[SYw])T(?!B?D)")
_JOINED, _LISTED = re.compile(r"[eEQ]w?[&+]w?.$"), re.compile(r"[eEQ]w?,w?C$")
_NOTHING_ADDED = re.compile(r"\+(?!w?[CGDT])")


@dataclass(frozen=True, slots=True)
class _Clause:
    name: str
    value: float
    kinds: str


def _read(tokens: list[Token]) -> float | None:
    tokens = _without_idle(tokens)
    letters = "".join(token.kind for token in tokens)
    heading = _HEADING.match(letters)
    position = heading.end() if heading else 0
    if not _heading_stands_apart(tokens[: position + 1]):
        return None
    leading = _LEADING.match(letters, position)
    first = tokens[position] if leading else Token("")
    clauses = _clauses(tokens, letters, leading.end() if leading else position)
    if clauses is None or (leading and (len(clauses) > 1 or set("SY") & set(clauses[0].kinds) or first.head == "§I")):
        return None
    if "E" in letters and any(clause.name == "rate" for clause in clauses):
        return None  # "Møter, 2 timer per semester": each, or together?
    total = _combine(clauses)
    return None if total is None else first.value * total


def _without_idle(tokens: list[Token]) -> list[Token]:
    """A connector that leads to no duration and a "totalt" beside none are words like others."""
    letters = "".join(token.kind for token in tokens)
    for match in _IDLE.finditer(letters):
        tokens = [*tokens[: match.start()], Token("w"), *tokens[match.end() :]]
    before = ["", *[token.kind for token in tokens]]
    return [token for token, kind in zip(tokens, before, strict=False) if token.kind != "w" or kind != "w"]


def _heading_stands_apart(tokens: list[Token]) -> bool:
    """Not one more thing whose hours are unsaid: "Samling: 2 møter", "Møter, 2 møter"; not "Samling og 2 møter"."""
    letters = "".join(token.kind for token in tokens)
    if _JOINED.search(letters):
        return False
    listed = _LISTED.search(letters)
    return listed is None or tokens[-1].head in {"", tokens[listed.start()].head}


def _clauses(tokens: list[Token], letters: str, position: int) -> list[_Clause] | None:
    """Everything from ``position`` on, as clauses; ``None`` if something is in none of them."""
    if _NOTHING_ADDED.search(letters, position):
        return None
    found = []
    while position < len(letters):
        if letters[position] in _BETWEEN:
            position += 1
            continue
        name, end = _longest(letters, position)
        if name:
            clause = _clause(name, tokens[position:end])
            if clause is None:
                return None
            found.append(clause)
        elif letters[position] != "(":
            return None
        position = max(position + 1, end)
    return found or None


@remembered(8192)
def _longest(letters: str, position: int) -> tuple[str, int]:
    """The clause that reaches farthest from here, and how far; ``""`` and 0 where none begins."""
    ends = {name: match.end() for name, one in _PATTERNS.items() if (match := one.match(letters, position))}
    return max(ends.items(), key=itemgetter(1), default=("", 0))


def _clause(name: str, tokens: list[Token]) -> _Clause | None:
    counted = [token for token in tokens if token.kind in "CG"]
    kinds = "".join(token.kind for token in tokens)
    heads = {token.head for token in counted}
    per = [token.head for token in tokens if token.kind == "P" and token.head]
    often = [token.value for token in tokens if token.kind in "SY"]
    times = math.prod(token.value for token in counted)
    if len(often) > 1 or (often and "semester" in heads) or (name == "single" and times != 1):
        return None
    if per and "" not in heads and per[0] not in heads:
        return None  # "2 samlinger, 6 timer per dag": how many days?
    duration = sum(token.value for token in tokens if token.kind == "D")
    return _Clause(name, (1.0 if name == "spread" else times) * duration * math.prod(often), kinds)


def _combine(clauses: list[_Clause]) -> float | None:
    by_name: dict[str, list[_Clause]] = {}
    for clause in clauses:
        kind = clause.name if clause.name in {"total", "repeat", "bare", "rate"} else "part"
        by_name.setdefault(kind, []).append(clause)
    parts = by_name.pop("part", [])
    rates, totals, bare = (by_name.get(name, []) for name in ("rate", "total", "bare"))
    if (rates and len(rates) < len(clauses)) or (bare and (parts or not totals)) or _shared_term(parts):
        return None  # a rate beside a clause may repeat it or add to it; a bare count wants a total
    if bare and ("S" in "".join(one.kinds for one in totals) or ("S" in bare[0].kinds and "Y" not in totals[0].kinds)):
        return None  # "2 møter per semester, totalt 6 timer": in the semester or in the year?
    sums = {round(one.value, 6) for one in (*totals, *by_name.get("repeat", []))}
    if parts or rates:
        sums.add(round(sum(one.value for one in (*parts, *rates)), 6))
    return sums.pop() if len(sums) == 1 and (parts or rates or totals) else None


def _shared_term(parts: list[_Clause]) -> bool:
    """Whether a "per semester" at the end may be meant for the clauses before it as well."""
    kinds = [one.kinds for one in parts]
    late = [index for index, one in enumerate(kinds) if "S" in one and one.index("S") > one.index("D")]
    return any("S" not in one and "Y" not in one for one in kinds[: late[-1]]) if late else False
