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

from behov_xl.phrase_tokens import NUMBER_WORDS, decimal
from behov_xl.phrases import hours_in_words, times_in_words
from behov_xl.remembering import remembered
from behov_xl.spaces import clean
from behov_xl.years import SCHOOL_YEAR, Term, consecutive, school_years_named, terms_named, terms_of_school_year

__all__ = [
    "Cell", "Fault", "Parsed", "Term", "amount", "checkbox", "clean", "count", "hours", "hours_in_words",
    "is_placeholder", "number_behind_date", "organisation_number", "school_year", "school_years_named", "terms_named",
    "terms_of_school_year", "times_in_words", "year",
]  # fmt: skip

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


def _line(raw: str) -> str:
    """A cell's text for a pattern to match: cleaned, hyphens (Word's no-break one too) as ASCII."""
    return clean(raw).replace("\u2010", "-").replace("\u2011", "-")


@lru_cache(maxsize=_CACHE)
def _number(raw: float) -> Parsed[float]:
    """Cached because making the result costs ten times as much as finding it, and numbers repeat."""
    try:
        value = float(raw) + 0.0  # -0.0 becomes 0.0
    except OverflowError:
        value = math.inf
    return Parsed(value) if math.isfinite(value) else Parsed(fault=Fault.UNREADABLE)


