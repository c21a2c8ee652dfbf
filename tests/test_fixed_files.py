"""Fixed files as other programs see them: nothing else in the package is touched, and LibreOffice computes the same."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import openpyxl.chart
import openpyxl.comments
import pytest
from faults import COMPLETE, FAULTS, Fault, base, book, faulty, findings, fixed, values_of
from openpyxl.workbook.defined_name import DefinedName

from behov_xl.fixes import Fixed
from conftest import EXAMPLES, Office, changed_parts

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
XLSX = "xlsx:Calc MS Excel 2007 XML"


def test_everything_else_in_the_package_stays_byte_for_byte() -> None:
    opened = openpyxl.load_workbook(io.BytesIO(COMPLETE))
    own = opened.create_sheet("Mitt ark")
    own["A1"] = "=SUM(Tiltak[Sum eier])"
    own["A1"].comment = openpyxl.comments.Comment("Husk møtet", "Kari")
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(own, min_col=1, min_row=1))
    own.add_chart(chart, "C3")
    opened.defined_names["Eierne"] = DefinedName("Eierne", attr_text="Tiltak!$E$5:$E$7")
    saved = io.BytesIO()
    opened.save(saved)
    with zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("xl/media/bilde.png", b"\x89PNG")
    for whole in (saved.getvalue(), base(native_checkboxes=True)):
        data = faulty([one for one in FAULTS if one.place in {"Tiltak!E5", "Tiltak!G6", "Budsjett!A5"}], whole)
        done = fixed(data)
        assert findings(done.report) == []
        changed = changed_parts(data, done.data)
        sheets = {f"xl/worksheets/sheet{book(data).grid.sheet_names.index(one) + 1}.xml" for one in _touched(done)}
        own_sum = "xl/worksheets/sheet14.xml"
        assert sheets <= changed <= {*sheets, "xl/workbook.xml", own_sum}


def _touched(done: Fixed) -> set[str]:
    return {change.place[0] for change in done.changes}


# --------------------------------------------------------------------------------- in other programs


@pytest.mark.parametrize("unsafe", [False, True])
def test_libreoffice_computes_what_was_stored(unsafe: bool, office: Office, tmp_path: Path) -> None:
    faults = [one for one in FAULTS if not one.unsafe]
    whole = [one for index, one in enumerate(faults) if one.place not in {other.place for other in faults[:index]}]
    for name, data in (
        ("feil", (EXAMPLES / "feil_2026.xlsx").read_bytes()),
        ("alle", faulty(whole)),
    ):
        done = fixed(data, unsafe=unsafe)
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(done.data)
        opened = office.convert(path, XLSX, tmp_path / "lo").read_bytes()
        assert values_of(opened) == values_of(done.data)
        assert findings(book(opened).report) == findings(done.report)


@pytest.mark.parametrize("program", ["libreoffice", "openpyxl"])
def test_workbooks_that_other_programs_saved_are_fixed(program: str, office: Office, tmp_path: Path) -> None:
    path = tmp_path / "bok.xlsx"
    path.write_bytes(
        faulty(
            [
                Fault("Tiltak!E5", "120 000"),
                Fault("Tiltak!G6", 1),
                Fault("Avkryssing!B5", "x"),
                Fault("Tiltak!F4", "Sum høgskole", heading=("Tiltak", 5)),
            ]
        )
    )
    if program == "libreoffice":
        data = office.convert(path, XLSX, tmp_path / "lo").read_bytes()
    else:
        openpyxl.load_workbook(path).save(path)
        data = path.read_bytes()
    done = fixed(data)
    assert findings(done.report) == []
    path.write_bytes(done.data)
    opened = office.convert(path, XLSX, tmp_path / "etter").read_bytes()
    assert findings(book(opened).report) == []
