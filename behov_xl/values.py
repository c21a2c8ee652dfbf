"""What people write in cells → numbers, ticks, years; or why not. Pure: no input, no output, standard library only.

Nothing is guessed: a value that can be read in two ways is ambiguous, and said to be so. A wrong number is worse than
none. Numbers and bools, which most cells hold, return before any text is looked at.
"""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from behov_xl.phrases import hours_in_words

__all__ = [
    "Cell",
    "Fault",
    "Parsed",
    "Term",
    "amount",
    "checkbox",
    "clean",
    "count",
    "hours",
    "hours_in_words",
    "is_placeholder",
    "organisation_number",
    "school_year",
    "school_years_named",
    "terms_named",
    "terms_of_school_year",
    "year",
]

T = TypeVar("T")
Cell = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta | None

LONGEST = 4_000
"""Characters of a cell that are looked at for a value; a number is never longer."""
_CACHE = 8192


class Fault(StrEnum):
    """Why there is no value."""

    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A value, or why there is none. Nothing at all (``value`` and ``fault`` both ``None``): the cell is blank.

    ``note`` is text that stood beside the number. ``text``: it was written as text where a number or bool belongs.
    """

    value: T | None = None
    note: str = ""
    fault: Fault | None = None
    text: bool = False


_BLANK: Parsed[float] = Parsed()
_UNREADABLE: Parsed[float] = Parsed(fault=Fault.UNREADABLE, text=True)
_AMBIGUOUS: Parsed[float] = Parsed(fault=Fault.AMBIGUOUS, text=True)

_SPACES = re.compile(r"\s+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def clean(text: str) -> str:
    """Every kind of white space folded to single ordinary spaces, ends stripped, invisible characters removed."""
    if text.isascii() or text.isprintable():
        return " ".join(text.translate(_INVISIBLE).split()) if not text.isascii() else " ".join(text.split())
    return _SPACES.sub(" ", text.translate(_INVISIBLE)).strip()


def _number(raw: float) -> Parsed[float]:
    return Parsed(float(raw)) if math.isfinite(raw) else Parsed(fault=Fault.UNREADABLE)


# ------------------------------------------------------------------------------------------ amounts

_AMOUNT = re.compile(
    r"""(?:(?:kr|nok)\b\.?\s*)?
    (?P<sign>[-−–]\s?)?
    (?:(?:kr|nok)\b\.?\s*)?
    (?P<whole>[1-9]\d{0,2}(?P<sep>[ .])\d{3}(?:(?P=sep)\d{3})*|\d+)
    (?:,\s?[-–—]|,(?P<ore>\d{1,2})(?!\d))?
    \s*(?P<unit>kroner|kr\b\.?|nok\b)?
    (?P<rest>.*)""",
    re.VERBOSE | re.IGNORECASE,
)
_NOTE = re.compile(r"[-–,;: ]*(?:\(([^()\d]*)\)|([^\W\d_][^\d]*))?[ .,;]*")
_SCALE = re.compile(
    r"(?:tusen|mill|mrd|mnok|tkr|k\b|per\b|pr\b|x\b|stk|timer?\b|prosent|eller\b|til\b|minus\b|pluss\b)", re.IGNORECASE
)
_NUMBERS = re.compile(r"\d+")
_ABOUT = re.compile(
    r"(?:ca|cirka|circa|om lag|omtrent|rundt|inntil|opptil|minst|maks|over|under|mellom|kring)\b", re.IGNORECASE
)


def amount(raw: Cell) -> Parsed[float]:
    """An amount in kroner, as Norwegians write them: ``200 000,-``, ``201.500, -``, ``kr 1 234,50``, ``-5 000``.

    A dot or a space groups thousands, a comma starts the øre, text behind (``(LMS)``) is kept as the note. A dot with
    other than three digits behind it, a range, "ca." and words of scale are ambiguous.
    """
    if type(raw) is float or type(raw) is int:
        return _number(raw)
    if isinstance(raw, str):
        return _amount(raw) if raw else _BLANK
    return _BLANK if raw is None else _UNREADABLE


@lru_cache(maxsize=_CACHE)
def _amount(raw: str) -> Parsed[float]:
    text = clean(raw[:LONGEST])
    if not text:
        return _BLANK
    match = _AMOUNT.fullmatch(text)
    note = _NOTE.fullmatch(match["rest"]) if match else None
    if match is None or note is None:
        return _unclear(text)
    words = (note[1] or note[2] or "").strip(" .,;")
    if _SCALE.match(words):
        return _AMBIGUOUS
    if (
        words
        and note[2]
        and not (match["rest"].startswith((" ", ",", "-")) or match["unit"] or text[match.start("rest") - 1] in " -–—")
    ):
        return _UNREADABLE
    digits = match["whole"].replace(match["sep"], "") if match["sep"] else match["whole"]
    value = float(f"{digits}.{match['ore'] or '0'}")
    if not math.isfinite(value):
        return _UNREADABLE
    return Parsed(-value if match["sign"] else value, note=words, text=True)


def _unclear(text: str) -> Parsed[float]:
    """Ambiguous where a number can be seen but not which; unreadable where there is none."""
    numbers = _NUMBERS.findall(text)
    starts_like_one = text[0].isdigit() or text[0] in "-−–+" or text.lower().startswith(("kr", "nok"))
    if numbers and (starts_like_one or _ABOUT.match(text)):
        return _AMBIGUOUS
    return _UNREADABLE


# -------------------------------------------------------------------------------------------- hours

_HALVES = {"½": ",5", "¼": ",25", "¾": ",75"}
_WORDS = {
    "null": 0, "en": 1, "én": 1, "ei": 1, "ett": 1, "et": 1, "ein": 1, "eitt": 1, "to": 2, "tre": 3, "fire": 4,
    "fem": 5, "seks": 6, "sju": 7, "syv": 7, "åtte": 8, "ni": 9, "ti": 10, "elleve": 11, "tolv": 12,
}  # fmt: skip
_HOUR = r"(?:timer|timar|time|t\b\.?|h\b\.?)"
_MINUTE = r"(?:minutter|minutt|min\b\.?)"
_DECIMAL = r"\d{1,6}(?:[,.]\d{1,2})?"
_HOURS = re.compile(
    rf"(?P<hours>{_DECIMAL})\s*(?P<unit>{_HOUR})?(?:\s*(?:og\s*)?(?P<minutes>\d{{1,3}})\s*{_MINUTE})?(?P<rest>.*)"
    rf"|(?P<only>\d{{1,4}})\s*{_MINUTE}(?P<rest_minutes>.*)|(?P<h>\d{{1,3}}):(?P<m>[0-5]\d)(?::00)?(?P<rest_clock>.*)",
    re.IGNORECASE,
)
_WORD_HOURS = re.compile(rf"({'|'.join(_WORDS)})\s+{_HOUR}(.*)", re.IGNORECASE)


def hours(raw: Cell) -> Parsed[float]:
    """A number of hours: ``6``, ``1,5 time``, ``1½ t``, ``1 t 30 min``, ``90 min``, ``1:30``, ``to timer``.

    A dot followed by three digits could group thousands, so it is ambiguous; with one or two it is a decimal point.
    Ranges and "ca." are ambiguous. Excel's own times of day and durations count as hours.
    """
    if type(raw) is float or type(raw) is int:
        return _number(raw)
    if isinstance(raw, str):
        return _hours(raw) if raw else _BLANK
    if isinstance(raw, datetime.timedelta):
        return Parsed(raw.total_seconds() / 3600)
    if isinstance(raw, datetime.time):
        return Parsed(raw.hour + raw.minute / 60 + raw.second / 3600)
    return _BLANK if raw is None else _UNREADABLE


@lru_cache(maxsize=_CACHE)
def _hours(raw: str) -> Parsed[float]:
    text = clean(raw[:LONGEST])
    if not text:
        return _BLANK
    sign, text = (-1.0, text[1:].lstrip()) if text[0] in "-−" else (1.0, text)
    for fraction, decimals in _HALVES.items():
        text = re.sub(rf"(\d?)\s?{fraction}", lambda m, d=decimals: f"{m[1] or '0'}{d}", text)
    value, rest = _hours_and_rest(text)
    note = _NOTE.fullmatch(rest)
    if value is None or note is None:
        return _unclear(text) if text else _UNREADABLE
    words = (note[1] or note[2] or "").strip(" .,;")
    if note[2] and not rest.startswith((" ", ",")):
        return _UNREADABLE
    if _SCALE.match(words):
        return _AMBIGUOUS
    return Parsed(sign * value, note=words, text=True)


def _hours_and_rest(text: str) -> tuple[float | None, str]:
    spelled = _WORD_HOURS.fullmatch(text)
    if spelled:
        return float(_WORDS[spelled[1].lower()]), spelled[2]
    # Minutes first: "90 min" must not be read as 90 hours with the note "min".
    for match in (re.fullmatch(_HOURS_MINUTES, text, re.IGNORECASE), _HOURS.fullmatch(text)):
        if match is None:
            continue
        groups = match.groupdict()
        if groups.get("only"):
            return int(groups["only"]) / 60, groups["rest_minutes"]
        if groups.get("h"):
            return int(groups["h"]) + int(groups["m"]) / 60, groups["rest_clock"]
        if groups.get("minutes") and not groups.get("unit"):
            return None, ""
        value = float(groups["hours"].replace(",", "."))
        return value + int(groups.get("minutes") or 0) / 60, groups["rest"]
    return None, ""


_HOURS_MINUTES = (
    rf"(?P<only>\d{{1,4}})\s*{_MINUTE}(?P<rest_minutes>.*)|(?P<h>\d{{1,3}}):(?P<m>[0-5]\d)(?::00)?(?P<rest_clock>.*)"
)


# --------------------------------------------------------------------------------------- checkboxes

_TICKED = frozenset({"x", "[x]", "ja", "yes", "true", "sann", "1", "✓", "✔", "☑", "✗", "✘", "✕", "■", "v"})
_EMPTY = frozenset({"[]", "[ ]", "nei", "no", "false", "usann", "0", "□", "-"})
_TRUE, _FALSE = Parsed(value=True), Parsed(value=False)


def checkbox(raw: Cell) -> Parsed[bool]:
    """A checkbox: ☒ or ☐, or a bool; ``x``, ``ja``, ``SANN``, ``1`` and the like are understood. Blank is not ticked."""
    if raw is True or raw == "☒":
        return _TRUE
    if raw is False or raw is None or raw in {"", "☐"}:
        return _FALSE
    if isinstance(raw, int | float):
        return Parsed(bool(raw), text=True) if raw in {0, 1} else Parsed(fault=Fault.UNREADABLE)
    text = clean(raw[:LONGEST]).casefold() if isinstance(raw, str) else "?"
    if text in {"", "☐"}:
        return _FALSE
    if text == "☒":
        return _TRUE
    if text in _TICKED or text in _EMPTY:
        return Parsed(text in _TICKED, text=True)
    return Parsed(fault=Fault.UNREADABLE, text=True)


# ------------------------------------------------------------------------------------ whole numbers

_COUNT = re.compile(r"(\d{1,9})(?:,0+)?\s*(?:stk\.?|enheter|einingar)?", re.IGNORECASE)


def count(raw: Cell) -> Parsed[int]:
    """A whole number of things: ``19``, ``19 stk``, ``ingen``."""
    if type(raw) is float or type(raw) is int:
        return Parsed(int(raw)) if math.isfinite(raw) and raw == int(raw) else Parsed(fault=Fault.UNREADABLE)
    if raw is None or raw == "":
        return Parsed()
    text = clean(raw[:LONGEST]) if isinstance(raw, str) else "?"
    if not text:
        return Parsed()
    if text.casefold() in {"ingen", "null"}:
        return Parsed(0, text=True)
    match = _COUNT.fullmatch(text)
    return Parsed(int(match[1]), text=True) if match else Parsed(fault=Fault.UNREADABLE, text=True)


def year(raw: Cell) -> Parsed[int]:
    """A calendar year with four digits. A date is not a year: Excel makes dates of what looks like one."""
    parsed = count(raw)
    if parsed.value is not None and not 1900 <= parsed.value <= 2200:
        return Parsed(fault=Fault.UNREADABLE, text=parsed.text)
    return parsed


_ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def organisation_number(raw: Cell) -> Parsed[str]:
    """Nine digits whose last one is the control digit (modulus 11). ``note`` is ``control digit`` when only that fails."""
    if raw is None or raw == "":
        return Parsed()
    text = str(int(raw)) if type(raw) in {int, float} and math.isfinite(float(raw)) else raw  # type: ignore[arg-type]
    digits = clean(text).replace(" ", "") if isinstance(text, str) else ""
    if not digits and isinstance(text, str):
        return Parsed()
    if not (digits.isascii() and digits.isdigit() and len(digits) == 9):
        return Parsed(fault=Fault.UNREADABLE)
    control = -sum(w * int(d) for w, d in zip(_ORGANISATION_WEIGHTS, digits, strict=False)) % 11
    if control != int(digits[8]):
        return Parsed(fault=Fault.UNREADABLE, note="control digit")
    return Parsed(digits)


# -------------------------------------------------------------------------- school years and terms

_SCHOOL_YEAR = re.compile(
    r"(?:(?:skoleåret|skuleåret|barnehageåret|skoleår|skuleår|barnehageår)\s+)?((?:20)?\d\d)\s?[/–-]\s?((?:20)?\d\d)",
    re.IGNORECASE,
)
_SCHOOL_YEAR_IN_TEXT = re.compile(r"(?<![\d/.–-])(20\d\d)\s?[/–-]\s?((?:20)?\d\d)(?![\d/.–-])")


def school_year(raw: Cell) -> Parsed[str]:
    """A kindergarten or school year → ``2026/2027``. A calendar year alone could mean two, so it is ambiguous."""
    if raw is None or raw == "":
        return Parsed()
    if not isinstance(raw, str):
        alone = isinstance(raw, int | float) and not isinstance(raw, bool) and 1900 <= raw <= 2200
        return Parsed(fault=Fault.AMBIGUOUS if alone else Fault.UNREADABLE)
    text = clean(raw[:LONGEST])
    if not text:
        return Parsed()
    match = _SCHOOL_YEAR.fullmatch(text)
    found = _consecutive(match[1], match[2]) if match else ""
    if found:
        return Parsed(found, text=found != text)
    return Parsed(fault=Fault.AMBIGUOUS if re.fullmatch(r"20\d\d", text) else Fault.UNREADABLE, text=True)


def _consecutive(first: str, second: str) -> str:
    start, end = int(first) % 2000 + 2000, int(second) % 2000 + 2000
    return f"{start}/{end}" if end == start + 1 else ""


def school_years_named(text: str) -> tuple[str, ...]:
    """The school years that a running text names, in order, each once."""
    found = (_consecutive(*match.groups()) for match in _SCHOOL_YEAR_IN_TEXT.finditer(text[:LONGEST]))
    return tuple(dict.fromkeys(one for one in found if one))


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """Half a school year. Ordered by time: spring 2026 < autumn 2026 < spring 2027."""

    year: int
    autumn: bool


def terms_of_school_year(year: str) -> tuple[Term, Term]:
    """``2026/2027`` → autumn 2026, spring 2027."""
    return Term(int(year[:4]), autumn=True), Term(int(year[5:]), autumn=False)


_SEASON = r"(?:vårsemesteret|vårsemester|vårhalvåret|våren|vår|haustsemesteret|hausthalvåret|hausten|haust|høstsemesteret|høstsemester|høsthalvåret|høsten|høst)"
_TERMS = re.compile(
    rf"\b({_SEASON})(?:\s?(?:/|og|eller|\+|&)\s?({_SEASON}))?\s?[-'’]?\s?(20\d\d)(?!\d|\s?[/–-]\s?\d)|\b([VH])-?(\d\d)\b(?!\d)",
)


def terms_named(text: str) -> tuple[Term, ...]:
    """The terms with a year that a running text names, in order, each once. ``vår/høst 2026`` names two.

    A season without a year right behind it names none ("vår" is also "our"), nor does a plain year.
    """
    found: list[Term] = []
    lowered = _lower_seasons(clean(text[:LONGEST]))
    for match in _TERMS.finditer(lowered):
        first, second, year_text, letter, short = match.groups()
        if letter:
            found.append(Term(2000 + int(short), autumn=letter == "H"))
            continue
        found += [Term(int(year_text), autumn=season.startswith("h")) for season in (first, second) if season]
    return tuple(dict.fromkeys(found))


def _lower_seasons(text: str) -> str:
    """Seasons may begin a sentence; the abbreviations V27 and H26 must keep their capital, so only words are lowered."""
    return re.sub(r"\b[VHvh][A-ZÆØÅa-zæøå]+", lambda match: match[0].lower(), text)


# ------------------------------------------------------------------------------------- placeholders

_PLACEHOLDERS = frozenset(
    {
        "klikk eller trykk her for å skrive inn tekst",
        "klikk eller trykk her for å skrive inn en tekst",
        "klikk her for å skrive inn tekst",
        "klikk eller trykk for å skrive inn tekst",
        "klikk eller trykk for å skrive inn en dato",
        "klikk eller trykk her for å skrive inn en dato",
        "click or tap here to enter text",
        "click here to enter text",
        "click or tap to enter a date",
        "velg et element",
        "vel eit element",
        "choose an item",
    }
)


def is_placeholder(text: str) -> bool:
    """Whether a text is the prompt that Word shows in a field nobody has filled in."""
    return (
        text[:1].casefold() in {"k", "c", "v", " ", "\n"} and clean(text[:200]).casefold().rstrip(".") in _PLACEHOLDERS
    )
