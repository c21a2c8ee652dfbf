"""A sheet written anew has every row and cell in order, with its address, and nothing that holds nothing."""

from __future__ import annotations

import pytest

from behov_xl.workbook.directory import DamagedPackage
from behov_xl.workbook.rewritten_sheets import rewritten_sheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
V = "<v>1</v>"


@pytest.mark.parametrize(
    ("row", "plain"),
    [
        (f"<row><c>{V}</c><c>{V}</c></row><row><c>{V}</c></row>", f'<row r="1"><c r="A1">{V}</c><c r="B1">{V}</c></row><row r="2"><c r="A2">{V}</c></row>'),
        (f'<row r="5"><c r="C5">{V}</c><c>{V}</c></row>', f'<row r="5"><c r="C5">{V}</c><c r="D5">{V}</c></row>'),
        (f'<row r="5"><c t="n" r="xfd5">{V}</c></row><row><c s="03">{V}</c></row>', f'<row r="5"><c r="XFD5">{V}</c></row><row r="6"><c r="A6" s="3">{V}</c></row>'),
        (f'<row r="005"><c r="B0009">{V}</c></row>', f'<row r="9"><c r="B9">{V}</c></row>'),
        (f'<row r="7" hidden="true"/><row><c/><c>{V}</c></row>', f'<row r="7" hidden="1"></row><row r="8"><c r="B8">{V}</c></row>'),
        (f'<row r="2"><c>{V}</c></row><row r="1"><c>{V}</c></row>', f'<row r="1"><c r="A1">{V}</c></row><row r="2"><c r="A2">{V}</c></row>'),
        ('<row><c><f t="shared" si="0"/></c><c><f>A1&lt;&amp;</f><x/></c></row>', '<row r="1"><c r="A1"><f/></c><c r="B1"><f>A1&lt;&amp;</f></c></row>'),
        (f"<row><c><f>{'A1+' * 4000}</f></c></row>", '<row r="1"><c r="A1"><f/></c></row>'),
        ('<row><c t="e"><v>#REF!</v></c><c t="d"><v>2026-01-01</v></c></row>', '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="d"><v>2026-01-01</v></c></row>'),
        ("<row><c><v>a<x>b</x>c</v></c></row>", '<row r="1"><c r="A1" t="str"><v>ac</v></c></row>'),
    ],
)  # fmt: skip
def test_every_row_and_cell_of_a_sheet_has_an_address(row: str, plain: str) -> None:
    other = "<q:row xmlns:q='urn:q' r='3'><q:c><q:v>7</q:v></q:c></q:row>"
    sheet = f"<z:worksheet xmlns:z='{MAIN}'><sheetData xmlns='{MAIN}'>{row}{other}</sheetData><z:a/></z:worksheet>"
    written = rewritten_sheet(sheet.encode()).xml.decode()
    assert written.partition("<sheetData>")[2] == f"{plain}</sheetData><a></a></worksheet>"


@pytest.mark.parametrize("address", ["", "A", "A0", "$A$1", "A1:B2", "A-1", "Å1", "A1 ", "ABCDEFGHIJ1", "A9999999999"])
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    with pytest.raises(DamagedPackage, match="address"):
        rewritten_sheet(f'<worksheet><sheetData><row><c r="{address}"/></row></sheetData></worksheet>'.encode())


def test_cells_of_which_there_are_several_versions_are_damaged() -> None:
    with pytest.raises(DamagedPackage, match="several versions"):
        rewritten_sheet(b"<worksheet><sheetData><AlternateContent/></sheetData></worksheet>")


def test_a_sheet_says_how_far_its_cells_reach() -> None:
    cells = f'<row r="3"><c r="D3">{V}</c><c r="Z3"/></row><row r="900"/>'
    assert rewritten_sheet(f"<a><sheetData>{cells}</sheetData></a>".encode())[1:] == (3, 4)
    assert rewritten_sheet(b"<a><b/></a>")[1:] == (0, 0)


def test_a_sheet_without_cells_has_their_element_all_the_same() -> None:
    assert rewritten_sheet(b"<chartsheet><b/></chartsheet>").xml.endswith(
        b"<b></b><sheetData></sheetData></chartsheet>"
    )


def test_elements_in_each_other_cost_no_more_than_their_number() -> None:
    deep = 200_000
    for around in ("<row><c>%s</c></row>", "<row><c><is>%s</is></c></row>", "%s"):
        cells = around % ("<a>" * deep + "</a>" * deep)
        assert b"<a>" not in rewritten_sheet(f"<w><sheetData>{cells}</sheetData></w>".encode()).xml
