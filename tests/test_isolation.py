"""Files that end or stall the process that validates them cost one finding each; the others are as ever."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from behov_xl import isolation
from behov_xl.findings import Report, WorkbookReport
from behov_xl.form import Form
from behov_xl.isolation import Child, Children, ChildUnavailable, Closed
from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.tasks import Setup, Task, isolated, pieces
from behov_xl.validate import validate
from behov_xl.workbook.limits import DEFAULT
from behov_xl.workbook.sources import Content, File
from conftest import EXAMPLES
from poison import ALONE, GOOD, LIMITS, OTHER, SHORT_OF_MEMORY, alive, greedy, setup, slow

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process's memory this way")
CRASH = """
import behov_xl.rules.amounts as module, behov_xl.findings as findings, dataclasses, os
from behov_xl.rules import catalogue
rule = catalogue()["BX301"]
def check(s):
    for index, grid in enumerate(s.grids):
        if "ond" in grid.path:
            {does}
    return rule.check(s)
findings.RULES["BX301"] = dataclasses.replace(rule, check=check)
"""


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


def reports(children: Children, paths: list[Path], setup: Setup) -> list[WorkbookReport]:
    task = Task(7, tuple(map(File, paths)))
    found = pieces(isolated(children, setup.packed(), task))
    assert found[0].first == 7
    return [report for piece in found for report in piece.reports]


def codes(found: list[WorkbookReport]) -> list[str]:
    return [one.findings[0].rule.code if one.status == "unreadable" else one.status for one in found]


def told(report: WorkbookReport, lang: str = "nb") -> str:
    return message(report.findings[0], catalogue(lang)).replace("\N{NO-BREAK SPACE}", " ")


def test_what_a_child_says_is_what_this_process_says(children: Children, form: Form, tmp_path: Path) -> None:
    (tmp_path / "tom.xlsx").write_bytes(b"")
    paths = [GOOD, tmp_path / "tom.xlsx", OTHER]
    found = reports(children, paths, setup(form))
    assert Report(form.id, tuple(found)) == validate(paths, form, ALONE)
    # Rules are told apart by what they are, not by what they are called.
    assert found[1].findings[0].rule is validate([tmp_path / "tom.xlsx"]).workbooks[0].findings[0].rule


@POSIX
def test_files_that_need_too_much_memory_cost_one_finding_each(children: Children, form: Form, tmp_path: Path) -> None:
    evil = greedy(tmp_path / "grisk.xlsx")
    found = reports(children, [GOOD, evil, OTHER, evil, GOOD], setup(form, SHORT_OF_MEMORY))
    assert codes(found) == ["ok", "BX022", "findings", "BX022", "ok"]
    assert [found[0], found[2]] == list(validate([GOOD, OTHER], form, ALONE).workbooks)
    assert "150 MB" in told(found[1])


def test_a_file_that_takes_too_long_costs_one_finding(children: Children, form: Form, tmp_path: Path) -> None:
    found = reports(children, [GOOD, slow(tmp_path / "treg.xlsx"), OTHER], setup(form))
    assert codes(found) == ["ok", "BX021", "findings"]
    assert [found[0], found[2]] == list(validate([GOOD, OTHER], form, ALONE).workbooks)
    assert "2 sekunder" in told(found[1])


def test_a_rule_that_fails_costs_its_workbook_one_finding_that_says_where(
    children: Children, form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = Path(shutil.copy(GOOD, tmp_path / "ond.xlsx"))
    monkeypatch.setattr(isolation, "PROGRAM", program(CRASH.format(does="raise KeyError(index)")))
    found = reports(children, [OTHER, evil, GOOD], setup(form))
    assert codes(found) == ["findings", "BX023", "ok"]
    assert "KeyError, validate.py:" in told(found[1])
    assert "KeyError" in told(found[1], "en")


@pytest.mark.parametrize("does", ["os.abort()", "raise MemoryError", "os._exit(0)"])
def test_a_rule_that_ends_the_process_costs_its_workbook_one_finding(
    children: Children, form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    evil = Path(shutil.copy(GOOD, tmp_path / "ond.xlsx"))
    monkeypatch.setattr(isolation, "PROGRAM", program(CRASH.format(does=does)))
    assert codes(reports(children, [OTHER, evil, GOOD], setup(form))) == ["findings", "BX022", "ok"]


def test_a_rule_that_never_ends_costs_its_workbook_one_finding(
    children: Children, form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = Path(shutil.copy(GOOD, tmp_path / "ond.xlsx"))
    monkeypatch.setattr(isolation, "PROGRAM", program(CRASH.format(does="while True: pass")))
    assert codes(reports(children, [OTHER, evil, GOOD], setup(form))) == ["findings", "BX021", "ok"]


def program(first: str) -> str:
    """What a child does, with something done before it serves."""
    return isolation.PROGRAM.replace("serve()", f"exec({first!r}); serve()")


def test_a_child_that_somebody_else_ends_is_no_files_fault(children: Children, form: Form) -> None:
    ended: list[int] = []

    def end() -> None:
        while not ended:
            time.sleep(0.005)
            for child in list(children._busy):
                child._note.seek(0)
                if child._note.read(8):  # it is at a file
                    os.kill(child.pid, signal.SIGKILL)
                    ended.append(child.pid)

    thread = threading.Thread(target=end)
    thread.start()
    found = reports(children, [GOOD, OTHER] * 100, setup(form))
    thread.join()
    assert len(ended) == 1
    assert codes(found) == ["ok", "findings"] * 100


def test_what_is_in_memory_travels_along(children: Children, form: Form) -> None:
    task = Task(0, (Content("-", OTHER.read_bytes()),))
    (piece,) = pieces(isolated(children, setup(form).packed(), task))
    assert piece.reports[0].path == "-"
    assert piece.reports[0].findings == validate([OTHER]).workbooks[0].findings


def test_a_directory_of_uploads_is_not_imported_from(
    children: Children, form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pickle", "json", "behov_xl", "sitecustomize"):
        (tmp_path / f"{module}.py").write_text("import os; os._exit(7)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert codes(reports(children, [GOOD], setup(form))) == ["ok"]


def test_a_process_that_cannot_start_is_no_fault_of_the_files(
    children: Children, form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    for executable in (str(python), "/nowhere"):
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(ChildUnavailable):
            reports(children, [GOOD], setup(form))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no folder that nobody may write to")
def test_without_a_temporary_folder_the_way_without_processes_is_told() -> None:
    script = "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/nowhere']; from behov_xl.cli import main; main()"
    arguments = ["validate", str(GOOD), "--lang", "en"]
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "--jobs 0" in done.stderr
    assert subprocess.run([*command, "--jobs", "0"], capture_output=True, text=True, timeout=60).returncode == 0


def test_a_child_is_asked_again_and_none_is_left_over(children: Children, form: Form) -> None:
    reports(children, [GOOD], setup(form))
    (child,) = children._idle
    reports(children, [OTHER], setup(form))
    assert [one.pid for one in children._idle] == [child.pid]
    children.close()
    assert not alive(child.pid)
    with pytest.raises(Closed):
        reports(children, [GOOD], setup(form))


def test_a_child_that_has_ended_meanwhile_is_replaced(children: Children, form: Form) -> None:
    reports(children, [GOOD], setup(form))
    (child,) = children._idle
    os.kill(child.pid, signal.SIGKILL)
    assert codes(reports(children, [GOOD], setup(form))) == ["ok"]


def test_limits_hold_for_each_file_and_not_for_all_together(children: Children, form: Form) -> None:
    # More files than could be held in the time of one.
    assert set(codes(reports(children, [GOOD] * 1_000, setup(form)))) == {"ok"}
    assert LIMITS.seconds == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has loaded")
@pytest.mark.parametrize(("example", "asks_pandas"), [("bodo_2026", False), ("feil_2026", True)])
def test_a_child_does_not_load_what_it_has_no_use_for(form: Form, example: str, asks_pandas: bool) -> None:
    pytest.importorskip("pyarrow")
    child = Child()
    try:
        answer = child.ask(Setup(form).packed(), Task(0, (File(EXAMPLES / f"{example}.xlsx"),)))
        assert isinstance(answer, bytes)
        loaded = Path(f"/proc/{child.pid}/maps").read_text()
    finally:
        child.close()
    assert ("pandas" in loaded, "numpy" in loaded) == (asks_pandas, asks_pandas)
    assert "pyarrow" not in loaded


@POSIX
def test_the_memory_of_libraries_that_a_file_is_the_first_to_need_is_not_its_own(
    children: Children, form: Form
) -> None:
    needs_pandas = EXAMPLES / "feil_2026.xlsx"
    assert codes(reports(children, [needs_pandas], setup(form, replace(DEFAULT, memory_bytes=60_000_000)))) == [
        "findings"
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the environment of a process")
def test_a_child_keeps_memory_for_the_next_files_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TOP_PAD_", "4096")
    child = Child()
    try:
        while not (environment := Path(f"/proc/{child.pid}/environ").read_text()):  # for a moment, when it starts
            time.sleep(0.01)
        told = dict(one.split("=", 1) for one in environment.split("\0") if "=" in one)
    finally:
        child.close()
    assert told["MALLOC_TOP_PAD_"] == "4096"
    assert int(told["MALLOC_TRIM_THRESHOLD_"]) > 100_000_000
