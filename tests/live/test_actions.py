"""The buttons, pressed in a real spreadsheet program on a real open document."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest
import xlwings
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from behov_xl.addin import actions, corrections, documents
from behov_xl.addin.session import quiet
from behov_xl.findings import WorkbookReport
from behov_xl.form import Form, current
from behov_xl.validate import validate_grids
from behov_xl.workbook import styles
from behov_xl.workbook.files import grid_from_bytes
from behov_xl.workbook.live import live_grid
from conftest import EXAMPLES, TEMPLATES, Office, report_of, short
from generated.drafts import grid_of
from generated.faults import FAULTS, Fault
from generated.test_faults import NIGHTLY, faulted

BODO, FEIL, KOMPLETT = (EXAMPLES / f"{name}_2026.xlsx" for name in ("bodo", "feil", "komplett"))
TEMPLATE = TEMPLATES / "behovsmelding_2026.xlsx"
Opener = Callable[..., xlwings.Book]


def table(book: xlwings.Book, name: str) -> Any:
    return next(one for sheet in book.sheets for one in sheet.tables if one.name == name)


def rows(book: xlwings.Book, name: str = "Funn") -> list[list[Any]]:
    """The rows of a table that hold something."""
    cells = table(book, name).data_body_range.options(ndim=2).value
    return [row for row in cells if any(cell is not None for cell in row)]


def told(app: xlwings.App) -> str:
    return str(app.impl.alerts[-1].prompt)


def shorts(report: WorkbookReport) -> list[str]:
    return sorted(short(finding) for finding in report.findings)


def package(book: xlwings.Book, folder: Path) -> dict[str, bytes]:
    """The parts of the book as LibreOffice saves it, without what differs from one saving to the next."""
    path = folder / "pakke.xlsx"
    book.impl.save_copy(str(path))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.startswith("docProps/")}
    # It numbers charts on from those that it saved before, and their axes as it likes.
    numbers = sorted({int(number) for name in parts for number in re.findall(r"/chart(\d+)\.xml", name)})

    def steady(text: bytes) -> bytes:
        text = re.sub(rb"/chart(\d+)\.xml", lambda m: b"/chart#%d.xml" % numbers.index(int(m[1])), text)
        return re.sub(rb'<c:(axId|crossAx) val="\d+"/>', b"", text)

    parts = {steady(name.encode()).decode(): steady(data) for name, data in parts.items()}
    formats = _formats(parts.pop("xl/styles.xml"))
    strings = re.findall(rb"<si>(.*?)</si>", parts.pop("xl/sharedStrings.xml"), re.S)
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        parts[name] = _plain(parts[name], formats, strings)
    return parts


def _formats(styles_xml: bytes) -> list[bytes]:
    """What the numbers of formats in cells mean: the same formats may be numbered otherwise."""
    codes = dict(re.findall(rb'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles_xml))
    listed = re.search(rb"<cellXfs[^>]*>(.*)</cellXfs>", styles_xml, re.S)
    assert listed
    found = re.findall(rb"<xf .*?(?:/>|</xf>)", listed[1], re.S)
    return [re.sub(rb'numFmtId="(\d+)"', lambda m: codes.get(m[1], m[1]), one) for one in found]


def _plain(sheet: bytes, formats: list[bytes], strings: list[bytes]) -> bytes:
    """A sheet with its formats and texts in full, and without cells and rows in which nothing stands."""
    sheet = re.sub(rb"<dimension [^>]*/>", b"", sheet)
    sheet = re.sub(rb"<c [^>]*/>", b"", sheet)
    sheet = re.sub(rb'<row [^>]*customHeight="false"[^>]*>\s*</row>', b"", sheet)
    sheet = re.sub(
        rb' s="(\d+)" t="s"><v>(\d+)</v>', lambda m: b' s="%s" t="s"><v>%s</v>' % (m[1], strings[int(m[2])]), sheet
    )
    return re.sub(rb' (?:s|style)="(\d+)"', lambda m: b" %s" % formats[int(m[1])], sheet)


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


# ------------------------------------------------------------------------------------------- finding


@pytest.mark.parametrize("path", [BODO, FEIL, KOMPLETT, TEMPLATE], ids=lambda path: path.stem)
def test_the_open_workbook_has_the_findings_of_its_file_to_the_letter(path: Path, opened: Opener, form: Form) -> None:
    book = opened(path)
    done = actions.validate(book)
    (from_file,) = validate_grids([grid_of(form, path.read_bytes(), book.name)], form, keys=True)
    assert done.report == from_file


@pytest.mark.timeout(1_800)
def test_generated_workbooks_have_the_same_findings_to_the_letter(app: xlwings.App, tmp_path: Path) -> None:
    form, path, seen = current(), tmp_path / "bok.xlsx", []

    @seed(11)
    @settings(
        max_examples=200 if NIGHTLY else 10,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.data(), st.sampled_from(FAULTS))
    def check(data: st.DataObject, fault: Fault) -> None:
        _, draft, _ = data.draw(faulted(fault))
        path.write_bytes(draft.bytes())
        book = app.books.open(path)
        # LibreOffice may compute what the file has an old value of, and has words of its own for some formulas: what
        # it would save is what it shows.
        book.impl.save_copy(str(tmp_path / "lagret.xlsx"))
        grids = [
            grid_from_bytes((tmp_path / "lagret.xlsx").read_bytes(), book.name, [one.name for one in form.tables]),
            live_grid(book, [one.name for one in form.tables]),
        ]
        book.close()
        saved, live = validate_grids(grids, form, keys=True)
        assert live == saved, fault
        seen.append(len(live.findings))

    check()
    assert len(seen) >= (200 if NIGHTLY else 10)
    assert sum(map(bool, seen)) > len(seen) / 2


def test_what_is_typed_into_the_template_is_found_wrong_where_it_is(opened: Opener, form: Form) -> None:
    book, source = opened(TEMPLATE), grid_of(form, BODO.read_bytes())
    for area in source.tables.values():
        if area.name in {"Funn", "Timer"}:
            continue
        there, sheet = table(book, area.name).range, source.sheets[area.sheet]
        target = book.sheets[area.sheet]
        for row in range(area.first, area.end):
            for column in range(area.left, area.left + len(area.headings)):
                value, at = sheet.value(row, column), (there.row + 1 + row - area.first, column + 1)
                address = f"{chr(65 + column)}{row + 1}"
                if value != "" and address not in (sheet.formulas or {}):
                    target.range(at).value = value
    done = actions.validate(book)
    assert Counter(one.rule.code for one in done.report.findings) >= Counter(
        one.rule.code for one in report_of(BODO).findings if one.rule.code not in {"BX702"}
    )
    assert [row[1] for row in rows(book)] == [one.rule.code for one in done.report.findings]
    assert done.report.submission == report_of(BODO).submission


# ------------------------------------------------------------------------------------------- marking


def test_the_rows_say_what_is_wrong_and_the_overview_counts(opened: Opener) -> None:
    book = opened(FEIL)
    done = actions.validate(book)
    last = table(book, "Budsjett").range.last_cell.row
    here = [one for one in reversed(done.report.findings) if one.sheet == "Budsjett" and one.row < last]
    by_row = {one.row: one for one in here}
    note = table(book, "Budsjett").range.last_cell.column
    cells = book.sheets["Budsjett"].range((1, note), (max(by_row) + 1, note)).value
    messages = {row[3]: row[5] for row in rows(book) if row[2] == "Budsjett"}
    assert by_row
    assert {cells[row] for row in by_row} == {messages[by_row[row].cell] for row in by_row}
    overview = book.sheets["Oversikt"].used_range.options(ndim=2).value
    (errors,) = [row[7] for row in overview if row[6] == "Feil"]
    assert errors == sum(one.severity == "error" for one in done.report.findings)


def pixels(book: xlwings.Book, sheet: str, colour: str, folder: Path) -> int:
    """How often a colour is in the printed picture of a sheet."""
    for one in list(book.sheets):
        one.visible = one.name == sheet or one.visible
    path = folder / "bilde.pdf"
    book.api.storeToURL(path.as_uri(), book.impl.office.properties(FilterName="calc_pdf_Export"))
    count = int(re.search(r"Pages:\s+(\d+)", subprocess.check_output(["pdfinfo", path], text=True))[1])
    for page in range(1, count + 1):
        where = ["-f", str(page), "-l", str(page)]
        if f"– {sheet}\n" in subprocess.check_output(["pdftotext", *where, path, "-"], text=True):
            data = subprocess.check_output(["pdftoppm", "-r", "50", *where, path])
            body = data[-(len(data) // 3) * 3 :]
            wanted = bytes.fromhex(colour.removeprefix("#"))
            return sum(body[at : at + 3] == wanted for at in range(len(body) % 3, len(body), 3))
    raise AssertionError(f"{sheet} is not printed")


@pytest.mark.parametrize("sheet", ["Budsjett", "Validering"])
def test_what_is_at_fault_lights_up_and_goes_out_again(sheet: str, opened: Opener, tmp_path: Path) -> None:
    book = opened(FEIL)
    fills = (styles.ERROR_FILL, styles.WARNING_FILL)

    def seen() -> list[bool]:
        return [pixels(book, sheet, fill, tmp_path) > 20 for fill in fills]

    assert seen() == [False, False]
    actions.validate(book)
    assert seen() == [True, True]
    actions.clear(book)
    assert seen() == [False, False]


def test_a_link_leads_to_its_cell(opened: Opener, app: xlwings.App) -> None:
    book = opened(FEIL)
    done = actions.validate(book)
    first = done.report.findings[0]
    formula = book.sheets["Validering"].range("D5").formula
    assert formula == f'=HYPERLINK("#\'{first.sheet}\'!{first.cell}","{first.cell}")'
    last = next(one for one in reversed(done.report.findings) if one.sheet != "Validering")
    actions.go_to(book, last)
    assert (book.sheets.active.name, book.selection.address) == (last.sheet, _absolute(last.cell))


def _absolute(cell: str | None) -> str:
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", cell or "")


def test_sheet_and_selection_stay_unless_the_adviser_asks_to_go(opened: Opener, app: xlwings.App) -> None:
    book = opened(FEIL)
    book.sheets["Enheter"].activate()
    book.sheets["Enheter"].range("B6").select()
    done = actions.validate(book)
    assert (book.sheets.active.name, book.selection.address) == ("Enheter", "$B$6")
    assert done.marked
    shown: list[object] = []

    def yes(_: object) -> str:
        shown.append(app.status_bar)
        return "yes"

    app.impl.answer = yes
    done = actions.validate(book)
    assert done.message.startswith(str(*shown))
    assert app.status_bar is False
    first = actions.first_place(done.report, actions.read(book).grid)
    assert first is not None
    assert first.severity == "error"
    assert (book.sheets.active.name, book.selection.address) == (first.sheet, _absolute(first.cell))


def test_calculation_and_screen_are_as_they_were_also_when_something_breaks(
    opened: Opener, app: xlwings.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = opened(FEIL)
    app.calculation = "manual"
    actions.validate(book)
    assert (app.calculation, app.screen_updating) == ("manual", True)
    app.calculation = "automatic"
    monkeypatch.setattr(actions, "write_listing", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.validate(book)
    assert (app.calculation, app.screen_updating) == ("automatic", True)
    monkeypatch.setattr(type(app.impl), "calculation", property(lambda _: 1 / 0))
    with pytest.raises(ZeroDivisionError), quiet(app):
        pytest.fail("not reached")
    assert app.screen_updating


# ---------------------------------------------------------------------------------- nothing is touched


@pytest.mark.parametrize("path", [BODO, FEIL, KOMPLETT], ids=lambda path: path.stem)
def test_after_valider_and_fjern_merknader_the_saved_package_is_the_same(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    book = opened(path)
    mine = book.sheets["Budsjett"]
    mine.range("B5").color = (200, 250, 200)
    mine.range("H5").formula = "=SUM(F5:F6)*2"
    mine.range("H6").value = "mitt eget"
    book.names.add("Mitt", "=Budsjett!$H$5")
    mine.api.Annotations.insertNew(mine.range("B5").api.getCellByPosition(0, 0).CellAddress, "husk dette")
    book.api.calculateAll()  # the file has an old value, which LibreOffice would compute anew when anything changes
    before = package(book, tmp_path)
    actions.validate(book)
    assert package(book, tmp_path) != before or path == KOMPLETT
    actions.clear(book)
    after = package(book, tmp_path)
    assert differing(before, after) == set()


def test_a_second_press_changes_nothing(opened: Opener, tmp_path: Path) -> None:
    book = opened(FEIL)
    book.api.calculateAll()
    first = actions.validate(book)
    before = package(book, tmp_path)
    second = actions.validate(book)
    assert second == first
    after = package(book, tmp_path)
    assert differing(before, after) == set()


@pytest.mark.timeout(900)
def test_fifty_presses_let_neither_memory_nor_file_grow(opened: Opener, app: xlwings.App, tmp_path: Path) -> None:
    book, sizes, memory = opened(FEIL), [], []
    for number in range(50):
        (actions.validate if number % 2 == 0 else actions.clear)(book)
        if number in {9, 49}:
            sizes.append(sum(map(len, package(book, tmp_path).values())))
            memory.append(_resident(app.pid))
    assert sizes[1] == sizes[0]
    assert memory[1] < memory[0] * 1.25


def _resident(pid: int) -> int:
    """Kilobytes of a process and those that it started."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return (int(found[1]) if found else 0) + sum(_resident(int(child)) for child in children)


