"""Numbers that a sheet shows as dates, times or durations: which formats do so, and what such a number stands for."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from behov_xl.workbook.package import attributes, plainly, remembered

_FORMATS = re.compile(rb"<cellXfs[ >](.*?)</cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<xf\b([^<>]*+)>")
_NUMBER_FORMAT = re.compile(rb"<numFmt ([^<>]*+)>")
_LONGEST = 255
"""Characters of a number format; Excel takes no longer one."""
_DATES = {str(id_) for id_ in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))}
"""The built-in number formats of dates and times (ECMA-376 18.8.30)."""
_DURATION = "46"
"""The one of them that counts hours on beyond a day."""
_SAID = re.compile(r"\"[^\"]*\"|\\.|\[(?!h+\]|m+\]|s+\])[^\[\]]*\]", re.IGNORECASE)
"""What is written as it stands, or is a colour, a condition or a language."""
_DATED, _COUNTING = re.compile("[dmyhs]", re.IGNORECASE), re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_FIRST_DAY, _FIRST_DAY_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)
_LEAP_DAY = 60
"""29 February 1900, which Excel counts and which never was: the days before are one later than they are counted."""
_MILLISECONDS = 86_400_000
Shown = datetime.date | datetime.time | datetime.timedelta | float


@dataclass(frozen=True, slots=True, eq=False)
class DateFormats:
    """The formats of a workbook that show dates. There is one object for all workbooks that have the same."""

    cells: re.Pattern[bytes]
    """Finds the cells of a row that hold such a number: the letters of the column, and the format's number."""
    durations: frozenset[bytes]
    """The formats that show durations, by number."""
    since_1904: bool
    """Whether days are counted from 1904, as Excel for Mac did."""


@remembered
def date_formats(styles: bytes, counted: str = "") -> DateFormats | None:
    """What shows dates, if the styles know any; ``counted`` is "1904" where days are counted from then on."""
    xml = plainly(styles)
    found = _FORMATS.search(xml)
    ids = [attributes(one).get("numFmtId", "") for one in _FORMAT.findall(found[1])] if found else []
    own = {one["numFmtId"]: one["formatCode"] for one in _own(xml)}
    codes = {id_: _SAID.sub("", code) for id_, code in own.items() if len(code) <= _LONGEST}
    durations = {id_ for id_, code in codes.items() if _COUNTING.search(code)}.union({_DURATION} - own.keys())
    dated = {id_ for id_, code in codes.items() if _DATED.search(code)}.union(_DATES - own.keys())
    return _formats(
        tuple(number for number, id_ in enumerate(ids) if id_ in dated),
        frozenset(str(number).encode() for number, id_ in enumerate(ids) if id_ in durations),
        counted == "1904",
    )


def _own(xml: bytes) -> Iterator[dict[str, str]]:
    for one in _NUMBER_FORMAT.findall(xml):
        told = attributes(one)
        if told.keys() >= {"numFmtId", "formatCode"}:
            yield told


@lru_cache(maxsize=64)
def _formats(dated: tuple[int, ...], durations: frozenset[bytes], since_1904: bool) -> DateFormats | None:
    if not dated:
        return None
    numbers = "|".join(map(str, dated))
    cells = re.compile(rf'<c r="([A-Z]{{1,3}})[0-9]+" s="({numbers})"(?: t="n")?>'.encode())
    return DateFormats(cells, durations, since_1904)


def shown_date(number: float, style: bytes, formats: DateFormats) -> Shown:
    """What a number stands for in a cell of this format, to the millisecond; the number itself if that is no date.

    A date without a time of day is a ``date``; a time of day without a date, a ``time``.
    """
    try:
        after = datetime.timedelta(milliseconds=round(number * _MILLISECONDS))
        if style in formats.durations:
            return after
        if number < 0:
            return number
        first = _FIRST_DAY_1904 if formats.since_1904 else _FIRST_DAY
        if number < _LEAP_DAY and not formats.since_1904:
            after += datetime.timedelta(days=1)
        moment = first + after
    except (OverflowError, ValueError):
        return number
    if number < 1:
        return moment.time()
    return moment if moment.time() != datetime.time() else moment.date()
