from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from behov_xl.validate import Selection, validate
from conftest import EXAMPLES, found, short

ALONE = Selection(ignore=["BX8"])
"""Without what only shows when several workbooks are seen together."""
ALL = [EXAMPLES / f"{name}_2026.xlsx" for name in ("feil", "komplett", "bodo")]


def test_many_workbooks_at_once_give_what_each_gives_alone(tmp_path: Path) -> None:
    paths = [Path(shutil.copy(path, tmp_path / f"{number}.xlsx")) for number, path in enumerate(ALL * 4)]
    together = validate(paths, selection=ALONE, chunk=5)
    for path, report in zip(paths, together.workbooks, strict=True):
        assert report == validate([path]).workbooks[0]


def test_findings_stand_in_the_order_of_sheets_and_rows_the_most_severe_first() -> None:
    findings = validate([EXAMPLES / "feil_2026.xlsx"]).workbooks[0].findings
    sheets = list(dict.fromkeys(finding.sheet for finding in findings))
    assert sheets == [
        "Behovsmelding", "Partnere", "Tiltak", "Avkryssing", "Aktiviteter", "Budsjett", "Enheter", "Roller",
        "Beskrivelse", "Medbestemmelse", "Oversikt", "Roller (2)",
    ]  # fmt: skip
    for sheet in sheets:
        places = [(one.row, one.severity.rank, one.column) for one in findings if one.sheet == sheet]
        assert places == sorted(places)


def test_rules_are_selected_by_code_beginning_of_code_or_name() -> None:
    def codes(**selection: list[str]) -> set[str]:
        (report,) = validate([EXAMPLES / "feil_2026.xlsx"], selection=Selection(**selection)).workbooks
        # What hides something from other rules is said in any case.
        return {finding.rule.code for finding in report.findings if not finding.rule.essential}

    assert codes(select=["BX301"]) == codes(select=["measure-total"]) == {"BX301"}
    assert codes(select=["bx3"]) == {"BX301", "BX302", "BX303", "BX304", "BX307", "BX308", "BX310"}
    assert codes(select=["BX3"], ignore=["BX302", "measure-total"]) == {"BX303", "BX304", "BX307", "BX308", "BX310"}
    assert "BX401" not in codes(ignore=["BX4"])


def test_the_same_key_in_two_workbooks_of_a_run_is_no_duplicate(tmp_path: Path) -> None:
    copies = [Path(shutil.copy(EXAMPLES / "komplett_2026.xlsx", tmp_path / f"{n}.xlsx")) for n in range(3)]
    assert [report.findings for report in validate(copies, selection=ALONE).workbooks] == [(), (), ()]


def test_a_workbook_is_read_only(workbook: Callable[..., Path]) -> None:
    path = workbook()
    before = path.read_bytes(), path.stat().st_mtime_ns
    found(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [short(one) for one in validate([path]).workbooks[0].findings] == []
