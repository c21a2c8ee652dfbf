"""What people write in cells, as data (tests/cases/values.toml), and what must hold for any text at all."""

from __future__ import annotations

import datetime
import math
import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from behov_xl import spaces, values
from behov_xl.values import Fault, Parsed, Term

CASES = tomllib.loads((Path(__file__).parent / "cases" / "values.toml").read_text(encoding="utf-8"))
SPACES = ("\u00a0", "\u202f", "\u2009", "\t", "  ", "\u00a0 ")
IN_TIME = datetime.timedelta(milliseconds=500)
NUMBERS = ("amount", "hours", "count", "year")
READERS: dict[str, Callable[[Any], Parsed[Any]]] = {
    name: getattr(values, name) for name in (*NUMBERS, "checkbox", "school_year", "organisation_number")
}


def listed(kind: str, *readers: str) -> list[Any]:
    return [pytest.param(name, text, id=f"{name}: {text!r}") for name in readers for text in CASES[name].get(kind, [])]


def mapped(kind: str) -> list[Any]:
    return [
        pytest.param(name, text, wanted, id=f"{name}: {text!r}")
        for name in READERS
        for text, wanted in CASES[name].get(kind, {}).items()
    ]


def in_all_spaces(text: str) -> list[str]:
    return [text, *(text.replace(" ", space) for space in SPACES if " " in text)]


# ----------------------------------------------------------------------------------- texts as data


@pytest.mark.parametrize(("reader", "text", "value"), mapped("reads"))
def test_text_is_read_with_every_kind_of_space(reader: str, text: str, value: Any) -> None:
    for variant in in_all_spaces(text):
        parsed = READERS[reader](variant)
        assert (parsed.value, parsed.note, parsed.fault) == (value, "", None), repr(variant)


@pytest.mark.parametrize(("reader", "text", "wanted"), mapped("notes"))
def test_text_beside_a_number_is_kept_as_its_note(reader: str, text: str, wanted: list[Any]) -> None:
    for variant in in_all_spaces(text):
        parsed = READERS[reader](variant)
        assert [parsed.value, parsed.note] == wanted, repr(variant)
        assert parsed.fault is None


@pytest.mark.parametrize(("reader", "text"), listed("ambiguous", *NUMBERS, "school_year"))
def test_text_that_can_be_read_in_two_ways_is_ambiguous(reader: str, text: str) -> None:
    for variant in in_all_spaces(text):
        assert READERS[reader](variant) == Parsed(fault=Fault.AMBIGUOUS, text=True), repr(variant)


@pytest.mark.parametrize(("reader", "text"), listed("unreadable", *READERS))
def test_text_without_a_value_is_unreadable(reader: str, text: str) -> None:
    for variant in in_all_spaces(text):
        parsed = READERS[reader](variant)
        assert (parsed.value, parsed.fault) == (None, Fault.UNREADABLE), repr(variant)


@pytest.mark.parametrize(("reader", "text"), listed("blank", *NUMBERS, "school_year", "organisation_number"))
def test_blank_text_is_nothing_and_no_fault(reader: str, text: str) -> None:
    assert READERS[reader](text) == Parsed()


@pytest.mark.parametrize(("reader", "text"), listed("ticked", "checkbox"))
def test_tick_is_seen(reader: str, text: str) -> None:
    assert values.checkbox(text).value is True


@pytest.mark.parametrize(("reader", "text"), listed("empty", "checkbox"))
def test_empty_checkbox_is_seen(reader: str, text: str) -> None:
    assert values.checkbox(text) in {Parsed(value=False), Parsed(value=False, text=True)}


@pytest.mark.parametrize(("reader", "text"), listed("wrong_control_digit", "organisation_number"))
def test_organisation_number_with_only_a_wrong_control_digit_says_so(reader: str, text: str) -> None:
    assert values.organisation_number(text) == Parsed(fault=Fault.UNREADABLE, note="control digit")


