from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from behov_xl.workbook.files import Refused, find_workbooks, passed_over

NAMES = [
    "b.xlsx",
    "a.XLSX",
    "a b/c.xlsx",
    "a/z.xlsx",
    "a/B.xlsx",
    "a!/c.xlsx",
    "a.xlsx.d/å.xlsx",
    ".hidden/c.xlsx",
    "a/~$z.xlsx",
    "a/.z.xlsx",
    ".xlsx",
    "a/xlsx",
    "a/c.zip",
    "a/c.Csv",
    "a/.csv",
    "a/c.xlsx.txt",
    "deep/" * 40 + "c.xlsx",
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    (root / "folder.xlsx").mkdir()
    if sys.platform != "win32":
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "c.xlsx").write_bytes(b"")
        (root / "link").symlink_to(tmp_path / "elsewhere")
        (root / "link.xlsx").symlink_to(tmp_path / "elsewhere" / "c.xlsx")
        (root / "linked.xlsx").symlink_to(tmp_path / "elsewhere")
        (root / "broken.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
        (root / "loop.xlsx").symlink_to(root / "loop.xlsx")
        os.mkfifo(root / "pipe.xlsx")
        (root / os.fsdecode(b"\xff.xlsx")).write_bytes(b"")
    return root


def _said_plainly(root: Path, suffixes: set[str]) -> list[Path]:
    return sorted(file for file in root.rglob("*") if file.suffix.lower() in suffixes and file.is_file())


def test_the_workbooks_below_a_directory_are_found_in_the_order_of_paths(tree: Path) -> None:
    expected = [one for one in _said_plainly(tree, {".xlsx"}) if not one.name.startswith(("~$", "."))]
    assert list(find_workbooks(tree)) == expected
    assert len(expected) > 8


def test_what_is_passed_over_is_found_in_the_order_of_paths(tree: Path) -> None:
    assert passed_over(tree) == _said_plainly(tree, {".zip", ".csv"})
    assert [one.name for one in passed_over(tree)] == ["c.Csv", "c.zip"]


def test_a_relative_directory_gives_relative_paths(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    for place in (Path(), Path("a"), Path("a/../a")):
        assert list(find_workbooks(place)) == [
            one for one in _said_plainly(place, {".xlsx"}) if not one.name.startswith(("~$", "."))
        ]


@pytest.mark.skipif(sys.platform == "win32", reason="nobody is kept out there")
def test_a_directory_that_may_not_be_searched_is_passed_over(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def guarded(path: str) -> object:
        if path.endswith("a b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    before = list(find_workbooks(tree))
    monkeypatch.setattr(os, "scandir", guarded)
    assert list(find_workbooks(tree)) == [one for one in before if one.parent.name != "a b"]


def test_a_directory_without_workbooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        list(find_workbooks(tmp_path))
