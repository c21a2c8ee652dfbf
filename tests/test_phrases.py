"""Hours in running text: advisers' phrases as data (tests/cases/phrases.toml), and phrases composed at random."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import dataclass
from operator import add
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behov_xl import phrase_rewrites, phrase_skeleton, phrase_tokens
from behov_xl.phrases import LONGEST, _hours, _times, hours_in_words, times_in_words

CASES = tomllib.loads((Path(__file__).parent / "cases" / "phrases.toml").read_text(encoding="utf-8"))
KNOWN: dict[str, float] = CASES["known"]
UNKNOWN = [(reason, text) for reason, texts in CASES["unknown"].items() for text in texts]
IN_TIME = datetime.timedelta(milliseconds=500)
SPACES = ("\u00a0", "\u202f", "\u2009", "  ", "\n", "\t")


TIMES = {
    "Planlegge innhold i de ulike fagsamlingene med påfølgende etterarbeid, 2 møter per semester-": 2,
    "Evaluering i etterkant av fagsamlinger med 2 møter per semester.": 2,
    "3 samlingar kvart semester": 3,
    "1 per semester": 1,
    "Hvert semester 2 møter": 2,
    "Ein gong per semester": 1,
    "2 møter i begge semestre": 2,
    "4 møter per semester i 2026/2027": 4,
    "2 møter per semester, totalt 6 timer": 2,
    "2 møter per semester og 1 fagdag": None,
    "2-3 møter per semester": None,
    "Inntil 3 møter per semester": None,
    "2 møter per semester i hver barnehage": None,
    "2 møter per semester for 3 grupper": None,
    "2 møter høst 2026 og 1 per semester": None,
    "2 møter i året": None,
    "I semesteret: 2 møter": None,
    "2 timer per semester": None,
    "x" * 3000 + " 2 møter per semester": None,
}


@pytest.mark.parametrize(("text", "times"), TIMES.items())
def test_how_often_in_a_semester(text: str, times: float | None) -> None:
    for variant in (text, text.upper(), *(text.replace(" ", space) for space in SPACES)):
        assert times_in_words(variant) == times, repr(variant)


# --------------------------------------------------------------------------------- phrases as data


@pytest.mark.parametrize(("text", "hours"), KNOWN.items())
def test_what_is_certainly_meant_is_known(text: str, hours: float) -> None:
    for variant in (text, text.upper(), text.capitalize(), *(text.replace(" ", space) for space in SPACES)):
        assert hours_in_words(variant) == pytest.approx(hours), repr(variant)


@pytest.mark.parametrize(("reason", "text"), UNKNOWN)
def test_what_is_not_certain_is_unknown(reason: str, text: str) -> None:
    for variant in (text, text.upper(), text.capitalize(), *(text.replace(" ", space) for space in SPACES)):
        assert hours_in_words(variant) is None, repr(variant)


@pytest.mark.parametrize(("text", "hours"), KNOWN.items())
def test_innocent_words_around_change_nothing(text: str, hours: float) -> None:
    assert hours_in_words(f"Formål: {text}") == pytest.approx(hours)
    assert hours_in_words(f"{text.rstrip('.')}. Digitalt på rådhuset.") == pytest.approx(hours)


SPOILERS = (
    "3 styrere",
    "hver måned",
    "ca.",
    "2–3",
    "4,5 timer",
    "per barnehage",
    "eller 4",
    "minst",
    "20 %",
    "kl. 12.30",
    "?",
)


@pytest.mark.parametrize("spoiler", SPOILERS)
@pytest.mark.parametrize("text", KNOWN)
def test_a_quantity_that_nothing_explains_makes_a_known_phrase_unknown(text: str, spoiler: str) -> None:
    assert hours_in_words(f"{spoiler} {text}") is None
    assert hours_in_words(f"{text.rstrip('.')} {spoiler}") is None


# ------------------------------------------------------------------------------------- semesters


@pytest.mark.parametrize("semesters", [1, 2, 1.0, 3])
def test_per_semester_happens_as_often_as_the_row_has_semesters(semesters: float) -> None:
    assert hours_in_words("2 møter hvert semester med 1,5 time per møte", semesters) == 3 * semesters
    assert hours_in_words("2 timer per semester", semesters) == 2 * semesters


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2 møter à 2 timer", 4),
        ("2 møter à 2 timer i begge semestre", 8),
        ("2 møter i året à 2 timer", 4),
        ("2 møter x 2 timer x 2 semestre", 8),
    ],
)
def test_what_is_not_per_semester_does_not_depend_on_the_row(text: str, hours: float) -> None:
    assert hours_in_words(text, 1) == hours_in_words(text, 2) == hours


@pytest.mark.parametrize("semesters", [0, -1, float("nan"), float("inf")])
def test_an_impossible_number_of_semesters_gives_no_hours(semesters: float) -> None:
    assert hours_in_words("2 møter per semester à 2 timer", semesters) is None


# --------------------------------------------------------------------------- composed at random


@dataclass(frozen=True)
class Language:
    """Words to compose phrases of. An event: article, singular, plural."""

    events: tuple[tuple[str, str, str], ...]
    adjectives: tuple[tuple[str, str], ...]
    per_semester: tuple[str, ...]
    per_year: tuple[str, ...]
    per: tuple[str, ...]
    times: tuple[str, str]
    hours: tuple[str, str]
    minutes: str
    one_and_a_half: str
    before: tuple[str, ...]
    behind: tuple[str, ...]


BOKMAAL = Language(
    events=(
        ("et", "møte", "møter"), ("ett", "nettverksmøte", "nettverksmøter"), ("en", "samling", "samlinger"),
        ("én", "fagsamling", "fagsamlinger"), ("en", "fagdag", "fagdager"), ("en", "workshop", "workshops"), ("et", "kurs", "kurs"),
        ("en", "arbeidsøkt", "arbeidsøkter"), ("et", "seminar", "seminarer"), ("ei", "fagsamling", "fagsamlinger"),
    ),
    adjectives=(("", ""), ("digital", "digitale"), ("fysisk", "fysiske"), ("felles", "felles"), ("obligatorisk", "obligatoriske")),
    per_semester=("per semester", "pr. semester", "pr semester", "hvert semester", "i hvert semester", "i semesteret", "per halvår"),
    per_year=("", "", "i året", "per år", "per skoleår", "hvert barnehageår", "årlig", "i løpet av skoleåret"),
    per=("per", "pr.", "pr", "hver"),
    times=("gang", "ganger"),
    hours=("time", "timer"),
    minutes="minutter",
    one_and_a_half="halvannen time",
    before=("", "", "Planlegge innhold: ", "Styringsgruppe: ", "Målet er et godt læringsmiljø. ", "Økt kompetanse om språk – ", "Vi gjennomfører "),
    behind=("", "", ".", " for alle ansatte", " i samarbeid med UH", ", i regi av LMS", " (digitalt)", ". Ansvar: en rådgiver og PPT"),
)  # fmt: skip
NYNORSK = Language(
    events=(
        ("eit", "møte", "møte"), ("eitt", "nettverksmøte", "nettverksmøte"), ("ei", "samling", "samlingar"), ("éi", "fagsamling", "fagsamlingar"),
        ("ein", "fagdag", "fagdagar"), ("eit", "kurs", "kurs"), ("ei", "arbeidsøkt", "arbeidsøkter"), ("ein", "kveld", "kveldar"),
    ),
    adjectives=(("", ""), ("digital", "digitale"), ("fysisk", "fysiske"), ("felles", "felles"), ("fagleg", "faglege")),
    per_semester=("per semester", "pr. semester", "kvart semester", "i kvart semester", "kvart halvår"),
    per_year=("", "i året", "per år", "kvart skuleår", "kvart barnehageår", "årleg"),
    per=("per", "pr.", "kvar"),
    times=("gong", "gonger"),
    hours=("time", "timar"),
    minutes="minutt",
    one_and_a_half="halvannan time",
    before=("", "Planleggje innhald: ", "Styringsgruppe: ", "Målet er eit godt læringsmiljø. ", "Vi gjennomfører "),
    behind=("", ".", " for alle tilsette", " i samarbeid med UH", ", i regi av LMS", " (digitalt)", ". Ansvar: ein rådgivar og PPT"),
)  # fmt: skip
WORDS = dict(enumerate("to tre fire fem seks sju åtte ni ti elleve tolv".split(), start=2))


@st.composite
def durations(draw: st.DrawFn, language: Language) -> tuple[str, float]:
    quarters = draw(st.integers(1, 40))
    hours = quarters / 4
    number = f"{hours:g}"
    spellings = [
        f"{number.replace('.', draw(st.sampled_from(',.')))} {language.hours[hours > 1]}",
        f"{number.replace('.', ',')} t",
        f"{quarters * 15} {language.minutes}",
        f"{quarters * 15} min",
    ]
    if hours > 1 and hours % 1:
        spellings.append(f"{int(hours)} {language.hours[hours >= 2]} og {int(hours % 1 * 60)} {language.minutes}")
    if hours % 1 == 0.5:
        spellings.append(f"{int(hours) or ''}½ {language.hours[hours > 1]}")
    if hours in WORDS:
        spellings.append(f"{WORDS[int(hours)]} {language.hours[1]}")
    if hours == 1.5:
        spellings.append(language.one_and_a_half)
    return draw(st.sampled_from(spellings)), hours


@st.composite
def counted(draw: st.DrawFn, language: Language) -> tuple[str, int, str]:
    """``2 digitale møter``: the words, the number, and the noun for "per"."""
    count = draw(st.integers(1, 12))
    article, singular, plural = draw(st.sampled_from(language.events))
    adjective = draw(st.sampled_from(language.adjectives))[count > 1]
    number = draw(st.sampled_from([str(count), article if count == 1 else WORDS[count]]))
    return " ".join(filter(None, [number, adjective, singular if count == 1 else plural])), count, singular


@dataclass(frozen=True)
class Phrase:
    text: str
    per_semester: bool
    hours: float

    def expected(self, semesters: float) -> float:
        return self.hours * (semesters if self.per_semester else 1)


@st.composite
def phrases(draw: st.DrawFn) -> Phrase:
    language = draw(st.sampled_from([BOKMAAL, NYNORSK]))
    per_semester = draw(st.booleans())
    often = draw(st.sampled_from(language.per_semester if per_semester else language.per_year))
    events, count, event = draw(counted(language))
    each, hours = draw(durations(language))
    per = draw(st.sampled_from(language.per))
    k = draw(st.sampled_from(["à", "á", "på", "med"]))
    times = f"{count} {language.times[count > 1]}"
    core = draw(
        st.sampled_from(
            [
                f"{events} {often} {k} {each}",
                f"{events} {often} {k} {each} {per} {event}",
                f"{events} {often}, {each} {per} {event}",
                f"{events} {often} ({each} {per} {event})",
                f"{events} {often} – {each} {per} {event}",
                f"{events} à {each} {often}",
                f"{each} {per} {event}, {events} {often}",
                f"{each} {per} {language.times[0]}, {times} {often}",
                f"{times} {often} à {each}",
                f"{times} {often}, {each} {per} {language.times[0]}",
                f"{count} x {each} {often}",
                f"{each} x {count} {often}",
                f"{each} × {count} {often}",
                f"{each} {times} {often}",
            ]
        )
    )
    before, behind = draw(st.sampled_from(language.before)), draw(st.sampled_from(language.behind))
    if core.startswith((each, f"{count} x")) and before.endswith("fører "):
        before = ""  # "Vi gjennomfører 2 timer"
    return Phrase(" ".join((before + core + behind).split()), per_semester, count * hours)


@given(phrases(), st.sampled_from([1, 2]))
@settings(deadline=IN_TIME, max_examples=500)
def test_a_composed_phrase_gives_semesters_times_count_times_hours(phrase: Phrase, semesters: float) -> None:
    assert hours_in_words(phrase.text, semesters) == pytest.approx(phrase.expected(semesters))


@given(phrases(), st.sampled_from(SPOILERS), st.data())
@settings(deadline=IN_TIME, max_examples=500)
def test_a_composed_phrase_with_an_unexplained_quantity_anywhere_is_unknown(
    phrase: Phrase, spoiler: str, data: st.DataObject
) -> None:
    words = phrase.text.split(" ")
    at = data.draw(st.integers(0, len(words)))
    assert hours_in_words(" ".join([*words[:at], spoiler, *words[at:]])) is None


@given(st.lists(phrases(), min_size=2, max_size=4), st.sampled_from([" og ", ", ", " + ", "; ", " samt "]))
@settings(deadline=IN_TIME)
def test_several_things_give_their_sum_or_nothing(parts: list[Phrase], between: str) -> None:
    found = hours_in_words(between.join(part.text.rstrip(".") for part in parts))
    assert found is None or found == pytest.approx(sum(part.expected(2) for part in parts))


@given(phrases(), st.data())
@settings(deadline=IN_TIME)
def test_a_phrase_that_loses_its_duration_is_unknown(phrase: Phrase, data: st.DataObject) -> None:
    units = {"time", "timer", "timar", "t", "min", "minutter", "minutt"}
    assert hours_in_words(" ".join(word for word in phrase.text.split(" ") if word.strip(",.()") not in units)) is None


# --------------------------------------------------------------------------------------- any text

VOCABULARY = sorted({word for text in [*KNOWN, *(text for _, text in UNKNOWN)] for word in text.split()})


@given(st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join))
@settings(deadline=IN_TIME, max_examples=500)
def test_any_salad_of_the_words_gives_positive_hours_or_nothing(text: str) -> None:
    hours = hours_in_words(text)
    assert hours is None or 0 < hours < float("inf")


@given(st.text(), st.floats())
@settings(deadline=IN_TIME, max_examples=300)
def test_any_text_gives_positive_hours_or_nothing(text: str, semesters: float) -> None:
    for one in (text, f"{text} 2 møter per semester à 2 timer {text}"):
        hours = hours_in_words(one, semesters)
        assert hours is None or 0 < hours < float("inf")


@pytest.mark.parametrize("piece", ["2 møter ", "per ", "2 x ", "x 2 ", "3 timer ", "i ", "i løpet av ", "en ", "½", "(", ")(", "og ", "+", "møte", "å-", "²", "9", "9,", "1 t ", "høst og ", "fordelt på ", "à "])  # fmt: skip
def test_repeated_words_give_nothing(piece: str) -> None:
    for length in (LONGEST - 20, LONGEST, 10 * LONGEST):
        assert hours_in_words((piece * length)[:length] + " time") is None


def test_a_text_longer_than_a_description_is_unknown() -> None:
    text = "2 møter per semester à 2 timer. "
    assert hours_in_words(text + "a" * (LONGEST - len(text))) == 8
    assert hours_in_words(text + "a" * (LONGEST - len(text) + 1)) is None


# ------------------------------------------------------------------------- quick looks before the real ones

PIECES = sorted({word for text in (*KNOWN, *(text for _, text in UNKNOWN)) for word in text.lower().split()})
ANY_PHRASE = st.lists(
    st.sampled_from([*PIECES, "½", "1½", "¼", ",5", ".5", "(50)", "3mnd", "om", "lag", "annen", "hver", "§Y"]),
    max_size=9,
).map(" ".join)


@given(ANY_PHRASE)
def test_looking_for_marks_first_rewrites_the_same(text: str) -> None:
    expected = f" {text}"
    for _, pattern, replacement in phrase_rewrites._PHRASES:
        expected = re.sub(pattern, replacement, expected)
    assert phrase_rewrites.rewritten(text) == expected


IN_PATTERNS = {
    word
    for pattern in (*(one for _, one, _ in phrase_rewrites._PHRASES), phrase_tokens._OPEN_PHRASE.pattern)
    for word in re.findall("[a-zæøå]+", pattern)
}
NEAR_WORDS = st.builds(add, st.sampled_from(sorted(IN_PATTERNS)), st.sampled_from(["", "t", "e", "en", "er", "s"]))
COMMON_WORDS = st.sampled_from(
    ["lærere", "Barn,", "(lokale", "ledere)", "lokale", "viktige", "2", "3 timer", "inkl", "vår 2027"]
)


@settings(max_examples=2_000)
@given(st.lists(st.one_of(st.sampled_from(PIECES), NEAR_WORDS, COMMON_WORDS), max_size=12).map(" ".join))
def test_a_skeleton_says_what_its_text_says(text: str) -> None:
    whole, short = " ".join(text.replace("\u2011", "-").lower().split()), phrase_skeleton.skeleton(text)
    assert phrase_tokens.tokens_of(short, 1.0) == phrase_tokens.tokens_of(whole, 1.0)
    assert _hours(short, 2.0) == _hours(whole, 2.0)
    assert _times(short) == _times(whole)


def test_texts_that_differ_in_words_that_bear_on_nothing_have_one_skeleton() -> None:
    one = phrase_skeleton.skeleton("2 møter per semester med alle lærere, barn, og ledere i fellesskap")
    other = phrase_skeleton.skeleton("2 møter per semester med alle ledere, elever, og lærere i arbeidet")
    assert one == other == "2 møter per semester med alle ord, ord, og ord i ord"


@given(ANY_PHRASE)
def test_a_number_that_counts_nothing_is_left_over_in_the_end(text: str) -> None:
    tokens = [phrase_tokens._token(word) for word in phrase_tokens._TOKEN.findall(phrase_rewrites.rewritten(text))]
    letters = "".join(token.kind for token in tokens)
    if phrase_tokens._STRAY.search(letters):
        assert phrase_tokens._quantities(tokens, letters) is None


@given(ANY_PHRASE)
def test_words_between_spaces_are_the_words_of_the_text(text: str) -> None:
    pieces = [phrase_tokens.piece_of(piece) for piece in text.split()]
    whole = [phrase_tokens._token(word) for word in phrase_tokens._TOKEN.findall(text)]
    assert [token for piece in pieces for token in piece.tokens] == whole
    assert phrase_tokens._OPEN_PHRASE.search(text) is None or any(piece.leaves_open is not False for piece in pieces)
    word = re.compile(rf"\b(?=\w)(?:{phrase_tokens._OPEN_WORD.pattern})\b", re.VERBOSE)
    assert any(piece.leaves_open for piece in pieces) == bool(word.search(text))
