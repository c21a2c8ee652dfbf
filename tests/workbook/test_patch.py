"""Edits are lossless: what was not edited stays, byte for byte, and every reader reads the result."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.workbook.archive import replace_parts
from behov_xl.workbook.grid import position
from behov_xl.workbook.package import DamagedPackage
from behov_xl.workbook.patch import Link, Patch
from behov_xl.workbook.sheet_edit import CellEdit, edit_cells, number_text
from behov_xl.workbook.sheet_xml import CannotEdit, Reason, SheetXml, area_of
from behov_xl.workbook.table_xml import rename_in_formula
from conftest import EXAMPLES, Office, changed_parts, parts_of

XLSX = "xlsx:Calc MS Excel 2007 XML"
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl's, of checkboxes
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def rich_workbook() -> bytes:
    """A workbook with all that a library which saves anew is known to lose."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        columns = [
            {"header": "Navn"},
            {"header": "Beløp"},
            {"header": "Dobbelt", "formula": "=T[[#This Row],[Beløp]]*2"},
            {"header": "Kryss"},
        ]
        sheet.add_table("A1:D4", {"name": "T", "columns": columns})
        bold = book.add_format({"bold": True, "num_format": "#,##0"})
        for row in range(1, 4):
            sheet.write_string(row, 0, f"Rad {row}")
            sheet.write_number(row, 1, 100 * row, bold)
            sheet.write_formula(row, 2, "=T[[#This Row],[Beløp]]*2", None, 200 * row)
            sheet.insert_checkbox(row, 3, row == 2)
        sheet.write_comment("B2", "Se avtalen")
        sheet.conditional_format("B2:B4", {"type": "formula", "criteria": "=$B2>SUM($A$1)", "format": bold})
        sheet.conditional_format("B2:B4", {"type": "data_bar", "data_bar_2010": True})
        sheet.data_validation("B2:B4", {"validate": "decimal", "criteria": ">", "value": 0})
        sheet.insert_image("F10", "pixel.png", {"image_data": io.BytesIO(PIXEL)})
        sheet.insert_textbox("F20", "Figur")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Data!$B$2:$B$4"})
        sheet.insert_chart("F2", chart)
        sheet.merge_range("A8:C8", "Slått sammen")
        sheet.write_formula("A9", "=SUM(T[Beløp])", None, 600)
        sheet.write_array_formula("A10:A12", "{=B2:B4*3}", None, 300)
        own = book.add_worksheet("Mitt ark")
        own.write_formula("A1", '=SUM(T[Beløp])&" Beløp T[Beløp]"', None, "600 Beløp T[Beløp]")
        own.write_url("A2", "internal:'Data'!A1", string="dit")
        book.define_name("Summen", "=SUM(T[Beløp])")
    return target.getvalue()


RICH = rich_workbook()


def value(data: bytes, sheet: str, cell: str) -> object:
    row, column = position(cell)
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def edit(data: bytes, sheet: str, cell: str, new: object = None, **more: object) -> bytes:
    patch = Patch(data)
    assert patch.cells(sheet, [CellEdit(*position(cell), new, **more)]) == []
    return patch.result()


def sheet(rows: str, *, prefix: str = "", before: str = '<dimension ref="A1:B2"/>', after: str = "") -> SheetXml:
    colon = f":{prefix[:-1]}" if prefix else ""
    xml = f'<{prefix}worksheet xmlns{colon}="{MAIN}">{before}<{prefix}sheetData>{rows}</{prefix}sheetData>{after}</{prefix}worksheet>'
    return SheetXml(xml.encode())


def edited(rows: str, *edits: CellEdit, **options: str) -> str:
    made = sheet(rows, **options)
    refused, _ = edit_cells(made, edits)
    assert refused == []
    return made.text[slice(*made.data)]


# ------------------------------------------------------------------------------------------- packages


@pytest.mark.parametrize(
    ("new", "shown"),
    [("tekst & <tegn> _x0041_ \a", "tekst & <tegn> _x0041_ \a"), (12.5, 12.5), (7, 7.0), (True, True), (None, "")],
)
def test_one_cell_changes_one_sheet_and_what_excel_must_calculate(new: object, shown: object) -> None:
    after = edit(RICH, "Data", "B3", new)
    assert changed_parts(RICH, after) == {"xl/worksheets/sheet1.xml"}  # XlsxWriter has Excel calculate on load already
    assert value(after, "Data", "B3") == shown
    read = openpyxl.load_workbook(io.BytesIO(after))["Data"]["B3"]
    assert read.font.bold
    assert read.value == (new if not isinstance(new, str) else read.value)


