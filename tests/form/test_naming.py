"""How texts name what the form asks about: the form's words on sentences as advisers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.form import Form, Named

NAMES = {
    "kindergarten": {
        "ansatte i barnehagene, ledere og PP-tjenesten": "barnehagene",
        "Ped. ledere og styrere": "Ped. ledere",
        "dei pedagogiske leiarane": "pedagogiske leiarane",
        "skole- og barnehageansatte": "barnehageansatte",
        "BARNEHAGER": "BARNEHAGER",
        "rådgiver ved barnehage- og skolekontoret": "",
        "barnehage-/skoleåret 2026/2027": "",
        "barnehage\N{NON-BREAKING HYPHEN} og\N{NO-BREAK SPACE}skolekontoret": "",
        "Seksjonsleder barnehage og skole": "",
        "Barnehageåret": "",
        "Rektor styrer arbeidet": "",
        "pedagogisk ledelse": "",
        "Ikke barnehager": "",
        "Ikke kantiner. Barnehager": "Barnehager",
    },
    "school": {
        "Rektorer og styrere": "Rektorer",
        "barnehage- og skoleansatte": "skoleansatte",
        "Lærarane i skulane": "Lærarane",
        "Kontaktlærer": "Kontaktlærer",
        "Fådelt skole": "skole",
        "SFO": "SFO",
        "Skolering av ansatte": "",
        "Barnehagelærere og førskolelærere": "",
        "barna lærer": "",
        "Nord universitet og høgskolen": "",
        "kulturskolen": "",
        "skolefritidspedagogikk": "",
        "Skolelederforbundet og Skolenes landsforbund": "",
        "Overgang barnehage–skole": "",
        "barn som skal begynne på skolen": "",
        "Skolebasert kompetanseutvikling": "",
        "rektor ved Nord universitet": "",
    },
}


@pytest.mark.parametrize(
    ("institution", "text", "word"), [(id_, text, word) for id_, ones in NAMES.items() for text, word in ones.items()]
)
def test_a_text_names_an_institution_or_does_not(form: Form, institution: str, text: str, word: str) -> None:
    assert form.institutions[institution].named.first(text) == word


def test_a_word_in_doubt_is_there_all_the_same() -> None:
    named = Named(words=("skol*",), but=("skolering",), unless=("ikke",))
    assert (named.first("ikke skoler"), named.first_at_all("ikke skoler")) == ("", "skoler")
    assert (named.first("Skolering"), named.first_at_all("Skolering")) == ("", "")


def test_doubt_reaches_to_the_end_of_its_sentence() -> None:
    named = Named(words=("skoler",), unless=("ikke",))
    assert named.first("Skoler er ikke med; skoler") == "skoler"
    assert named.first("Skoler, men ikke\nskoler") == "skoler"
    assert named.first("Skoler og SFO er ikke med.") == ""


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("skoler " * 100_000 + "ikke", ""),
        ("ikke ped. leder " * 60_000 + "skoler", "skoler"),
        ("Ikke skoler. " * 60_000 + "Skoler", "Skoler"),
    ],
)
def test_a_sentence_is_judged_once_however_many_words_it_has(text: str, word: str) -> None:
    assert Named(words=("skoler", "ped. leder"), unless=("ikke",)).first(text) == word


def test_a_stop_inside_a_word_ends_no_sentence_of_that_word() -> None:
    named = Named(words=("ped. leder", "skoler"), unless=("ikke", "kanskje"))
    assert named.first("Ikke ped. leder, men skoler") == "skoler"
    assert named.first("Ikke ped. leder. Skoler kanskje. Ped. leder") == "Ped. leder"
    assert named.first("Skoler, ped. leder, kanskje skoler") == "Skoler"


@pytest.mark.timeout(10)
@pytest.mark.parametrize("space", [" ", "\n", "\N{NO-BREAK SPACE}"])
def test_white_space_is_no_word_that_may_be_left_out(space: str) -> None:
    named = Named(words=("same (* )?(* )?(* )?som",))
    assert named.first(f"same{space * 30_000}x") == ""
    assert named.first(f"same{space * 2}nye{space * 2}plan{space}som") == f"same{space * 2}nye{space * 2}plan{space}som"


@pytest.mark.timeout(10)
def test_a_word_that_repeats_a_phrase_is_looked_through_once() -> None:
    named = Named(words=("resultat* (* )?fra",))
    assert named.first("resultat" * 30_000) == ""
    assert named.first(f"{'resultat' * 30_000} fra ") == f"{'resultat' * 30_000} fra"


@pytest.mark.parametrize(
    ("phrase", "text", "word"),
    [
        ("a(b|c)d*", "xx acdef", "acdef"),
        ("a(b|c)?d", "ad", "ad"),
        ("pp-tjeneste*", "PP\N{NON-BREAKING HYPHEN}tjenesten", "PP\N{NON-BREAKING HYPHEN}tjenesten"),
        ("to ?ord", "TO\N{NO-BREAK SPACE}\n ORD", "TO\N{NO-BREAK SPACE}\n ORD"),
        ("to ?ord", "toord", "toord"),
        ("ord", "ordet mord", ""),
        ("f.eks", "fxeks", ""),
    ],
)
def test_what_a_phrase_means(phrase: str, text: str, word: str) -> None:
    assert Named(words=(phrase,)).first(text) == word


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("(samefolk|samebarn)*", "samebarna"),
        ("sam(er|ar|ene|ane)", "samane"),
        ("(før|fø)(skole|skule)?", "førskule"),
        ("ped.? ?-?(leder|leiar)(e|en)?", "ped.-leiar"),
        ("pp-(tjenest|tenest)*", "PP\N{NON-BREAKING HYPHEN}tenesta"),
        ("(bygger|byggjer) (videre |vidare )?på", "Byggjer  på"),
        ("* (a|b)?", "hva b"),
        ("(samme|same) (* )?(* )?som", "same plan som"),
        ("kompetanse for kvalitet", "Kompetanse\nfor kvalitet"),
    ],
)
def test_no_way_of_writing_a_phrase_is_overlooked(phrase: str, text: str) -> None:
    others = ("noe annet", "(samisk|samarbeid)*", "samla")
    for words in ((phrase,), (phrase, *others), (*others, phrase)):
        assert Named(words=words).first(f"Om {text}, eller ikke") != ""
    assert Named(words=others).first(f"Om {text}, eller ikke") == ""


@given(st.data())
def test_the_quick_look_finds_something_wherever_a_word_stands(form: Form, data: st.DataObject) -> None:
    named = [one for column in form.by_id["units"].columns if (one := column.named)]
    named += [one for one in (*(kind.method for kind in form.institutions.values()), form.doubt, form.bounds) if one]
    finder = data.draw(st.sampled_from(named)).finder
    text = data.draw(st.from_regex(finder.pattern, fullmatch=True)).casefold()
    if any(match[1] for match in finder.pattern.finditer(text)):
        assert finder.likely.search(text)
