"""Faults put into the complete example as they come about in Excel, and what the tests of the fixes ask of a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import python_calamine

from behov_xl.findings import WorkbookReport
from behov_xl.fixes import Fixed, fix_workbook
from behov_xl.fixes.book import Book
from behov_xl.fixes.recalculate import computed_values, stored_values
from behov_xl.form import current
from behov_xl.workbook.content import edit_content, read_content
from behov_xl.workbook.grid import position
from behov_xl.workbook.patch import Patch
from behov_xl.workbook.sheet_edit import CellEdit
from behov_xl.workbook.template import template_bytes
from conftest import EXAMPLES, short

FORM = current()
PROMPT = "Klikk eller trykk her for å skrive inn tekst."


@dataclass(frozen=True)
class Fault:
    """A fault put into the complete example: the cell it is in, what is typed there, the codes it must lose."""

    place: str
    value: Any = None
    codes: tuple[str, ...] = ()
    unsafe: bool = False
    heading: tuple[str, int] | None = None
    formula: str | None = None
    stale: bool = False


FAULTS = [
    Fault("Budsjett!F5", "40 000,-", ("BX209",)),
    Fault("Budsjett!F6", "kr 80.000,-", ("BX209",)),
    Fault("Tiltak!E5", "120 000", ("BX209",)),
    Fault("Tiltak!F6", "250 000,- (Nord)", ("BX209",)),
    Fault("Aktiviteter!G5", "1,5 timer", ("BX209",)),
    Fault("Aktiviteter!H7", "fire timer", ("BX209",)),
    Fault("Enheter!D6", "9 stk", ("BX209",)),
    Fault("Tiltak!G5", 310000, ("BX110", "BX301")),
    Fault("Tiltak!G6", 400000, ("BX110",)),
    Fault("Tiltak!G7", 1, ("BX301",), formula="1+0"),
    Fault("Tiltak!E9", 350000, ("BX110", "BX302")),
    Fault("Tiltak!G9", 1, ("BX302",), stale=True),
    Fault("Tiltak!I5", "stemmer", ("BX110",)),
    Fault("Aktiviteter!I5", 6, ("BX110",)),
    Fault("Oversikt!B5", 60, ("BX110", "BX403")),
    Fault("Oversikt!C9", 1, ("BX403",), stale=True),
    Fault("Aktiviteter!I6", 99, ("BX118",), formula="E6*F6*G6+93"),
    Fault("Tiltak!I6", "✓ stemmer", ("BX118",), formula='IF(1=1,"✓ stemmer","")'),
    Fault("Tiltak!G6", 400005, ("BX118", "BX301"), formula="E6+F6+5"),
    Fault("Aktiviteter!I7", 99, ("BX119",), stale=True),
    Fault("Tiltak!I7", "Budsjett − sum: eier -1 · UH 0", ("BX119",), stale=True),
    Fault("Tiltak!H5", PROMPT, ("BX702",)),
    Fault("Tiltak!H7", PROMPT, ("BX702",)),
    Fault("Budsjett!A5", "T1 ", ("BX211",)),
    Fault("Aktiviteter!B5", "2026/27", ("BX217",)),
    Fault("Tiltak!E4", "Egenandel", ("BX104",), heading=("Tiltak", 4)),
    Fault("Budsjett!F4", "Kr", ("BX104",), heading=("Budsjett", 5)),
    Fault("Aktiviteter!H4", "Timer i alt", ("BX104",), heading=("Aktiviteter", 7)),
    Fault("Behovsmelding!A7", "Nettverk", ("BX105",)),
    Fault("Behovsmelding!A19", "Flere UH?", ("BX105",)),
    Fault("Avkryssing!B5", "x"),
    Fault("Avkryssing!F6", "ja"),
    Fault("Behovsmelding!C18", "SANN"),
    Fault("Aktiviteter!H5", 8, ("BX401",), unsafe=True),
    Fault("Aktiviteter!H11", 9, ("BX402",), unsafe=True),
    Fault("Aktiviteter!B10", "2027/2082", ("BX216",), unsafe=True),
    Fault("Budsjett!B6", "Eie", ("BX206",), unsafe=True),
    Fault("Budsjett!F8", 5000, ("BX303",), unsafe=True),
]


def base(*edits: dict[str, Any], **options: Any) -> bytes:
    content = read_content(FORM, EXAMPLES / "komplett_2026.toml")
    for edit in edits:
        edit_content(FORM, content, edit)
    return template_bytes(FORM, content=content, **options)


COMPLETE = base()


def faulty(faults: Sequence[Fault], data: bytes = COMPLETE) -> bytes:
    """Faults as they come about in Excel, which computes what follows from what is typed."""
    later = [one for one in faults if one.stale or one.formula or one.heading]
    done = _typed([one for one in faults if one not in later], data)
    patch = Patch(done)
    for (sheet, row, column), value in stored_values(book(data), book(done), set()).items():
        patch.cells(sheet, [CellEdit(row, column, value, keep_formula=True)])
    return _typed(sorted(later, key=lambda one: one.heading is not None), patch.result())


def _typed(faults: Sequence[Fault], data: bytes) -> bytes:
    patch = Patch(data)
    for fault in faults:
        sheet, _, cell = fault.place.partition("!")
        if fault.heading:
            patch.rename_heading(*fault.heading, fault.value)  # as Excel does: formulas change along
        else:
            edit = CellEdit(*position(cell), fault.value, formula=fault.formula, keep_formula=fault.stale)
            assert patch.cells(sheet, [edit]) == []
    return patch.result()


def fixed(data: bytes, **options: Any) -> Fixed:
    return fix_workbook(FORM, data, "bok.xlsx", **options)


def findings(report: WorkbookReport) -> list[str]:
    return sorted(short(one) for one in report.findings)


def book(data: bytes) -> Book:
    return Book.read(FORM, data, "bok.xlsx")


def values_of(data: bytes) -> dict[tuple[str, int, int], object]:
    with python_calamine.load_workbook(io.BytesIO(data)) as opened:
        sheets = {name: opened.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in opened.sheet_names}
    return {
        (name, row, column): round(value, 6) if isinstance(value, float) else value
        for name, rows in sheets.items()
        for row, cells in enumerate(rows)
        for column, value in enumerate(cells)
        if value != ""
    }


def stale(data: bytes) -> dict[Any, Any]:
    """The formula cells that show something else than their formula gives."""
    one = book(data)
    return {
        place: (one.value(place), value)
        for place, value in computed_values(one).items()
        if place in one.formulas and one.value(place) != value
    }
