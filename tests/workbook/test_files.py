"""Files that are no workbooks, or not ours: each gives one coded finding, and the rest of the run goes on."""

from __future__ import annotations

import os
import shutil
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from behov_xl.findings import Severity
from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.validate import Selection, validate
from behov_xl.workbook.files import Refused, open_grid
from behov_xl.workbook.limits import Limits
from conftest import EXAMPLES, Office, found, repack, report_of, short

GOOD = EXAMPLES / "komplett_2026.xlsx"


def _ole(*streams: str) -> bytes:
    """The beginning of an OLE file whose directory names these streams."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + b"".join(one.encode("utf-16-le") for one in streams)


def _zip(**parts: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


BAD = {
    "empty": (b"", "BX003", ""),
    "csv renamed": (b"Tiltak;Sum\nT1;200000\n", "BX004", ".csv"),
    "old xls": (_ole("Workbook"), "BX004", ".xls"),
    "pdf": (b"%PDF-1.7\n...", "BX004", ".pdf"),
    "bytes of no kind": (bytes(range(256)) * 4, "BX004", "?"),
    "docx": (_zip(**{"word/document.xml": b"<w/>"}), "BX004", ".docx"),
    "ods": (_zip(**{"content.xml": b"<o/>", "mimetype": b"x"}), "BX004", ".ods"),
    "xlsb": (_zip(**{"xl/workbook.bin": b"1"}), "BX004", ".xlsb"),
    "another zip": (_zip(**{"readme.txt": b"1"}), "BX004", ".zip"),
    "password": (_ole("EncryptionInfo", "EncryptedPackage"), "BX005", ""),
    "truncated zip": (GOOD.read_bytes()[:20_000], "BX006", ""),
    "zip magic only": (b"PK\x03\x04", "BX006", ""),
    "broken workbook part": (_zip(**{"xl/workbook.xml": b"<workbook"}), "BX006", ""),
}


def test_a_sheet_is_seen_however_much_its_tag_says(tmp_path: Path) -> None:
    def longer(parts: dict[str, bytes]) -> None:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<sheet ", b'<sheet a="%b" ' % (b"b" * 5_000))

    path = repack(Path(shutil.copy(GOOD, tmp_path)), longer)
    assert open_grid(path, ["Tiltak"]).sheet_names == open_grid(GOOD, ["Tiltak"]).sheet_names


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_one_finding_that_says_so(name: str, tmp_path: Path) -> None:
    data, code, says = BAD[name]
    path = tmp_path / "opplastet.xlsx"
    path.write_bytes(data)
    report = validate([path])
    assert [short(finding) for finding in report.workbooks[0].findings] == [code]
    assert report.workbooks[0].status == "unreadable"
    assert report.exit_code(Severity.ERROR) == report.exit_code(None) == 2
    assert says in message(report.workbooks[0].findings[0], catalogue("nb"))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert found(tmp_path / "nix.xlsx") == ["BX001"]


def test_a_file_that_may_not_be_read_is_said_to_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "laast.xlsx"
    path.write_bytes(b"PK")
    opened = os.open

    def refuse(name: Path | str, *how: int) -> int:
        if name == path:
            raise PermissionError(13, "Permission denied")
        return opened(name, *how)

    monkeypatch.setattr(os, "open", refuse)  # root may read anything, so the refusal is made by hand
    assert found(path) == ["BX001"]


def test_a_directory_without_workbooks_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "les meg.txt").write_text("ingenting")
    assert found(tmp_path) == ["BX002"]


def test_a_directory_is_searched_at_any_depth_and_lock_files_are_passed_over(tmp_path: Path) -> None:
    for name in ("b/2.xlsx", "a/1.XLSX", "~$1.xlsx", ".skjult.xlsx", "c.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(GOOD.read_bytes())
    assert [Path(one.path).name for one in validate([tmp_path]).workbooks] == ["1.XLSX", "2.xlsx"]


def test_bad_files_leave_the_good_ones_unharmed_and_in_order(tmp_path: Path) -> None:
    paths = []
    for index, (data, _, _) in enumerate(BAD.values()):
        paths += [tmp_path / f"{index}-bad.xlsx", tmp_path / f"{index}-good.xlsx"]
        paths[-2].write_bytes(data)
        paths[-1].write_bytes(GOOD.read_bytes())
    report = validate(paths, selection=Selection(ignore=["BX801"]), chunk=3)
    assert [one.path for one in report.workbooks] == [str(path) for path in paths]
    assert [one.status for one in report.workbooks] == ["unreadable", "ok"] * len(BAD)


def test_a_workbook_of_somebody_else_gives_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "regnskap.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Regnskap").write_row(0, 0, ["Konto", "Beløp", "Navn"])
    assert found(path) == ["BX101"]
    assert validate([path]).exit_code(Severity.ERROR) == 2


def test_a_directory_that_promises_too_much_is_refused_before_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "stor.xlsx"
    path.write_bytes(GOOD.read_bytes())
    with pytest.raises(Refused) as refused:
        open_grid(path, ["Tiltak"], Limits(expanded_bytes=100_000))
    assert refused.value.rule.code == "BX007"


def test_an_entry_that_unpacks_to_more_than_it_promises_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lyver.xlsx"
    data = bytearray(GOOD.read_bytes())
    name = b"xl/workbook.xml"
    at = data.rindex(name) - 46  # the entry in the central directory: its size is what a reader trusts
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, at + 24, 10)
    path.write_bytes(bytes(data))
    assert found(path) == ["BX017"]  # the part itself says another size
    local = int.from_bytes(data[at + 42 : at + 46], "little")
    struct.pack_into("<I", data, local + 22, 10)
    path.write_bytes(bytes(data))
    assert found(path) == ["BX006"]


def test_two_cells_far_apart_do_not_make_the_reader_fill_what_is_between(tmp_path: Path) -> None:
    path = tmp_path / "langt.xlsx"
    path.write_bytes(GOOD.read_bytes())
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'

    def change(parts: dict[str, bytes]) -> None:
        parts["xl/worksheets/sheet7.xml"] = parts["xl/worksheets/sheet7.xml"].replace(b"</sheetData>", far)

    repack(path, change)
    assert found(path) == ["BX007"]


def test_a_really_encrypted_workbook_is_recognised(tmp_path: Path) -> None:
    protected = tmp_path / "passord.xlsx"
    with GOOD.open("rb") as plain, protected.open("wb") as target:
        OOXMLFile(plain).encrypt("hemmelig", target)
    assert found(protected) == ["BX005"]


def test_a_real_xls_and_ods_are_recognised(office: Office, tmp_path: Path) -> None:
    for kind in ("xls", "ods"):
        made = office.convert(GOOD, kind, tmp_path / kind)
        renamed = tmp_path / f"{kind}.xlsx"
        renamed.write_bytes(made.read_bytes())
        assert found(renamed) == ["BX004"]


def test_a_path_that_is_a_directory_link_or_pipe_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "dead.xlsx").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert found(tmp_path / "dead.xlsx") == ["BX001"]
    assert found(tmp_path / "pipe.xlsx") == ["BX001"]


@settings(max_examples=150, deadline=None)
@given(position=st.integers(0, 60_000), junk=st.binary(min_size=1, max_size=40), cut=st.booleans())
def test_no_damage_gives_a_traceback(
    position: int, junk: bytes, cut: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytearray(GOOD.read_bytes())
    position %= len(data)
    data[position : position + len(junk)] = junk
    path = tmp_path_factory.mktemp("skadet") / "bok.xlsx"
    path.write_bytes(bytes(data[:position] if cut else data))
    assert report_of(path).status in {"ok", "findings", "unreadable"}


def make_long(path: Path, rows: int) -> Path:
    """The example with ``rows`` budget lines, every one for a measure that does not exist."""

    def change(parts: dict[str, bytes]) -> None:
        sheet, table = "xl/worksheets/sheet7.xml", "xl/tables/table7.xml"
        lines = b"".join(
            b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>T9</t></is></c><c r="B%d" t="inlineStr"><is><t>UH</t></is></c>'
            b'<c r="F%d"><v>1000</v></c></row>' % (n, n, n, n)
            for n in range(5, rows + 5)
        )
        head, _, rest = parts[sheet].partition(b'<row r="5"')
        parts[sheet] = head + lines + rest[rest.index(b"</sheetData>") :]
        end = parts[table].index(b'ref="A4:G') + 9
        parts[table] = parts[table][:end] + b'%d"' % (rows + 4) + parts[table][parts[table].index(b'"', end) + 1 :]

    return repack(path, change)


def test_a_table_with_a_hundred_thousand_rows_is_validated_and_its_findings_capped(
    workbook: Callable[..., Path],
) -> None:
    path = make_long(workbook(), 100_000)
    codes = [finding.rule.code for finding in report_of(path).findings]
    assert codes.count("BX601") == 100
    assert codes.count("BX308") == 100
    assert codes.count("BX112") == 2
    assert codes.count("BX109") == 1


def test_cells_that_cannot_be_read_are_capped_as_well(workbook: Callable[..., Path]) -> None:
    bad = [{"table": "budget", "add": {"measure": "T1", "party": "uh", "amount": "etter avtale"}}] * 150
    codes = [finding.rule.code for finding in report_of(workbook(*bad)).findings]
    assert codes.count("BX201") == 100
    assert codes.count("BX112") == 1
