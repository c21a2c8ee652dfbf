"""Reads sheets that are written as Excel, LibreOffice and XlsxWriter write them, in one pass: values, formulas, errors.

One regular expression does that for what nearly every workbook looks like, row by row; and since workbooks come from
one template, rows that were read before are known by their text. What is not known to the letter is
:class:`Unfamiliar`, and is written so first: see :mod:`behov_xl.workbook.rewritten_sheets`. Tests hold what is read
against python-calamine.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import zip_longest
from operator import itemgetter
from typing import Any, NamedTuple

from behov_xl.workbook.dates import DateFormats, shown_date
from behov_xl.workbook.formula_checks import asks
from behov_xl.workbook.grid import CellValue, Position, column_letters, position
from behov_xl.workbook.written_texts import NUMBER, WHITE, Unfamiliar, decoded, text_of, with_entities

# Nothing is given back that could be long: what does not match costs a hostile part no more than its length.
# (?>(?:…)*), not (?:…)*+: see tests/test_patterns.py.
_CELL = re.compile(
    r'<c r="([A-Z]{1,3}+)([1-9][0-9]{0,6}+)"(?: s="[0-9]++")?(?: t="([a-z]++)")?>'
    r"(<f[^<>]*+>(?:[^<>]++</f>)?)?(?:<v>([^<]*+)</v>)?</c>"
)
_CELL_GROUPS = 5 + 1
_INLINE = re.compile(r' t="inlineStr"><is><t( xml:space="preserve")?>([^<]*+)</t></is></c>')
"""A text that stands in its cell, as we write those of findings."""
_ROW = re.compile(
    r'\n?(?>(?:<row r="[1-9][0-9]{0,6}+"[^<>]*+(?<=/)>\n?)*)<row r="([1-9][0-9]{0,6}+)"[^<>]*+(?<!/)>'
    r'(?>(?:<c r="[A-Z]{1,3}+[1-9][0-9]{0,6}+"(?: s="[0-9]++")?/>|\n)*)'
)
"""What is left of a row without its cells that hold something; and before it, rows that hold nothing."""
_NO_ROWS = re.compile(r'(?>(?:\n?<row r="[1-9][0-9]{0,6}+"[^<>]*+(?<=/)>)*)\n?')
_FORMULA = re.compile(r"<f(?: [^<>]{0,300})?/?>([^<>]{0,9000})(?:</f>)?")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_START, _END, _NOTHING, _END_OF_ROW = b"<sheetData>", b"</sheetData>", b"<sheetData/>", b"</row>"
_NEVER_EMPTY = frozenset({None, "n", "b", "e"})
_COLUMNS = {column_letters(column): column for column in range(100)}
"""The columns that are read in a sheet of which it is not known how far it reaches: a row is laid out before."""
_ROWS_KEPT, _LONG = 4096, 4_000
"""Rows that are kept, and their bytes at most: what is kept must not grow with what somebody uploads."""
_SHEETS_KEPT, _SMALL = 64, 40_000
"""Sheets of which all rows are kept, and their bytes at most."""


_Formulas = Mapping[str, str | None]


class _Notable(NamedTuple):
    """What few rows have."""

    errors: dict[Position, str]
    hidden: bytes
    """The row's tag, and of those before it, if one of them may say that it is hidden."""
    asks: bool
    """Whether a formula asks a program or another machine for its value."""


class _Row(NamedTuple):
    """One row as it is written, whatever the texts are that its cells share with others."""

    number: int
    """From 0."""
    width: int
    values: list[CellValue]
    """From column A on, ``''`` where a shared text stands. Shared between workbooks, so it must not be changed."""
    texts: tuple[tuple[int, int], ...]
    """Column and number of each shared text."""
    formulas: _Formulas
    notable: _Notable | None


_width, _formulas_of = (itemgetter(_Row._fields.index(name)) for name in ("width", "formulas"))