def test_what_saving_anew_would_lose_is_all_there() -> None:
    parts = parts_of(edit(RICH, "Data", "B3", 5))
    for name in (
        "featurePropertyBag",
        "charts/chart1",
        "media/image1",
        "comments1",
        "drawings/drawing1",
        "vmlDrawing1",
    ):
        assert any(name in part for part in parts), name


def test_an_edit_that_changes_nothing_gives_the_very_bytes() -> None:
    patch = Patch(RICH)
    assert patch.cells("Data", [CellEdit(1, 1, 100)]) == []
    assert patch.cells("Data", [CellEdit(30, 1, None)]) == []
    assert patch.result() == RICH


def test_a_formula_is_written_kept_and_given_up() -> None:
    made = edit(RICH, "Data", "B3", 4, formula="=SUM(T[Beløp])*2")
    assert value(made, "Data", "B3") == 4
    assert openpyxl.load_workbook(io.BytesIO(made))["Data"]["B3"].value == "=SUM(T[Beløp])*2"
    kept = edit(RICH, "Data", "C3", 999, keep_formula=True)
    assert value(kept, "Data", "C3") == 999
    assert openpyxl.load_workbook(io.BytesIO(kept))["Data"]["C3"].value == "=T[[#This Row],[Beløp]]*2"
    patch = Patch(RICH)
    assert [reason for _, reason in patch.cells("Data", [CellEdit(1, 1, 3, keep_formula=True)])] == [Reason.NO_FORMULA]


def test_cells_that_belong_together_with_others_are_refused() -> None:
    patch = Patch(RICH)
    edits = [CellEdit(7, 1, "x"), CellEdit(10, 0, 1), CellEdit(7, 0, "ja")]
    assert [(edit.cell, reason) for edit, reason in patch.cells("Data", edits)] == [
        ("B8", Reason.MERGED), ("A11", Reason.ARRAY),
    ]  # fmt: skip
    assert value(patch.result(), "Data", "A8") == "ja"


def test_a_package_that_must_not_be_edited_is_refused(tmp_path: Path) -> None:
    def with_part(name: str) -> bytes:
        target = io.BytesIO(RICH)
        with zipfile.ZipFile(target, "a") as archive:
            archive.writestr(name, b"x")
        return target.getvalue()

    for data, reason in (
        (with_part("_xmlsignatures/sig1.xml"), Reason.SIGNED),
        (with_part("xl/vbaProject.bin"), Reason.MACROS),
        (RICH[:-30], Reason.DAMAGED),
        (b"", Reason.DAMAGED),
    ):
        with pytest.raises(CannotEdit) as refused:
            Patch(data)
        assert refused.value.reason is reason
    with pytest.raises(CannotEdit) as refused:
        Patch(RICH).cells("Finnes ikke", [CellEdit(0, 0, 1)])
    assert refused.value.reason is Reason.NO_SHEET


def test_the_archive_keeps_what_other_programs_put_in_it() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.comment = b"hei"
        for index, name in enumerate(("a.xml", "b.xml", "c.bin")):
            info = zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 2 * index))
            info.compress_type = zipfile.ZIP_STORED if name == "c.bin" else zipfile.ZIP_DEFLATED
            info.external_attr, info.comment = 0o600 << 16, b"k"
            archive.writestr(info, name * 50)
    data = target.getvalue()
    after = replace_parts(data, {"b.xml": b"ny", "c.bin": b"\0" * 7})
    assert changed_parts(data, after) == {"b.xml", "c.bin"}
    assert zipfile.ZipFile(io.BytesIO(after)).comment == b"hei"
    assert replace_parts(data, {}) == data
    assert list(parts_of(replace_parts(data, {"a.xml": None}))) == ["b.xml", "c.bin"]
    for broken in (data[:-10], data[40:], b"PK"):
        with pytest.raises(DamagedPackage):
            replace_parts(broken, {"b.xml": b"ny"})


def test_a_part_that_was_streamed_gets_its_sizes_where_they_belong() -> None:
    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            self.data += bytes(data)
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", "a" * 99)
        archive.writestr("b.xml", "b" * 99)
    after = replace_parts(stream.data, {"a.xml": b"ny"})
    assert parts_of(after) == {"a.xml": b"ny", "b.xml": b"b" * 99}