def test_what_is_undone_is_found_no_more(opened: Opener) -> None:
    book = opened(KOMPLETT)
    book.sheets["Budsjett"].range("F5").value = "mye"
    assert actions.read(book).grid.sheets["Budsjett"].value(4, 5) == "mye"
    book.api.UndoManager.undo()
    assert actions.validate(book).report.findings == ()


# ------------------------------------------------------------------------------- what advisers do to it


def test_findings_follow_when_rows_are_inserted_and_sheets_renamed(opened: Opener) -> None:
    book = opened(FEIL)
    plain = actions.validate(book).report
    book.sheets["Budsjett"].range("2:3").insert("down")
    moved = actions.validate(book).report
    lines = [one for one in plain.findings if one.sheet == "Budsjett"]
    assert [one.row for one in moved.findings if one.sheet == "Budsjett"] == [one.row + 2 for one in lines]
    book.sheets["Enheter"].name = "Mine enheter"
    renamed = actions.validate(book).report
    assert Counter(one.rule.code for one in renamed.findings) == Counter(
        [one.rule.code for one in moved.findings] + ["BX108"]
    )
    assert "Mine enheter" in {row[2] for row in rows(book)}


def test_findings_are_the_same_when_a_table_is_sorted_and_filtered(opened: Opener) -> None:
    book = opened(BODO)
    plain = actions.validate(book).report
    activities = table(book, "Aktiviteter")
    first = activities.data_body_range.value[0]
    activities.sort(3)
    assert activities.data_body_range.value[0] != first
    after = actions.validate(book).report
    assert Counter(one.rule.code for one in after.findings) == Counter(one.rule.code for one in plain.findings)
    activities.autofilter.apply_values(2, ["2026/2027"])
    assert shorts(actions.validate(book).report) == shorts(after)


