"""The command ``validate``: places that cannot be looked at, and what it says of what was passed over."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from behov_xl.cli import main
from conftest import EXAMPLES, make_too_deep

KOMPLETT = str(EXAMPLES / "komplett_2026.xlsx")


def validated(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["validate", "--jobs", "0", *arguments], catch_exceptions=False)


def test_a_name_that_is_too_long_is_a_finding() -> None:
    done = validated("x" * 5_000, KOMPLETT)
    assert done.exit_code == 2
    assert "BX001" in done.stdout
    assert KOMPLETT in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="paths have another limit there")
def test_a_folder_that_is_too_deep_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").touch()
    make_too_deep(tmp_path, monkeypatch)
    done = validated(str(tmp_path), KOMPLETT)
    assert done.exit_code == 2
    assert done.stdout.count("BX001") == 1
    assert KOMPLETT in done.stdout
    assert "a.csv" in done.stderr


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing may be looked at, whoever runs the tests."""
    folder = tmp_path / "lukket"
    (folder / "mappe").mkdir(parents=True)

    def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
        def look(path: Any, *arguments: Any, **named: Any) -> Any:
            if not isinstance(path, int) and folder in Path(os.fsdecode(path)).parents:
                raise PermissionError(13, "Permission denied", path)
            return call(path, *arguments, **named)

        return look

    for name in ("stat", "open"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))
    return folder


@pytest.mark.parametrize("name", ["mappe/a.xlsx", "mappe", "mappe/a.zip"])
def test_a_place_that_may_not_be_looked_at_is_a_finding(closed: Path, name: str) -> None:
    done = validated(str(closed / name), KOMPLETT)
    assert done.exit_code == 2
    assert "(Permission denied)" in done.stdout
    assert KOMPLETT in done.stdout


def test_a_report_is_written_whatever_is_wrong_with_an_input(closed: Path, tmp_path: Path) -> None:
    (tmp_path / "rapport.txt").touch()
    done = validated(str(closed / "mappe" / "a.xlsx"), "-o", str(tmp_path / "rapport.txt"))
    assert done.exit_code == 2
    assert "BX001" in (tmp_path / "rapport.txt").read_text(encoding="utf-8")


def test_a_report_that_may_not_be_looked_at_is_wrong_usage(closed: Path) -> None:
    done = validated(KOMPLETT, "-o", str(closed / "mappe" / "rapport.txt"))
    assert done.exit_code == 2
    assert "Permission denied" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_report_behind_links_in_a_circle_is_wrong_usage(tmp_path: Path) -> None:
    loop = tmp_path / "rapport.txt"
    loop.symlink_to(loop)
    done = validated(KOMPLETT, "-o", str(loop))
    assert done.exit_code == (2 if sys.version_info < (3, 13) else 0)
    assert "rapport.txt" in done.stderr


def test_an_input_that_may_not_be_read_leaves_the_others_to_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.xlsx").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert KOMPLETT in validated(str(tmp_path / "a.xlsx"), KOMPLETT).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_a_link_to_a_directory_is_not_followed_and_said(tmp_path: Path, lang: str) -> None:
    (tmp_path / "annet").mkdir()
    shutil.copy(KOMPLETT, tmp_path / "annet" / "b.xlsx")
    (tmp_path / "inn").mkdir()
    shutil.copy(KOMPLETT, tmp_path / "inn" / "a.xlsx")
    (tmp_path / "inn" / "lenke").symlink_to(tmp_path / "annet")
    done = validated(str(tmp_path / "inn"), str(tmp_path / "inn"), "--lang", lang)
    assert (done.exit_code, "b.xlsx" in done.stdout) == (0, False)
    assert done.stderr.count(f"(1): «{tmp_path / 'inn' / 'lenke'}»") == 1
    assert "{" not in done.stderr
