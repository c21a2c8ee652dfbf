"""The command ``fix`` as a user types it."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from test_cli import run

from behov_xl.validate import validate
from conftest import EXAMPLES

BODO, FEIL, KOMPLETT = (EXAMPLES / f"{name}_2026.xlsx" for name in ("bodo", "feil", "komplett"))


@pytest.fixture
def feil(tmp_path: Path) -> Path:
    return Path(shutil.copy(FEIL, tmp_path / "bok.xlsx"))


def codes(path: Path) -> set[tuple[str, str | None]]:
    return {(one.rule.code, one.cell) for one in validate([path]).workbooks[0].findings}


def test_a_fixed_copy_is_written_and_the_original_left_alone(feil: Path) -> None:
    before = feil.read_bytes()
    target = feil.with_name("rettet.xlsx")
    done = run("fix", feil.name, "-o", target.name, cwd=feil.parent)
    assert done.returncode == 1  # errors remain that only the adviser can correct
    assert feil.read_bytes() == before
    assert codes(target) < codes(feil)
    assert "310\u00a0000 → 300\u00a0000" in done.stdout
    assert "BX209" in done.stdout
    assert target.name in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_place_to_write_it_says_what_to_do(feil: Path) -> None:
    done = run("fix", str(feil))
    assert (done.returncode, done.stdout) == (2, "")
    assert "--in-place" in done.stderr
    assert "-o" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["-o", "bok.xlsx"], ["-o", "./bok.xlsx"], ["-o", "bok.xls"], ["-o", "bok"], ["-o", "annen.xlsx"],
     ["-o", "ny.xlsx", "--in-place"], ["--diff", "--in-place"]],
)  # fmt: skip
def test_no_file_is_written_over(feil: Path, arguments: list[str]) -> None:
    other = feil.with_name("annen.xlsx")
    other.write_bytes(b"mitt")
    before = feil.read_bytes()
    done = run("fix", feil.name, *arguments, cwd=feil.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert (feil.read_bytes(), other.read_bytes()) == (before, b"mitt")
    assert sorted(one.name for one in feil.parent.iterdir()) == ["annen.xlsx", "bok.xlsx"]


def test_a_link_to_the_workbook_is_the_workbook(feil: Path) -> None:
    link = feil.with_name("lenke.xlsx")
    link.symlink_to(feil)
    assert run("fix", str(feil), "-o", str(link), "--force").returncode == 2


def test_the_diff_shows_every_cell_and_writes_nothing(feil: Path) -> None:
    done = run("fix", feil.name, "--diff", "--unsafe", cwd=feil.parent)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("@@ Tiltak!G5"))
    assert lines[at + 1] == "- 310\u00a0000"
    assert lines[at + 2].startswith("+ 300\u00a0000  =IF(COUNT(")
    assert [one.name for one in feil.parent.iterdir()] == [feil.name]
    written = run("fix", feil.name, "--diff", "-o", "ny.xlsx", cwd=feil.parent)
    assert "+++ ny.xlsx" in written.stdout
    assert feil.with_name("ny.xlsx").exists()


def test_in_place_keeps_a_backup_and_never_an_old_one_from_being_there(feil: Path) -> None:
    before = feil.read_bytes()
    assert run("fix", str(feil), "--in-place").returncode == 1
    once = feil.read_bytes()
    assert feil.with_name("bok.bak.xlsx").read_bytes() == before
    assert run("fix", str(feil), "--in-place").returncode == 1  # nothing to fix any more: nothing is written
    assert feil.read_bytes() == once
    assert sorted(one.name for one in feil.parent.iterdir()) == ["bok.bak.xlsx", "bok.xlsx"]
    done = run("fix", str(feil), "--in-place", "--unsafe")
    assert feil.with_name("bok.bak2.xlsx").read_bytes() == once
    assert feil.with_name("bok.bak.xlsx").read_bytes() == before
    assert "bok.bak2.xlsx" in done.stderr


def test_a_workbook_that_is_open_is_not_fixed_in_place(feil: Path) -> None:
    feil.with_name("~$bok.xlsx").touch()
    before = feil.read_bytes()
    done = run("fix", str(feil), "--in-place")
    assert done.returncode == 2
    assert "~$bok.xlsx" in done.stderr
    assert feil.read_bytes() == before


def test_a_workbook_without_faults_is_copied_as_it_is(tmp_path: Path) -> None:
    done = run("fix", str(KOMPLETT), "-o", str(tmp_path / "ny.xlsx"))
    assert done.returncode == 0
    assert "Ingenting å rette" in done.stdout
    assert (tmp_path / "ny.xlsx").read_bytes() == KOMPLETT.read_bytes()


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("never", 0)])
def test_exit_codes_follow_what_remains(feil: Path, fail_on: str, code: int) -> None:
    assert run("fix", str(feil), "--diff", "--fail-on", fail_on).returncode == code


@pytest.mark.parametrize("content", [b"", b"noe annet", b"PK\x03\x04avkuttet"])
def test_what_cannot_be_read_is_reported_as_validate_reports_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bok.xlsx"
    path.write_bytes(content)
    done = run("fix", str(path), "-o", str(tmp_path / "ny.xlsx"))
    assert done.returncode == 2
    assert "BX00" in done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ny.xlsx").exists()


def test_a_file_that_is_not_there_and_one_that_is_no_behovsmelding_are_reported(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "regnskap.xlsx") as book:
        book.add_worksheet("Ark1").write(0, 0, "Regnskap")
    for name, code in (("finnes-ikke.xlsx", "BX001"), ("regnskap.xlsx", "BX101")):
        done = run("fix", str(tmp_path / name), "--in-place")
        assert done.returncode == 2
        assert code in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["regnskap.xlsx"]


def test_a_signed_workbook_is_refused_with_the_reason(feil: Path) -> None:
    with zipfile.ZipFile(feil, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<x/>")
    done = run("fix", str(feil), "--in-place")
    assert (done.returncode, done.stdout) == (2, "")
    assert "signert" in done.stderr


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_it_speaks_three_languages(lang: str, feil: Path) -> None:
    done = run("fix", str(feil), "--diff", "--lang", lang)
    closing = {"nb": "Endrede celler", "nn": "Endra celler", "en": "Changed cells"}[lang]
    assert closing in done.stdout


def test_a_folder_that_is_not_there_is_wrong_usage(feil: Path) -> None:
    done = run("fix", str(feil), "-o", str(feil.parent / "nei" / "ny.xlsx"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_stray_spaces_are_shown_where_the_eye_would_see_no_difference(feil: Path) -> None:
    assert "«T2␣» → «T2»" in run("fix", str(feil), "-o", str(feil.with_name("ny.xlsx"))).stdout


def test_the_help_says_what_each_option_does() -> None:
    help_ = run("fix", "--help")
    assert help_.returncode == 0
    for option in ("--output", "--unsafe", "--diff", "--in-place", "--force", "--fail-on", "--lang"):
        assert option in help_.stdout