def test_a_reason_is_heard_and_kept(opened: Opener) -> None:
    book = opened(BODO)
    actions.validate(book)
    sheet = book.sheets["Validering"]
    at = next(number for number, row in enumerate(rows(book), start=5) if row[0] == "Advarsel")
    sheet.range(f"G{at}").value = "12-13 er avtalt"
    done = actions.validate(book)
    assert [one.acknowledged for one in done.report.findings if one.acknowledged] == ["12-13 er avtalt"]
    assert sheet.range(f"A{at}").value == "Kvittert"
    actions.clear(book)
    assert [row[6] for row in rows(book)] == ["12-13 er avtalt"]


def test_a_column_of_own_formulas_leaves_nothing_below_the_table(opened: Opener) -> None:
    book = opened(FEIL)
    actions.validate(book)
    sheet, found = book.sheets["Validering"], table(book, "Funn")
    end = found.range.last_cell.row
    found.resize(sheet.range((4, 1), (end, 12)))
    sheet.range("K4:L4").value = ["Lengde", "Husk"]
    sheet.range((5, 11), (end, 11)).formula = [[f"=LEN(F{row})"] for row in range(5, end + 1)]
    sheet.range("L20").value = "ring LMS"
    actions.clear(book)
    assert table(book, "Funn").range.last_cell.row < end
    below = sheet.range((table(book, "Funn").range.last_cell.row + 1, 11), (end, 12)).options(ndim=2).value
    assert not any(cell is not None for row in below for cell in row)
    assert "ring LMS" in [row[11] for row in rows(book)]
    assert actions.validate(book).marked