# --------------------------------------------------------------------------------------------- sheets


def test_new_cells_and_rows_stand_in_order() -> None:
    rows = '<row r="2" spans="2:3"><c r="B2" s="4"><v>1</v></c></row><row r="5"/>'
    edits = [
        CellEdit(1, 0, "a"),
        CellEdit(1, 3, 2),
        CellEdit(0, 1, 1),
        CellEdit(3, 0, True),
        CellEdit(4, 2, 3),
        CellEdit(8, 1, 4),
    ]
    made = sheet(rows)
    assert edit_cells(made, edits) == ([], set())
    assert re.findall(r'<c r="(\w+)"', made.text) == ["B1", "A2", "B2", "D2", "A4", "C5", "B9"]
    assert re.findall(r'<row r="(\d)"', made.text) == ["1", "2", "4", "5", "9"]
    assert 'spans="1:4"' in made.text
    assert '<dimension ref="A1:D9"/>' in made.text


def test_a_new_cell_has_the_style_of_its_row_or_column() -> None:
    before = '<dimension ref="A1"/><cols><col min="2" max="3" style="7"/></cols>'
    rows = '<row r="1" s="5" customFormat="1"/><row r="2"/>'
    text = edited(rows, CellEdit(0, 1, 1), CellEdit(1, 1, 1), CellEdit(1, 4, 1), before=before)
    assert re.findall(r'<c r="(\w+)"(?: s="(\d)")?', text) == [("B1", "5"), ("B2", "7"), ("E2", "")]


def test_spans_that_are_no_numbers_stay_as_they_are() -> None:
    text = edited('<row r="1" spans="1:²"><c r="A1"/></row>', CellEdit(0, 1, 1))
    assert 'spans="1:²"' in text


@pytest.mark.parametrize(
    "columns", ['min="2" max="e" style="7"', 'max="3" style="7"', "min='2' max='3' style='&quot;'"]
)
def test_a_style_that_is_no_number_is_no_style(columns: str) -> None:
    before = f'<dimension ref="A1"/><cols><col {columns}/></cols>'
    text = edited('<row r="1" s="x" customFormat="1"/>', CellEdit(0, 1, 1), before=before)
    assert re.findall(r'<c r="B1"(.*?)>', text) == [""]


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_other_spellings_are_kept(prefix: str) -> None:
    rows = f"""<{prefix}row  r = '1' ht='15' >\n <{prefix}c s='3'\tr='A1' t="s" ><{prefix}v>0</{prefix}v></{prefix}c >\n</{prefix}row >"""
    text = edited(rows, CellEdit(0, 0, 5), CellEdit(0, 1, "ø"), prefix=prefix)
    assert text == (
        f"""<{prefix}row  r = '1' ht='15' >\n <{prefix}c s='3'\tr='A1'><{prefix}v>5</{prefix}v></{prefix}c>\n"""
        f"""<{prefix}c r="B1" t="inlineStr"><{prefix}is><{prefix}t>ø</{prefix}t></{prefix}is></{prefix}c></{prefix}row >"""
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('<row r="1"><c><v>1</v></c></row>', Reason.NO_ADDRESS),
        ("<row><c r='A1'/></row>", Reason.NO_ADDRESS),
        ("<row r='²'><c r='A1'/></row>", Reason.NO_ADDRESS),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', Reason.UNUSUAL),
        ('<row r="2"/><row r="1"/>', Reason.UNUSUAL),
        ('<row r="1"><!-- <c r="A1"/> --></row>', Reason.UNUSUAL),
        ('<row r="1"><c r="A1"><v><![CDATA[1]]></v></c></row>', Reason.UNUSUAL),
        ('<row r="1"><c r="A1">', Reason.UNUSUAL),
    ],
)
def test_what_is_not_known_for_certain_is_refused(rows: str, reason: Reason) -> None:
    with pytest.raises(CannotEdit) as refused:
        edit_cells(sheet(rows), [CellEdit(0, 0, 1)])
    assert refused.value.reason is reason


