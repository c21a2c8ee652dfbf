"""The commands ``fix`` and ``annotate`` as a user types them."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
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


# ----------------------------------------------------------------------------------------- annotate


def test_the_readme_says_with_what_each_command_ends(feil: Path) -> None:
    readme = (EXAMPLES.parent.parent / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([012]) \| (.+) \|$", readme, re.M))
    assert sorted(told) == ["0", "1", "2"]
    for command, *more in (["validate"], ["fix", "--diff"], ["annotate", "-o", str(feil.with_name("ny.xlsx"))]):
        code = run(command, str(feil), *more).returncode
        assert f"`{command}`" in told[str(code)]


def test_annotate_writes_a_copy_with_its_findings(feil: Path) -> None:
    before = feil.read_bytes()
    done = run("annotate", feil.name, "-o", "sjekket.xlsx", cwd=feil.parent)
    assert done.returncode == 0
    assert done.stdout == run("validate", feil.name, cwd=feil.parent).stdout.splitlines(keepends=True)[-1]
    assert "sjekket.xlsx" in done.stderr
    assert feil.read_bytes() == before
    target = feil.with_name("sjekket.xlsx")
    assert codes(target) == codes(feil)
    sheet = openpyxl.load_workbook(target)["Validering"]
    said = [cell.value for cell in sheet[4]]
    written = {
        (row[said.index("Kode")], row[said.index("Celle")]) for row in sheet.iter_rows(min_row=5, values_only=True)
    }
    assert {(code, cell) for code, cell in codes(feil) if cell} <= written


def test_annotate_in_place_keeps_a_backup_and_writes_only_what_changes(feil: Path) -> None:
    before = feil.read_bytes()
    done = run("annotate", str(feil), "--in-place")
    assert done.returncode == 0
    assert "bok.bak.xlsx" in done.stderr
    assert feil.with_name("bok.bak.xlsx").read_bytes() == before
    once = feil.read_bytes()
    again = run("annotate", str(feil), "--in-place", "--lang", "nb")
    assert again.returncode == 0
    assert "allerede" in again.stderr
    assert feil.read_bytes() == once
    assert not feil.with_name("bok.bak2.xlsx").exists()


@pytest.mark.parametrize(
    "arguments",
    [[], ["-o", "bok.xlsx"], ["-o", "bok.xlsx", "--force"], ["-o", "bok.xls"], ["-o", "annen.xlsx"],
     ["-o", "ny.xlsx", "--in-place"]],
)  # fmt: skip
def test_annotate_writes_over_no_file(feil: Path, arguments: list[str]) -> None:
    other = feil.with_name("annen.xlsx")
    other.write_bytes(b"mitt")
    before = feil.read_bytes()
    done = run("annotate", feil.name, *arguments, cwd=feil.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert (feil.read_bytes(), other.read_bytes()) == (before, b"mitt")
    assert run("annotate", feil.name, "-o", other.name, "--force", cwd=feil.parent).returncode == 0
    assert other.read_bytes() != b"mitt"


def test_annotate_says_why_it_cannot(feil: Path, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "regnskap.xlsx") as made:
        made.add_worksheet("Ark1").write(0, 0, "Regnskap")
    (tmp_path / "avkuttet.xlsx").write_bytes(b"PK\x03\x04")
    for name, code in (("finnes-ikke.xlsx", "BX001"), ("avkuttet.xlsx", "BX00"), ("regnskap.xlsx", "BX101")):
        done = run("annotate", str(tmp_path / name), "--in-place")
        assert (done.returncode, code in done.stdout) == (2, True), name
    opened = openpyxl.load_workbook(feil)
    del opened["Validering"]
    opened.save(tmp_path / "uten.xlsx")
    done = run("annotate", str(tmp_path / "uten.xlsx"), "--in-place")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Validering" in done.stderr
    feil.with_name("~$bok.xlsx").touch()
    assert "~$bok.xlsx" in run("annotate", str(feil), "--in-place").stderr
    assert not list(tmp_path.glob("*.bak*"))


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_annotate_speaks_three_languages(lang: str, feil: Path) -> None:
    target = feil.with_name("ny.xlsx")
    assert run("annotate", str(feil), "-o", str(target), "--lang", lang).returncode == 0
    cells = {cell.value for row in openpyxl.load_workbook(target)["Validering"].iter_rows() for cell in row}
    assert {"nb": "Rett", "nn": "Skriv", "en": "Correct"}[lang] in " ".join(str(one) for one in cells)
    assert "Advarsel" in cells  # the workbook's own word, by which it colours
    help_ = run("annotate", "--help", BEHOV_XL_LANG=lang).stdout
    assert {"nb": "funnene", "nn": "funna", "en": "findings"}[lang] in help_
    for option in ("--output", "--in-place", "--force", "--lang"):
        assert option in help_


def test_a_fixed_and_annotated_workbook_says_what_remains(feil: Path) -> None:
    run("fix", str(feil), "--in-place")
    fixed = codes(feil)
    assert run("annotate", str(feil), "--in-place").returncode == 0
    assert codes(feil) == fixed
    assert run("fix", str(feil), "--diff").stdout.startswith("Ingenting å rette")