def test_an_own_column_follows_its_findings(opened: Opener) -> None:
    book = opened(FEIL)
    actions.validate(book)
    found = table(book, "Funn")
    end = found.range.last_cell
    sheet = book.sheets["Validering"]
    found.resize(sheet.range((4, 1), (end.row, 11)))
    sheet.range("K4").value = "Min kolonne"
    at = next(number for number, row in enumerate(rows(book), start=5) if row[1] == "BX301")
    key = sheet.range(f"J{at}").value
    sheet.range(f"K{at}").value = "ring LMS"
    fault = next(one for one in actions.read(book).grid.tables.values() if one.name == "Tiltak")
    book.sheets["Avkryssing"].range("B6").value = "☒"  # another fault, further up
    actions.validate(book)
    assert fault
    assert [(row[9], row[10]) for row in rows(book) if row[10]] == [(key, "ring LMS")]


# --------------------------------------------------------------------------------------- what stops it


def test_a_protected_sheet_is_told_and_left(opened: Opener, app: xlwings.App, tmp_path: Path) -> None:
    book = opened(FEIL)
    book.sheets["Validering"].api.protect("")
    before = table(book, "Funn").range.value
    assert not actions.validate(book).marked
    assert "beskyttet" in told(app)
    assert table(book, "Funn").range.value == before


