"""Reads the sheets of an opened package: in one pass where they are written as usual, else with python-calamine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import python_calamine

from behov_xl.workbook.archive_checks import too_large
from behov_xl.workbook.grid import SheetGrid
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import Package
from behov_xl.workbook.part_checks import (
    check_all_formulas,
    check_begins_well,
    check_formulas,
    check_head,
    check_shared_strings,
    check_text_bytes,
    check_texts,
    ends_well,
)
from behov_xl.workbook.plain_sheets import Unfamiliar, dated_cells, read_sheet, read_strings
from behov_xl.workbook.refusals import DAMAGED, ENCRYPTED, TOO_LARGE, Refused
from behov_xl.workbook.sheet_facts import cell_data, error_cells, extent, formula_cells, hidden_lines, merged_cells

_STRINGS = "xl/sharedStrings.xml"


def read_sheets(package: Package, names: Sequence[str], limits: Limits) -> dict[str, SheetGrid]:
    """The sheets of these names. Raises :class:`Refused`, and ``DamagedPackage``."""
    xml = {name: package.read(package.sheets[name]) for name in names}
    cells = {name: cell_data(one) for name, one in xml.items()}
    strings = package.read(_STRINGS)
    check_head(_STRINGS, strings)
    most = check_shared_strings(package, cells, limits)
    for name, part in package.sheets.items():
        content = xml.get(name)
        if content is None:
            content = package.read(part)
            check_all_formulas(part, content)
        else:
            check_texts(content, limits)
        check_head(part, content)
    for name, one in cells.items():
        check_begins_well(package.sheets[name], one[: max(one.find(b"sheetData") - 1, 0)])
    try:
        return _in_one_pass(package, xml, cells, strings, limits, most)
    except Unfamiliar:
        check_text_bytes(most, limits)
        return _with_calamine(package, xml, cells, limits)


def _in_one_pass(
    package: Package,
    xml: Mapping[str, bytes],
    cells: Mapping[str, bytes],
    strings: bytes,
    limits: Limits,
    most: int = 0,
) -> dict[str, SheetGrid]:
    dated = dated_cells(package.read("xl/styles.xml"))
    texts = read_strings(strings)
    plain = {name: read_sheet(one, dated) for name, one in cells.items()}
    if most > limits.text_bytes:  # not so many, perhaps: it counts all texts as the longest
        check_text_bytes(sum(len(texts.get(text, "")) for one in plain.values() for text in one.texts()), limits)
    formulas = {name: sheet.formulas() for name, sheet in plain.items()}
    tails = {name: one[len(cells[name]) :] for name, one in xml.items()}
    if not all(map(ends_well, tails.values())):
        raise Unfamiliar("ends")
    check_formulas(package.sheets, tails, formulas)
    laid_out = 0
    for name, sheet in plain.items():
        _check_extent(name, sheet.height, sheet.width, limits)
        laid_out += sheet.height * sheet.width
        _check_cells(laid_out, limits)
    return {
        name: SheetGrid(
            name,
            sheet.rows(texts),
            formulas[name],
            sheet.errors(),
            name in package.hidden,
            *hidden_lines(xml[name], sheet.frame),
            merged_cells(tails[name]),
        )
        for name, sheet in plain.items()
    }


def _with_calamine(
    package: Package, xml: Mapping[str, bytes], cells: Mapping[str, bytes], limits: Limits
) -> dict[str, SheetGrid]:
    formulas = {name: formula_cells(one) for name, one in cells.items()}
    check_formulas(package.sheets, xml, formulas)
    for name, one in cells.items():
        _check_extent(name, *extent(one), limits)
    values = _read_values(package.data, list(xml), limits)
    return {
        name: SheetGrid(
            name,
            rows,
            formulas[name],
            error_cells(cells[name]),
            name in package.hidden,
            *hidden_lines(xml[name], cells[name]),
            merged_cells(xml[name][len(cells[name]) :]),
        )
        for name, rows in values.items()
    }


def _check_extent(sheet: str, rows: int, columns: int, limits: Limits) -> None:
    if rows > limits.rows or rows * columns > limits.cells:
        what = f"{sheet}: {rows} × {columns}"
        raise Refused(TOO_LARGE, what=what, limit=f"{limits.rows} × {limits.cells // limits.rows}")


def _check_cells(cells: int, limits: Limits) -> None:
    if cells > limits.cells:
        raise too_large("cells", cells, limits.cells)


def _read_values(data: bytes, names: list[str], limits: Limits) -> dict[str, list[list[Any]]]:
    values: dict[str, list[list[Any]]] = {}
    cells = 0
    try:
        with python_calamine.load_workbook(BytesIO(data)) as workbook:
            known = set(workbook.sheet_names)
            for name in names:
                if name in known:
                    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                    cells += len(rows) * len(rows[0]) if rows else 0
                    _check_cells(cells, limits)
                    values[name] = rows
            return values
    except python_calamine.PasswordError as error:
        raise Refused(ENCRYPTED) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Refused(DAMAGED, reason=str(error)) from error
    except BaseException as error:
        # A panic of the Rust reader arrives as a BaseException of its own; anything else (Ctrl-C) must go through.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(DAMAGED, reason="the reader gave up on its content") from error