@pytest.mark.parametrize(("text", "years"), CASES["school_years_named"].items())
def test_school_years_are_found_in_running_text(text: str, years: list[str]) -> None:
    for variant in in_all_spaces(text):
        assert list(values.school_years_named(variant)) == years, repr(variant)


@pytest.mark.parametrize(("text", "terms"), CASES["terms_named"].items())
def test_terms_with_a_year_are_found_in_running_text(text: str, terms: list[str]) -> None:
    for variant in in_all_spaces(text):
        found = ["VH"[term.autumn] + str(term.year) for term in values.terms_named(variant)]
        assert found == terms, repr(variant)


@pytest.mark.parametrize("text", CASES["placeholder"]["yes"])
def test_prompt_of_word_is_a_placeholder(text: str) -> None:
    assert values.is_placeholder(text)


@pytest.mark.parametrize(
    "text", [*CASES["placeholder"]["no"], "Klikk her for å skrive inn tekst." + " " * 300 + "Ekte tekst"]
)
def test_text_that_somebody_wrote_is_no_placeholder(text: str) -> None:
    assert not values.is_placeholder(text)


# --------------------------------------------------------------------------- cells that hold no text


@pytest.mark.parametrize("reader", READERS)
def test_cell_without_a_value_is_blank_or_not_ticked(reader: str) -> None:
    assert READERS[reader](None) == (Parsed(value=False) if reader == "checkbox" else Parsed())


@pytest.mark.parametrize("reader", ["amount", "hours"])
@pytest.mark.parametrize("raw", [200000, 200000.0, 1.5, -5, 0, 0.1, 1e308, 5e-324])
def test_number_in_a_cell_is_itself(reader: str, raw: float) -> None:
    parsed = READERS[reader](raw)
    assert parsed == Parsed(raw)
    assert type(parsed.value) is float


@pytest.mark.parametrize("reader", ["amount", "hours"])
def test_negative_zero_is_zero(reader: str) -> None:
    assert math.copysign(1, READERS[reader](-0.0).value) == 1
    assert math.copysign(1, READERS[reader]("-0").value) == 1


@pytest.mark.parametrize("reader", NUMBERS)
@pytest.mark.parametrize(
    "raw",
    [
        True, False, math.inf, -math.inf, math.nan, 10**400, -(10**400),
        datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1, 6, 0),
    ],
    ids=lambda raw: f"{raw!s:.20}",
)  # fmt: skip
def test_cell_that_holds_no_number_is_unreadable(reader: str, raw: Any) -> None:
    parsed = READERS[reader](raw)
    assert (parsed.value, parsed.fault) == (None, Fault.UNREADABLE)


@pytest.mark.parametrize("raw", [datetime.time(1, 30), datetime.timedelta(hours=1)])
def test_time_of_day_is_no_amount(raw: Any) -> None:
    assert values.amount(raw).fault is Fault.UNREADABLE


def test_times_and_durations_of_excel_are_hours() -> None:
    assert values.hours(datetime.time(1, 30)) == Parsed(1.5)
    assert values.hours(datetime.time(0, 0, 36)) == Parsed(0.01)
    assert values.hours(datetime.timedelta(days=1, hours=2)) == Parsed(26.0)


def test_count_is_whole() -> None:
    assert values.count(19.0) == Parsed(19)
    assert values.count(-3) == Parsed(-3)
    assert values.count(2.5).fault is Fault.UNREADABLE


@pytest.mark.parametrize("raw", [26, 1899, 2201, 46023.0, 2026.5])
def test_year_out_of_reach_is_unreadable(raw: float) -> None:
    assert values.year(raw) == Parsed(fault=Fault.UNREADABLE)


@pytest.mark.parametrize(("raw", "ticked"), [(True, True), (False, False), (1, True), (0, False), (1.0, True)])
def test_bool_or_one_or_zero_is_a_tick(raw: float, ticked: bool) -> None:
    assert values.checkbox(raw) == Parsed(ticked, text=type(raw) is not bool)


