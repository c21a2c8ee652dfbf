"""What must agree between workbooks: several files in one run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.report import json as report_json
from behov_xl.report import text as report_text
from behov_xl.validate import Selection, validate
from conftest import short

Make = Callable[..., Path]


def _across(paths: list[Path], measure: str = "", **options: object) -> list[list[str]]:
    """The findings across workbooks, of one measure if it is named."""
    across = [
        [one for one in book.findings if one.rule.code.startswith("BX8") and measure in (one.measure or "")]
        for book in validate(paths, **options).workbooks
    ]
    return [[short(one) for one in found] for found in across]


def _head(**values: object) -> dict[str, object]:
    return {"table": "head", "set": values}


def _partner(name: str) -> dict[str, object]:
    return {"table": "partners", "add": {"name": name, "kind": "owner", "contact": "Kari Nordmann"}}


def test_the_same_owner_and_year_twice_is_said_in_both(workbook: Make) -> None:
    paths = [workbook(name="a.xlsx"), workbook(name="b.xlsx")]
    assert _across(paths) == [["BX801 Behovsmelding!B5"]] * 2
    report = validate(paths)
    assert "b.xlsx" in message(report.workbooks[0].findings[0], catalogue("nb"))
    assert "a.xlsx" in message(report.workbooks[1].findings[0], catalogue("nb"))


def test_the_organisation_number_tells_owners_apart_and_together(workbook: Make) -> None:
    one = workbook(name="a.xlsx")
    renamed = workbook(_head(owner="Eksempel  Kommune v/oppvekst"), name="b.xlsx")
    other = workbook(_head(organisation_number="974760673"), name="c.xlsx")
    assert _across([one, renamed]) == [["BX801 Behovsmelding!B5"]] * 2
    assert _across([one, other]) == [[], []]


def test_without_numbers_the_name_tells_regardless_of_spaces_and_case(workbook: Make) -> None:
    paths = [
        workbook(_head(organisation_number="", owner=name), name=f"{index}.xlsx")
        for index, name in enumerate(("Bodø kommune", " BODØ  KOMMUNE", "Bodø"))
    ]
    assert _across(paths) == [["BX801 Behovsmelding!B5"], ["BX801 Behovsmelding!B5"], []]


def test_another_year_or_no_owner_is_another_submission(workbook: Make) -> None:
    assert _across([workbook(name="a.xlsx"), workbook(_head(year=2025), name="b.xlsx")]) == [[], []]
    nameless = [workbook(_head(owner="", organisation_number=""), name=f"{n}.xlsx") for n in "ab"]
    assert _across(nameless) == [[], []]


def test_one_workbook_alone_and_one_that_cannot_be_read_repeat_nothing(workbook: Make, tmp_path: Path) -> None:
    empty = tmp_path / "tom.xlsx"
    empty.write_bytes(b"")
    assert _across([workbook(name="a.xlsx"), empty]) == [[], []]


def test_it_is_seen_across_chunks_and_can_be_left_out(workbook: Make) -> None:
    paths = [workbook(name=f"{n}.xlsx") for n in range(5)]
    assert _across(paths, chunk=2) == [["BX801 Behovsmelding!B5"]] * 5
    assert _across(paths, selection=Selection(ignore=("BX801",))) == [[]] * 5
    assert _across(paths, selection=Selection(select=("submission-twice",))) == [["BX801 Behovsmelding!B5"]] * 5


@pytest.fixture
def partnership(workbook: Make) -> Callable[..., list[Path]]:
    """Two owners in one partnership with the same measures."""

    def make(uh_sum: float, *, listed: bool = True, **measure: object) -> list[Path]:
        several = {"table": "questions", "set": {"several_owners": "yes"}}
        ours = [several, _partner("Saltdal kommune")] if listed else []
        change = {"table": "measures", "row": 3, "set": {"uh_sum": uh_sum, **measure}}
        theirs = [_head(owner="Saltdal kommune", organisation_number=""), several, _partner("Fauske kommune"), change]
        return [workbook(*ours, name="a.xlsx"), workbook(*theirs, name="b.xlsx")]

    return make


def test_a_shared_measure_with_different_sums_is_said_in_both(partnership: Callable[..., list[Path]]) -> None:
    paths = partnership(200_000)
    assert _across(paths, "T3") == [["BX802 Tiltak!F7"], ["BX802 Tiltak!F7"]]
    (finding,) = (one for one in validate(paths).workbooks[0].findings if one.rule.code == "BX802")
    text = message(finding, catalogue("nb")).replace("\N{NO-BREAK SPACE}", " ")
    assert (finding.measure, "210 000 kr her, men 200 000 kr" in text, "Saltdal kommune" in text) == ("T3", True, True)


def test_the_uh_is_known_by_its_short_name_too(partnership: Callable[..., list[Path]]) -> None:
    assert _across(partnership(200_000, uh="Nord universitet"), "T3") == [["BX802 Tiltak!F7"], ["BX802 Tiltak!F7"]]


def test_a_shared_measure_with_one_sum_may_count_twice(partnership: Callable[..., list[Path]]) -> None:
    paths = partnership(210_000)
    assert _across(paths, "T3") == [["BX803 Tiltak!F7"], ["BX803 Tiltak!F7"]]
    assert _across(paths, selection=Selection(ignore=("BX803",))) == [[], []]


def test_spaces_and_hyphens_make_no_other_measure(partnership: Callable[..., list[Path]]) -> None:
    other = partnership(200_000, name="Begynner-opplæring i  fådeltskole")
    assert _across(other, "T3") == [["BX802 Tiltak!F7"], ["BX802 Tiltak!F7"]]


def test_another_measure_another_uh_or_no_sum_is_not_shared(partnership: Callable[..., list[Path]]) -> None:
    assert _across(partnership(0), "T3") == [[], []]
    assert _across(partnership(200_000, name="Et annet tiltak"), "T3") == [[], []]
    assert _across(partnership(200_000, uh="LMS"), "T3") == [[], []]


def test_owners_that_do_not_name_each_other_may_call_their_measures_alike(
    partnership: Callable[..., list[Path]],
) -> None:
    assert _across(partnership(200_000, listed=False), "T3") == [[], []]


def test_the_totals_per_network_and_uh_are_told(workbook: Make) -> None:
    second = _head(owner="Saltdal kommune", organisation_number="", network="Kompetansenettverk Salten")
    paths = [workbook(name="a.xlsx"), workbook(second, name="b.xlsx")]
    report = validate(paths)
    totals = json.loads(report_json.render(report, catalogue("nb")))["summary"]["totals"]
    nord = {"name": "Nord universitet", "submissions": 2, "measures": 2, "owner": 180000, "uh": 420000, "total": 600000}
    assert nord in totals["uh"]
    assert [(one["name"], one["submissions"], one["total"]) for one in totals["network"]] == [
        ("Kompetansenettverk Salten", 2, 2_000_000)
    ]
    text = report_text.render(report, catalogue("nb")).replace("\N{NO-BREAK SPACE}", " ")
    assert "Nord universitet: 2 behovsmeldinger, 2 tiltak, eier 180 000 kr + UH 420 000 kr = 600 000 kr" in text
    assert "Per kompetansemiljø" not in report_text.render(validate(paths[:1]), catalogue("nb"))
