"""A cell of an open workbook, as the reader of files gives it: for reading sheets, and for worksheet functions."""

from __future__ import annotations

import datetime
from typing import Any

from behov_xl.workbook.grid import CellValue

_NAMES = {
    2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A",
    2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!", 2049: "#FIELD!",
    2050: "#CALC!",
}  # fmt: skip
_ERRORS = frozenset({*_NAMES.values(), "#BUSY!", "#EXTERNAL!", "#PYTHON!"})
_OFFSET = -2146828288
"""Desktop Excel gives an error value as its number, so far from zero; xlwings names the first seven."""
_NUMBERS = range(2000, 2100)
_DAY_ZERO = {datetime.date(1899, 12, 30), datetime.date(1899, 12, 31), datetime.date(1900, 1, 1)}
"""The dates that programs give to a time of day without a date."""


def file_value(cell: Any) -> CellValue:
    """What an engine of xlwings gives for a cell → whole days as dates, times of day as times, numbers as floats.

    An error value is its name in English.
    """
    if isinstance(cell, bool | str):
        return cell
    if isinstance(cell, datetime.datetime):
        if cell.date() in _DAY_ZERO and cell.time() != datetime.time():
            return cell.time()
        return cell.date() if cell.time() == datetime.time() else cell
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return cell
    if isinstance(cell, int) and cell - _OFFSET in _NUMBERS:
        return _NAMES.get(cell - _OFFSET, "#VALUE!")
    return "" if cell is None else float(cell)


def is_error(cell: object) -> bool:
    """Whether a cell's value is an error value: no person types one."""
    return isinstance(cell, str) and cell in _ERRORS