@pytest.mark.parametrize(
    "raw", [2, -1, 0.5, math.nan, math.inf, 10**400, datetime.date(2026, 1, 1)], ids=lambda raw: f"{raw!s:.10}"
)
def test_other_number_in_a_checkbox_is_unreadable(raw: Any) -> None:
    assert values.checkbox(raw).fault is Fault.UNREADABLE


@pytest.mark.parametrize("raw", [972418013, 972418013.0])
def test_organisation_number_may_be_a_number(raw: float) -> None:
    assert values.organisation_number(raw) == Parsed("972418013")


@pytest.mark.parametrize(
    "raw", [972418013.5, -972418013, True, math.nan, math.inf, 1e308, 10**400, 5], ids=lambda raw: f"{raw!s:.10}"
)
def test_organisation_number_is_not_made_of_another_number(raw: Any) -> None:
    assert values.organisation_number(raw) == Parsed(fault=Fault.UNREADABLE)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (2026, Fault.AMBIGUOUS),
        (2026.0, Fault.AMBIGUOUS),
        (26, Fault.UNREADABLE),
        (True, Fault.UNREADABLE),
        (math.nan, Fault.UNREADABLE),
    ],
)
def test_calendar_year_is_no_school_year(raw: float, fault: Fault) -> None:
    assert values.school_year(raw) == Parsed(fault=fault)


# ------------------------------------------------------------------------------- text or not, order


def test_number_that_was_written_as_text_says_so() -> None:
    assert values.amount("200000").text
    assert values.hours("6").text
    assert values.count("19").text
    assert not values.amount(200000).text


@pytest.mark.parametrize(
    ("raw", "text"), [("☒", False), ("☐", False), (" ☒", False), ("x", True), ("ja", True), ("nei", True)]
)
def test_only_ticks_other_than_the_forms_own_count_as_text(raw: str, text: bool) -> None:
    assert values.checkbox(raw).text is text


def test_terms_are_ordered_by_time() -> None:
    spring, autumn, next_spring = Term(2026, autumn=False), Term(2026, autumn=True), Term(2027, autumn=False)
    assert sorted([next_spring, autumn, spring]) == [spring, autumn, next_spring]
    assert values.terms_of_school_year("2026/2027") == (autumn, next_spring)


def test_white_space_is_folded_and_invisible_characters_removed() -> None:
    assert values.clean(" a\u00a0\u202f b\tc\r\n\u2009d ") == "a b c d"
    assert values.clean("sam\u00adling\u200b\ufeff") == "samling"
    assert values.clean("\u00a0") == ""


# --------------------------------------------------------------------------------- hostile lengths

REPEATED = ["9", "9 ", "9 999", "1.000.", "1,", ",", ", ", "-", "- ", "(", ")", "()", "( ", "a", "å ", "½", "²", "x ", "kr ", "ca. ",
            "en ", "og ", "2026/", "vår og ", "høst ", "t ", "6 t 30 min ", "LMS: ", "☒"]  # fmt: skip


@pytest.mark.parametrize("length", [400, 3_990, 10_000])
@pytest.mark.parametrize("piece", REPEATED)
def test_repeated_text_of_any_length_gives_no_value(piece: str, length: int) -> None:
    for end in ("", "1", "!", "kr"):
        text = (piece * length)[:length] + end
        for name in NUMBERS:
            assert READERS[name](text).value is None, name
        values.school_years_named(text)
        values.terms_named(text)


def test_value_in_front_of_a_very_long_text_is_not_read() -> None:
    assert values.amount("200 000" + " " * 5_000 + "ca.").value is None
    assert values.hours("6 timer (" + "a" * 10_000 + ")").value is None


@pytest.mark.parametrize("depth", [1, 10, 1000])
def test_nested_parentheses_never_change_the_amount(depth: int) -> None:
    assert values.amount("200 000 " + "(" * depth + "LMS" + ")" * depth).value == 200000
    assert values.amount("200 000 " + "(" * depth + "LMS" + ")" * (depth + 1)).fault is Fault.AMBIGUOUS
    assert values.amount("200 000 " + "(" * depth + "100 000" + ")" * depth).fault is Fault.AMBIGUOUS


