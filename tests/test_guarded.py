"""Files that end or stall the process that reads them cost one finding each; the others are read as ever."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from behov_xl import guarded
from behov_xl.findings import Finding
from behov_xl.form import Form
from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.workbook.files import Refused, open_grid
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.limits import DEFAULT
from conftest import EXAMPLES, repack

GOOD, OTHER = EXAMPLES / "komplett_2026.xlsx", EXAMPLES / "bodo_2026.xlsx"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process's memory this way")


@pytest.fixture
def tables(form: Form) -> list[str]:
    return [table.name for table in form.tables]


def with_cells(path: Path, rows: bytes) -> Path:
    """The complete example with more rows in a sheet's XML."""
    path.write_bytes(GOOD.read_bytes())

    def change(parts: dict[str, bytes]) -> None:
        sheet = "xl/worksheets/sheet7.xml"
        parts[sheet] = parts[sheet].replace(b"</sheetData>", rows + b"</sheetData>")

    return repack(path, change)


def code(result: Grid | Refused) -> str:
    return result.rule.code if isinstance(result, Refused) else "read"


def test_what_is_read_is_what_open_grid_reads(tables: list[str]) -> None:
    assert guarded.read([GOOD, OTHER], tables) == [open_grid(GOOD, tables), open_grid(OTHER, tables)]


def test_a_refusal_comes_through_with_its_words(tables: list[str], tmp_path: Path) -> None:
    (tmp_path / "tom.xlsx").write_bytes(b"")
    (tmp_path / "pdf.xlsx").write_bytes(b"%PDF-1.7")
    results = guarded.read([tmp_path / "tom.xlsx", GOOD, tmp_path / "pdf.xlsx"], tables)
    assert [code(one) for one in results] == ["BX003", "read", "BX004"]
    assert isinstance(results[2], Refused)
    assert ".pdf" in message(Finding(results[2].rule, params=results[2].params), catalogue("nb"))


def test_no_files_need_no_process(tables: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    assert guarded.read([], tables) == []


@POSIX
def test_a_file_that_needs_too_much_memory_costs_one_finding(tables: list[str], tmp_path: Path) -> None:
    # Two cells far apart: a reader lays out the seven million between them.
    greedy = with_cells(tmp_path / "grisk.xlsx", b'<row r="9990"><c r="ZZ9990"><v>1</v></c></row>')
    limits = replace(DEFAULT, memory_bytes=150_000_000)
    results = guarded.read([GOOD, greedy, OTHER, greedy, GOOD], tables, limits)
    assert [code(one) for one in results] == ["read", "BX022", "read", "BX022", "read"]
    assert results[2] == open_grid(OTHER, tables)
    assert isinstance(results[1], Refused)
    assert "150 MB" in message(Finding(results[1].rule, params=results[1].params), catalogue("nb")).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_a_file_that_takes_too_long_costs_one_finding(tables: list[str], tmp_path: Path) -> None:
    slow = with_cells(tmp_path / "treg.xlsx", b"<row>" + b"<c><v>1</v></c>" * 10_000_000 + b"</row>")
    limits = replace(DEFAULT, seconds=2, ratio=5_000)
    results = guarded.read([GOOD, slow, OTHER], tables, limits)
    assert [code(one) for one in results] == ["read", "BX021", "read"]


def test_a_directory_of_uploads_is_not_imported_from(
    tables: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pickle", "json", "behov_xl", "sitecustomize"):
        (tmp_path / f"{module}.py").write_text("import os; os._exit(7)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert [code(one) for one in guarded.read([GOOD], tables)] == ["read"]


def test_a_process_that_cannot_start_is_no_fault_of_the_files(
    tables: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(guarded.ReaderUnavailable):
        guarded.read([GOOD], tables)


def test_no_process_is_left_over(tables: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    real = guarded.subprocess.Popen

    def popen(*args: object, **options: object) -> object:
        process: Callable[..., object] = real
        made = process(*args, **options)
        started.append(made.pid)
        return made

    monkeypatch.setattr(guarded.subprocess, "Popen", popen)
    guarded.read([GOOD], tables)
    assert len(started) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
