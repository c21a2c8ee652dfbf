"""Worksheet functions: the validator's reading of amounts, hours and checkboxes, in any cell of any workbook.

xlwings shows a function in Excel by the name, the arguments and the docstring that it has in Python: these are what
users see. The names are Norwegian, but ASCII: the VBA source that xlwings writes is in the system's code page. The help
is the message catalogue's. On platforms where xlwings offers no worksheet functions they are plain functions.

An area in, an area of the same shape out. A cell without a value gives ``""``, an error value itself, and what cannot
be read a text that says why: xlwings cannot return error values to desktop Excel.
"""
# ruff: noqa: A002, N802

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import xlwings as xw

from behov_xl import values
from behov_xl.extent import hours_said, product_slack
from behov_xl.findings import Severity
from behov_xl.messages import LANGUAGES, catalogue, preferred_language
from behov_xl.rules.slips import TOLERANCE as KRONER
from behov_xl.values import Cell, Fault, Parsed, clean, is_placeholder
from behov_xl.workbook.cells import ABSURD
from behov_xl.workbook.live_cells import file_value, is_error

__all__ = [
    "BEHOV_BELOP", "BEHOV_ETT_KRYSS", "BEHOV_FUNN", "BEHOV_KRYSS", "BEHOV_SUMAVVIK", "BEHOV_TIMEAVVIK", "BEHOV_TIMER",
]  # fmt: skip

Result = float | bool | str
Function = TypeVar("Function", bound=Callable[..., Any])

_WORDS = catalogue(preferred_language())
_DESKTOP = xw.func.__module__ == "xlwings.udfs"
"""Whether xlwings talks to desktop Excel on Windows, where a function may look into the workbook that calls it."""


def _say(key: str, **params: Any) -> str:
    return _WORDS.text(f"functions.{key}", **params)


def _worksheet_function(**options: Any) -> Callable[[Function], Function]:
    """Registers a function with xlwings, and with it the help that Excel shows.

    Arguments and result are annotated ``Any``, since xlwings takes the annotations for converters.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        function.__doc__ = _say(f"{name}.help")
        arguments = [one for one in function.__annotations__ if one not in {"return", "caller"}]
        for argument in arguments:
            described = xw.arg(argument, ndim=2, err_to_str=True, doc=_say(f"{name}.{argument}"))
            function = described(function)
        return xw.func(category=_say("category"), **options)(function)

    return register


# -------------------------------------------------------------------------------------------- areas


def _each(read: Callable[[Any], Result], *areas: Any) -> Any:
    """``read`` of each cell, or of the cells at the same place in several areas. A single cell goes with every one."""
    if not any(isinstance(area, list) for area in areas):
        return read(*areas)
    grids = [_rows(area) for area in areas]
    height, width = (max(sizes) for sizes in zip(*map(_size, grids), strict=True))
    if any(_size(grid) not in {(1, 1), (height, width)} for grid in grids):
        return _say("sizes")
    full = [grid if _size(grid) == (height, width) else [grid[0] * width] * height for grid in grids]
    return [[read(*cells) for cells in zip(*rows, strict=True)] for rows in zip(*full, strict=True)]


def _rows(area: Any) -> list[list[Any]]:
    """An area as rows of cells; a single cell comes as itself where it is empty."""
    return area if isinstance(area, list) else [[area]]


def _size(grid: Sequence[Sequence[Any]]) -> tuple[int, int]:
    return len(grid), len(grid[0]) if grid else 0


def _cells(area: Any) -> Iterable[Any]:
    return (cell for row in _rows(area) for cell in row)


# -------------------------------------------------------------------------------------------- cells


def _number(read: Callable[[Cell], Parsed[float]], raw: Any) -> float | str:
    """The cell's number, or what to show instead."""
    cell = file_value(raw)
    if isinstance(cell, str) and (not cell or is_error(cell) or is_placeholder(cell)):
        return cell if cell[:1] == "#" else ""
    parsed = read(cell)
    if parsed.value is None:
        return _say(_why_not(cell, parsed)) if parsed.fault else ""
    return parsed.value if abs(parsed.value) <= ABSURD else _say("impossible")


def _why_not(cell: Cell, parsed: Parsed[Any]) -> str:
    if isinstance(cell, datetime.date):
        return "date"
    return "ambiguous" if parsed.fault is Fault.AMBIGUOUS else "unreadable"


def _amount(cell: Any) -> float | str:
    return _number(values.amount, cell)


def _hours(cell: Any) -> float | str:
    return _number(values.hours, cell)


def _tick(raw: Any) -> bool | str:
    cell = file_value(raw)
    parsed = values.checkbox(cell)
    if parsed.value is not None:
        return parsed.value
    return str(cell) if is_error(cell) else _say(_why_not(cell, parsed))


# ---------------------------------------------------------------------------------------- functions


@_worksheet_function()
def BEHOV_BELOP(tekst: Any) -> Any:
    """Each amount in kroner."""
    return _each(_amount, tekst)


@_worksheet_function()
def BEHOV_TIMER(tekst: Any) -> Any:
    """Each number of hours."""
    return _each(_hours, tekst)


@_worksheet_function()
def BEHOV_KRYSS(celle: Any) -> Any:
    """Whether each checkbox is ticked."""
    return _each(_tick, celle)


