from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.validate import validate
from behov_xl.workbook.folders import Unlisted, find_workbooks, passed_over
from behov_xl.workbook.refusals import Refused
from conftest import EXAMPLES, make_too_deep

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
    found = passed_over(tree)
    assert found.files == _said_plainly(tree, {".zip", ".csv"})
    assert [one.name for one in found.files] == ["c.Csv", "c.zip"]
    assert found.links == sorted(one for one in tree.rglob("*") if one.is_symlink() and one.is_dir())
    assert [one.name for one in found.links] == ([] if sys.platform == "win32" else ["link", "linked.xlsx"])


def test_a_relative_directory_gives_relative_paths(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    for place in (Path(), Path("a"), Path("a/../a")):
        assert list(find_workbooks(place)) == [
            one for one in _said_plainly(place, {".xlsx"}) if not one.name.startswith(("~$", "."))
        ]


def _failing(folder: str, error: OSError) -> Callable[[str], object]:
    """``os.scandir`` that fails at the folders of this name."""
    scandir = os.scandir

    def guarded(path: str) -> object:
        if Path(path).name == folder:
            raise error
        return scandir(path)

    return guarded


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (OSError(), "OSError"),
    ],
)
def test_a_folder_that_cannot_be_looked_into_is_told_and_the_others_are_searched(
    tree: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    before = list(find_workbooks(tree))
    others = passed_over(tree)
    monkeypatch.setattr(os, "scandir", _failing("a b", error))
    expected = [Unlisted(tree / "a b", reason) if one.parent.name == "a b" else one for one in before]
    assert list(find_workbooks(tree)) == expected
    assert passed_over(tree) == others


def test_a_folder_that_cannot_be_looked_into_is_a_finding_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lukket").mkdir()
    (tmp_path / "åpen").mkdir()
    shutil.copy(EXAMPLES / "komplett_2026.xlsx", tmp_path / "åpen" / "a.xlsx")
    monkeypatch.setattr(os, "scandir", _failing("lukket", PermissionError(13, "Permission denied")))
    report = validate([tmp_path])
    closed, opened = report.workbooks
    assert (closed.path, opened.path) == (str(tmp_path / "lukket"), str(tmp_path / "åpen" / "a.xlsx"))
    assert [one.rule.code for one in closed.findings] == ["BX001"]
    assert opened.findings == ()
    assert report.exit_code(None) == 2
    for lang in ("nb", "nn", "en"):
        assert "Permission denied" in message(closed.findings[0], catalogue(lang))


def test_a_directory_that_cannot_be_looked_into_is_not_called_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "scandir", _failing(tmp_path.name, PermissionError(13, "Permission denied")))
    assert list(find_workbooks(tmp_path)) == [Unlisted(tmp_path, "Permission denied")]


@pytest.mark.skipif(sys.platform == "win32", reason="paths have another limit there")
def test_a_folder_too_deep_to_be_named_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").touch()
    make_too_deep(tmp_path, monkeypatch)
    first, deep = find_workbooks(tmp_path)
    assert first == tmp_path / "a.xlsx"
    assert isinstance(deep, Unlisted)
    assert deep.reason == os.strerror(errno.ENAMETOOLONG)
    assert passed_over(tmp_path).files == []


def test_a_directory_without_workbooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        list(find_workbooks(tmp_path))
