"""Hours in running text: "2 møter hvert semester med 1,5 time per møte" → 6 hours in a school year.

A text is cut into the few tokens that bear on quantity. Each token is one letter, and what the whole text may say is
one regular expression over those letters. If anything that looks like a quantity is left over, the answer is "unknown".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 2_000
"""Characters; a description longer than this says more than hours, so its hours stay unknown."""

_NUMBER_WORDS = {
    "to": 2.0, "tre": 3.0, "fire": 4.0, "fem": 5.0, "seks": 6.0, "sju": 7.0, "syv": 7.0, "åtte": 8.0, "ni": 9.0,
    "ti": 10.0, "elleve": 11.0, "tolv": 12.0,
}  # fmt: skip
_ARTICLES = frozenset({"en", "én", "ei", "et", "ett", "ein", "eit", "eitt"})
_PREPOSITIONS = frozenset(
    {
        "i",
        "på",
        "til",
        "fra",
        "frå",
        "for",
        "av",
        "med",
        "om",
        "ved",
        "hos",
        "som",
        "der",
        "og",
        "eller",
        "under",
        "etter",
    }
)
_CONNECTORS = frozenset({"med", "på", "à", "á", "a", "av", "x", "×", "*"})
_EVENT = re.compile(
    r".*(?:møt(?:e|er|a|ene|et)|samling(?:er|ar|a|en|ene)?|gang(?:er)?|gong(?:er)?|økt(?:er|a)?|workshop(?:er|s)?"
    r"|seminar(?:er|et)?|kurs|dag(?:er|ar)?|besøk|webinar(?:er)?|konferanse(?:r)?|forelesning(?:er)?|førelesing(?:ar)?"
    r"|veiledning(?:er)?|rettleiing(?:ar)?|treff|verksted(?:er)?)"
)
_HOUR_UNITS = frozenset({"time", "timer", "timar", "t", "h"})
_MINUTE_UNITS = frozenset({"minutt", "minutter", "min"})
_TOTALS = frozenset({"totalt", "sammen", "saman", "alt", "sum"})
_EACH = r"(?:per|pr\.?|hver|hvert|kvar|kvart)"
_SINGLE_TERM = re.compile(
    r"\b(?:(?:vår|høst|haust)(?:en|semesteret|semester|halvåret)\b|(?:vår|høst|haust)\s+20\d\d)", re.IGNORECASE
)

# What is rewritten before tokens are cut: whole phrases that mean one thing.
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\b20\d\d\s?[/–-]\s?(?:20)?\d\d\b", " "),
        (r"\b(?:vår|høst|haust)(?:en|semesteret)?\s+20\d\d\b", " "),
        (r"\bhalvannen\b|\bhalvanna\b|\b[eé]i?n og (?:en|ein) halv\b", " 1,5 "),
        (r"\b(?:en|ein) halv(?= time)", " 0,5 "),
        (r"(\d)\s?½", r"\1,5"),
        (r"½", "0,5"),
        (r"\b(?:i\s+)?(?:begge|alle)\s+semestr?(?:e|ene|er|a)\b", " §S "),
        (rf"\b(?:i\s+)?(?:{_EACH}|i)\s+(?:semester(?:et)?|halvår(?:et)?|termin)\b", " §S "),
        (rf"\b(?:i\s+)?(?:{_EACH}|i)\s+(?:skoleår|skuleår|barnehageår|år)(?:et)?\b|\bårlig\b", " §Y "),
        (
            rf"\b{_EACH}\s+(?:møte|samling|gang|gong|økt|workshop|seminar|kurs|dag|fagdag|fagsamling|besøk|webinar|treff)\b",
            " §P ",
        ),
        (r"\btil\s+sam(?:men|an)\b|\bi\s+alt\b", " totalt "),
    )
)
_BLOCKERS = re.compile(
    r"\b(?:ca|cirka|circa|omtrent|om lag|inntil|opptil|minst|maks|minimum|maksimum|mellom|rundt|flere|fleire|noen|nokre"
    r"|annen?hver|annethvert|ukentlig|vekentleg|månedlig|månadleg|daglig|dagleg|jevnlig|måned(?:en)?|månad(?:en)?"
    r"|uke(?:r|n)?|veke(?:r)?|kvartal|halv|hel|heil|dobbel|tusen|hundre|tjue|tretti|resten|eller|evt)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"§[SYP]|\d+(?:[,.]\d+)?|[^\W\d_]+|[+,.;:/()–×*-]", re.IGNORECASE)
_CLAUSE = re.compile(r"C[SY]?KDP?[SY]?|C[SY]?B?DP[SY]?|DPB?C[SY]?|TD[Y]?")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: float = 0.0


@lru_cache(maxsize=8192)
def hours_in_words(text: str, semesters: float = 2) -> float | None:
    """The hours per school year that a description gives, or ``None`` when that cannot be known.

    ``semesters`` is how many times "per semester" happens in the year. "2 møter per semester" says how often and not
    how long: unknown.
    """
    if not text or len(text) > LONGEST or not re.search(r"time|timar|\bt\b|\dt\b|min|\bh\b", text, re.IGNORECASE):
        return None
    single_term = bool(_SINGLE_TERM.search(text))
    folded = text
    for pattern, replacement in _REWRITES:
        folded = pattern.sub(replacement, folded)
    if _BLOCKERS.search(folded):
        return None
    tokens = _quantities(_tokens(folded))
    if tokens is None:
        return None
    if single_term and any(token.kind == "S" for token in tokens):
        return None
    return _total(tokens, semesters)


def _tokens(text: str) -> list[_Token]:
    """Letters: N number, I indefinite article, E event, H hour unit, M minute unit, K connector, T total, A separator,
    B comma, R preposition, W other word; S, Y, P as rewritten."""
    tokens = []
    for word in _TOKEN.findall(text.replace("×", " x ")):
        lower = word.lower()
        if lower[0] == "§":
            tokens.append(_Token(word[1].upper()))
        elif lower[0].isdigit():
            tokens.append(_digits(lower))
        elif lower in _NUMBER_WORDS:
            tokens.append(_Token("N", _NUMBER_WORDS[lower]))
        else:
            tokens.append(_Token(_kind(lower), 1.0))
    return tokens


def _digits(text: str) -> _Token:
    whole, separator, decimals = text.replace(".", ",").partition(",")
    # "1.500" could be fifteen hundred, so it is nothing the grammar knows.
    return _Token("?") if separator and len(decimals) > 2 else _Token("N", float(f"{whole}.{decimals or 0}"))


def _kind(word: str) -> str:
    for kind, words in (("I", _ARTICLES), ("H", _HOUR_UNITS), ("M", _MINUTE_UNITS), ("T", _TOTALS), ("K", _CONNECTORS)):
        if word in words:
            return kind
    if _EVENT.fullmatch(word):
        return "E"
    if word in _PREPOSITIONS:
        return "A" if word == "og" else "R"
    return "W" if word[0].isalpha() else "B" if word == "," else "A"


def _quantities(tokens: list[_Token]) -> list[_Token] | None:
    """Folds numbers with what they count: C a number of events, D a duration in hours. ``None``: a number is left over."""
    out: list[_Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        rest = "".join(one.kind for one in tokens[index : index + 5])
        if token.kind == "?":
            return None
        if duration := re.match(r"NHA?NM|NH|NM|IH", rest):
            out.append(_Token("D", _duration(tokens[index : index + len(duration[0])])))
            index += len(duration[0])
        elif events := re.match(r"[NI]W{0,2}E|N(?=[SY])|N(?=K[NI])", rest):
            out.append(_Token("C", token.value))
            index += len(events[0])
        elif token.kind == "N":
            return None
        else:
            if token.kind == "K" and not (index + 1 < len(tokens) and tokens[index + 1].kind in "NI"):
                token = _Token("R")
            if token.kind in "SYPTKAB":
                out.append(token)
            elif token.kind in "HM":
                return None
            index += 1
    return out


def _duration(tokens: list[_Token]) -> float:
    numbers = [token.value for token in tokens if token.kind in "NI"]
    units = [token.kind for token in tokens if token.kind in "HM"]
    return sum(value if unit == "H" else value / 60 for value, unit in zip(numbers, units, strict=True))


def _total(tokens: list[_Token], semesters: float) -> float | None:
    letters = "".join(token.kind for token in tokens)
    total, position, found = 0.0, 0, False
    while position < len(letters):
        if letters[position] in "AB":
            position += 1
            continue
        clause = _CLAUSE.match(letters, position)
        if clause is None:
            return None
        value = _clause(tokens[position : clause.end()], semesters)
        if value is None:
            return None
        total, position, found = total + value, clause.end(), True
    return total if found else None


def _clause(tokens: list[_Token], semesters: float) -> float | None:
    values = {token.kind: token.value for token in tokens}
    kinds = [token.kind for token in tokens]
    if kinds.count("S") + kinds.count("Y") > 1:
        return None
    return values.get("C", 1.0) * values["D"] * (semesters if "S" in kinds else 1.0)