@_worksheet_function()
def BEHOV_ETT_KRYSS(omrade: Any) -> Any:
    """Whether exactly one of the checkboxes is ticked. One that cannot be read matters unless two others are."""
    ticks = [_tick(cell) for cell in _cells(omrade)]
    ticked = ticks.count(True)
    unknown = sum(isinstance(tick, str) for tick in ticks)
    return _say("some_unreadable", count=unknown) if unknown and ticked < 2 else ticked == 1


@_worksheet_function()
def BEHOV_SUMAVVIK(omrade: Any, sum: Any) -> Any:
    """The sum that is stated less what the cells add up to: positive where too much is stated.

    One sum is of the whole area, a row of sums of its columns, a column of sums of its rows.
    """
    rows, stated = _rows(omrade), _rows(sum)
    (height, width), size = _size(rows), _size(stated)
    if size == (1, 1):
        off: Any = _sum_off(_cells(rows), stated[0][0])
        return [[off]] if isinstance(sum, list) else off
    if size == (1, width):
        return [[_sum_off(*one) for one in zip(zip(*rows, strict=True), stated[0], strict=True)]]
    if size == (height, 1):
        return [[_sum_off(row, one)] for row, (one,) in zip(rows, stated, strict=True)]
    return _say("sizes")


def _sum_off(cells: Iterable[Any], stated: Any) -> float | str:
    shown = _amount(stated)
    if isinstance(shown, str):
        return shown
    total, unreadable = 0.0, 0
    for cell in cells:
        amount = _amount(cell)
        if not isinstance(amount, str):
            total += amount
        elif amount:
            unreadable += 1
    if unreadable:
        return _say("some_unreadable", count=unreadable)
    return 0.0 if abs(shown - total) < KRONER else round(shown - total, 2)


@_worksheet_function()
def BEHOV_TIMEAVVIK(semestre: Any, ganger: Any, timer: Any, omfang: Any) -> Any:
    """The hours stated, as a number or in words, less semesters × times × hours. ``""`` where one is not known."""
    return _each(_hours_off, semestre, ganger, timer, omfang)


def _hours_off(*cells: Any) -> float | str:
    *factors, raw = cells
    numbers: list[float] = []
    for number, limit in zip(map(_hours, factors), _limits(), strict=True):
        if isinstance(number, str):
            return number
        if not 0 <= number <= limit:
            return _say("impossible")
        numbers.append(number)
    semesters, times, each = numbers
    stated = _stated(raw, semesters)
    if isinstance(stated, str):
        return stated
    off = stated - semesters * times * each
    return 0.0 if abs(off) <= product_slack(semesters, times, each) else round(off, 2)


def _stated(raw: Any, semesters: float) -> float | str:
    """Hours as a number, or else as a description gives them; ``""`` where the words leave it open."""
    number = _hours(raw)
    if not isinstance(raw, str) or not isinstance(number, str) or not number or is_error(number):
        return number
    said = hours_said(clean(raw), semesters)
    return "" if said is None else said


@lru_cache(maxsize=1)
def _limits() -> tuple[float, ...]:
    """The most semesters, times per semester and hours each time that the form takes for possible."""
    from behov_xl.form import current
    from behov_xl.workbook.input_rules import maximum

    columns = current().by_id["activities"].by_id
    return tuple(maximum(columns[one]) for one in ("semesters", "times", "hours_each"))


# ----------------------------------------------------------------------------------------- findings


def _findings(area: Any, caller: Any) -> Any:
    """How many findings count in an area of the table of findings, or in that table of the workbook that calls."""
    if area is not None:
        return _open_findings(_rows(area))
    if caller is None:
        return _say("no_caller")
    rows = _table_of_findings(caller.sheet.book)
    return _say("no_table") if rows is None else _open_findings(rows)


def _open_findings(rows: list[list[Any]]) -> int:
    """Rows with a severity: those that are answered have another word there, and the adviser's own rows none."""
    words = _severities()
    for column in zip(*rows, strict=True):
        found = sum(isinstance(cell, str) and clean(cell).casefold() in words for cell in column)
        if found:
            return found
    return 0


@lru_cache(maxsize=1)
def _severities() -> frozenset[str]:
    return frozenset(catalogue(lang).text(f"severity.{one}").casefold() for lang in LANGUAGES for one in Severity)


def _table_of_findings(book: xw.Book) -> list[list[Any]] | None:
    """The data rows of the workbook's table of findings; ``None`` where it has no such table."""
    from behov_xl.form import current

    form = current()
    table = form.by_id["findings"]
    names = next(sheet.label.both for sheet in form.sheets if sheet.id == table.sheet)
    for sheet in sorted(book.sheets, key=lambda one: one.name not in names):  # where it usually is, before elsewhere
        for one in sheet.tables:
            if one.name.casefold() == table.name.casefold():
                body = one.data_body_range
                return [] if body is None else _rows(body.options(ndim=2).value)
    return None


def _counting() -> Callable[..., Any]:
    """BEHOV_FUNN, with an argument for the calling cell where xlwings fills it in: elsewhere users would see it."""

    def of_the_caller(funn: Any = None, caller: Any = None) -> Any:
        return _findings(funn, caller)

    def of_the_area(funn: Any = None) -> Any:
        return _findings(funn, None)

    function = of_the_caller if _DESKTOP else of_the_area
    function.__name__ = "BEHOV_FUNN"
    return function


# Without an argument nothing tells Excel what the number depends on, so it is counted anew whenever Excel calculates.
BEHOV_FUNN = _worksheet_function(volatile=_DESKTOP)(_counting())
