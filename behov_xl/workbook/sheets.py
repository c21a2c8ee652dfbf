"""Reads the sheets of an opened package: in one pass where they are written as usual, else with python-calamine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, NamedTuple

import python_calamine

from behov_xl.workbook.archive_checks import too_large
from behov_xl.workbook.grid import Position, SheetGrid
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import Package, kept_by_place, malformed
from behov_xl.workbook.part_checks import (
    check_all_formulas,
    check_formulas,
    check_head,
    check_shared_strings,
    check_text_bytes,
    check_texts,
    ends_well,
    may_ask,
    strings_bytes,
)
from behov_xl.workbook.plain_sheets import PlainSheet, dated_cells, read_sheet
from behov_xl.workbook.plain_xml import rewritten, rewritten_sheet
from behov_xl.workbook.refusals import DAMAGED, ENCRYPTED, TOO_LARGE, Refused
from behov_xl.workbook.repacked import repacked
from behov_xl.workbook.sheet_facts import cell_data, error_cells, extent, formula_cells, hidden_lines, merged_cells
from behov_xl.workbook.shells import Shell
from behov_xl.workbook.whole_tags import check_begins_well
from behov_xl.workbook.written_texts import Unfamiliar, read_strings

_COUNTED = re.compile(rb"<((?:x:)?sst) [^<>]*+>")
_STRINGS = "xl/sharedStrings.xml"
_BYTE_ORDER_MARK = 3
"""Its bytes, behind which a part may begin."""


def read_sheets(package: Package, shell: Shell, names: Sequence[str], limits: Limits) -> dict[str, SheetGrid]:
    """The sheets of these names. Raises :class:`Refused`, and ``DamagedPackage``."""
    xml = {name: package.read(shell.sheets[name]) for name in names}
    strings = package.read(_STRINGS)
    check_head(_STRINGS, strings)
    most = check_shared_strings(package, xml.values(), limits)
    for name, part in shell.sheets.items():
        content = xml.get(name)
        looked_at = content is not None
        content = package.read(part) if content is None else content
        check_head(part, content)
        if looked_at:
            check_texts(content, limits)
        else:
            check_all_formulas(part, content)
    try:
        return _in_one_pass(package, shell, xml, strings, limits, most)
    except Unfamiliar:
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
        others = {name: b"%b<sheetData>%b" % (sheet.head, sheet.tail) for name, sheet in plain.items()}
        check_formulas(shell.sheets, others, {name: sheet.formulas for name, sheet in plain.items()})
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
    """The sheets as python-calamine reads them: of what is written plainly and has been looked at, and nothing else."""
    plain = {name: _plainly(name, one) for name, one in xml.items()}
    cells = {name: cell_data(one) for name, one in plain.items()}
    formulas = {name: formula_cells(one) for name, one in cells.items()}
    for name, one in plain.items():
        check_texts(one, limits)
        check_all_formulas(shell.sheets[name], one)
        _check_extent(name, *extent(cells[name]), limits)
    strings = _plain_strings(package.read(_STRINGS) or b"<sst/>")
    check_texts(strings, limits)
    named = sum(one.count(b' t="s"') for one in cells.values())
    check_text_bytes(strings_bytes(strings, named, limits), limits)
    values = _read_values(repacked(package, plain, strings), list(plain), limits)
    return {
        name: SheetGrid(
            name,
            rows,
            formulas[name],
            error_cells(cells[name]),
            name in shell.hidden,
            *hidden_lines(plain[name], cells[name]),
            merged_cells(plain[name][len(cells[name]) :]),
        )
        for name, rows in values.items()
    }


def _plainly(name: str, xml: bytes) -> bytes:
    """A sheet that is written in the one plain way, or has been; it may show dates, which only calamine reads."""
    once = xml.count(b"sheetData") == 2 and b"<!" not in xml and xml.rfind(b"<?") <= _BYTE_ORDER_MARK
    with suppress(Unfamiliar):
        if once and not malformed(xml) and read_sheet(xml, None, name):
            return xml
    return rewritten_sheet(xml)


def _plain_strings(xml: bytes) -> bytes:
    """The shared texts, likewise, without how many they are said to be: calamine would reserve memory for so many."""
    start = xml.find(b"<si>")
    with suppress(Unfamiliar):
        if read_strings(xml) and b"<!" not in xml and not malformed(xml):
            return b"<sst>" + xml[start:]
    return _COUNTED.sub(rb"<\1>", rewritten(xml))


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
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError) as error:  # the last: of a far-off date
        raise Refused(DAMAGED, reason=str(error)) from error
    except BaseException as error:
        # A panic of the Rust reader arrives as a BaseException of its own; anything else (Ctrl-C) must go through.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(DAMAGED, reason="the reader gave up on its content") from error