@dataclass(slots=True)
class PlainSheet:
    """One sheet, and how many of its rows and columns hold something, counted from A1."""

    head: bytes
    """Its XML up to the element of its rows."""
    tail: bytes
    """What follows the rows, the end tag of their element included."""
    height: int
    width: int
    formulas: _Formulas
    """By address; ``None`` for a cell that only says that it shares another's. Shared, so it must not be changed."""
    _written: list[_Row]
    _rest: bytes
    rows: list[list[CellValue]] = field(default_factory=list)
    """All rows, equally long, ``''`` where nothing stands. Some are shared, so that they must not be changed."""
    errors: dict[Position, str] = field(default_factory=dict)
    """The error values by cell."""
    hidden: bytes = b""
    """The tags of rows that may be hidden."""
    asks: bool = False
    """Whether a formula asks a program or another machine for its value."""

    def text_bytes(self, texts: Sequence[str]) -> int:
        """What its shared texts take up, as often as they are named."""
        return sum(len(texts[text]) for row in self._written for _, text in row.texts if text < len(texts))

    def lay_out(self, texts: Sequence[str]) -> None:
        """Fills in the rows, and what goes with them; ``texts`` are those that cells share.

        Raises :class:`Unfamiliar`, also for a text that is not among them.
        """
        rows, width, last = self.rows, self.width, -1
        empty: list[CellValue] = [""] * width
        tags: list[bytes] = []
        try:
            for number, filled, values, shared, _, notable in self._written:
                if number <= last:
                    raise Unfamiliar("order of rows")
                last = number
                if filled:
                    if len(rows) < number:
                        rows += [empty] * (number - len(rows))
                    row = values if filled == width and not shared else values + empty[filled:]
                    for column, text in shared:
                        row[column] = texts[text]
                    rows.append(row)
                if notable is not None:
                    self.errors.update(notable.errors)
                    self.asks |= notable.asks
                    tags.append(notable.hidden)
        except IndexError as error:
            raise Unfamiliar("strings") from error
        self.hidden = b"".join([*tags, self._rest if b"hidden" in self._rest else b""])


def read_sheet(xml: bytes, dates: DateFormats | None, name: str = "", *, bounded: bool = False) -> PlainSheet:
    """One sheet, from its XML. Sheets of one name may have rows in common.

    ``bounded``: it is known already that it does not reach too far; nothing of it is kept then. Raises
    :class:`Unfamiliar`.
    """
    reader = _Reader(dates, bounded=True) if bounded else _reader(dates)
    head, cells, tail = reader.read(name, xml)
    return PlainSheet(head, tail, cells.height, cells.width, cells.formulas, cells.rows, cells.rest)


def _parted(xml: bytes, start: int) -> tuple[bytes, list[bytes], bytes, bytes]:
    """What stands before the element of the rows; the rows, without their end tags; the rest of it; what follows.

    ``start``: where the element begins. Its end tag is the beginning of what follows.
    """
    if start >= 0:
        *pieces, rest = xml[start + len(_START) :].split(_END_OF_ROW)
        end = rest.find(_END)
        if end >= 0:
            return xml[:start], pieces, rest[:end], rest[end:]
    elif xml.count(b"sheetData") == xml.count(_NOTHING) == 1:
        head, _, tail = xml.partition(_NOTHING)
        return head, [], b"", _END + tail
    raise Unfamiliar("cells")


class _Cells(NamedTuple):
    """The rows of a sheet as they are written, and all that can be said of them without the texts."""

    rows: list[_Row]
    rest: bytes
    """What is left behind them in their element."""
    height: int
    width: int
    of_rows: list[_Formulas]
    formulas: _Formulas


class _Last(NamedTuple):
    """A sheet of the last workbook: the element of its rows, those rows, and what they are."""

    xml: bytes
    pieces: list[bytes]
    cells: _Cells


class _Reader:
    """Reads rows, and knows again those that it has read before."""

    def __init__(self, dates: DateFormats | None, *, bounded: bool = False) -> None:
        self._row = partial(_row, dates=dates, bounded=bounded)
        self._kept = self._row if bounded else lru_cache(maxsize=_ROWS_KEPT)(self._row)
        self.last: dict[str, _Last] = {}
        """By the sheet's name: most rows are those of the last workbook, and soonest found there. So are formulas."""

    def read(self, name: str, xml: bytes) -> tuple[bytes, _Cells, bytes]:
        """What stands before the element of the rows, the rows, and what follows, the element's end tag included."""
        start = xml.find(_START)
        last = self.last.get(name)
        if last is not None and xml.startswith(last.xml, start):
            end = start + len(last.xml)
            if xml.find(_END_OF_ROW, end) < 0:  # rows behind the element are looked at as ever
                return xml[:start], last.cells, xml[end - len(_END) :]
        head, pieces, rest, tail = _parted(xml, start)
        if rest and not _NO_ROWS.fullmatch(decoded(rest)):
            raise Unfamiliar("rows")
        cells = self._cells(pieces, rest, last)
        if len(xml) <= _SMALL:
            if len(self.last) >= _SHEETS_KEPT:
                self.last.clear()
            element = xml[len(head) : len(xml) - len(tail) + len(_END)]
            self.last[name] = _Last(element, pieces, cells)
        return head, cells, tail

    def _cells(self, pieces: list[bytes], rest: bytes, last: _Last | None) -> _Cells:
        """The rows of a sheet, and what follows them in their element."""
        before, known = (last.pieces, last.cells) if last else ([], _Cells([], b"", 0, 0, [], {}))
        rows = [
            row if piece == old else self._kept(piece) if len(piece) <= _LONG else self._row(piece)
            for piece, old, row in zip_longest(pieces, before[: len(pieces)], known.rows[: len(pieces)])
        ]
        of_rows = list(filter(None, map(_formulas_of, rows)))
        formulas = known.formulas
        if of_rows != known.of_rows:
            formulas = {address: text for one in of_rows for address, text in one.items()}
        height = next((row.number + 1 for row in reversed(rows) if row.width), 0)
        return _Cells(rows, rest, height, max(map(_width, rows), default=0), of_rows, formulas)


