"""The quick way to read a sheet holds the same as python-calamine, or says that it does not know the sheet."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from behov_xl.form import Form
from behov_xl.workbook import inflate, plain_sheets, sheets
from behov_xl.workbook.content import Content
from behov_xl.workbook.grid import SheetGrid
from behov_xl.workbook.limits import DEFAULT
from behov_xl.workbook.package import Package
from behov_xl.workbook.plain_sheets import read_sheet
from behov_xl.workbook.sheet_facts import cell_data
from behov_xl.workbook.shells import checked_shell
from behov_xl.workbook.template import template_bytes
from behov_xl.workbook.written_texts import Unfamiliar
from conftest import EXAMPLES, TEMPLATES, report_of

SHEET = "xl/worksheets/sheet1.xml"


def both_ways(data: bytes) -> tuple[dict[str, SheetGrid], dict[str, SheetGrid]]:
    """All sheets, the quick way and python-calamine's. Raises ``Unfamiliar``."""
    package = Package.open(data)
    shell = checked_shell(package, DEFAULT)
    xml = {name: package.read(part) for name, part in shell.sheets.items()}
    other = sheets._with_calamine(package, shell, xml, DEFAULT)
    return sheets._in_one_pass(package, shell, xml, package.read("xl/sharedStrings.xml"), DEFAULT), other


