"""What no single case shows of changed formulas: several workbooks at once, and sources that tell less than a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from behov_xl.findings import Severity
from behov_xl.form import current
from behov_xl.rules import formulas
from behov_xl.validate import validate_grids
from behov_xl.workbook.files import open_grid
from behov_xl.workbook.grid import Grid
from conftest import repack, sheet_part


def changed(path: Path, cells: str) -> Grid:
    """The workbook with these totals (a pattern) added up otherwise, and other hours shown than computed."""

    def change(parts: dict[str, bytes]) -> None:
        part, hours = sheet_part(parts, "Tiltak"), sheet_part(parts, "Aktiviteter")
        parts[part] = re.sub(rb'(<c r="(?:%s)"[^>]*>)<f>[^<]*' % cells.encode(), rb"\1<f>SUM(1000)", parts[part])
        parts[hours] = re.sub(rb'(<c r="I5".*?<v>)[^<]*', rb"\g<1>7", parts[hours])

    return open_grid(repack(path, change), [table.name for table in current().tables])


def found(grids: list[Grid], code: str, limit: int = 1000) -> list[list[str]]:
    return [
        [f"{one.sheet}!{one.cell}" for one in report.findings if one.rule.code == code]
        for report in validate_grids(grids, limit=limit)
    ]


def test_the_next_workbook_is_judged_where_one_has_more_changed_formulas_than_anybody_reads(
    workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formulas, "_ENOUGH", 1)
    grids = [changed(workbook(name="a.xlsx"), "G5|G6|G7|E9"), changed(workbook(name="b.xlsx"), "G7")]
    assert found(grids, "BX118", limit=1) == [["Tiltak!G5"], ["Tiltak!G7"]]


def test_a_source_that_does_not_tell_its_formulas_is_not_suspected(workbook: Callable[..., Path]) -> None:
    grid = changed(workbook(), "G5")
    assert found([grid], "BX118") == [["Tiltak!G5"]]
    assert found([grid], "BX119") == [["Aktiviteter!I5"]]
    for sheet in grid.sheets.values():
        sheet.formulas = None
    assert found([grid], "BX118") == found([grid], "BX119") == [[]]
    assert not [one for one in validate_grids([grid])[0].findings if one.rule.severity is not Severity.INFO]
