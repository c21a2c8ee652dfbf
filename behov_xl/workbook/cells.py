"""Raw cells of one column → typed values, and what is wrong with those that cannot be read."""

from __future__ import annotations

import datetime
import difflib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from behov_xl import values
from behov_xl.findings import Rule, Severity, declare
from behov_xl.headings import normal
from behov_xl.values import Fault, Parsed, clean
from behov_xl.workbook.grid import CellValue
from behov_xl.workbook.input_rules import lowest, maximum

if TYPE_CHECKING:
    from behov_xl.form import Column, Form, Label

_SECTION = "cell"

AMOUNT_UNREADABLE = declare(
    "BX201",
    "amount-unreadable",
    Severity.ERROR,
    """
    A cell for an amount holds something that is no amount, so that it is not in any sum.

    Wrong: `etter avtale` in the column Sum UH.
    Right: `201500`.
    """,
    section=_SECTION,
)
AMOUNT_AMBIGUOUS = declare(
    "BX202",
    "amount-ambiguous",
    Severity.ERROR,
    """
    The text can be read as more than one amount. It is not decided for the adviser: a wrong guess would be a wrong sum.

    Wrong: `12.50` (12 kroner and 50 øre, or a slip for 1 250?).
    Right: `12,50` or `1250`.
    """,
    section=_SECTION,
)
NUMBER_UNREADABLE = declare(
    "BX203",
    "number-unreadable",
    Severity.ERROR,
    """
    A cell for a number (hours, how many times, how many units, a year) holds something that is no such number.

    Wrong: `noen` in the column Timer per gang; 2,5 in a count of schools.
    Right: `1,5`; `2`.
    """,
    section=_SECTION,
)
NUMBER_AMBIGUOUS = declare(
    "BX204",
    "number-ambiguous",
    Severity.ERROR,
    """
    The text can be read as more than one number of hours, or names a range.

    Wrong: `2-3 timer`; `1.500`.
    Right: `2,5`; `1,5`.
    """,
    section=_SECTION,
)
CHECKBOX_UNREADABLE = declare(
    "BX205",
    "checkbox-unreadable",
    Severity.ERROR,
    """
    A checkbox cell holds something that is neither a tick nor empty.

    Wrong: `kanskje`.
    Right: ☒ or ☐ (TRUE/FALSE, x and ja/nei are understood too).
    """,
    section=_SECTION,
)
UNKNOWN_CHOICE = declare(
    "BX206",
    "unknown-choice",
    Severity.ERROR,
    """
    A cell with a drop-down list holds something that is not on the list. Rows with an unknown choice drop out of the
    sums and hours that are counted by it.

    Wrong: part `Universitet`; school year `2026`.
    Right: `UH`; `2026/2027`.
    """,
    section=_SECTION,
    fix="unsafe",
)
OUT_OF_RANGE = declare(
    "BX207",
    "out-of-range",
    Severity.ERROR,
    """
    A number that cannot be right: negative, or larger than its column allows.

    Wrong: −200 000 kr; 3 semesters in a year.
    Right: 200 000 kr; 2 semesters.
    """,
    section=_SECTION,
)
NUMBER_AS_TEXT = declare(
    "BX209",
    "number-as-text",
    Severity.WARNING,
    """
    The cell shows a number but holds text, so that Excel's own sums leave it out: the total looks right to the eye and
    is wrong. The validator reads it as the number that is meant.

    Wrong: `200 000,-` typed into Sum eier.
    Right: `200000`, which the cell shows as 200 000 kr.
    """,
    section=_SECTION,
    fix="safe",
)
ORGANISATION_NUMBER = declare(
    "BX210",
    "organisation-number",
    Severity.ERROR,
    """
    An organisation number has nine digits, and the last one follows from the others (modulus 11).

    Wrong: 123456784.
    Right: 123456785.
    """,
    section="Eier",
)
STRAY_SPACES = declare(
    "BX211",
    "stray-spaces",
    Severity.WARNING,
    """
    A key or a choice has spaces before, behind or doubled inside it. The eye does not see them, and Excel's own sums,
    which compare to the letter, pass the row over.

    Wrong: `T1 ` with a space behind it in the column Tiltak-ID.
    Right: `T1`.
    """,
    section=_SECTION,
    fix="safe",
)
DATE_FOR_NUMBER = declare(
    "BX213",
    "date-for-number",
    Severity.ERROR,
    """
    A cell for a number or a year holds a date. Excel makes a date of what looks like one: `1.5` becomes 1 May.

    Wrong: `1.5` typed into Timer per gang, which Excel turned into 1 May.
    Right: `1,5`.
    """,
    section=_SECTION,
    fix="unsafe",
)
FRACTIONAL_AMOUNT = declare(
    "BX214",
    "fractional-amount",
    Severity.WARNING,
    """
    An amount has øre, and the form asks for whole kroner. Often it is a quotient that nobody rounded, or a decimal
    comma that should have been a space.

    Wrong: 66666.67; 200,5.
    Right: 66667; 200500.
    """,
    section=_SECTION,
)
CHOICE_SPELLING = declare(
    "BX217",
    "choice-spelling",
    Severity.WARNING,
    """
    What is meant is clear, but it is not written as the list has it, so that Excel's own sums, which compare to the
    letter, pass the row over.

    Wrong: `2026/27` in the column År.
    Right: `2026/2027`.
    """,
    section=_SECTION,
    fix="safe",
)
YEARS_NOT_CONSECUTIVE = declare(
    "BX216",
    "school-year-not-consecutive",
    Severity.ERROR,
    """
    A kindergarten or school year is two calendar years that follow each other. What stands here is not, so the row
    belongs to no school year and drops out of the hours that are counted by it.

    Wrong: `2026/2028`.
    Right: `2026/2027`.
    """,
    section=_SECTION,
    fix="unsafe",
)
PLACEHOLDER = declare(
    "BX702",
    "placeholder-text",
    Severity.WARNING,
    """
    The cell still holds the prompt that Word shows in a field nobody has filled in. It counts as empty.

    Wrong: `Klikk eller trykk her for å skrive inn tekst.` under Sum koordinator.
    Right: an amount, or nothing.
    """,
    section=_SECTION,
    fix="safe",
)

