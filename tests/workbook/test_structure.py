"""Tables are found by name and heading, so that what advisers do to a workbook does not matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from conftest import EXAMPLES, STALE, Office, found, repack, report_of

KOMPLETT, FEIL = EXAMPLES / "komplett_2026.xlsx", EXAMPLES / "feil_2026.xlsx"


def _codes(path: Path) -> list[str]:
    return sorted(finding.rule.code for finding in report_of(path).findings)


@pytest.fixture
def moved(office: Office, tmp_path: Path) -> Callable[..., Path]:
    def make(source: Path, *what: str) -> Path:
        target = tmp_path / f"{source.stem}_flyttet.xlsx"
        office.run("rearrange", str(source), str(target), *what)
        return target

    return make


@pytest.mark.parametrize("source", [KOMPLETT, FEIL], ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "what", ["rows Budsjett 0 3", "rows Aktiviteter 6 2", "columns Tiltak 0 2", "columns Avkryssing 4 1", "order"]
)
def test_moving_things_changes_no_finding_but_its_cell(source: Path, what: str, moved: Callable[..., Path]) -> None:
    target = moved(source, what)
    assert _codes(target) == [code for code in _codes(source) if code != STALE]
    assert report_of(target).submission == report_of(source).submission


def test_findings_follow_the_cells_that_were_moved(moved: Callable[..., Path]) -> None:
    target = moved(FEIL, "rows Tiltak 0 3", "columns Tiltak 0 2")
    assert "BX301 Tiltak!I8" in found(target)


def test_a_missing_table_is_named_and_the_rest_is_still_checked(workbook: Callable[..., Path]) -> None:
    path = workbook({"table": "measures", "row": 1, "set": {"total": 1}})
    book = openpyxl.load_workbook(path)
    del book["Roller"]
    book.save(path)
    assert _codes(path) == ["BX102", "BX110", "BX301"]


def test_a_file_without_any_cached_value_is_checked_all_the_same(workbook: Callable[..., Path]) -> None:
    path = workbook({"table": "activities", "row": 1, "set": {"stated_hours": 8}})
    openpyxl.load_workbook(path).save(path)
    assert found(path) == ["BX401 Aktiviteter!H5"]


def test_tables_that_lost_their_names_are_read_by_their_headings(workbook: Callable[..., Path]) -> None:
    def strip(parts: dict[str, bytes]) -> dict[str, bytes]:
        kept = {name: xml for name, xml in parts.items() if not name.startswith("xl/tables/")}
        for name in kept:
            if name.startswith("xl/worksheets/_rels/"):
                kept[name] = b"<Relationships/>"
        return kept

    path = repack(workbook({"table": "activities", "row": 1, "set": {"stated_hours": 8}}), strip)
    codes = _codes(path)
    assert codes.count("BX107") == 11
    assert [code for code in codes if code not in {"BX107", "BX103"}] == ["BX401"]
    assert report_of(path).submission.uh_total == 640_000


def test_a_missing_column_is_named_without_a_flood_of_other_findings(workbook: Callable[..., Path]) -> None:
    def rename(parts: dict[str, bytes]) -> None:
        for name in parts:
            if name.startswith("xl/tables/") or name == "xl/sharedStrings.xml":
                parts[name] = parts[name].replace(b"Sum eier", b"Egenandel")

    path = repack(workbook(), rename)
    assert found(path) == ["BX104 Tiltak!E4"]
    (finding,) = report_of(path).findings
    assert (finding.params["expected"].nb, finding.params["actual"]) == ("Sum eier", "Egenandel")


def test_both_languages_headings_may_stand_in_one_workbook(workbook: Callable[..., Path]) -> None:
    def translate(parts: dict[str, bytes]) -> None:
        for name in parts:
            if name.startswith("xl/tables/") or name == "xl/sharedStrings.xml":
                parts[name] = parts[name].replace(b"Kommunale barnehager", b"Kommunale barnehagar")

    assert found(repack(workbook(), translate)) == []


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        (["hide-rows Budsjett 6 2"], ["BX117 Budsjett!A7"]),
        (["hide-columns Tiltak 4 1"], ["BX117 Tiltak!E5"]),
        (["hide Enheter"], ["BX117 Enheter!A4"]),
        (["merge Roller C5:D6"], ["BX120 Roller!C5"]),
        (["filter Budsjett A4:G16 0 T1"], []),
        (["copy Budsjett Kopi"], ["BX116 Kopi!A4"]),
    ],
    ids=lambda one: " ".join(one),
)
def test_what_a_user_of_libreoffice_hides_merges_and_copies(
    what: list[str], wanted: list[str], moved: Callable[..., Path]
) -> None:
    assert found(moved(KOMPLETT, *what)) == wanted