# ------------------------------------------------------------------------------------- any text

SEEDS = [
    "200 000,-",
    "1,5 time",
    "kr ",
    "(LMS)",
    " - ",
    "per",
    "ca.",
    "½",
    "²",
    "٣",
    "２",
    "\u00a0",
    "\u202f",
    "☒",
    "2026/27",
    "V27",
    ".",
]
ANY_TEXT = st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(SEEDS), st.text(max_size=3))).map("".join))
ANY_CELL = st.one_of(
    ANY_TEXT,
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(ANY_CELL)
@example(10**400)
@example("9" * 400)
@example("1e308")
@settings(deadline=IN_TIME, max_examples=300)
def test_any_cell_gives_a_finite_value_or_a_fault_or_nothing(raw: Any) -> None:
    for name, reader in READERS.items():
        parsed = reader(raw)
        assert parsed.value is None or parsed.fault is None, name
        if isinstance(parsed.value, float | int):
            assert math.isfinite(parsed.value), name


@given(
    st.text(st.sampled_from("ab å☒ \t\n\u00a0\u00ad\u200b\u200d\u2060\ufe0e\ufe0f\ufeff\u0301"), max_size=8) | ANY_TEXT
)
def test_a_text_that_needs_no_cleaning_is_told_from_one_that_does(text: str) -> None:
    assert values.clean(text) == " ".join(spaces._INVISIBLE.sub("", text).split())


@given(ANY_TEXT | st.text(st.characters(max_codepoint=300), min_size=40, max_size=90))
@example(bytes(range(256)).decode("latin-1"))
@example("".join(chr(one) for one in range(256) if chr(one) not in "ßµ"))
def test_a_text_is_folded_as_the_language_folds_it(text: str) -> None:
    assert spaces.all_folded([text]) == [text.casefold()]


@given(st.lists(st.text(st.sampled_from("abÆøÅßµÉ–•“\x80\x81\0ıĿﬁ "), max_size=9), max_size=4))
@example(["Æ – Ø", "• Å"])
def test_texts_are_folded_together_as_each_alone(texts: list[str]) -> None:
    assert spaces.all_folded(texts) == [text.casefold() for text in texts]


@given(ANY_TEXT)
@settings(deadline=IN_TIME, max_examples=300)
def test_any_text_is_searched_and_cleaned(text: str) -> None:
    assert values.clean(values.clean(text)) == values.clean(text)
    values.school_years_named(text)
    values.terms_named(text)
    values.is_placeholder(text)


@given(ANY_TEXT)
@settings(deadline=IN_TIME, max_examples=300)
def test_text_with_a_digit_is_never_read_as_blank_or_as_more_digits_than_it_has(text: str) -> None:
    digits = "".join(one for one in text if one in "0123456789")
    parsed = values.amount(text)
    if digits:
        assert parsed != Parsed()
    if parsed.value is not None:
        shown = f"{abs(parsed.value):.2f}".replace(".", "")
        assert shown.strip("0") == digits.strip("0")


# ---------------------------------------------------------------------------------- round trips

AMOUNTS = st.integers(0, 10**10)
LETTERED_NOTES = st.sampled_from(["LMS", "Nord", "UiS", "Læringsmiljøsenteret", "Nord universitet"])


def grouped(kroner: int, separator: str) -> str:
    return f"{kroner:,}".replace(",", separator)


@given(
    AMOUNTS,
    st.sampled_from(["", " ", "\u00a0", "\u202f", "\u2009", "."]),
    st.sampled_from(["", "kr ", "kr. ", "Kr", "NOK ", "kr\u00a0"]),
    st.sampled_from(["", ",-", ", -", ",–", " ,-", ".-", " kr", " kroner", ",- kr", ",00"]),
    st.booleans(),
    st.one_of(st.just(""), LETTERED_NOTES),
    st.sampled_from(["", " ", "\u00a0\u00a0"]),
)
def test_amount_in_any_norwegian_spelling_comes_back(
    kroner: int, separator: str, before: str, behind: str, minus: bool, note: str, around: str
) -> None:
    text = f"{around}{before}{'-' if minus else ''}{grouped(kroner, separator)}{behind}"
    text += f" ({note})" if note else around
    assert values.amount(text) == Parsed(float(-kroner if minus and kroner else kroner), note=note, text=True)


@given(AMOUNTS, st.integers(0, 99), st.sampled_from(["", " ", "\u202f", "."]))
def test_amount_with_oere_comes_back(kroner: int, oere: int, separator: str) -> None:
    assert values.amount(f"{grouped(kroner, separator)},{oere:02}").value == float(f"{kroner}.{oere:02}")


@given(
    AMOUNTS,
    AMOUNTS,
    st.sampled_from(["-", "–", " - ", " – ", "/", " til ", " eller ", " + ", " og ", " x ", "; ", " ("]),
)
def test_two_amounts_in_one_cell_are_ambiguous(first: int, second: int, between: str) -> None:
    text = f"{grouped(first, ' ')}{between}{grouped(second, ' ')}"
    assert values.amount(text).fault is Fault.AMBIGUOUS


HOUR_WORDS = st.sampled_from(["timer", "timar", "time", "t", "t.", "h", "TIMER"])
SPACE = st.sampled_from(["", " ", "\u00a0", "\u202f", "\u2009"])
QUARTERS = st.integers(0, 800)


@given(QUARTERS, st.sampled_from(",."), HOUR_WORDS, SPACE, st.booleans())
def test_hours_with_decimals_come_back(quarters: int, comma: str, unit: str, space: str, bare: bool) -> None:
    number = f"{quarters / 4:g}".replace(".", comma)
    assert values.hours(number if bare else f"{number}{space}{unit}") == Parsed(quarters / 4, text=True)


@given(
    st.integers(0, 99),
    st.sampled_from([("", Fraction(0)), ("½", Fraction(1, 2)), ("¼", Fraction(1, 4)), ("¾", Fraction(3, 4))]),
    SPACE,
    HOUR_WORDS,
)
def test_hours_with_a_fraction_sign_come_back(whole: int, part: tuple[str, Fraction], space: str, unit: str) -> None:
    assert values.hours(f"{whole}{part[0]}{space}{unit}").value == float(whole + part[1])


@given(
    st.integers(0, 99),
    st.integers(0, 59),
    HOUR_WORDS.filter(str.islower),
    SPACE,
    st.sampled_from(["min", "min.", "minutter", "minutt"]),
)
def test_hours_with_minutes_come_back(hours: int, minutes: int, unit: str, space: str, minute: str) -> None:
    wanted = pytest.approx(hours + minutes / 60)
    assert values.hours(f"{hours}{space}{unit} {minutes}{space}{minute}").value == wanted
    assert values.hours(f"{hours} {unit} og {minutes} {minute}").value == wanted
    assert values.hours(f"{hours * 60 + minutes}{space}{minute}").value == wanted
    assert values.hours(f"{hours}:{minutes:02}").value == wanted


@given(QUARTERS, QUARTERS, st.sampled_from(["-", "–", " - ", " til ", " eller ", "/", " + ", " x "]))
def test_range_or_sum_of_hours_is_ambiguous(first: int, second: int, between: str) -> None:
    text = f"{first / 4:g}{between}{second / 4:g} timer".replace(".", ",")
    assert values.hours(text).fault is Fault.AMBIGUOUS


@given(st.integers(0, 10**8))
def test_organisation_number_with_the_right_control_digit_is_accepted_and_no_other(stem: int) -> None:
    accepted = [digit for digit in range(10) if values.organisation_number(f"{stem:08}{digit}").value]
    assert len(accepted) <= 1  # none where the control digit would be 10
