"""Numbers that are shown as dates are the dates that python-calamine says they are."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
import python_calamine

from behov_xl.workbook import sheets
from behov_xl.workbook.dates import date_formats, shown_date
from behov_xl.workbook.limits import DEFAULT
from behov_xl.workbook.package import Package
from behov_xl.workbook.shells import checked_shell
from conftest import EXAMPLES

CODES = ["[h]:mm", "hh:mm", "d. mmmm yyyy", '#,##0 "kr, med dato"', "[Red]0.00", "General", "0\\d", "[mm]:ss", "[$-414]d.m.yy;@", "[ss].0", "0.00E+00", "_-* #,##0.00_-", '0"h"', "@", "[>100]0"]  # fmt: skip
BUILT_IN = [0, 9, *range(14, 23), 27, 36, 45, 46, 47, 48, 49, 50]
NUMBERS = ["0", "0.5", "0.25001", "1", "1.5", "59", "59.75", "60", "61", "46113", "46113.5", "46113.999999", "2958465", "2958466"]  # fmt: skip
SHEET = "xl/worksheets/sheet1.xml"


def styles() -> bytes:
    own = "".join(
        f'<numFmt formatCode="{code.replace(chr(34), "&quot;")}" numFmtId="{170 + number}"/>'
        for number, code in enumerate(CODES)
    )
    ids = [*BUILT_IN, *range(170, 170 + len(CODES))]
    cells = "".join(f'<xf numFmtId="{id_}"/>' for id_ in ids)
    return f"<styleSheet><numFmts>{own}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>".encode()


def book(*, since_1904: bool) -> bytes:
    """All numbers in all formats."""
    rows = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{chr(65 + column)}{row}" s="{row - 1}"><v>{n}</v></c>' for column, n in enumerate(NUMBERS))
        + "</row>"
        for row in range(1, len(BUILT_IN) + len(CODES) + 1)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(EXAMPLES / "bodo_2026.xlsx") as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            xml = source.read(name)
            if name == SHEET:
                start, end = xml.index(b"<sheetData>") + len(b"<sheetData>"), xml.index(b"</sheetData>")
                xml = xml[:start] + rows.encode() + xml[end:]
            elif name == "xl/styles.xml":
                xml = styles()
            elif name == "xl/workbook.xml" and since_1904:
                xml = xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
                assert b"date1904" in xml
            target.writestr(name, xml)
    return out.getvalue()


@pytest.mark.parametrize("since_1904", [False, True])
def test_numbers_of_every_format_are_what_python_calamine_reads(*, since_1904: bool) -> None:
    data = book(since_1904=since_1904)
    with python_calamine.load_workbook(io.BytesIO(data)) as other:
        expected = other.get_sheet_by_index(0).to_python(skip_empty_area=False)
    package = Package.open(data)
    read = sheets.read_sheets(package, checked_shell(package, DEFAULT), ["Veiledning"], DEFAULT)["Veiledning"].rows
    assert read == expected
    assert [list(map(type, row)) for row in read] == [list(map(type, row)) for row in expected]
    assert {type(value) for row in read for value in row} == {float, date, datetime, time, timedelta}


@pytest.mark.parametrize("number", [-1.0, -0.5, 1e10, 1e300, float("inf")])
def test_a_number_that_is_no_date_stays_a_number(number: float) -> None:
    formats = date_formats(b'<s><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></s>')
    assert formats is not None
    assert shown_date(number, b"1", formats) == number
    assert number < 0 or shown_date(number, b"2", formats) == number


def test_workbooks_with_the_same_formats_of_dates_share_them() -> None:
    one, other = (date_formats(b'<s><cellXfs><xf numFmtId="14"%b/></cellXfs></s>' % more) for more in (b"", b' a="1"'))
    assert one is other
    assert one is not date_formats(b'<s><cellXfs><xf numFmtId="14"/></cellXfs></s>', "1904")


@pytest.mark.parametrize("xml", [b"", b"<s/>", b"no xml", b'<s><cellXfs><xf numFmtId="0"/></cellXfs></s>'])
def test_styles_without_dates_show_none(xml: bytes) -> None:
    assert date_formats(xml) is None
