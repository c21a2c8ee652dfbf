"""The charts' labels: short, told apart, and whole where somebody points at them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behov_xl.report.charts import LONGEST_LABEL, Series, bars

SVG = "{http://www.w3.org/2000/svg}"
PLACES = ("Nordland fylke", "Møre og Romsdal", "Salten", "Ofoten")


def labelled(*groups: str) -> list[tuple[str, str | None]]:
    """The labels beside the bars from above downwards, and their titles."""
    svg = ET.fromstring(bars(groups, [Series("Sum", "red", [1.0] * len(groups))], labelled_by="id"))
    texts = [one for one in svg.iter(f"{SVG}text") if one.attrib["text-anchor"] == "end"]
    texts.sort(key=lambda one: float(one.attrib["y"]))
    return [(one.text or "", one.findtext(f"{SVG}title")) for one in texts]


@pytest.mark.parametrize(
    ("groups", "short"),
    [
        (["Nettverk Salten", "Kompetansenettverk1"], ["Nettverk Salten", "Kompetansenettverk1"]),
        (["Kompetansenettverk Salten", "Nettverk Ofoten"], ["Kompetansenettverk…", "Nettverk Ofoten"]),
        (
            [f"Kompetansenettverk {number}" for number in (1, 2, 3)],
            [f"Kompetansenettve… {number}" for number in (1, 2, 3)],
        ),
        (
            ["Kompetansenettverk Salten", "Kompetansenettverk Nordre Helgeland og omegn"],
            ["Kompetansen… Salten", "Kompet… Nordre Hel…"],
        ),
        # Told apart in the middle, not at the end; and one that is the beginning of another.
        (
            ["Kompetansenettverket Nord-Salten kommuner", "Kompetansenettverket Sør-Salten kommuner"],
            ["Kompet… Nord-Salte…", "Kompet… Sør-Salten…"],
        ),
        (
            ["Kompetansenettverket Salten", "Kompetansenettverket Salten II"],
            ["Kompetansene…Salten", "Kompetans…Salten II"],
        ),
        # Alike in groups, and one long word.
        (
            [
                f"Kompetansenettverk {county} fylkeskommunes krets {n}"
                for county in ("Nordland", "Troms")
                for n in (1, 2)
            ],
            ["Kompet… Nordland… 1", "Kompet… Nordland… 2", "Kompet… Troms fy… 1", "Kompet… Troms fy… 2"],
        ),
        (
            ["Barnehagekompetansenettverksamarbeidet1", "Barnehagekompetansenettverksamarbeidet2"],
            ["Barnehageko…beidet1", "Barnehageko…beidet2"],
        ),
    ],
)
def test_labels_are_cut_where_they_can_still_be_told_apart(groups: list[str], short: list[str]) -> None:
    assert labelled(*groups) == [
        (one, None if one == whole else whole) for one, whole in zip(short, groups, strict=True)
    ]
    assert max(map(len, short)) <= LONGEST_LABEL


@pytest.mark.parametrize("beginning", ["", "Kompetansenettverk ", "Kompetansenettverksamarbeidet"])
def test_forty_labels_stay_forty(beginning: str) -> None:
    """Names that differ in two places, of which one comes late."""
    names = [f"{beginning}{place} barnehager, krets {n}" for place in PLACES for n in range(1, 11)]
    found = labelled(*names)
    assert len({one for one, _ in found}) == len(names) == 40
    assert [title or one for one, title in found] == names
    assert max(len(one) for one, _ in found) <= LONGEST_LABEL


def test_labels_may_be_empty_or_the_same() -> None:
    long = "Kompetansenettverk for barnehager"
    assert labelled("", long, "", long, " ") == [("", None), ("Kompetansenettverk…", long)] * 2 + [(" ", None)]


TEXTS = st.text(st.sampled_from("Ab1 \u00a0…<&") | st.characters(exclude_categories=["C", "Z"]), max_size=40)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "Kompetansenettverk "]), TEXTS).map("".join), min_size=1, max_size=40))
def test_any_labels_give_a_chart(groups: list[str]) -> None:
    found = labelled(*groups)
    assert [title or one for one, title in found] == groups
    assert all(len(one) <= LONGEST_LABEL for one, _ in found)