def test_a_filtered_table_of_findings_is_told_and_left(opened: Opener, app: xlwings.App) -> None:
    book = opened(FEIL)
    actions.validate(book)
    table(book, "Funn").autofilter.apply_values(1, ["Feil"])
    before = table(book, "Funn").range.value
    book.sheets["Budsjett"].range("F5").value = "mye"
    assert not actions.validate(book).marked
    assert "filtrert" in told(app)
    assert table(book, "Funn").range.value == before


def test_nothing_is_fixed_when_a_sheet_that_it_needs_is_protected(opened: Opener, app: xlwings.App) -> None:
    book = opened(FEIL)
    app.impl.answer = lambda _: "yes"
    before = book.sheets["Budsjett"].used_range.value
    book.sheets["Aktiviteter"].api.protect("")
    assert corrections.fix(book) == ()
    assert "Ingenting er endret" in told(app)
    assert book.sheets["Budsjett"].used_range.value == before


def test_a_book_that_was_never_saved_is_checked_all_the_same(app: xlwings.App) -> None:
    book = app.books.add()
    book.sheets[0].range("A1").value = "noe"
    done = actions.validate(book)
    assert [one.rule.code for one in done.report.findings] == ["BX101"]


# ------------------------------------------------------------------------------------- the other buttons


def test_rett_opp_shows_what_it_would_change_and_changes_nothing_without_a_yes(
    opened: Opener, app: xlwings.App, tmp_path: Path
) -> None:
    book = opened(FEIL)
    before = package(book, tmp_path)
    assert corrections.fix(book) == ()
    assert "→" in told(app)
    after = package(book, tmp_path)
    assert differing(before, after) == set()


def test_rett_opp_does_what_the_command_does(opened: Opener, app: xlwings.App, form: Form) -> None:
    from behov_xl.fixes import fix_workbook

    book = opened(FEIL)
    app.impl.answer = lambda alert: "yes" if "→" in alert.prompt else "no"
    changes = corrections.fix(book)
    assert changes
    assert "formelen fra malen" in app.impl.alerts[0].prompt
    restored = [book.sheets[one.place[0]][one.place[1:]].formula for one in changes if one.formula]
    assert restored
    assert all(re.match("=[A-Z]", one) for one in restored)
    book.impl.save_copy(str(Path(book.fullname).with_name("kopi.xlsx")))
    left = actions.validate(book).report
    expected = fix_workbook(form, FEIL.read_bytes(), book.name).report
    assert shorts(left) == shorts(expected)
    assert corrections.fix(book) == ()
    assert "→" not in told(app)


def test_the_report_is_a_page_that_opens(opened: Opener) -> None:
    shown: list[Path] = []
    path = documents.report(opened(BODO), shown.append)
    assert shown == [path]
    assert path.name == "bodo_2026.html"
    page = html5lib.parse(path.read_bytes(), namespaceHTMLElements=False, transport_encoding="utf-8")
    assert page.findtext(".//h1") == "Rapport: Bodø kommune, 2026"
    assert "bodo_2026.xlsx" in "".join(page.itertext())
    assert page.find(".//tbody//a[@href='#BX511']") is not None


def test_a_new_behovsmelding_gets_a_name_of_its_own(app: xlwings.App, tmp_path: Path) -> None:
    first, second = documents.new_workbook(app, tmp_path), documents.new_workbook(app, tmp_path)
    assert first != second
    assert {book.name for book in app.books} >= {first.name, second.name}
    assert actions.validate(app.books.active).report.submission is not None


def test_help_goes_to_the_guide_in_the_workbook(opened: Opener, app: xlwings.App) -> None:
    book = opened(BODO)
    documents.show_help(app, book)
    assert book.sheets.active.name == "Veiledning"
    documents.show_help(app, None)
    assert "Valider" in told(app)


def test_libreoffice_shows_it_all_when_it_is_opened_again(opened: Opener, office: Office, tmp_path: Path) -> None:
    book = opened(FEIL)
    book.api.calculateAll()
    done = actions.validate(book)
    path = tmp_path / "lagret.xlsx"
    book.impl.save_copy(str(path))
    assert shorts(report_of(path)) == shorts(done.report)
