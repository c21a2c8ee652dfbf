"""The values of many cells in a handful of calls: LibreOffice's numbers, texts and formats ⇄ Python's types."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from behov_xl.libreoffice.notation import constant, to_excel, to_office

_DATE, _TIME, _LOGICAL = 2, 4, 1024  # com.sun.star.util.NumberFormat
_RESULT_ERROR = 4  # com.sun.star.sheet.FormulaResult
_ERROR_TEXTS = {503: "#NUM!", 521: "#NULL!", 524: "#REF!", 525: "#NAME?", 526: "#NAME?", 527: "#NAME?", 532: "#DIV/0!"}
_ERROR_TEXTS |= dict.fromkeys((502, 504, 507, 508, 509, 510, 511, 519, 522), "#VALUE!")
_NOT_AVAILABLE = "#N/A"
"""What LibreOffice writes into an .xlsx file for every other error of its own."""
_TRUTH = {"0": "FALSE", "1": "TRUE"}
_LAST_DATE = 2_958_466
"""The day after the last that Excel knows, 31.12.9999."""
_DAY = 24 * 60 * 60 * 1000

Rectangle = tuple[int, int, int, int]
"""First row and column, and the row and column after the last, counted from 0 inside the cells that are read."""


def read_values(document: Any, cells: Any, *, errors: bool) -> list[list[Any]]:
    """Floats, bools, datetimes, texts, and ``None`` for empty cells; errors as texts, or as ``None`` too."""
    rows = [[None if value == "" else value for value in row] for row in cells.getDataArray()]
    _type_numbers(document, cells, rows)
    if errors:
        _fill_errors(cells, rows)
    return rows


def read_formulas(document: Any, cells: Any) -> list[list[str]]:
    """Formulas as Excel writes them, constants as texts."""
    values = cells.getDataArray()
    rows = [
        [_formula(text, value) for text, value in zip(*both, strict=True)]
        for both in zip(cells.getFormulaArray(), values, strict=True)
    ]
    truth = {place for place in _numbers(values) if rows[place[0]][place[1]] in _TRUTH}
    for _, area in _formatted_around(document, cells, truth, _LOGICAL):
        for at, column in truth.intersection(_places(area)):
            rows[at][column] = _TRUTH[rows[at][column]]
    return rows


def _is_formula(text: str, value: Any) -> bool:
    """Whether a text of ``getFormulaArray`` is a formula, given the cell's value.

    A text that begins with ``=`` looks the same there, but is its own value.
    """
    return text.startswith(("=", "{=")) and text != value


def _formula(text: str, value: Any) -> str:
    if _is_formula(text, value):
        return constant(text) or to_excel(text)
    return value if isinstance(value, str) else text


def _type_numbers(document: Any, cells: Any, rows: list[list[Any]]) -> None:
    """Dates and truth values are numbers with a format; a truth value in any format has the formula TRUE()."""
    origin = null_date(document)
    for kind, area in _formatted_around(document, cells, _numbers(rows), _DATE | _LOGICAL):
        for row, column in _places(area):
            value = rows[row][column]
            if isinstance(value, float):
                rows[row][column] = bool(value) if kind & _LOGICAL else _date(value, origin)
    if not any(rows[row][column] in {0.0, 1.0} for row, column in _numbers(rows)):
        return
    for found, texts in zip(rows, cells.getFormulaArray(), strict=True):
        for column, text in enumerate(texts):
            if isinstance(found[column], float) and constant(text) is not None:
                found[column] = bool(found[column])


def _numbers(rows: Sequence[Sequence[Any]]) -> list[tuple[int, int]]:
    return [(row, column) for row, cells in enumerate(rows) for column, one in enumerate(cells) if type(one) is float]


def _date(value: float, origin: datetime.datetime) -> datetime.datetime | float:
    if not 0 <= value < _LAST_DATE:
        return value
    return origin + datetime.timedelta(milliseconds=round(value * _DAY))


def _formatted(document: Any, chosen: Any, area: Any, kinds: int) -> Iterator[tuple[int, Rectangle]]:
    """Where cells have number formats of certain kinds, inside ``area``.

    It takes as many calls as there are formats, however many the cells are.
    """
    known: dict[int, int] = {}
    for ranges in chosen.getUniqueCellFormatRanges():
        key = ranges.NumberFormat
        if key not in known:
            known[key] = document.NumberFormats.getByKey(key).Type & kinds
        if known[key]:
            yield from ((known[key], _inside(area, one)) for one in ranges.RangeAddresses)


def _formatted_around(
    document: Any, cells: Any, places: Collection[tuple[int, int]], kinds: int
) -> Iterator[tuple[int, Rectangle]]:
    """As :func:`_formatted`, of the smallest rectangle with these places: the fewer formats, the fewer calls."""
    if places:
        rows, columns = zip(*places, strict=True)
        around = cells.getCellRangeByPosition(min(columns), min(rows), max(columns), max(rows))
        yield from _formatted(document, around, cells.RangeAddress, kinds)


def _inside(area: Any, one: Any) -> Rectangle:
    top, left = area.StartRow, area.StartColumn
    return one.StartRow - top, one.StartColumn - left, one.EndRow + 1 - top, one.EndColumn + 1 - left


def _places(area: Rectangle) -> Iterator[tuple[int, int]]:
    top, left, bottom, right = area
    return ((row, column) for row in range(top, bottom) for column in range(left, right))


def _fill_errors(cells: Any, rows: list[list[Any]]) -> None:
    """One call for where the errors are; which error it is takes two for each, since no bulk call tells."""
    area = cells.RangeAddress
    for one in cells.queryFormulaCells(_RESULT_ERROR).RangeAddresses:
        for row, column in _places(_inside(area, one)):
            code = cells.getCellByPosition(column, row).getError()
            rows[row][column] = _ERROR_TEXTS.get(code, _NOT_AVAILABLE)


def null_date(document: Any) -> datetime.datetime:
    """The day that a book counts its dates from."""
    day = document.NullDate
    return datetime.datetime(day.Year, day.Month, day.Day)


def write_values(office: Any, document: Any, cells: Any, values: Sequence[Sequence[Any]]) -> None:
    """Writes what :func:`read_values` reads, with Excel's two signs: ``=`` begins a formula, ``'`` a text as it is.

    Other texts stay texts, also those that look like a number. Formats change only where they must: truth values and
    dates are numbers that look like such by their format. Raises an exception of UNO's for protected cells.
    """
    origin = null_date(document)
    stored = tuple(tuple(_stored(_plain(value), origin) for value in row) for row in values)
    formats = _needed_formats(document, cells, values)
    cells.setDataArray(stored)
    for kind, places in formats.items():
        _set_format(office, document, cells, kind, places)
    for top, column, formulas in _formulas(values):
        run = cells.getCellRangeByPosition(column, top, column, top + len(formulas) - 1)
        run.setFormulaArray(tuple((to_office(text),) for text in formulas))


def _plain(value: Any) -> Any:
    """A value without the sign that says how to read it; nothing where a formula comes."""
    if not isinstance(value, str):
        return value
    return "" if value.startswith("=") else value.removeprefix("'")


def _formulas(values: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int, list[str]]]:
    """Runs of formulas below each other: first row, column, texts."""
    for column in range(len(values[0]) if values else 0):
        run: list[str] = []
        for row, cells in enumerate(values):
            value = cells[column]
            if isinstance(value, str) and value.startswith("="):
                run.append(value)
            elif run:
                yield row - len(run), column, run
                run = []
        if run:
            yield len(values) - len(run), column, run


def _stored(value: Any, origin: datetime.datetime) -> str | float:
    """What setDataArray takes: floats and texts only (anything else brings LibreOffice 7.4 down)."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - origin) / datetime.timedelta(days=1)
    if isinstance(value, datetime.date):
        return float((value - origin.date()).days)
    if isinstance(value, datetime.time):
        value = datetime.datetime.combine(datetime.date.min, value.replace(tzinfo=None)) - datetime.datetime.min
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    return float(value)