_SPELLED = "|".join((*(word for word, value in NUMBER_WORDS.items() if value > 1), "hundre", "tusen"))
_CHANGES = re.compile(
    rf"""[%‰€$£¥?×*+=<>~≈±]|\b(?:
    (?:{_SPELLED}|tkr|mill|million\w*|mrd|milliard\w*|mnok|øre|prosent|promille|[kthmx](?!\.)|eur|euro|usd|dollar|sek|dkk
    |pr|hver|hvert|kvar|kvart|kvarter|à|á|stk|kr\s*/|(?:skole|skule|barnehage|halv)?år(?:et|lige?|lege?)?|semester\w*
    |måned\w*|månad\w*|mnd|uke[rn]?|veke[rn]?|timer?|timar|min|minutt\w*|sek|minus|pluss|gange|utgår|strøket
    |ca|cirka|circa|omtrent|om\ lag|rundt|inntil|opptil|minst|maks|maksimalt|minimum|maksimum|mellom|eller|evt|eventuelt
    |halv|halvt|halve|halvparten|halvannen)\b
    |per\b(?!\s(?-i:[A-ZÆØÅ][a-zæøå])))  # "per skole"; but Per is also a name
    |^\W*(?:og|samt)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_JOINING = re.compile(r"(?:inkl\w*|ekskl\w*|eks|uten|utan|til|herav|hvorav|derav|dekkes|dekkast)\b")


def _note(rest: str) -> str | None:
    """The text behind a number; ``None`` where it may change what the number says."""
    words = rest.strip(" .,;:-–—")
    if not words:
        return None if rest.strip() in {"-", "–", "—"} else ""  # "5 000-": minus five thousand in some systems
    if any(map(str.isnumeric, words)) or _CHANGES.search(words) or words.count("(") != words.count(")"):
        return None
    inside = re.fullmatch(r"\(([^()]*)\)", words)
    words = inside[1].strip(" .,;:-–—") if inside else words
    return words if words[:1].isalpha() or words[:1] == "(" else None


_NUMBERLIKE = re.compile(
    r"""[-−–+(\[~<>≈=\s]{0,9}(?:[^\d:]{1,60}:|(?:(?:kroner|kr|nok|ca|cirka|circa|om\ lag|omtrent|rundt|inntil
    |opptil|opp\ til|minst|maks|over|under|mellom|kring|minus|pluss|fra|frå)\b[.\s]{0,2}){1,3})?[-−–(\s]{0,9}[0-9]""",
    re.VERBOSE | re.IGNORECASE,
)


def _unclear(text: str) -> Parsed[float]:
    """Ambiguous where the text begins as a number or range would, so that one can be seen but not which."""
    return _AMBIGUOUS if _NUMBERLIKE.match(text) else _UNREADABLE


# ------------------------------------------------------------------------------------------ amounts

_KRONER = r"(?:kroner|kr|nok)(?![^\W\d_])\.?"
# A minus sign stands at its number; a dash with a space behind it may as well be the bullet of a list.
_MINUS = r"(?:−\s?|[-–](?=[0-9kn]))"
_AMOUNT = re.compile(
    rf"""(?P<before>{_KRONER}\s?)?(?P<minus>{_MINUS})?(?P<behind_minus>{_KRONER}\s?)?
    (?P<whole>[1-9][0-9]{{0,2}}(?P<group>[ .])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*|[0-9]+)
    (?:(?P<even>\s?[.,]\s?[-–—]+)|,(?P<ore>[0-9]{{1,2}}))?
    (?P<unit>\s?{_KRONER})?(?P<rest>.*)""",
    re.VERBOSE | re.IGNORECASE,
)


def amount(raw: Cell) -> Parsed[float]:
    """An amount in kroner, as Norwegians write them: ``200 000,-``, ``201.500, -``, ``kr 1 234,50``, ``-5 000``.

    A dot or a space groups thousands, a comma starts the øre, text behind (``(LMS)``) is kept as the note. A dot with
    other than three digits behind it, a range, "ca." and words of scale are ambiguous; so are a rate (``per år``), and
    a bare number of something else (``20 lærere``).
    """
    if type(raw) is float or type(raw) is int:
        return _number(raw)
    if isinstance(raw, str):
        return _BLANK if not raw else _amount(raw) if len(raw) <= LONGEST else _UNREADABLE
    return _BLANK if raw is None else _UNREADABLE


@remembered(_CACHE)
def _amount(raw: str) -> Parsed[float]:
    text = _line(raw)
    if not text:
        return _BLANK
    match = _AMOUNT.fullmatch(text)
    note = _note(match["rest"]) if match else None
    if match is None or note is None:
        return _unclear(text)
    digits = match["whole"].replace(" ", "").replace(".", "")
    if len(digits) > 12:
        return _UNREADABLE
    in_kroner = match["before"] or match["behind_minus"] or match["even"] or match["unit"]
    if not in_kroner and not _may_follow(match["rest"], note):
        return _AMBIGUOUS
    value = float(f"{digits}.{match['ore'] or '0'}")
    return Parsed(-value if match["minus"] and value else value, note=note, text=True)


def _may_follow(rest: str, note: str) -> bool:
    """Whether a note goes with a number nothing marks as kroner: ``(LMS)``, ``- lønn``, ``til LMS``; not ``lærere``."""
    if not note or (rest[0] in " ,;:-–—" and not rest[1:2].isalpha()) or rest[0] == "(":
        return True
    return rest[0] == " " and (note[0].isupper() or _JOINING.match(note) is not None)


# -------------------------------------------------------------------------------------------- hours

_FRACTIONS = {"½": ",5", "¼": ",25", "¾": ",75"}
_HALVES = {"halvannen": 1.5, "halvannan": 1.5, "en halv": 0.5, "ein halv": 0.5, "en og en halv": 1.5}
_WORDS = {"null": 0.0, **NUMBER_WORDS, **_HALVES, "ein og ein halv": 1.5}
_HOUR, _MINUTE = (rf"\s?(?:{unit})(?![^\W\d_])\.?" for unit in ("tim(?:er|ar|e)|t|h", "minutt(?:er)?|min"))
_HOURS = re.compile(
    rf"""(?P<minus>{_MINUS})?(?:
      (?P<only_minutes>[0-9]{{1,4}}){_MINUTE}
    | (?P<clock>[0-9]{{1,3}}):(?P<clock_minutes>[0-5][0-9])(?::00)?(?:{_HOUR})?(?!:)
    | (?P<whole>[0-9]{{1,3}}){_HOUR}\s?(?:og\s)?(?P<minutes>[0-5]?[0-9]){_MINUTE}
    | (?P<number>[1-9]\ [0-9]{{3}}|[0-9]{{1,6}}(?:[,.][0-9]{{1,2}})?)(?P<unit>{_HOUR})?
    | (?P<word>{"|".join(map(re.escape, _WORDS))}){_HOUR}
    )(?P<rest>.*)""",
    re.VERBOSE | re.IGNORECASE,
)


def hours(raw: Cell) -> Parsed[float]:
    """A number of hours: ``6``, ``1,5 time``, ``1½ t``, ``1 t 30 min``, ``90 min``, ``1:30``, ``to timer``.

    A dot followed by three digits could group thousands, so it is ambiguous; with one or two it is a decimal point,
    unless they look like minutes (``1.30``). Ranges, "ca.", rates (``per semester``) and a bare number of something
    else (``2 møter``) are ambiguous. Excel's own times of day and durations count as hours.
    """
    if type(raw) is float or type(raw) is int:
        return _number(raw)
    if isinstance(raw, str):
        return _BLANK if not raw else _hours(raw) if len(raw) <= LONGEST else _UNREADABLE
    if isinstance(raw, datetime.timedelta):
        return Parsed(raw.total_seconds() / 3600)
    if isinstance(raw, datetime.time):
        return Parsed(raw.hour + raw.minute / 60 + raw.second / 3600)
    return _BLANK if raw is None else _UNREADABLE


@remembered(_CACHE)
def _hours(raw: str) -> Parsed[float]:
    text = _line(raw)
    if not text:
        return _BLANK
    text = re.sub("(?:([0-9]) ?)?([½¼¾])", lambda m: (m[1] or "0") + _FRACTIONS[m[2]], text)
    match = _HOURS.fullmatch(text)
    note = _note(match["rest"]) if match else None
    if match is None or note is None:
        return _unclear(text)
    value = _duration(match)
    if value is None or (note and match["number"] and not match["unit"] and not note.isupper()):
        return _AMBIGUOUS
    return Parsed(-value if match["minus"] and value else value, note=note, text=True)


def _duration(match: re.Match[str]) -> float | None:
    if match["only_minutes"]:
        return int(match["only_minutes"]) / 60
    if whole := match["clock"] or match["whole"]:
        return int(whole) + int(match["clock_minutes"] or match["minutes"]) / 60
    if match["word"]:
        return _WORDS[match["word"].lower()]
    return decimal(match["number"].replace(" ", ""))


# --------------------------------------------------------------------------------------- checkboxes

_TICKED = frozenset({"x", "[x]", "ja", "yes", "true", "sann", "1", "✓", "✔", "☑", "✅", "■", "v"})
# ✗ and ✘ are in neither: a cross in a box is a tick, but beside a ✓ it says no.
_EMPTY = frozenset({"[]", "[ ]", "nei", "no", "false", "usann", "0", "□", "-", "–"})
_TRUE, _FALSE = Parsed(value=True), Parsed(value=False)


def checkbox(raw: Cell) -> Parsed[bool]:
    """A checkbox: ☒ or ☐, or a bool; ``x``, ``ja``, ``SANN``, ``1`` and the like are understood. Blank: not ticked."""
    if raw is True or raw == "☒":
        return _TRUE
    if raw is False or raw is None or raw in {"", "☐"}:
        return _FALSE
    if isinstance(raw, int | float):
        return Parsed(bool(raw), text=True) if raw in {0, 1} else Parsed(fault=Fault.UNREADABLE)
    text = _line(raw).casefold() if isinstance(raw, str) and len(raw) <= LONGEST else "?"
    if text in {"", "☐", "☒"}:
        return _TRUE if text == "☒" else _FALSE
    if text in _TICKED or text in _EMPTY:
        return Parsed(text in _TICKED, text=True)
    return Parsed(fault=Fault.UNREADABLE, text=True)


# ------------------------------------------------------------------------------------ whole numbers

_COUNT = re.compile(
    r"([0-9]{1,9}|[1-9][0-9]{0,2}(?: [0-9]{3}){1,2})(?:,0+)?\s?(?:(?:stk|enhet(?:er)?|eining(?:ar)?)\b\.?)?",
    re.IGNORECASE,
)


def count(raw: Cell) -> Parsed[int]:
    """A whole number of things: ``19``, ``19 stk``, ``ingen``."""
    if type(raw) is float or type(raw) is int:
        value = _number(raw).value
        return Parsed(int(value)) if value is not None and value.is_integer() else Parsed(fault=Fault.UNREADABLE)
    text = _line(raw or "") if raw is None or (isinstance(raw, str) and len(raw) <= LONGEST) else "?"
    if not text:
        return Parsed()
    if text.casefold() in {"ingen", "null"}:
        return Parsed(0, text=True)
    match = _COUNT.fullmatch(text)
    if match:
        return Parsed(int(match[1].replace(" ", "")), text=True)
    no_whole_number = re.fullmatch(r"[-−]?[0-9]+(?:[,.][0-9]{1,2})?", text)
    return Parsed(fault=Fault.UNREADABLE if no_whole_number else _unclear(text).fault, text=True)


def year(raw: Cell) -> Parsed[int]:
    """A calendar year with four digits. A date is not a year: Excel makes dates of what looks like one."""
    parsed = count(raw)
    if parsed.value is not None and not 1900 <= parsed.value <= 2200:
        return Parsed(fault=Fault.UNREADABLE, text=parsed.text)
    return parsed


EXCELS_FIRST_DAY = datetime.date(1899, 12, 30)
"""Day 0 of Excel's calendar, as it counts from March 1900 on."""


def number_behind_date(date: datetime.date, *, year: bool) -> float | None:
    """The number that Excel made a date of, if it can be told: ``1.5`` became 1 May, 6 in a date's format 06.01.1900.

    ``year``: a calendar year is wanted, which is then the date's own.
    """
    if isinstance(date, datetime.datetime):
        date = date.date()
    serial = (date - EXCELS_FIRST_DAY).days
    if serial < 366:
        return None if year else float(serial)
    if year:
        return float(date.year)
    return None if date.month == 10 else float(f"{date.day}.{date.month}")  # 1.10 or 1.1?


_ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def organisation_number(raw: Cell) -> Parsed[str]:
    """Nine digits; the last one is the control digit (modulus 11). ``note``: ``control digit`` when only that fails."""
    if type(raw) is float or type(raw) is int:
        raw = f"{raw:.0f}" if 0 <= raw < 1e9 and raw == int(raw) else "?"
    digits = "" if raw is None else clean(raw[:LONGEST]).replace(" ", "") if isinstance(raw, str) else "?"
    if not digits:
        return Parsed()
    if not (digits.isascii() and digits.isdigit() and len(digits) == 9):
        return Parsed(fault=Fault.UNREADABLE)
    control = -sum(w * int(d) for w, d in zip(_ORGANISATION_WEIGHTS, digits, strict=False)) % 11
    if control != int(digits[8]):
        return Parsed(fault=Fault.UNREADABLE, note="control digit")
    return Parsed(digits)


# ------------------------------------------------------------------------------------ school years


def school_year(raw: Cell) -> Parsed[str]:
    """A kindergarten or school year → ``2026/2027``. A calendar year alone could mean two, so it is ambiguous.

    ``note``: ``not consecutive`` where two years are named that do not follow each other.
    """
    if raw is None or raw == "":
        return Parsed()
    if not isinstance(raw, str):
        alone = isinstance(raw, int | float) and not isinstance(raw, bool) and 1900 <= raw <= 2200
        return Parsed(fault=Fault.AMBIGUOUS if alone else Fault.UNREADABLE)
    text = clean(raw[:LONGEST])
    if not text:
        return Parsed()
    match = SCHOOL_YEAR.fullmatch(text)
    found = consecutive(match[1], match[2]) if match else ""
    if found:
        return Parsed(found, text=found != text)
    if match:
        return Parsed(fault=Fault.UNREADABLE, text=True, note="not consecutive")
    return Parsed(fault=Fault.AMBIGUOUS if re.fullmatch("20[0-9]{2}", text) else Fault.UNREADABLE, text=True)


# ------------------------------------------------------------------------------------- placeholders

_PLACEHOLDERS = frozenset({
    "klikk eller trykk her for å skrive inn tekst", "klikk eller trykk her for å skrive inn en tekst",
    "klikk her for å skrive inn tekst", "klikk eller trykk for å skrive inn tekst",
    "klikk eller trykk for å skrive inn en dato", "klikk eller trykk her for å skrive inn en dato",
    "click or tap here to enter text", "click here to enter text", "click or tap to enter a date",
    "velg et element", "vel eit element", "choose an item",
})  # fmt: skip


def is_placeholder(text: str) -> bool:
    """Whether a text is the prompt that Word shows in a field nobody has filled in."""
    if len(text) > 200 or (text[:1].isalnum() and text[0] not in "kKcCvV"):  # most texts: not worth cleaning
        return False
    return clean(text).casefold().rstrip(". ") in _PLACEHOLDERS
