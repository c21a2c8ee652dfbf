"""The command ``validate``: places that cannot be looked at, and what it says of what was passed over."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from behov_xl.cli import main
from conftest import EXAMPLES

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
    monkeypatch.chdir(tmp_path)
    for _ in range(30):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    monkeypatch.chdir(tmp_path)
    done = validated(str(tmp_path), KOMPLETT)
    assert done.exit_code == 2
    assert done.stdout.count("BX001") == 1
    assert KOMPLETT in done.stdout
    assert "a.csv" in done.stderr