def _needed_formats(document: Any, cells: Any, values: Sequence[Sequence[Any]]) -> dict[int, list[tuple[int, int]]]:
    """The kinds of format that written values need and their cells do not have; 0 is the general format."""
    kinds = [[_kind(value) for value in row] for row in values]
    if all(kind is None for row in kinds for kind in row):
        return {}
    now = [[0] * len(row) for row in kinds]
    for kind, area in _formatted(document, cells, cells.RangeAddress, _DATE | _TIME | _LOGICAL):
        for row, column in _places(area):
            now[row][column] = kind
    needed: dict[int, list[tuple[int, int]]] = {}
    for row, column in _places((0, 0, len(kinds), len(kinds[0]))):
        want, have = kinds[row][column], now[row][column]
        fits = want is None or (have & want if want else not have & _LOGICAL)
        if not fits:
            needed.setdefault(want or 0, []).append((row, column))
    return needed


def _kind(value: Any) -> int | None:
    if isinstance(value, bool):
        return _LOGICAL
    if isinstance(value, datetime.datetime):
        return _DATE | _TIME if value.time() != datetime.time() else _DATE
    if isinstance(value, datetime.date):
        return _DATE
    if isinstance(value, datetime.time | datetime.timedelta):
        return _TIME
    return None if value is None or isinstance(value, str) else 0


def _set_format(office: Any, document: Any, cells: Any, kind: int, places: list[tuple[int, int]]) -> None:
    area = cells.RangeAddress
    chosen = document.createInstance("com.sun.star.sheet.SheetCellRanges")
    addresses = tuple(
        office.struct(
            "table.CellRangeAddress",
            Sheet=area.Sheet,
            StartRow=area.StartRow + top,
            EndRow=area.StartRow + bottom,
            StartColumn=area.StartColumn + column,
            EndColumn=area.StartColumn + column,
        )
        for column, top, bottom in _runs(places)
    )
    chosen.addRangeAddresses(addresses, True)
    locale = office.struct("lang.Locale")
    chosen.NumberFormat = document.NumberFormats.getStandardFormat(kind, locale) if kind else 0


def _runs(places: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Cells that stand below each other, as their column, first row and last row."""
    runs: list[tuple[int, int, int]] = []
    for row, column in sorted(places, key=lambda place: (place[1], place[0])):
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1] = (column, runs[-1][1], row)
        else:
            runs.append((column, row, row))
    return runs