def test_an_empty_sheet_gets_its_first_cell() -> None:
    made = SheetXml(f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData/></worksheet>'.encode())
    assert edit_cells(made, [CellEdit(2, 1, 1)]) == ([], set())
    assert '<sheetData><row r="3"><c r="B3"><v>1</v></c></row></sheetData>' in made.text


SHARED = (
    '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*2</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c></row><row r="3"><c r="A3"><f t="shared" si="0"/><v>6</v></c></row>'
)


def test_a_formula_that_others_share_is_not_broken() -> None:
    made = sheet(SHARED)
    ((refused, reason),) = edit_cells(
        made, [CellEdit(0, 0, 1), CellEdit(1, 0, 8), CellEdit(2, 0, 9, keep_formula=True)]
    )[0]
    assert (refused.cell, reason) == ("A1", Reason.SHARED)
    assert '<c r="A2"><v>8</v></c>' in made.text
    assert '<f t="shared" si="0"/><v>9</v>' in made.text
    assert edit_cells(made, [CellEdit(2, 0, 1)])[0] == []
    assert edit_cells(made, [CellEdit(0, 0, 1)]) == ([], {"A1"})  # now nobody shares it
    together = sheet(SHARED)
    assert edit_cells(together, [CellEdit(row, 0, row) for row in range(3)]) == ([], {"A1", "A2", "A3"})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    after = edit(RICH, "Data", "A2", text)
    if "\r" not in text:  # openpyxl gives \r as _x000D_
        assert (
            openpyxl.utils.escape.unescape(openpyxl.load_workbook(io.BytesIO(after))["Data"]["A2"].value or "") == text
        )


@pytest.mark.parametrize(
    ("number", "text"), [(1.0, "1"), (0.1, "0.1"), (-0.0, "0"), (1e21, "1e+21"), (201500, "201500")]
)
def test_numbers_are_stored_as_excel_stores_them(number: float, text: str) -> None:
    assert number_text(number) == text


def test_what_is_no_number_is_never_stored() -> None:
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not a number"):
            number_text(number)


# ------------------------------------------------------------------------------- calculation and chain


def with_chain(chain: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(RICH)) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in archive.infolist():
            data = archive.read(info).decode("latin-1")
            if info.filename == "[Content_Types].xml":
                data = data.replace(
                    "</Types>",
                    '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>',
                )
            if info.filename == "xl/_rels/workbook.xml.rels":
                data = data.replace(
                    "</Relationships>",
                    '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain" Target="calcChain.xml"/></Relationships>',
                )
            if info.filename == "xl/workbook.xml":
                data = re.sub("<calcPr[^>]*>", "", data)
            new.writestr(info, data.encode("latin-1"))
        new.writestr("xl/calcChain.xml", f'<?xml version="1.0"?><calcChain xmlns="{MAIN}">{chain}</calcChain>')
    return target.getvalue()


def test_a_cell_that_is_no_formula_any_more_leaves_the_chain() -> None:
    data = with_chain('<c r="C2" i="1" l="1"/><c r="C3"/><c r="C4" s="1"/><c r="A1" i="2"/>')
    after = edit(data, "Data", "C2", 5)
    assert changed_parts(data, after) == {"xl/worksheets/sheet1.xml", "xl/calcChain.xml", "xl/workbook.xml"}
    parts = parts_of(after)
    assert b'<c r="C3" i="1"/><c r="C4" s="1"/><c r="A1" i="2"/>' in parts["xl/calcChain.xml"]
    assert b'</definedNames><calcPr fullCalcOnLoad="1"/>' in parts["xl/workbook.xml"]
    kept = edit(data, "Data", "C2", 5, keep_formula=True)
    assert "xl/calcChain.xml" not in changed_parts(data, kept)


def test_an_empty_chain_is_taken_out_whole() -> None:
    parts = parts_of(edit(with_chain('<c r="C2" i="1"/>'), "Data", "C2", 5))
    assert "xl/calcChain.xml" not in parts
    assert b"calcChain" not in parts["[Content_Types].xml"] + parts["xl/_rels/workbook.xml.rels"]


# --------------------------------------------------------------------------------------------- tables


@pytest.mark.parametrize(
    ("formula", "renamed"),
    [
        ("SUM(T[Gml])", "SUM(T[Ny])"),
        ("T[[#This Row],[Gml]]*T[[#This Row],[Annet]]", "T[[#This Row],[Ny]]*T[[#This Row],[Annet]]"),
        ("T[@Gml]+t[@[gml]]", "T[@Ny]+t[@[Ny]]"),
        ("SUM(T[[Gml]:[Annet]])", "SUM(T[[Ny]:[Annet]])"),
        ("T[[#All],[Gml]]&Budsjett.T[Gml]", "T[[#All],[Ny]]&Budsjett.T[Gml]"),
        ('"T[Gml]"&XT[Gml]&T2[Gml]&T[Gml 2]', '"T[Gml]"&XT[Gml]&T2[Gml]&T[Gml 2]'),
        ("T[[#Totals],[Gml]]", "T[[#Totals],[Ny]]"),
    ],
)
def test_a_heading_is_renamed_in_every_form_a_formula_may_have(formula: str, renamed: str) -> None:
    assert rename_in_formula(formula, "T", "Gml", "Ny") == renamed


def test_special_characters_in_headings_are_marked() -> None:
    assert rename_in_formula("T[Del '#1 '[kr']]+T[x]", "T", "Del #1 [kr]", "A'b") == "T[A''b]+T[x]"


def test_a_renamed_heading_is_renamed_wherever_it_is_named() -> None:
    patch = Patch(RICH)
    patch.rename_heading("T", 1, "Kroner & øre")
    after = patch.result()
    assert changed_parts(RICH, after) == {
        "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/tables/table1.xml", "xl/workbook.xml",
    }  # fmt: skip
    assert value(after, "Data", "B1") == "Kroner & øre"
    book = openpyxl.load_workbook(io.BytesIO(after))
    assert book["Data"]["C2"].value == "=T[[#This Row],[Kroner & øre]]*2"
    assert book["Mitt ark"]["A1"].value == '=SUM(T[Kroner & øre])&" Beløp T[Beløp]"'
    assert book.defined_names["Summen"].value == "SUM(T[Kroner & øre])"
    table = book["Data"].tables["T"]
    assert [column.name for column in table.tableColumns] == ["Navn", "Kroner & øre", "Dobbelt", "Kryss"]
    assert table.tableColumns[2].calculatedColumnFormula.attr_text == "T[[#This Row],[Kroner & øre]]*2"
    back = Patch(after)
    back.rename_heading("T", 1, "Beløp")
    assert value(back.result(), "Data", "B1") == "Beløp"
    assert parts_of(back.result())["xl/tables/table1.xml"] == parts_of(RICH)["xl/tables/table1.xml"]


def test_a_heading_that_is_taken_is_refused() -> None:
    with pytest.raises(CannotEdit) as refused:
        Patch(RICH).rename_heading("T", 1, "navn")
    assert refused.value.reason is Reason.HEADING_TAKEN
    with pytest.raises(CannotEdit) as refused:
        Patch(RICH).rename_heading("Finnes", 1, "navn")
    assert refused.value.reason is Reason.NO_TABLE


FUNN = EXAMPLES / "bodo_2026.xlsx"


def finding(number: int) -> dict[str, object]:
    return {
        "Alvorlighet": "Feil",
        "Kode": "BX301",
        "Celle": Link(f"G{number}", f"'Tiltak'!G{number}"),
        "Melding": f"Nr {number}",
    }


def test_rows_of_a_table_are_replaced_and_the_table_grows() -> None:
    patch = Patch(FUNN.read_bytes())
    patch.write_rows("Funn", [finding(number) for number in range(1, 31)])
    many = patch.result()
    assert changed_parts(FUNN.read_bytes(), many) == {"xl/worksheets/sheet13.xml", "xl/tables/table13.xml"}
    book = openpyxl.load_workbook(io.BytesIO(many))["Validering"]
    assert book.tables["Funn"].ref == "A4:J34"
    assert book.tables["Funn"].autoFilter.ref == "A4:J34"
    assert [book[f"F{row}"].value for row in (5, 34)] == ["Nr 1", "Nr 30"]
    assert book["D34"].hyperlink.location == "'Tiltak'!G30"
    assert book["F34"].style_id == book["F14"].style_id != 0
    again = Patch(many)
    again.write_rows("Funn", [finding(7)])
    few = openpyxl.load_workbook(io.BytesIO(again.result()))["Validering"]
    assert few.tables["Funn"].ref == "A4:J34"
    assert [few[f"F{row}"].value for row in (5, 6, 34)] == ["Nr 7", None, None]
    assert [few[f"D{row}"].hyperlink is None for row in (5, 6, 34)] == [False, True, True]
    none = Patch(again.result())
    none.write_rows("Funn", [])
    assert openpyxl.load_workbook(io.BytesIO(none.result()))["Validering"]["F5"].value is None


def test_a_table_grows_only_into_free_rows() -> None:
    patch = Patch(FUNN.read_bytes())
    patch.cells("Validering", [CellEdit(25, 2, "mitt notat")])
    patch.write_rows("Funn", [finding(number) for number in range(20)])
    with pytest.raises(CannotEdit) as refused:
        patch.write_rows("Funn", [finding(number) for number in range(22)])
    assert refused.value.reason is Reason.NO_ROOM
    with pytest.raises(CannotEdit):
        patch.write_rows("Tiltak", [{"Nr": number} for number in range(20)])  # its total row is below
    with pytest.raises(KeyError):
        patch.write_rows("Funn", [{"Finnes ikke": 1}])


def test_columns_that_are_not_named_are_moved_and_never_lost() -> None:
    patch = Patch(FUNN.read_bytes())
    patch.write_rows("Funn", [finding(number) for number in range(4)])
    patch = Patch(patch.result())
    beside = {4: "en", 5: 46_000, 7: True}
    patch.cells("Validering", [CellEdit(row, 6, value, like=(3, 6)) for row, value in beside.items()])
    patch.write_rows("Funn", [finding(1)], ["Alvorlighet", "Kode", "Celle", "Melding"])
    assert [value(patch.result(), "Validering", f"G{row}") for row in (5, 6, 8)] == ["en", 46_000, True]
    rows = [finding(number) for number in range(1, 16)]
    patch.write_rows("Funn", rows, ["Alvorlighet", "Kode", "Celle", "Melding"], {18: 4, 4: 7, 5: 6})
    after = patch.result()
    assert [value(after, "Validering", f"G{row}") for row in (19, 5, 6, 7, 8)] == ["en", True, "", 46_000, ""]
    book = openpyxl.load_workbook(io.BytesIO(after))["Validering"]
    assert book["G19"].style_id == book["G4"].style_id
    with pytest.raises(KeyError):
        patch.write_rows("Funn", rows, ["Kode"])


def test_formulas_of_other_columns_stay_where_they_are() -> None:
    patch = Patch(RICH)
    patch.write_rows("T", [{"Navn": "ny"}], ["Navn"], {1: 3})
    assert [value(patch.result(), "Data", cell) for cell in ("A2", "A3", "B2", "B4", "C2")] == ["ny", "", 300, 100, 200]


@pytest.mark.parametrize("reference", ["A:A", "4:5", "Navn", "", "A1:B"])
def test_a_reference_to_no_cells_is_said_to_be_unusual(reference: str) -> None:
    with pytest.raises(CannotEdit) as refused:
        area_of(reference)
    assert refused.value.reason is Reason.UNUSUAL


# ------------------------------------------------------------------------------------- other programs


@pytest.fixture(scope="module")
def saved_by(tmp_path_factory: pytest.TempPathFactory, office: Office) -> Callable[[str], bytes]:
    folder = tmp_path_factory.mktemp("lagret")

    def make(program: str) -> bytes:
        path = folder / "rik.xlsx"
        path.write_bytes(RICH)
        if program == "libreoffice":
            return office.convert(path, XLSX, folder / "lo").read_bytes()
        book = openpyxl.load_workbook(path)
        book.save(folder / "openpyxl.xlsx")
        return (folder / "openpyxl.xlsx").read_bytes()

    return make


@pytest.mark.parametrize("program", ["libreoffice", "openpyxl"])
def test_what_other_programs_saved_is_edited_alike(
    program: str, saved_by: Callable[[str], bytes], office: Office, tmp_path: Path
) -> None:
    before = saved_by(program)
    patch = Patch(before)
    edits = [
        CellEdit(1, 1, 1000),
        CellEdit(1, 2, 2000, keep_formula=True),
        CellEdit(2, 0, "ny tekst"),
        CellEdit(19, 9, "ute"),
    ]
    assert patch.cells("Data", edits) == []
    after = patch.result()
    assert changed_parts(before, after) <= {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    assert [value(after, "Data", cell) for cell in ("B2", "C2", "A3", "J20")] == [1000, 2000, "ny tekst", "ute"]
    path = tmp_path / "etter.xlsx"
    path.write_bytes(after)
    opened = office.convert(path, XLSX, tmp_path / "lo").read_bytes()
    assert [value(opened, "Data", cell) for cell in ("B2", "C2", "A3", "J20", "A9")] == [
        1000,
        2000,
        "ny tekst",
        "ute",
        1500,
    ]