NAN = math.nan
ABSURD = 1e12
"""Beyond any sum of money or hours: such a number is out of range and does not enter into any other check."""
_ORE = 0.005
_BOXES = {"☒": 1.0, "☐": 0.0, "": 0.0}
_NO_YEAR: Parsed[str] = Parsed()
_NO_TEXT_WARNING = frozenset({"text", "longtext", "choice", "reference", "tick", "year", "organisation_number"})


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with the ``index``-th cell of a column."""

    index: int
    rule: Rule
    params: dict[str, Any]


_Reader = Callable[[CellValue], Parsed[Any]]
_READERS: dict[str, tuple[_Reader, Rule, Rule]] = {
    "amount": (values.amount, AMOUNT_UNREADABLE, AMOUNT_AMBIGUOUS),
    "hours": (values.hours, NUMBER_UNREADABLE, NUMBER_AMBIGUOUS),
    "number": (values.hours, NUMBER_UNREADABLE, NUMBER_AMBIGUOUS),
    "count": (values.count, NUMBER_UNREADABLE, NUMBER_AMBIGUOUS),
    "year": (values.year, NUMBER_UNREADABLE, NUMBER_AMBIGUOUS),
    "tick": (values.checkbox, CHECKBOX_UNREADABLE, CHECKBOX_UNREADABLE),
    "organisation_number": (values.organisation_number, ORGANISATION_NUMBER, ORGANISATION_NUMBER),
}


def read_column(form: Form, column: Column, raw: list[CellValue]) -> tuple[list[Any], list[CellFault]]:
    """The column's values and faults.

    Numbers are floats with NaN for nothing; ticks are 1.0, 0.0 or NaN where unreadable; choices are option ids, texts
    are cleaned, both with ``""`` for nothing.
    """
    if column.type in {"text", "longtext", "reference"}:
        return _texts(column, raw)
    if column.type == "choice":
        return _choices(form, column, raw)
    return _numbers(column, raw)


def text_of(value: CellValue) -> str:
    """A cell's value as the text a reader sees: whole numbers without decimals, spaces folded."""
    if isinstance(value, str):
        return clean(value) if value else ""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    return f"{value:g}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def _stray_spaces(column: Column, raw: list[CellValue], out: list[Any]) -> Iterator[CellFault]:
    """The keys and choices that Excel does not see as equal to what they are: ``out`` is what they should be."""
    for index, (value, text) in enumerate(zip(raw, out, strict=True)):
        if text and value != text and isinstance(value, str):
            yield CellFault(index, STRAY_SPACES, {"label": column.label, "actual": text, "cleaned": text})


def _texts(column: Column, raw: list[CellValue]) -> tuple[list[Any], list[CellFault]]:
    if set(map(type, raw)) <= {str}:  # as nearly always
        read: dict[Any, str] = {value: clean(value) for value in set(raw) if isinstance(value, str)}
        out: list[Any] = list(map(read.__getitem__, raw))
    else:
        out = [text_of(value) for value in raw]
    faults = list(_stray_spaces(column, raw, out)) if column.key else []
    prompts = {text for text in set(out) if text and values.is_placeholder(text)}
    for index, text in enumerate(out) if prompts else ():
        if text in prompts:
            if column.formula is None:  # a formula only shows what stands elsewhere
                faults.append(CellFault(index, PLACEHOLDER, {"label": column.label, "actual": text}))
            out[index] = ""
    return out, faults


_Said = tuple[tuple[Rule, dict[str, Any]], ...]
"""What is wrong with a value."""


