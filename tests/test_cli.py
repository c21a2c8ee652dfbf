"""The command as a user types it: what it prints where, and its exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from behov_xl.rules import catalogue
from conftest import EXAMPLES, TEMPLATES

COMMAND = Path(sys.executable).with_name("behov-xl")
BODO, FEIL, KOMPLETT = (str(EXAMPLES / f"{name}_2026.xlsx") for name in ("bodo", "feil", "komplett"))


def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    # PYTHONPATH stays: it may say which tree is under test.
    env = {
        "PATH": "/usr/bin:/bin",
        **{key: os.environ[key] for key in ("PYTHONPATH",) if key in os.environ},
        **environment,
    }
    return subprocess.run(
        [str(COMMAND), *arguments], capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=env, timeout=60
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([KOMPLETT], 0),
        ([FEIL], 1),
        ([FEIL, "--fail-on", "never"], 0),
        ([BODO, "--select", "BX404", "--fail-on", "warning"], 0),
        ([BODO, "--select", "BX405"], 0),
        ([BODO, "--select", "BX405", "--fail-on", "warning"], 1),
        ([str(TEMPLATES / "behovsmelding_2026.xlsx")], 1),
        ([KOMPLETT, "finnes-ikke.xlsx"], 2),
        ([KOMPLETT, "--select", "BX9"], 2),
        ([], 2),
        ([""], 2),
        ([KOMPLETT, "--dataset", ""], 2),
        ([KOMPLETT, "--format", "pdf"], 2),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    done = run("validate", *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_the_text_report_is_grouped_by_sheet_and_closes_with_totals() -> None:
    lines = run("validate", BODO).stdout.splitlines()
    assert lines[0] == BODO
    assert "880\u00a0000\u00a0kr" in lines[1]
    assert [line.strip() for line in lines if line.startswith("  ") and line[2] != " "][1:] == [
        "Behovsmelding", "Tiltak", "Avkryssing", "Aktiviteter", "Roller", "Beskrivelse",
    ]  # fmt: skip
    assert lines[-1] == "Arbeidsbøker: 1 · feil: 4 · advarsler: 11 · merknader: 9"


def test_colours_are_for_terminals_only() -> None:
    assert "\x1b" not in run("validate", FEIL).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
@pytest.mark.parametrize(("terminal", "coloured"), [("xterm", True), ("dumb", False)])
def test_colours_are_for_terminals_that_show_them(terminal: str, coloured: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": terminal}
    env.pop("NO_COLOR", None)
    process = subprocess.Popen([str(COMMAND), "validate", KOMPLETT], stdout=theirs, stderr=subprocess.DEVNULL, env=env)
    os.close(theirs)
    seen = b""
    with open(ours, "rb", buffering=0) as screen, suppress(OSError):  # noqa: PTH123 - how Linux says that it is closed
        while part := screen.read(4096):
            seen += part
    assert process.wait(timeout=30) == 0
    assert (b"\x1b" in seen) == coloured


def test_nothing_is_not_the_working_directory(tmp_path: Path) -> None:
    shutil.copy(KOMPLETT, tmp_path)
    done = run("validate", "", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "tomt" in done.stderr


def test_results_are_on_stdout_and_everything_else_on_stderr(tmp_path: Path) -> None:
    done = run("validate", FEIL, "--format", "json", "-o", str(tmp_path / "rapport.json"))
    assert done.stdout == ""
    assert "rapport.json" in done.stderr
    assert json.loads((tmp_path / "rapport.json").read_text(encoding="utf-8"))["summary"]["workbooks"] == 1


@pytest.mark.parametrize(
    "target", ["nei/rapport.txt", "mappe", "fil/rapport.txt", "stengt/rapport.txt", "ut/rapport.txt"]
)
def test_a_report_that_cannot_be_written_is_refused_before_the_run(closed: tuple[Path, list[str]], target: str) -> None:
    folder, command = closed
    (folder / "mappe").mkdir()
    (folder / "fil").touch()
    before = sorted(folder.rglob("*"))
    arguments = ["--format", "csv=a.csv", "--format", f"json={target}", "--dataset", "ut", "--profile"]
    done = subprocess.run(
        [*command, "validate", KOMPLETT, *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert target in done.stderr.splitlines()[-1]
    assert len(done.stderr.splitlines()) == 4  # no table of where the time of a run went
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(("lang", "word"), [("nb", "Beløp"), ("nn", "Beløp"), ("en", "Beløp")])
def test_reports_and_explanations_come_in_three_languages(lang: str, word: str) -> None:
    texts = {one: run("validate", FEIL, "--lang", one).stdout for one in ("nb", "nn", "en")}
    assert len(set(texts.values())) == 3
    assert word in texts[lang]
    assert run("explain", "BX301", "--lang", lang).returncode == 0


def test_the_language_may_come_from_the_environment() -> None:
    assert run("validate", FEIL, BEHOV_XL_LANG="en").stdout == run("validate", FEIL, "--lang", "en").stdout


def test_rules_are_all_listed() -> None:
    lines = run("rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(catalogue())


def test_explain_says_why_with_a_wrong_and_a_right_example() -> None:
    by_code, by_name = run("explain", "bx301"), run("explain", "measure-total")
    assert by_code.stdout == by_name.stdout
    for part in ("BX301 measure-total", "Galt:", "Rett:", "feil"):
        assert part in by_code.stdout


def test_explaining_a_rule_that_does_not_exist_is_wrong_usage() -> None:
    done = run("explain", "BX999")
    assert (done.returncode, done.stdout) == (2, "")
    assert "BX999" in done.stderr


def test_template_writes_the_committed_file_and_never_over_another(tmp_path: Path) -> None:
    assert run("template", cwd=tmp_path).returncode == 0
    made = tmp_path / "behovsmelding_2026.xlsx"
    assert made.read_bytes() == (TEMPLATES / made.name).read_bytes()
    again = run("template", cwd=tmp_path)
    assert again.returncode == 2
    assert made.name in again.stderr
    assert run("template", "--force", "--lang", "nn", cwd=tmp_path).returncode == 0
    assert made.read_bytes() != (TEMPLATES / made.name).read_bytes()


def test_template_is_filled_from_a_content_file(tmp_path: Path) -> None:
    done = run("template", "--data", str(EXAMPLES / "bodo_2026.toml"), "-o", str(tmp_path / "b.xlsx"))
    assert done.returncode == 0
    assert (tmp_path / "b.xlsx").read_bytes() == Path(BODO).read_bytes()


def test_a_content_file_that_does_not_fit_the_form_is_said_so(tmp_path: Path) -> None:
    wrong = tmp_path / "feil.toml"
    wrong.write_text("[head]\nowner_name = 'Bodø'\n", encoding="utf-8")
    done = run("template", "--data", str(wrong), "-o", str(tmp_path / "b.xlsx"))
    assert done.returncode == 2
    assert "head.owner_name" in done.stderr
    assert not (tmp_path / "b.xlsx").exists()


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("behov-xl 0.")
    for command in ([], ["validate"], ["explain"], ["template"], ["rules"], ["completion"], ["fix"], ["annotate"]):
        assert run(*command, "--help").returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_that_completes_rule_codes(shell: str) -> None:
    assert "_BEHOV_XL_COMPLETE" in run("completion", shell).stdout
    done = run(_BEHOV_XL_COMPLETE="bash_complete", COMP_WORDS="behov-xl explain BX30", COMP_CWORD="2")
    assert "BX301" in done.stdout


def test_a_report_goes_through_what_is_no_file_and_never_replaces_it(tmp_path: Path) -> None:
    target, link = tmp_path / "rapport.txt", tmp_path / "lenke.txt"
    target.write_text("gammelt")
    link.symlink_to(target)
    assert run("validate", KOMPLETT, "-o", str(link)).returncode == 0
    assert link.is_symlink()
    assert "Eksempel kommune" in target.read_text(encoding="utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert run("validate", KOMPLETT, "-o", str(pipe)).returncode == 0
        assert b"Eksempel kommune" in reader.communicate(timeout=30)[0]
    assert pipe.is_fifo()


def test_a_report_is_never_written_over_a_workbook(tmp_path: Path) -> None:
    copy = Path(shutil.copy(KOMPLETT, tmp_path / "bok.xlsx"))
    done = run("validate", KOMPLETT, "-o", str(copy))
    assert done.returncode == 2
    assert copy.read_bytes() == Path(KOMPLETT).read_bytes()
    other = Path(shutil.copy(KOMPLETT, tmp_path / "opplastet.dat"))
    assert run("validate", str(other), "-o", str(other)).returncode == 2
    assert other.read_bytes() == Path(KOMPLETT).read_bytes()


def test_an_empty_item_among_the_rules_ignores_nothing() -> None:
    assert run("validate", FEIL, "--ignore", "").stdout == run("validate", FEIL).stdout
    assert run("validate", FEIL, "--ignore", "BX3,").returncode == 1


def test_what_keeps_other_rules_from_looking_is_never_left_out(tmp_path: Path) -> None:
    (tmp_path / "tom.xlsx").touch()
    done = run("validate", str(tmp_path / "tom.xlsx"), "--select", "BX3", "--ignore", "BX003")
    assert done.returncode == 2
    assert "BX003" in done.stdout


def test_a_file_name_that_is_not_utf8_and_one_that_a_terminal_would_act_on_are_reported(tmp_path: Path) -> None:
    for name in (b"latin\xe6.xlsx", b"esc\x1b[31m.xlsx"):
        shutil.copy(KOMPLETT, tmp_path / os.fsdecode(name))
    for form in ("text", "json"):
        done = run("validate", str(tmp_path), "--format", form)
        assert done.returncode == 0
        assert "latin" in done.stdout
        assert "\x1b" not in done.stdout


def test_a_full_disk_is_wrong_usage_and_no_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([str(COMMAND), "validate", KOMPLETT], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_spreadsheets_that_are_no_xlsx_are_named_on_stderr(tmp_path: Path) -> None:
    shutil.copy(KOMPLETT, tmp_path / "god.xlsx")
    for name in ("gammel.xls", "makro.xlsm", "notat.txt", "eldre.zip"):
        (tmp_path / name).write_bytes(b"1")
    done = run("validate", str(tmp_path))
    assert done.returncode == 0
    assert "gammel.xls" in done.stderr
    assert "eldre.zip" in done.stderr
    assert "makro.xlsm" in done.stderr
    assert "notat.txt" not in done.stderr


def test_of_what_is_passed_over_only_uploads_are_named_that_are_not_given_themselves(tmp_path: Path) -> None:
    for folder in (".venv/numpy", "inn/.cache", "inn/a..b"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "tall.csv").write_bytes(b"1")
    shutil.copy(KOMPLETT, tmp_path / "inn" / "god.xlsx")
    with zipfile.ZipFile(tmp_path / "inn" / "innsendt.zip", "w") as archive:
        archive.write(KOMPLETT, "annen.xlsx")
    both = run("validate", ".", "./inn/innsendt.zip", cwd=tmp_path)
    assert "innsendt.zip!annen.xlsx" in both.stdout
    assert "(1): " in both.stderr
    assert str(Path("inn/a..b/tall.csv")) in both.stderr
    shutil.rmtree(tmp_path / "inn" / "a..b")
    assert run("validate", ".", str(tmp_path / "inn" / "innsendt.zip"), cwd=tmp_path).stderr == ""
    shutil.copy(KOMPLETT, tmp_path / "inn" / ".cache")
    assert "tall.csv" in run("validate", "inn/.cache", cwd=tmp_path).stderr


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[tuple[Path, list[str]]]:
    """A folder with one in it that may not be looked into, and the command, for root without what lets it look."""
    (tmp_path / "stengt").mkdir(mode=0)
    without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    yield tmp_path, [*without, str(COMMAND)]
    (tmp_path / "stengt").chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", KOMPLETT, "-o", "stengt/a.txt"],
        ["validate", KOMPLETT, "--dataset", "stengt/a"],
        ["fix", KOMPLETT, "-o", "stengt/a.xlsx"],
        ["annotate", "stengt/a.xlsx", "--in-place"],
        ["template", "-o", "stengt/a.xlsx"],
        ["addin", "build", "-o", "stengt/a.xlam"],
    ],
    ids=" ".join,
)
def test_a_folder_that_may_not_be_looked_into_is_wrong_usage(
    closed: tuple[Path, list[str]], arguments: list[str]
) -> None:
    folder, command = closed
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr.splitlines()[-1]
        == f"Error: Kan ikke skrive {arguments[-2 if '--in-place' in arguments else -1]}: Permission denied"
    )


@pytest.mark.parametrize("option", ["-o", "--dataset"])
def test_a_link_to_itself_is_wrong_usage(tmp_path: Path, option: str) -> None:
    (tmp_path / "ring").symlink_to("ring")
    done = run("validate", KOMPLETT, option, "ring", "--lang", "en", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("Error: Cannot write ring: ")
    assert (tmp_path / "ring").is_symlink()
