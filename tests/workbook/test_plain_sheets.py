"""What is read of a sheet is what python-calamine reads of its values, and openpyxl of all else."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import python_calamine

from behov_xl.form import Form
from behov_xl.workbook import inflate, plain_sheets, sheets
from behov_xl.workbook.content import Content
from behov_xl.workbook.grid import CellValue, SheetGrid
from behov_xl.workbook.limits import DEFAULT
from behov_xl.workbook.package import DamagedPackage, Package
from behov_xl.workbook.plain_sheets import read_sheet
from behov_xl.workbook.rewritten_sheets import rewritten_sheet, rewritten_strings
from behov_xl.workbook.shells import checked_shell
from behov_xl.workbook.template import template_bytes
from behov_xl.workbook.written_texts import Unfamiliar, read_strings
from conftest import EXAMPLES, TEMPLATES, report_of

SHEET = "xl/worksheets/sheet1.xml"


def as_read(data: bytes, *, quickly: bool = True) -> dict[str, SheetGrid]:
    """All sheets. ``quickly``: none of them needs to be written anew first."""
    package = Package.open(data)
    shell = checked_shell(package, DEFAULT)
    if quickly:
        read_strings(package.read("xl/sharedStrings.xml"))
        for part in shell.sheets.values():
            read_sheet(package.read(part), None)
    return sheets.read_sheets(package, shell, list(shell.sheets), DEFAULT)


def values(read: dict[str, SheetGrid]) -> dict[str, list[list[CellValue]]]:
    return {name: sheet.rows for name, sheet in read.items()}


def by_calamine(data: bytes) -> dict[str, list[list[CellValue]]]:
    with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
        names = workbook.sheet_names
        return {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}


def beside_values(read: dict[str, SheetGrid]) -> dict[str, tuple[object, ...]]:
    """By sheet: which cells hold a formula, and which an error; hidden rows and columns, merged cells, and itself."""
    return {
        name: (
            set(sheet.formulas or ()),
            {(row + 1, column + 1): shown for (row, column), shown in sheet.errors.items()},
            list(sheet.hidden_rows),
            {column for first, end in sheet.hidden_columns for column in range(first, end)},
            set(sheet.merged),
            sheet.hidden,
        )
        for name, sheet in read.items()
    }


def by_openpyxl(data: bytes) -> dict[str, tuple[object, ...]]:
    written, shown = (openpyxl.load_workbook(io.BytesIO(data), data_only=only) for only in (False, True))
    return {
        sheet.title: (
            {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"},
            {(c.row, c.column): c.value for row in shown[sheet.title].iter_rows() for c in row if c.data_type == "e"},
            [number - 1 for number, row in sorted(sheet.row_dimensions.items()) if row.hidden],
            {
                number
                for one in sheet.column_dimensions.values()
                if one.hidden
                for number in range(one.min - 1, one.max)
            },
            {((one.min_row - 1, one.min_col - 1), (one.max_row - 1, one.max_col - 1)) for one in sheet.merged_cells},
            sheet.sheet_state != "visible",
        )
        for sheet in written
    }


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
    read = as_read(path.read_bytes())
    assert values(read) == by_calamine(path.read_bytes())
    assert beside_values(read) == by_openpyxl(path.read_bytes())
    assert any(sheet.formulas for sheet in read.values())


def test_workbooks_of_every_kind_that_we_write_read_the_same(form: Form, content: Callable[..., Content]) -> None:
    for options in ({"lang": "nn"}, {"native_checkboxes": True}):
        data = template_bytes(form, content=content(), **options)
        assert values(as_read(data)) == by_calamine(data)
        assert beside_values(as_read(data)) == by_openpyxl(data)


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.stem)
def test_what_is_written_anew_reads_the_same(path: Path) -> None:
    package = Package.open(path.read_bytes())
    texts = read_strings(package.read("xl/sharedStrings.xml"))
    assert read_strings(rewritten_strings(package.read("xl/sharedStrings.xml"))) == texts
    for part in checked_shell(package, DEFAULT).sheets.values():
        once = read_sheet(package.read(part), None)
        xml, height, width = rewritten_sheet(package.read(part))
        again = read_sheet(xml, None, bounded=True)
        once.lay_out(texts)
        again.lay_out(texts)
        assert (once.rows, once.formulas, once.errors) == (again.rows, again.formulas, again.errors)
        assert (height >= again.height, width >= again.width) == (True, True)
        assert rewritten_sheet(xml).xml == xml


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
    assert values(as_read(book(cells))) == by_calamine(book(cells))
    assert beside_values(as_read(book(cells))) == by_openpyxl(book(cells))


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
    data = book(row('<c r="A1" t="s"><v>0</v></c>'), strings)
    assert values(as_read(data)) == by_calamine(data)
    assert as_read(data)["Veiledning"].rows


MAIN = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ODD: dict[str, tuple[str, list[list[CellValue]]]] = {
    "another prefix": (f'<x:row {MAIN} r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>', [[1.0]]),
    "cells without address": (row("<c><v>1</v></c>"), [[1.0]]),
    "cells out of order": (row('<c r="B1"><v>1</v></c><c r="A1"><v>2</v></c>'), [[2.0, 1.0]]),
    "the same cell twice": (row('<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>'), [[2.0]]),
    "rows out of order": (row('<c r="A2"><v>1</v></c>', 2) + row('<c r="A1"><v>2</v></c>'), [[2.0], [1.0]]),
    "a cell of another row": (row('<c r="A2"><v>1</v></c>'), [[""], [1.0]]),
    "a comment": (row('<!-- <c r="B1"><v>1</v></c> --><c r="A1"><v>1</v></c>'), [[1.0]]),
    "fonts": (row('<c r="A1" t="inlineStr"><is><r><t>a </t></r><r><t>b</t></r></is></c>'), [["ab"]]),
    "how it sounds": (row('<c r="A1" t="inlineStr"><is><t>a</t><rPh><t>x</t></rPh><t>b</t></is></c>'), [["ab"]]),
    "no number": (row('<c r="A1"><v>1_0</v></c>'), [["1_0"]]),
    "spaces around a number of a text": (row('<c r="A1" t="s"><v> 0 </v></c>'), [["a"]]),
    "a number with a zero before it": (row('<c r="A1" t="s"><v>00</v></c>'), [["a"]]),
    "a number of many digits": (row(f'<c r="A1"><v>1{"0" * 60}</v></c>'), [[1e60]]),
    "true and false in words": (
        row('<c r="A1" t="b"><v>true</v></c><c r="B1" t="b"><v>false</v></c>'),
        [[True, False]],
    ),
    "a column far away": (row('<c r="DA1"><v>1</v></c>'), [[*[""] * 104, 1.0]]),
    "a column of three letters": (row('<c r="AAA1"><v>1</v></c>'), [[*[""] * 702, 1.0]]),
    "attributes in another order": (row('<c t="s" s="1" r="A1"><v>0</v></c>'), [["a"]]),
    "other quotes": (row("<c r='A1'><v>1</v></c>"), [[1.0]]),
    "line ends in tags": ('<row\n r="1"><c\r\n r="A1" ><v>1</v ></c></row>', [[1.0]]),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_written_as_usual_is_written_anew_and_read(name: str) -> None:
    cells, expected = ODD[name]
    data = book(cells)
    with pytest.raises(Unfamiliar):
        read_quickly(data)
    read = as_read(data, quickly=False)
    assert read["Veiledning"].rows == expected
    assert values(read) == by_calamine(data)


def read_quickly(data: bytes) -> None:
    sheet = read_sheet(Package.open(data).read(SHEET), None)
    sheet.lay_out(["a"])


OTHERWISE: dict[str, tuple[str, list[list[CellValue]]]] = {
    "CDATA": (row('<c r="A1" t="str"><v><![CDATA[<a>]]></v></c>'), [["<a>"]]),
    "something else in the cell": (row('<c r="A1"><v>1</v><extLst/></c>'), [[1.0]]),
    "the value before the formula": (row('<c r="A1"><v>1</v><f>B1</f></c>'), [[1.0]]),
    "spaces around a number": (row('<c r="A1"><v> 1 </v></c>'), [[1.0]]),
    "no finite number": (row('<c r="A1"><v>NaN</v></c><c r="B1"><v>inf</v></c>'), [["NaN", math.inf]]),
    "cells in a second element": (
        row('<c r="A1"><v>1</v></c>') + "</sheetData><sheetData>" + row("<c><v>2</v></c>"),
        [[2.0]],
    ),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_python_calamine_reads_otherwise(name: str) -> None:
    cells, expected = OTHERWISE[name]
    read = as_read(book(cells), quickly=False)["Veiledning"]
    assert read.rows == expected
    assert read.formulas == ({"A1": "B1"} if "<f>" in cells else {})


BROKEN = {
    "a text that is not there": (row('<c r="A1" t="s"><v>7</v></c>'), "strings"),
    "a text below the first": (row('<c r="A1" t="s"><v>-1</v></c>'), "A1: no value of type 's': '-1'"),
    "neither true nor false": (row('<c r="B3" t="b"><v>2</v></c>', 3), "B3: no value of type 'b': '2'"),
    "a type that is none": (row('<c r="A1" t="zz"><v>2</v></c>'), "A1: no value of type 'zz'"),
    "an entity of HTML": (row('<c r="A1" t="str"><v>&nbsp;</v></c>'), "undefined entity"),
    "a cell that does not end": (row('<c r="A1"><v>1</v>'), "mismatched tag"),
    "a row that is none": ('<row r="A1"/>' + row("<c><v>1</v></c>"), "row 'A1'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_of_what_cannot_be_read_is_said_where_it_is(name: str) -> None:
    cells, why = BROKEN[name]
    with pytest.raises(DamagedPackage, match=f"xl/worksheets/sheet1.xml: .*{why}"):
        as_read(book(cells), quickly=False)


def test_a_date_of_iso_is_a_date() -> None:
    cells = "".join(
        f'<c r="{place}" t="d"><v>{text}</v></c>'
        for place, text in {"A1": "2026-01-01", "B1": "2026-01-01T10:00:00", "C1": "10:30:00", "D1": "PT1H"}.items()
    )
    data = book(row(cells))
    assert values(as_read(data)) == by_calamine(data)
    assert as_read(data)["Veiledning"].rows[0][0] == date(2026, 1, 1)


def test_columns_and_rows_are_hidden_and_cells_merged_however_it_is_written() -> None:
    xml = Package.open(book(row('<c r="A1"><v>1</v></c>'))).read(SHEET)
    start, end = xml.find(b"<cols>"), xml.find(b"</cols>") + len(b"</cols>")
    tail = b"<x:mergeCells><x:mergeCell ref='A1:B2'/></x:mergeCells>"
    written = xml[:start] + b"<x:cols><x:col min = '2' max='3' hidden='true'/></x:cols>" + xml[end:]
    written = written.replace(b'<row r="1"', b"<row r='1' hidden = 'true'").replace(
        b"</sheetData>", b"</sheetData>" + tail
    )
    written = written.replace(b"<worksheet ", b"<worksheet " + MAIN.encode() + b" ")
    package = Package.open(book(""))
    shell = checked_shell(package, DEFAULT)
    read = sheets._Reading(shell, [], None, DEFAULT, many_texts=False).grid("Veiledning", written)
    assert (read.hidden_rows, read.hidden_columns, read.merged) == ([0], [(1, 3)], (((0, 0), (1, 1)),))


@pytest.mark.parametrize("tail", [b"</sheetData><x></worksheet>", b"</sheetData>", b'</sheetData><x a=">'])
def test_a_sheet_that_does_not_end_as_it_should_is_damaged(tail: bytes) -> None:
    package = Package.open(book(row('<c r="A1"><v>1</v></c>')))
    xml = package.read(SHEET)
    reading = sheets._Reading(checked_shell(package, DEFAULT), [], None, DEFAULT, many_texts=False)
    assert reading.grid("Veiledning", xml).rows == [[1.0]]
    with pytest.raises(DamagedPackage):
        reading.grid("Veiledning", xml[: xml.index(b"</sheetData>")] + tail)


TEXTS = {
    "<si><t>a</t><x/></si>": ["a"],
    "<si><t>a\r\nb</t></si>": ["a\nb"],
    "<si><t><![CDATA[ a]]></t></si><si/>": ["a", ""],
    "<si><r><t>a </t></r><r><t xml:space='preserve'> b</t></r><rPh><t>x</t></rPh></si>": ["a b"],
}


@pytest.mark.parametrize("strings", TEXTS)
def test_shared_texts_that_are_not_written_as_usual_are_written_anew(strings: str) -> None:
    xml = f"<sst>{strings}</sst>".encode()
    with pytest.raises(Unfamiliar):
        read_strings(xml)
    assert read_strings(rewritten_strings(xml)) == TEXTS[strings]
    cells = "".join(f'<c r="{"AB"[at]}1" t="s"><v>{at}</v></c>' for at in range(len(TEXTS[strings])))
    data = book(row(cells), strings)
    assert values(as_read(data, quickly=False)) == by_calamine(data)


def test_shared_texts_that_are_no_xml_are_damaged() -> None:
    with pytest.raises(DamagedPackage, match=r"xl/sharedStrings.xml: undefined entity"):
        as_read(book(row('<c r="A1" t="s"><v>0</v></c>'), "<si><t>a&nbsp;</t></si>"), quickly=False)


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
    assert len(as_read(book(rows))["Veiledning"].hidden_rows) == 50_000


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