def book(cells: str, strings: str = "<si><t>a</t></si>", styles: str = "") -> bytes:
    """The template with its first sheet's cells and its shared texts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(TEMPLATES / "behovsmelding_2026.xlsx") as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == SHEET:
                text = between(text, b"<sheetData>", b"</sheetData>", cells)
            elif name.startswith("xl/worksheets/sheet"):
                text = between(text, b"<sheetData>", b"</sheetData>", "")
            elif name == "xl/sharedStrings.xml":
                text = between(text, b"<si>", b"</sst>", strings, keep_start=False)
            elif name == "xl/styles.xml" and styles:
                text = between(text, b"<cellXfs", b"</cellXfs>", styles, keep_start=False)
            target.writestr(name, text)
    return out.getvalue()


def between(text: bytes, start: bytes, end: bytes, new: str, *, keep_start: bool = True) -> bytes:
    at = text.index(start) + (len(start) if keep_start else 0)
    return text[:at] + new.encode() + text[text.rindex(end) :]


def row(cells: str, number: int = 1) -> str:
    return f'<row r="{number}">{cells}</row>'


SOUND = [EXAMPLES / "bodo_2026.xlsx", EXAMPLES / "komplett_2026.xlsx", *sorted(TEMPLATES.glob("*.xlsx"))]


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.stem)
def test_a_whole_workbook_reads_the_same(path: Path) -> None:
    quick, other = both_ways(path.read_bytes())
    assert quick == other
    assert any(sheet.formulas for sheet in quick.values())


def test_workbooks_of_every_kind_that_we_write_read_the_same(form: Form, content: Callable[..., Content]) -> None:
    for options in ({"lang": "nn"}, {"native_checkboxes": True}):
        quick, other = both_ways(template_bytes(form, content=content(), **options))
        assert quick == other


SAME = {
    "a shared text": row('<c r="A1" t="s"><v>0</v></c>'),
    "a cell that only looks like something": row('<c r="A1" s="1"><v>1</v></c><c r="D1" s="1"/>'),
    "cells and rows between": row('<c r="B1"><v>1</v></c>') + row('<c r="D9" t="b"><v>1</v></c>', 9),
    "rows with nothing": '<row r="1" ht="30"/>' + row('<c r="B2"><v>1</v></c>', 2) + '<row r="9" hidden="1"/>',
    "a row with nothing that is shown": row('<c r="B1"><v>1</v></c>') + row('<c r="F5" s="1"/>', 5),
    "no cells": "",
    "true and false": row('<c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c>'),
    "an error": row('<c r="A1" t="e"><f>B1</f><v>#REF!</v></c><c r="B1"><v>1</v></c>'),
    "a text that a formula gives": row('<c r="C1" t="str"><f>A2</f><v> a&amp;b </v></c>'),
    "an empty text that a formula gives": row('<c r="C1" t="str"><f>A2</f><v></v></c>'),
    "a formula without a value": row('<c r="A1"><v>2</v></c><c r="C1"><f>A2</f></c><c r="D1"><f>A2</f><v></v></c>'),
    "a formula that others share": row(
        '<c r="A1"><f t="shared" ref="A1:B1" si="0">C1*2</f><v>2</v></c><c r="B1"><f t="shared" si="0"/><v>2</v></c>'
    ),
    "a formula as LibreOffice writes it": row('<c r="A1" s="1" t="n"><f aca="false">1&lt;2</f><v>1.5</v></c>'),
    "numbers": row('<c r="A1"><v>1e5</v></c><c r="B1"><v>-0.25</v></c><c r="C1"><v>5.</v></c><c r="D1"><v>+5</v></c>'),
    "texts in their cells": row(
        '<c r="A1" t="inlineStr"><is><t> a&amp;_x000D_ </t></is></c>'
        '<c r="C1" s="1" t="inlineStr"><is><t xml:space="preserve"> b </t></is></c>'
    ),
    "hidden rows": '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>' + row('<c r="A2"><v>1</v></c>', 2),
    "lines between rows": "\n" + row('<c r="A1"><v>1</v></c>') + "\n" + row('<c r="A2"><v>1</v></c>', 2) + "\n",
}


@pytest.mark.parametrize("cells", SAME.values(), ids=SAME)
def test_what_is_written_as_usual_reads_the_same(cells: str) -> None:
    quick, other = both_ways(book(cells))
    assert quick == other


STRINGS = {
    "spaces that count": '<si><t xml:space="preserve"> a </t></si>',
    "spaces that do not": "<si><t> a </t></si>",
    "escapes": "<si><t>a_x000D_b_x0041_ _xyz_</t></si>",
    "entities": "<si><t>a&amp;b&#128;&#xe5;&#10;&lt;</t></si>",
    "two lines": "<si><t>a\nb</t></si>",
    "pieces": '<si><r><t>a</t></r><r><rPr><b/><sz val="9"/></rPr><t xml:space="preserve"> b</t></r></si>',
    "nothing": "<si><t></t></si>",
}


@pytest.mark.parametrize("strings", STRINGS.values(), ids=STRINGS)
def test_a_shared_text_reads_the_same(strings: str) -> None:
    quick, other = both_ways(book(row('<c r="A1" t="s"><v>0</v></c>'), strings))
    assert quick == other
    assert quick["Veiledning"].rows


UNKNOWN = {
    "another prefix": '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>',
    "cells without address": row("<c><v>1</v></c>"),
    "cells out of order": row('<c r="B1"><v>1</v></c><c r="A1"><v>1</v></c>'),
    "the same cell twice": row('<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>'),
    "rows out of order": row('<c r="A2"><v>1</v></c>', 2) + row('<c r="A1"><v>1</v></c>'),
    "a cell of another row": row('<c r="A5"><v>1</v></c>'),
    "a comment": row('<!-- <c r="B1"><v>1</v></c> --><c r="A1"><v>1</v></c>'),
    "a text with a font in its cell": row('<c r="A1" t="inlineStr"><is><r><t>a</t></r></is></c>'),
    "no number": row('<c r="A1"><v>1_0</v></c>'),
    "spaces around a number": row('<c r="A1"><v> 1 </v></c>'),
    "a text that is not there": row('<c r="A1" t="s"><v>7</v></c>'),
    "an entity of HTML": row('<c r="A1" t="str"><v>&nbsp;</v></c>'),
    "a date of ISO": row('<c r="A1" t="d"><v>2026-01-01</v></c>'),
    "a column far away": row('<c r="ZZ1"><v>1</v></c>'),
    "something else in the cell": row('<c r="A1"><v>1</v><extLst/></c>'),
    "a cell that does not end": row('<c r="A1"><v>1</v>'),
}


@pytest.mark.parametrize("cells", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_written_as_usual_is_left_to_the_other_way(cells: str) -> None:
    package = Package.open(book(cells))
    shell = checked_shell(package, DEFAULT)
    strings = package.read("xl/sharedStrings.xml")
    with pytest.raises(Unfamiliar):
        sheets._in_one_pass(package, shell, {"Veiledning": package.read(SHEET)}, strings, DEFAULT)


@pytest.mark.parametrize("tail", [b"</sheetData><x></worksheet>", b"</sheetData>", b'</sheetData><x a=">'])
def test_a_sheet_that_does_not_end_as_it_should_is_left_to_the_other_way(tail: bytes) -> None:
    package = Package.open(book(row('<c r="A1"><v>1</v></c>')))
    shell = checked_shell(package, DEFAULT)
    xml = {"Veiledning": cell_data(package.read(SHEET)) + tail}
    with pytest.raises(Unfamiliar):
        sheets._in_one_pass(package, shell, xml, b"<sst/>", DEFAULT)


@pytest.mark.parametrize("strings", ["<si><t>a&nbsp;</t></si>", "<si><t>a</t><x/></si>", "<si><t>a\r\nb</t></si>"])
def test_shared_texts_that_are_not_written_as_usual_are_left_to_the_other_way(strings: str) -> None:
    with pytest.raises(Unfamiliar):
        sheets.read_strings(f"<sst>{strings}</sst>".encode())


def test_a_number_that_is_shown_as_a_date_is_a_date() -> None:
    formats = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'.removesuffix("</cellXfs>")
    data = book(row('<c r="A1" s="0"><v>46113</v></c><c r="B1" s="1"><v>46113</v></c>'), styles=formats)
    with pytest.raises(Unfamiliar):
        both_ways(data)
    package = Package.open(data)
    read: dict[str, Any] = sheets.read_sheets(package, checked_shell(package, DEFAULT), ["Veiledning"], DEFAULT)
    assert read["Veiledning"].rows == [[46113.0, date(2026, 4, 1)]]


@pytest.mark.parametrize(
    ("code", "dated"),
    [
        ("dd.mm.yyyy", True),
        ("[h]:mm", True),
        ("#,##0 &quot;kr, med dato&quot;", False),
        ("[Red]0.00", False),
        ("General", False),
    ],
)
def test_only_formats_of_dates_and_times_count_as_such(code: str, dated: bool) -> None:
    styles = (
        f'<styleSheet><numFmts><numFmt numFmtId="170" formatCode="{code}"/></numFmts>'
        '<cellXfs count="1"><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    assert (sheets.dated_cells(styles.encode()) is not None) is dated


def test_zlib_serves_where_there_is_no_libdeflate() -> None:
    program = (
        "import sys; sys.modules['deflate'] = None;"
        "from pathlib import Path; from behov_xl.validate import validate; from behov_xl.workbook import inflate;"
        "assert not inflate.quick;"
        "print(len(validate([Path(sys.argv[1])]).workbooks[0].findings))"
    )
    path = EXAMPLES / "bodo_2026.xlsx"
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == str(len(report_of(path).findings)), done.stderr


@pytest.mark.parametrize("content", [b"", b"a", b"abc" * 5000])
def test_what_was_packed_is_the_same_however_it_is_unpacked(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    cases = [
        (raw, size)
        for raw in (packed, packed[:-1], packed[: len(packed) // 2], packed + b"more", b"\xff" + packed, b"")
        for size in (len(content), len(content) + 1, max(len(content) - 1, 0), 0)
    ]
    assert inflate.quick
    quick = [outcome(inflate.inflated, *case) for case in cases]
    monkeypatch.setattr(inflate, "quick", False)
    assert quick == [outcome(inflate.inflated, *case) for case in cases]
    assert content in quick


def outcome(unpack: Callable[[bytes, int], bytes], raw: bytes, size: int) -> object:
    try:
        return unpack(raw, size)
    except inflate.error as error:
        return str(error)


def test_very_many_hidden_rows_are_read() -> None:
    """Their tags joined one by one would be copied again and again: very long, for what takes a second."""
    rows = "".join(f'<row r="{n}" hidden="1"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 50_001))
    package = Package.open(book(rows))
    read = sheets.read_sheets(package, checked_shell(package, DEFAULT), ["Veiledning"], DEFAULT)
    assert len(read["Veiledning"].hidden_rows) == 50_000


@pytest.mark.parametrize(("much", "kept"), [(10, True), (100_000, False)])
def test_of_a_sheet_is_kept_what_is_small_with_all_that_is_around_it(much: int, kept: bool) -> None:
    cells = b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    read_sheet(b"<worksheet>%b<!--%b--></worksheet>" % (cells, b"x" * much), None, f"Ark {much}")
    last = plain_sheets._reader(None).last.get(f"Ark {much}")
    assert (last is not None) == kept
    assert last is None or last.xml == cells


def test_cells_of_the_last_workbook_are_read_with_what_is_around_them_in_this_one() -> None:
    cells = b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    once, again = (read_sheet(b"<worksheet>%b%b%b</worksheet>" % (head, cells, tail), None, "Ark 1")
                   for head, tail in ((b"<a/>", b"<b/>"), (b"<c/><d/>", b"<e/>")))  # fmt: skip
    assert (once.head, once.tail) == (b"<worksheet><a/>", b"</sheetData><b/></worksheet>")
    assert (again.head, again.tail) == (b"<worksheet><c/><d/>", b"</sheetData><e/></worksheet>")
    again.lay_out([])
    assert (again.rows, again.height, again.width) == ([[1.0]], 1, 1)


def test_rows_behind_the_cells_are_no_more_familiar_after_a_workbook_with_the_same_cells() -> None:
    cells = b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    read_sheet(b"<worksheet>%b</worksheet>" % cells, None, "Ark 2")
    with pytest.raises(Unfamiliar):
        read_sheet(b'<worksheet>%b<sheetData><row r="2"></row></sheetData></worksheet>' % cells, None, "Ark 2")
