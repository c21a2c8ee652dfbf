"""Which partners a name may mean that is not on their list: what comparing each with each comes to, and no more work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.rules.lookups import Listed, alike

JOINING = ("og", "samt")
NAMES = st.lists(st.sampled_from(["nord", "universitet", "lms", "i", "agder", "–"]), min_size=1, max_size=3).map(
    " ".join
)


@given(st.dictionaries(NAMES, NAMES, max_size=6), st.lists(NAMES, min_size=1, max_size=3))
def test_a_name_means_those_that_are_alike(listed: dict[str, str], names: list[str]) -> None:
    known = Listed(listed)
    for uh in (" og ".join(names), ", ".join(names), names[0]):
        assert sorted(known.meant(uh, JOINING)) == sorted(_meant(listed, uh, names))
    assert known.unlike(names) == [name for name in names if not any(alike(name, one) for one in listed)]


def _meant(listed: dict[str, str], uh: str, parts: list[str]) -> Iterator[str]:
    meant = {name for spelling, name in listed.items() if alike(uh, spelling)}
    each = [{name for spelling, name in listed.items() if alike(part, spelling)} for part in parts]
    if len(meant) == 1:
        return iter(meant)
    several = len(parts) > 1 and uh != parts[0] and all(len(one) == 1 for one in each)
    return (name for one in each for name in one) if several else iter(())


@pytest.mark.timeout(10)
def test_a_list_that_is_far_too_long_is_not_compared_with_each_name() -> None:
    listed = Listed({f"p{number}": f"p{number}" for number in range(20_000)})
    assert {tuple(listed.meant(f"u{number}", JOINING)) for number in range(20_000)} == {()}
    assert listed.unlike(f"u{number}" for number in range(20_000)) == []


@pytest.mark.timeout(10)
def test_a_cell_with_far_too_many_names_means_none() -> None:
    listed = Listed({f"p{number}": f"p{number}" for number in range(100)})
    assert {tuple(listed.meant(f"{number}{', p1, p2' * 4_000}", JOINING)) for number in range(100)} == {()}
