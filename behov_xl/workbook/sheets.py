"""Reads the sheets of an opened package: in one pass where they are written as usual, else with python-calamine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple

import python_calamine

from behov_xl.workbook.archive_checks import too_large
from behov_xl.workbook.grid import Position, SheetGrid
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import Package, kept_by_place
from behov_xl.workbook.part_checks import (
    check_all_formulas,
    check_formulas,
    check_head,
    check_shared_strings,
    check_text_bytes,
    check_texts,
    ends_well,
    may_ask,
)
from behov_xl.workbook.plain_sheets import PlainSheet, dated_cells, read_sheet
from behov_xl.workbook.refusals import DAMAGED, ENCRYPTED, TOO_LARGE, Refused
from behov_xl.workbook.sheet_facts import cell_data, error_cells, extent, formula_cells, hidden_lines, merged_cells
from behov_xl.workbook.shells import Shell
from behov_xl.workbook.whole_tags import check_begins_well
from behov_xl.workbook.written_texts import Unfamiliar, read_strings

_STRINGS = "xl/sharedStrings.xml"


def read_sheets(package: Package, shell: Shell, names: Sequence[str], limits: Limits) -> dict[str, SheetGrid]:
    """The sheets of these names. Raises :class:`Refused`, and ``DamagedPackage``."""
    xml = {name: package.read(shell.sheets[name]) for name in names}
    strings = package.read(_STRINGS)
    check_head(_STRINGS, strings)
    most = check_shared_strings(package, xml.values(), limits)
    for name, part in shell.sheets.items():
        content = xml.get(name)
        if content is None:
            content = package.read(part)
            check_all_formulas(part, content)
        else:
            check_texts(content, limits)
        check_head(part, content)
    try:
        return _in_one_pass(package, shell, xml, strings, limits, most)
    except Unfamiliar:
        check_text_bytes(most, limits)
        return _with_calamine(package, shell, xml, limits)


def _in_one_pass(
    package: Package, shell: Shell, xml: Mapping[str, bytes], strings: bytes, limits: Limits, most: int = 0
) -> dict[str, SheetGrid]:
    dated = dated_cells(package.read("xl/styles.xml"))
    texts = read_strings(strings)
    plain = {name: read_sheet(one, dated, name) for name, one in xml.items()}
    if most > limits.text_bytes:  # not so many, perhaps: it counts all texts as the longest
        check_text_bytes(sum(sheet.text_bytes(texts) for sheet in plain.values()), limits)
    grids: dict[str, SheetGrid] = {}
    asking = False
    laid_out = 0
    for name, sheet in plain.items():
        check_begins_well(shell.sheets[name], sheet.head)
        end = _end(name, sheet.tail)
        if not end.whole:
            raise Unfamiliar("ends")
        _check_extent(name, sheet.height, sheet.width, limits)
        laid_out += sheet.height * sheet.width
        _check_cells(laid_out, limits)
        sheet.lay_out(texts)
        asking = asking or sheet.asks or end.asks
        hidden = _hidden(name, sheet)
        grids[name] = SheetGrid(
            name, sheet.rows, sheet.formulas, sheet.errors, name in shell.hidden, *hidden, end.merged
        )
    if asking:
        tails = {name: sheet.tail for name, sheet in plain.items()}
        check_formulas(shell.sheets, tails, {name: sheet.formulas for name, sheet in plain.items()})
    return grids


class _End(NamedTuple):
    """What follows the cells of a sheet."""

    whole: bool
    """Whether it closes what was opened."""
    asks: bool
    """Whether something in it may ask a program or another machine for its value."""
    merged: tuple[tuple[Position, Position], ...]


@kept_by_place
def _end(tail: bytes) -> _End:
    return _End(ends_well(tail), may_ask(tail), merged_cells(tail))


def _hidden(name: str, sheet: PlainSheet) -> tuple[list[int], list[tuple[int, int]]]:
    """As :func:`hidden_lines`."""
    if sheet.hidden:
        return hidden_lines(sheet.tail, b"%b<sheetData>%b" % (sheet.head, sheet.hidden))
    return [], _hidden_columns(name, sheet.head[max(sheet.head.find(b"<cols"), 0) :])


@kept_by_place
def _hidden_columns(columns: bytes) -> list[tuple[int, int]]:
    return hidden_lines(b"", columns)[1]


def _with_calamine(package: Package, shell: Shell, xml: Mapping[str, bytes], limits: Limits) -> dict[str, SheetGrid]:
    cells = {name: cell_data(one) for name, one in xml.items()}
    for name, one in cells.items():
        check_begins_well(shell.sheets[name], one[: max(one.find(b"sheetData") - 1, 0)])
    formulas = {name: formula_cells(one) for name, one in cells.items()}
    check_formulas(shell.sheets, xml, formulas)
    for name, one in cells.items():
        _check_extent(name, *extent(one), limits)
    values = _read_values(package.data, list(xml), limits)
    return {
        name: SheetGrid(
            name,
            rows,
            formulas[name],
            error_cells(cells[name]),
            name in shell.hidden,
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