_reader = lru_cache(maxsize=2)(_Reader)


def _split(xml: bytes) -> tuple[str, str, list[Any]]:
    """The number of a row as it is written, what is in it besides cells that hold something, and those, in groups."""
    text = decoded(xml)
    if "<is>" in text:
        text = _INLINE.sub(_as_value, text)
    parts = _CELL.split(text)
    between = "".join(parts[::_CELL_GROUPS]) if len(parts) > 1 else text
    tag = _ROW.fullmatch(between)
    if not tag or "xmlns" in between:
        raise Unfamiliar("row")
    return tag[1], between, parts


def _row(xml: bytes, dates: DateFormats | None, *, bounded: bool) -> _Row:
    """One row, without its end tag."""
    if b"\r" in xml:
        raise Unfamiliar("line end")
    own, between, parts = _split(xml)
    values: list[CellValue] = []
    texts: list[tuple[int, int]] = []
    formulas: dict[str, str | None] = {}
    errors: dict[Position, str] = {}
    for at in range(1, len(parts), _CELL_GROUPS):
        letters, row, kind, formula, content = parts[at : at + _CELL_GROUPS - 1]
        column = position(f"{letters}1")[1] if bounded else _COLUMNS.get(letters, -1)
        if row != own or column < len(values):
            raise Unfamiliar("order of cells")
        if formula is not None:
            formulas[letters + row] = _formula(formula)
        if kind == "s" and content:
            value: CellValue = ""
            texts.append((column, _index(content)))
        elif kind is None and content:
            value = _number(content)
        else:
            value = _value(kind, content)
            if value is None:
                continue
            if kind == "e":
                errors[int(own) - 1, column] = text_of(content)
        if column > len(values):
            values += [""] * (column - len(values))
        values.append(value)
    _show_dates(values, xml, dates)
    return _Row(int(own) - 1, len(values), values, tuple(texts), formulas, _notable(errors, between, formulas))


def _notable(errors: dict[Position, str], between: str, formulas: _Formulas) -> _Notable | None:
    hidden = between.encode() if "hidden" in between else b""
    asking = any(map(asks, formulas.values()))
    return _Notable(errors, hidden, asking) if errors or hidden or asking else None


def _show_dates(values: list[CellValue], xml: bytes, dates: DateFormats | None) -> None:
    """Puts dates in the place of the numbers of a row that are shown as such."""
    if dates is None:
        return
    for letters, style in dates.cells.findall(xml):
        column = position(f"{letters.decode()}1")[1]
        number = values[column] if column < len(values) else None
        if isinstance(number, float):
            values[column] = shown_date(number, style, dates)


def _index(content: str) -> int:
    if not _INDEX.fullmatch(content):
        raise Unfamiliar(content)
    return int(content)


def _as_value(match: re.Match[str]) -> str:
    text = match[2] if match[1] else match[2].strip(WHITE)
    return f' t="str"><v>{text}</v></c>'


def _value(kind: str | None, content: str | None) -> CellValue:
    """The value of a cell that is no shared text; ``None`` for a cell that has none."""
    if content is None or (not content and kind in _NEVER_EMPTY):
        return None
    if kind == "n":
        return _number(content)
    if kind == "str":
        return text_of(content)
    if kind == "e":
        return ""  # as python-calamine has it
    if kind == "b" and content in {"0", "1"}:
        return content == "1"
    if kind == "d":
        return _date(text_of(content))
    raise Unfamiliar(kind)


def _date(text: str) -> CellValue:
    """What is written as ISO 8601 has it, in the ways that mean one moment; any other text as it is."""
    for kind in (datetime.date, datetime.datetime, datetime.time):
        with suppress(ValueError):
            return kind.fromisoformat(text)
    return text


@lru_cache(maxsize=4096)
def _number(text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise Unfamiliar(text)
    return float(text)


@lru_cache(maxsize=4096)
def _formula(element: str) -> str | None:
    match = _FORMULA.fullmatch(element)
    if not match:
        raise Unfamiliar("formula")
    return with_entities(match[1]) if match[1] else None
