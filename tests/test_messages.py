from __future__ import annotations

import string
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.findings import Phrase
from behov_xl.form import current
from behov_xl.messages import LANGUAGES, NO_BREAK, Catalogue, catalogue, number
from behov_xl.rules import catalogue as rules
from behov_xl.years import Term

NBSP = "\N{NO-BREAK SPACE}"


def _texts(lang: str) -> dict[str, str]:
    def flat(words: dict[str, object], path: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in words.items():
            found |= flat(value, f"{path}{key}.") if isinstance(value, dict) else {f"{path}{key}": str(value)}
        return found

    return flat(tomllib.loads((files("behov_xl.messages") / f"{lang}.toml").read_text(encoding="utf-8")))


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_same_keys_and_fields(lang: str) -> None:
    reference, texts = _texts("nb"), _texts(lang)
    without_why = {key for key in reference if not key.endswith(".why")}
    assert {key for key in texts if not key.endswith(".why")} == without_why
    assert {key: _fields(texts[key]) for key in without_why} == {key: _fields(reference[key]) for key in without_why}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", rules())
def test_every_rule_has_its_words(lang: str, code: str) -> None:
    words = catalogue(lang)
    for key in ("title", "message", "advice", *([] if lang == "en" else ["why"])):
        assert words.raw(f"{code}.{key}").strip()
    rule = rules()[code]
    assert "Wrong:" in rule.doc
    assert "Right:" in rule.doc


def test_no_catalogue_has_words_for_a_rule_that_does_not_exist() -> None:
    assert {key.split(".")[0] for key in _texts("nb") if key.startswith("BX")} == set(rules())


@pytest.mark.parametrize(
    ("value", "text"),
    [(401500, "401 500"), (1.5, "1,5"), (0.0, "0"), (-1234567.25, "−1 234 567,25"), (6.0, "6"), (999.999, "1 000")],
)
def test_numbers_are_written_as_norwegians_write_them(value: float, text: str) -> None:
    assert number(value) == text.replace(" ", NBSP)


@given(st.integers(-(10**12), 10**12))
def test_a_number_keeps_its_digits(value: int) -> None:
    assert number(value).replace(NBSP, "").replace("−", "-") == str(value)


def test_amounts_and_hours_have_their_units() -> None:
    words = catalogue("nb")
    assert words.text("BX304.message", actual=1000, expected=500).count(f"{NBSP}kr") == 2
    assert words.text("report.hours_of", year="2026/2027", hours=1) == f"2026/2027: 1{NBSP}time"
    assert words.text("report.hours_of", year="2026/2027", hours=1.5) == f"2026/2027: 1,5{NBSP}timer"


def test_a_part_that_depends_on_a_value_is_left_out_without_it() -> None:
    words = catalogue("nb")
    params = {"label": "Part", "actual": "Uni", "expected": ["Eier", "UH"]}
    assert "Mente du" not in words.text("BX206.advice", guess="", **params)
    assert "Mente du «UH»?" in words.text("BX206.advice", guess="UH", **params)


class _Formatter(string.Formatter):
    """What the catalogue's formats mean, said with the standard library."""

    def __init__(self, words: Catalogue) -> None:
        self.words = words

    def format_field(self, value: object, spec: str) -> str:
        if spec.startswith("?"):
            return spec[1:].replace("%s", self.words.words(value)) if value else ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            if spec == "kr":
                return f"{number(value)}{NO_BREAK}kr"
            if spec == "t":
                return f"{number(value)}{NO_BREAK}{self.words.raw('hour' if value == 1 else 'hours')}"
        return self.words.words(value)


LABEL = current().tables[0].columns[0].label
KINDS = [
    "",
    "a {b} %s",
    0,
    1,
    1.0,
    -0.0,
    1.5,
    1e15,
    True,
    None,
    LABEL,
    [],
    ["a", LABEL, (LABEL, 2)],
    Term(2027, autumn=True),
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_filled_as_the_standard_library_would(lang: str) -> None:
    words = catalogue(lang)
    filled = 0
    for key, text in _texts(lang).items():
        for value in [*KINDS, Phrase("void.error")] if (fields := _fields(text)) else ["unused"]:
            params = dict.fromkeys(fields, value)
            assert words.text(key, **params) == _Formatter(words).vformat(text, (), params)
            filled += 1
    assert filled > 1000


def test_a_field_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(KeyError):
        catalogue("nb").text("BX206.message")


@pytest.mark.parametrize("text", ["{}", "{0}", "{a.b}", "{a[0]}", "{a!r}"])
def test_a_catalogue_has_plain_fields_only(text: str) -> None:
    with pytest.raises(ValueError, match="no plain field"):
        Catalogue("nb", {"key": text}).text("key", a=1)


@given(st.integers(-(10**15), 10**15) | st.sampled_from([-0.0, 0.0, 1e14, -1e14]), st.integers(1, 3))
def test_a_whole_number_is_written_as_any_other(value: float, decimals: int) -> None:
    plain = f"{value:,.{decimals}f}".split(".")[0].replace(",", NBSP).replace("-", "\N{MINUS SIGN}")
    assert number(value, decimals) == (plain if abs(value) < 1e15 else f"{value:.3g}".replace(".", ","))