def _numbers(column: Column, raw: list[CellValue]) -> tuple[list[Any], list[CellFault]]:
    # Most cells are empty, or hold what others hold: each value is read once.
    kinds = set(map(type, raw))
    told_apart = bool not in kinds or kinds <= {bool, str}  # True is 1 to a dict, and is not the same here
    keys: list[Any] = raw if told_apart else list(zip(map(type, raw), raw, strict=True))
    known = {key: _number(column, value) for key, value in dict(zip(keys, raw, strict=True)).items()}
    wrong = {key: said for key, (_, said) in known.items() if said}
    faults = [
        CellFault(index, rule, params)
        for index, key in (enumerate(keys) if wrong else ())
        if key in wrong
        for rule, params in wrong[key]
    ]
    return [known[key][0] for key in keys], faults


def _number(column: Column, value: CellValue) -> tuple[Any, _Said]:
    """What a cell is read as, and what is wrong with it."""
    read, _, _ = _READERS[column.type]
    as_text = column.type == "organisation_number"
    nothing: Any = "" if as_text else NAN
    if column.type == "tick" and isinstance(value, str) and value in _BOXES:
        return _BOXES[value], ()
    if value == "":
        return nothing, ()
    parsed = read(value)
    found = parsed.value
    if found is not None and not as_text and abs(float(found)) > ABSURD:
        return nothing, ((OUT_OF_RANGE, _bounds(column, found)),) if column.formula is None else ()
    said: _Said = ()
    if parsed.fault is not None or parsed.text:
        said = tuple(_said(column, value, parsed))
    elif column.type == "amount" and column.formula is None and found and abs(found - round(found)) > _ORE:
        said = ((FRACTIONAL_AMOUNT, {"label": column.label, "actual": found}),)
    return nothing if found is None else found if as_text else float(found), said


def _said(column: Column, value: CellValue, parsed: Parsed[Any]) -> Iterator[tuple[Rule, dict[str, Any]]]:
    """What is wrong with a cell that could not be read, or that holds a number as text."""
    _, unreadable, ambiguous = _READERS[column.type]
    params = {"label": column.label, "actual": text_of(value)}
    if isinstance(value, str) and values.is_placeholder(value):
        yield PLACEHOLDER, params
    elif isinstance(value, datetime.date) and column.numeric and column.formula is None:
        number = values.number_behind_date(value, year=column.type == "year")
        yield DATE_FOR_NUMBER, {**params, "actual": f"{value:%d.%m.%Y}", "number": number}
    elif parsed.fault is not None:
        # What a formula shows that is no number follows from the cells it computes with.
        if column.formula is None or isinstance(value, str):
            yield ambiguous if parsed.fault is Fault.AMBIGUOUS else unreadable, params
    elif column.type not in _NO_TEXT_WARNING:
        yield NUMBER_AS_TEXT, {**params, "number": parsed.value, "type": column.type}


def _bounds(column: Column, found: float) -> dict[str, Any]:
    return {"label": column.label, "actual": found, "least": lowest(column), "limit": maximum(column)}


def _choices(form: Form, column: Column, raw: list[CellValue]) -> tuple[list[Any], list[CellFault]]:
    options = form.options(column)
    known = form.words_of(column)
    out: list[Any] = []
    faults: list[CellFault] = []
    right: dict[CellValue, str] = {"": ""}
    for index, value in enumerate(raw):
        if type(value) is str and value in right:
            out.append(right[value])
            continue
        text = text_of(value)
        if text and values.is_placeholder(text):
            faults.append(CellFault(index, PLACEHOLDER, {"label": column.label, "actual": text}))
            text = ""
        id_ = known.get(normal(text), "")
        if text and id_ not in options:
            year = values.school_year(text) if column.choices == "school_years" else _NO_YEAR
            id_ = year.value if year.value in options else ""
            rule = CHOICE_SPELLING if id_ else YEARS_NOT_CONSECUTIVE if year.note else UNKNOWN_CHOICE
            faults.append(CellFault(index, rule, _choice_params(column, options, known, text, id_)))
        elif text and value != text and isinstance(value, str):
            faults.append(CellFault(index, STRAY_SPACES, {"label": column.label, "actual": text, "cleaned": text}))
        elif text and not text[-1].isalnum() and text.casefold() not in map(str.casefold, options[id_].both):
            faults.append(CellFault(index, CHOICE_SPELLING, _choice_params(column, options, known, text, id_)))
        elif text and isinstance(value, str):
            right[value] = id_
        out.append(id_)
    return out, faults


def _choice_params(
    column: Column, options: dict[str, Label], known: dict[str, str], text: str, meant: str = ""
) -> dict[str, Any]:
    near = difflib.get_close_matches(normal(text), list(known), n=1, cutoff=0.6)
    guess = options[meant or known[near[0]]] if meant or near else ""
    return {"label": column.label, "actual": text, "expected": list(options.values()), "guess": guess}
