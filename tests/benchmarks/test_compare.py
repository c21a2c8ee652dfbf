"""The comparison is fair: its workbooks differ, and every way reads them and sees what is wrong in them."""

from __future__ import annotations

import zipfile
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from behov_xl.validate import validate
from benchmarks import corpus as made
from benchmarks.corpus import corpus
from conftest import repack, type_into


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four workbooks of their own, and four derived from them."""
    monkeypatch.setattr(made, "BASES", 4)
    corpus(tmp_path, 8)
    return tmp_path


def test_no_two_workbooks_share_a_sheet_or_their_texts(folder: Path) -> None:
    parts: Counter[bytes] = Counter()
    for path in folder.iterdir():
        with zipfile.ZipFile(path) as archive:
            names = [
                name for name in archive.namelist() if name.startswith(("xl/worksheets/sheet", "xl/sharedStrings"))
            ]
            parts.update(archive.read(name) for name in names)
    assert len(parts) == 8 * 14
    assert max(parts.values()) == 1


def test_derived_workbooks_have_the_findings_of_those_they_come_from(folder: Path) -> None:
    reports = validate(sorted(folder.iterdir())).workbooks
    codes = [sorted(finding.rule.code for finding in report.findings) for report in reports]
    assert codes[:4] == codes[4:]
    assert len({report.submission.owner for report in reports if report.submission}) == 8
    assert not {code for one in codes for code in one if code.startswith("BX8")}


def test_the_same_seed_gives_the_same_workbooks(folder: Path, tmp_path: Path) -> None:
    again = corpus(tmp_path / "again", 8)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in sorted(folder.glob("*.xlsx"))]


def test_reading_only_reads_all_sheets(folder: Path) -> None:
    assert import_module("benchmarks.read_only").check(sorted(folder.iterdir())) > 8 * 500


@pytest.mark.parametrize("way", ["openpyxl_pandera", "frictionless_tables"])
def test_the_other_ways_see_an_amount_that_is_none(folder: Path, way: str) -> None:
    check = import_module(f"benchmarks.{way}").check
    path = folder / "000000.xlsx"
    before = check([path])
    repack(path, lambda parts: type_into(parts, "Tiltak!E5", "mye"))
    assert check([path]) > before
