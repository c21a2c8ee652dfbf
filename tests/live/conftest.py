"""One LibreOffice for all live tests, with a profile of its own; every test gets its books closed behind it."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter
import xlwings

from behov_xl.libreoffice.application import harmless
from behov_xl.libreoffice.engine import start


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[xlwings.App]:
    if shutil.which("soffice") is None:
        pytest.fail("LibreOffice is missing: apt-get install libreoffice-calc python3-uno (bash tests/run.sh does it)")
    before = xlwings.engines.active
    app = start(tmp_path_factory.mktemp("live"), headless=True)
    yield app
    app.quit()
    xlwings.engines.active = before


@pytest.fixture
def app(program: xlwings.App) -> Iterator[xlwings.App]:
    """The running program, without books and with everything switched on."""
    yield program
    program.screen_updating = True
    program.status_bar = False
    program.impl.alerts.clear()
    program.impl.answer = harmless
    for book in list(program.books):
        book.close()


@pytest.fixture
def opened(app: xlwings.App, tmp_path: Path) -> Callable[[Path], xlwings.Book]:
    """Opens a copy of a workbook."""

    def open_copy(path: Path, name: str | None = None) -> xlwings.Book:
        folder = tmp_path / "live"
        folder.mkdir(exist_ok=True)
        target = folder / (name or path.name)
        if path != target:
            shutil.copy(path, target)
        return app.books.open(target)

    return open_copy


DAY = datetime.datetime(2026, 1, 5)
NOON = datetime.datetime(2026, 1, 5, 12, 30)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A workbook with every kind of cell, as Excel writes it; the test says what stands where."""
    path = tmp_path / "prøve bok.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, other = book.add_worksheet("Ark 1"), book.add_worksheet("Tiltak")
        book.add_worksheet("Gjemt").hide()
        day, moment, clock = (
            book.add_format({"num_format": one}) for one in ("dd.mm.yyyy", "dd.mm.yyyy hh:mm", "hh:mm")
        )
        fixed = book.add_format({"num_format": "0"})
        for row, (value, shape) in enumerate(
            [
                ("tekst", None),
                ("007", None),
                ("=1+1", None),
                (1.5, None),
                (DAY, day),
                (NOON, moment),
                (NOON.time(), clock),
            ]
        ):
            write = sheet.write_string if isinstance(value, str) else sheet.write
            write(row, 0, value, shape)
        sheet.write_boolean("B1", True)
        sheet.write_boolean("B2", False, fixed)
        for row, (formula, value) in enumerate(FORMULAS):
            sheet.write_formula(row, 2, formula, None, value)
        sheet.write_formula("B3", "=A5+1", day, 46028)
        sheet.write_url("D1", "internal:Tiltak!B3", string="gå til tiltaket")
        sheet.write_url("D2", "https://www.xlwings.org/", string="nettet")
        sheet.merge_range("F1:G2", "slått sammen")
        sheet.set_row(9, 30)
        sheet.set_row(10, None, None, {"hidden": True})
        sheet.set_row(11, None, None, {"hidden": True})
        sheet.set_column("J:K", None, None, {"hidden": True})
        sheet.write_string("A13", "farget", book.add_format({"bg_color": "#FFCC00"}))
        other.write_column("A1", [1, 2, 3])
        other.add_table(
            "C3:D6", {"name": "Liste", "columns": [{"header": "Navn"}, {"header": "Sum"}], "autofilter": False}
        )
        book.define_name("Alt", "=Tiltak!$A$1:$A$3")
        book.define_name("Tiltak!Lokal", "=Tiltak!$A$2")
        book.define_name("Andel", "=0.25")
    return path


FORMULAS = [
    ("=1=1", True),
    ("=AND(1,0)", False),
    ("=IF(1=1,1,0)", 1),
    ("=SUM('Ark 1'!A4,Tiltak!$A$1:A2,{1,2;3,4})", 14.5),
    ('=IF(TRUE,"a;b,c!","")', "a;b,c!"),
    ("=EDATE(A5,1)", 46058),
    ("=_xlfn.STDEV.S(1,3)", 2**0.5),
    ('=HYPERLINK("#Tiltak!A1","se")', "se"),
    ("=SUM(Alt)+Tiltak!Lokal", 8),
    ("=SUM(Liste[Sum])", 0),
    ('=IF(A1="","",1)', 1),
    ('=IF(A1="tekst","",1)', ""),
]
"""Formulas of column C, and their values as they stand in the file."""
