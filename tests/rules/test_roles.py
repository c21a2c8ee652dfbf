"""Which groups the name of an activity names, however many it seems to name."""

from __future__ import annotations

import pytest

from behov_xl.form import Form
from behov_xl.rules.roles import _meeting_groups, _patterns


def _words(form: Form, activity: str) -> list[str]:
    patterns = _patterns(form.vocabulary.groups)
    return [word for _, word in _meeting_groups(patterns, activity, activity.lower())]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "one", [" prosjektledergruppe", " og styringsgruppe", " " + "prosjekt" * 1_000 + "ledergruppe"]
)
def test_a_name_that_may_be_read_in_many_ways_is_soon_read(form: Form, one: str) -> None:
    assert _words(form, f"Styringsgruppe{one * 60} x") == []


def test_a_meeting_may_be_of_several_groups(form: Form) -> None:
    assert _words(form, "Møte i styrings- og referansegruppe (vår 2027)") == ["styrings-", "referansegruppe"]
    assert len(_words(form, "Styringsgruppe, referansegruppe, arbeidsgruppe og prosjektgruppe")) == 4
