"""Which owners are partners is found by words, and comes to the same as comparing each with each."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from behov_xl.findings import Submission
from behov_xl.headings import normal
from behov_xl.rules.lookups import alike
from behov_xl.rules.partnerships import Partnerships

SOMEBODY = Submission("", "", 2026, 0, 0.0, 0.0, {})
NAMES = st.lists(st.sampled_from(["Bodø", "Salten", "Nord", "kommune", "ny"]), min_size=1, max_size=3).map(" ".join)


@given(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3)), min_size=1, max_size=12))
def test_the_owners_on_a_list_are_those_whose_names_are_alike(said: list[tuple[str, list[str]]]) -> None:
    submissions = [replace(SOMEBODY, owner=owner, other_owners=tuple(listed)) for owner, listed in said]
    partnerships = Partnerships(submissions)
    owners = {normal(one.owner) for one in submissions}
    for one in submissions:
        meant = {owner for owner in owners if any(alike(owner, name) for name in one.other_owners)}
        assert partnerships.listed(one) == meant - {normal(one.owner)}


def test_a_name_without_words_is_nobodys() -> None:
    dashes = [replace(SOMEBODY, owner=owner, other_owners=("–",)) for owner in ("–", "Bodø kommune", "")]
    assert [Partnerships(dashes).listed(one) for one in dashes] == [frozenset()] * 3
