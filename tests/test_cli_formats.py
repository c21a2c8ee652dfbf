"""Several reports at once: which goes where, and what is refused before anything is read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli import COMMAND, FEIL, KOMPLETT, run

from behov_xl.batch import FEW
from behov_xl.report import FORMATS


def test_every_format_has_a_module_that_renders_and_words_of_its_own_in_the_help() -> None:
    told = run("validate", "--help").stdout
    for one in FORMATS.values():
        assert callable(one.renderer())
        assert one.takes <= {"colour", "fail_on"}
        assert one.name in told


def test_several_reports_are_written_in_one_run_and_one_of_them_to_the_screen(tmp_path: Path) -> None:
    arguments = [part for name in FORMATS for part in ("--format", f"{name}={name}.ut")]
    done = run("validate", FEIL, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    for name in FORMATS:
        assert (tmp_path / f"{name}.ut").stat().st_size > 100
        assert f"{name}.ut" in done.stderr
    done = run("validate", FEIL, "--format", "json=a.json", "--format", "text", "--lang", "en", cwd=tmp_path)
    assert "Workbooks: 1" in done.stdout
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["summary"]["workbooks"] == 1


def test_o_holds_the_one_report_that_has_no_file(tmp_path: Path) -> None:
    assert run("validate", FEIL, "--format", "json=a.json", "--format", "csv", "-o", "b", cwd=tmp_path).stdout == ""
    assert (tmp_path / "b").read_text(encoding="utf-8-sig").startswith('"Arbeidsbok"')


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_a_file_may_stand_for_standard_output(tmp_path: Path, name: str) -> None:
    expected = run("validate", FEIL, "--format", "csv", cwd=tmp_path)
    for arguments in (["--format", "csv", "-o", name], ["--format", f"csv={name}"]):
        done = run("validate", FEIL, *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (1, expected.stdout, expected.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("count", [1, FEW + 1])
def test_a_report_that_fails_at_the_end_costs_no_other(tmp_path: Path, count: int) -> None:
    (tmp_path / "inn").mkdir()
    for number in range(count):
        (tmp_path / "inn" / f"{number:04}.xlsx").symlink_to(KOMPLETT)
    arguments = ["--format", "jsonl=/dev/full", "--format", "csv=a.csv", "--format", "text", "--dataset", "ut"]
    done = run("validate", "inn", *arguments, "--lang", "en", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "Cannot write /dev/full: No space left on device"
    assert sorted(done.stderr.splitlines()[1:]) == ["Wrote a.csv", "Wrote ut"]
    assert done.stdout.splitlines()[-1].startswith(f"Workbooks: {count}")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "inn", "ut"]


def test_reports_go_through_the_pipes_of_a_shell() -> None:
    """A program in the place of a file, which has a name for a pipe that leads nowhere when it is followed."""
    read, write = os.pipe()
    with open(read, "rb") as ours:  # noqa: PTH123 - it has no name
        command = [str(COMMAND), "validate", KOMPLETT, "--format", f"csv=/dev/fd/{write}"]
        done = subprocess.run(command, pass_fds=[write], capture_output=True, text=True, timeout=60)
        os.close(write)
        assert (done.returncode, done.stdout) == (0, "")
        assert ours.read().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "json", "--format", "sarif"],
        ["--format", "json=a", "-o", "b"],
        ["--format", "json=a", "--format", "sarif=./a"],
        ["--format", "json", "--format", "sarif=a", "-o", "a"],
        ["--format", "sarff"],
        ["--format", "json="],
        ["--format", "json=-", "--format", "sarif"],
        ["--format", "json=-", "--format", "sarif", "-o", "/dev/stdout"],
        ["--format", "json=-", "-o", "b"],
        ["--format", "json=a.xlsx"],
        ["--format", "json=a.zip"],
        ["--format", "json=opplastet.dat"],
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(tmp_path: Path, arguments: list[str]) -> None:
    shutil.copy(KOMPLETT, tmp_path / "opplastet.dat")
    done = run("validate", "opplastet.dat", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["opplastet.dat"]
    assert (tmp_path / "opplastet.dat").read_bytes() == Path(KOMPLETT).read_bytes()


def test_a_format_that_does_not_exist_is_guessed_at() -> None:
    assert "Mente du «sarif»?" in run("validate", FEIL, "--format", "sarff").stderr


def test_junit_fails_where_the_command_does(tmp_path: Path) -> None:
    for threshold in ("never", "error", "warning"):
        run("validate", FEIL, "--format", f"junit={threshold}.xml", "--fail-on", threshold, cwd=tmp_path)
    counts = [
        (tmp_path / f"{one}.xml").read_text(encoding="utf-8").count("<failure") for one in ("never", "error", "warning")
    ]
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2]


def test_github_gets_a_job_summary_that_is_added_to_what_is_there(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Før\n", encoding="utf-8")
    done = run("validate", FEIL, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    assert done.stdout.startswith("::error file=")
    assert summary.read_text(encoding="utf-8").startswith("# Før\n# Behovsmeldinger: funn")
    run("validate", FEIL, "--format", "text", GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text(encoding="utf-8").count("# Behovsmeldinger") == 1
    done = run("validate", FEIL, "--format", "github", GITHUB_STEP_SUMMARY=str(tmp_path / "nei" / "x"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_workbook_may_come_through_a_pipe() -> None:
    with Path(KOMPLETT).open("rb") as file:
        done = subprocess.run([str(COMMAND), "validate", "-"], stdin=file, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert "Eksempel kommune" in done.stdout.decode()


def test_what_needs_no_report_imports_none() -> None:
    heavy = "pandas xlwings openpyxl fsspec behov_xl.report.sarif behov_xl.report.json".split()
    script = (
        "import sys; from behov_xl.cli import main; main(['rules'], standalone_mode=False); "
        f"sys.exit(','.join(one for one in {heavy} if one in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
