"""Reads sheets that are written as Excel, LibreOffice and XlsxWriter write them, in one pass: values, formulas, errors.

python-calamine gives values only, so that formulas cost a second pass over what it has unpacked and parsed already.
Here one regular expression does both for what nearly every workbook looks like, row by row; and since workbooks come
from one template, rows that were read before are known by their text. What is not known to the letter is
:class:`Unfamiliar`, and is read the other way; tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from behov_xl.workbook.grid import CellValue, Position, column_letters
from behov_xl.workbook.package import remembered

# Possessive throughout: what does not match is given up at once; a hostile part costs no more than its length.
_CELL = re.compile(
    r'<c r="([A-Z]{1,2}+)([1-9][0-9]{0,6}+)"(?: s="[0-9]++")?+(?: t="([a-z]++)")?+>'
    r"(<f[^<>]*+>(?:[^<]++</f>)?+)?+(?:<v>([^<]*+)</v>)?+</c>"
)
_CELL_GROUPS = 5 + 1
_INLINE = re.compile(r' t="inlineStr"><is><t( xml:space="preserve")?+>([^<]*+)</t></is></c>')
"""A text that stands in its cell, as we write those of findings."""
_ROW = re.compile(
    r'\n?(?:<row r="[1-9][0-9]{0,6}+"[^<>]*+(?<=/)>\n?)*+<row r="([1-9][0-9]{0,6}+)"[^<>]*+(?<!/)>'
    r'(?:<c r="[A-Z]{1,3}+[1-9][0-9]{0,6}+"(?: s="[0-9]++")?+/>|\n)*+'
)
"""What is left of a row without its cells that hold something; and before it, rows that hold nothing."""
_NO_ROWS = re.compile(r'(?:\n?<row r="[1-9][0-9]{0,6}+"[^<>]*+(?<=/)>)*+\n?')
_FORMULA = re.compile(r"<f(?: [^<>]{0,300})?/?>([^<]{0,9000})(?:</f>)?")
_STRING = re.compile(r"<si><t( xml:space=\"preserve\")?+>([^<]*+)</t></si>")
_STRING_GROUPS = 2 + 1
_RICH_STRING = re.compile(
    r"<si>((?:<r>(?:<rPr>(?:<[A-Za-z]++(?: [a-z]++=\"[^\"<>]*+\")*+/>)*+</rPr>)?+"
    r"<t(?: xml:space=\"preserve\")?+>[^<]*+</t></r>|<t(?: xml:space=\"preserve\")?+>[^<]*+</t>)++)</si>"
)
_RUN = re.compile(r"<t( xml:space=\"preserve\")?>([^<]*)</t>")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPE = re.compile(r"_x([0-9A-F]{4})_")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,4})?")
_WHITE = " \t\r\n"
_START, _END_OF_ROW = b"<sheetData>", b"</row>"
_NEVER_EMPTY = frozenset({None, "n", "b", "e"})
_COLUMNS = {column_letters(column): column for column in range(100)}
"""The columns that are read here: a row is laid out before it is known how many there are."""
_ROWS_KEPT, _LONG = 4096, 4_000
"""Rows that are kept, and their bytes at most: what is kept must not grow with what somebody uploads."""

_FORMATS = re.compile(r"<cellXfs[ >](.*?)</cellXfs>", re.DOTALL)
_FORMAT = re.compile(r"<xf\b([^<>]*)>")
_NUMBER_FORMAT = re.compile(r"<numFmt numFmtId=\"([0-9]+)\" formatCode=\"([^\"<>]*)\"/?>")
_OF_FORMAT = re.compile(r" numFmtId=\"([0-9]+)\"")
_DATES = {str(id_) for id_ in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))}
"""The built-in number formats of dates and times (ECMA-376 18.8.30)."""
_NOT_DATED = re.compile(r"&quot;.*?&quot;|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|General", re.IGNORECASE)


class Unfamiliar(Exception):
    """A part that is not written as the programs that people use write it. It may be sound all the same."""


class _Row(NamedTuple):
    """One row as it is written, whatever the texts are that its cells share with others."""

    number: int
    """From 0."""
    values: list[CellValue]
    """From column A on, without the shared texts."""
    strings: tuple[tuple[int, str], ...]
    """Column and number of each shared text."""
    formulas: dict[str, str | None]
    errors: dict[Position, str]
    hidden: bytes
    """The row's tag, and of those before it, if one of them may say that it is hidden."""


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """One sheet: its rows, and how many rows and columns hold something, counted from A1."""

    written: list[_Row]
    height: int
    width: int
    frame: bytes
    """The sheet's XML up to its rows, and the tags of hidden ones: what says how they are shown."""

    def formulas(self) -> dict[str, str | None]:
        """By address; ``None`` for a cell that only says that it shares another's formula."""
        found: dict[str, str | None] = {}
        for row in self.written:
            found.update(row.formulas)
        return found

    def errors(self) -> dict[Position, str]:
        """The error values by cell."""
        return {place: value for row in self.written if row.errors for place, value in row.errors.items()}

    def texts(self) -> Iterator[str]:
        """The number of the shared text of each cell that has one."""
        return (text for row in self.written for _, text in row.strings)

    def rows(self, strings: Mapping[str, str]) -> list[list[CellValue]]:
        """All rows, equally long, ``''`` where nothing stands. ``strings`` are those of :func:`read_strings`.

        Raises :class:`Unfamiliar` for a text that is not among them.
        """
        rows: list[list[CellValue]] = []
        empty: list[CellValue] = [""] * self.width
        try:
            for number, values, shared, *_ in self.written:
                if number >= self.height:
                    break
                while len(rows) < number:
                    rows.append(empty[:])
                row = values + empty[len(values) :]
                for column, text in shared:
                    row[column] = strings[text]
                rows.append(row)
        except KeyError as error:
            raise Unfamiliar("strings") from error
        return rows


def read_sheet(cells: bytes, dated: re.Pattern[bytes] | None) -> PlainSheet:
    """One sheet.

    ``cells`` is its XML up to the end of its cells (:func:`behov_xl.workbook.sheet_facts.cell_data`), ``dated`` what
    :func:`dated_cells` made. Raises :class:`Unfamiliar`, also for a cell that shows a date.
    """
    start = _first_row(cells)
    if cells.find(b"\r", start) >= 0 or (dated is not None and dated.search(cells, start)):
        raise Unfamiliar("dates")
    *pieces, rest = cells[start:].split(_END_OF_ROW)
    if rest and not _NO_ROWS.fullmatch(_decoded(rest)):
        raise Unfamiliar("rows")
    written = [_kept_row(piece) if len(piece) <= _LONG else _row(piece) for piece in pieces]
    height = width = 0
    last = -1
    hidden = [rest] if b"hidden" in rest else []
    for number, values, _, _, _, tag in written:
        if number <= last:
            raise Unfamiliar("order of rows")
        last = number
        if values:
            height = last + 1
            width = max(width, len(values))
        if tag:
            hidden.append(tag)
    return PlainSheet(written, height, width, b"".join([cells[:start], *hidden]))


def _first_row(cells: bytes) -> int:
    """Where the first row begins, behind the start tag of the cells' element."""
    start = cells.find(_START)
    if start < 0:
        if cells.count(b"sheetData") == cells.count(b"<sheetData/>") == 1:
            return len(cells)
        raise Unfamiliar("cells")
    return start + len(_START)


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unfamiliar("encoding") from error


def _split(xml: bytes) -> tuple[str, str, list[Any]]:
    """The number of a row as it is written, what is in it besides cells that hold something, and those, in groups."""
    text = _decoded(xml)
    if "<is>" in text:
        text = _INLINE.sub(_as_value, text)
    parts = _CELL.split(text)
    between = "".join(parts[::_CELL_GROUPS]) if len(parts) > 1 else text
    tag = _ROW.fullmatch(between)
    if not tag:
        raise Unfamiliar("row")
    return tag[1], between, parts


def _row(xml: bytes) -> _Row:
    """One row, without its end tag."""
    own, between, parts = _split(xml)
    values: list[CellValue] = []
    strings: list[tuple[int, str]] = []
    formulas: dict[str, str | None] = {}
    errors: dict[Position, str] = {}
    for at in range(1, len(parts), _CELL_GROUPS):
        letters, row, kind, formula, content = parts[at : at + _CELL_GROUPS - 1]
        column = _COLUMNS.get(letters, -1)
        if row != own or column < len(values):
            raise Unfamiliar("order of cells")
        if formula is not None:
            formulas[letters + row] = _formula(formula)
        if kind == "s" and content:
            value: CellValue = ""
            strings.append((column, content))
        elif kind is None and content:
            value = _number(content)
        else:
            value = _value(kind, content)
            if value is None:
                continue
            if kind == "e":
                errors[int(own) - 1, column] = _text(content)
        if column > len(values):
            values += [""] * (column - len(values))
        values.append(value)
    hidden = between.encode() if "hidden" in between else b""
    return _Row(int(own) - 1, values, tuple(strings), formulas, errors, hidden)


def _as_value(match: re.Match[str]) -> str:
    text = match[2] if match[1] else match[2].strip(_WHITE)
    return f' t="str"><v>{text}</v></c>'


_kept_row = lru_cache(maxsize=_ROWS_KEPT)(_row)


def _value(kind: str | None, content: str | None) -> CellValue:
    """The value of a cell that is no shared text; ``None`` for a cell that has none."""
    if content is None or (not content and kind in _NEVER_EMPTY):
        return None
    if kind == "n":
        return _number(content)
    if kind == "str":
        return _text(content)
    if kind == "e":
        return ""  # as python-calamine has it
    if kind == "b" and content in {"0", "1"}:
        return content == "1"
    raise Unfamiliar(kind)


@lru_cache(maxsize=4096)
def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise Unfamiliar(text)
    return float(text)


@lru_cache(maxsize=4096)
def _formula(element: str) -> str | None:
    match = _FORMULA.fullmatch(element)
    if not match:
        raise Unfamiliar("formula")
    return _with_entities(match[1]) if match[1] else None


def _text(text: str) -> str:
    """A text as a reader sees it: entities and ``_x000D_`` resolved."""
    text = _with_entities(text) if "&" in text else text
    return _ESCAPE.sub(lambda match: _character(int(match[1], 16)), text) if "_x" in text else text


def _with_entities(text: str) -> str:
    found, times = _ENTITY.subn(_entity, text)
    if times != text.count("&"):
        raise Unfamiliar("entity")
    return found


def _entity(match: re.Match[str]) -> str:
    return _NAMED[match[3]] if match[3] else _character(int(match[1], 16) if match[1] else int(match[2]))


def _character(code: int) -> str:
    if not 0 < code < 0xD800 and not 0xE000 <= code <= 0x10FFFF:
        raise Unfamiliar("character")
    return chr(code)


def read_strings(xml: bytes) -> dict[str, str]:
    """The texts that cells share, by the number that a cell names them with. Raises :class:`Unfamiliar`."""
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unfamiliar("encoding") from error
    start, end = text.find("<si>"), text.rfind("</sst>")
    if start < 0 or end < start or "\r" in text:
        if "<si" in text or "\r" in text:
            raise Unfamiliar("strings")
        return {}
    body = text[start:end]
    parts = _STRING.split(body)
    if any(parts[::_STRING_GROUPS]):
        texts = list(_rich(body))
    else:
        kept = zip(parts[1::_STRING_GROUPS], parts[2::_STRING_GROUPS], strict=True)
        texts = [text if keep else text.strip(_WHITE) for keep, text in kept]
    if "&" in body or "_x" in body:
        texts = [_text(text) for text in texts]
    return dict(zip(_numbered(-(-len(texts) // 1000) * 1000), texts, strict=False))


@lru_cache(maxsize=64)
def _numbered(number: int) -> tuple[str, ...]:
    return tuple(map(str, range(number)))


def _rich(body: str) -> list[str]:
    """The texts where some of them are in several pieces, each with its own font."""
    parts = _RICH_STRING.split(body)
    if any(parts[::2]):
        raise Unfamiliar("strings")
    return [
        "".join(text if keep else text.strip(_WHITE) for keep, text in _RUN.findall(pieces)) for pieces in parts[1::2]
    ]


@remembered
def dated_cells(styles: bytes) -> re.Pattern[bytes] | None:
    """What finds a number that may be shown as a date, if the styles know any. Raises :class:`Unfamiliar`."""
    text = styles.decode("utf-8", "replace")
    formats = _FORMATS.search(text)
    if not formats:
        raise Unfamiliar("styles")
    own = {id_ for id_, code in _NUMBER_FORMAT.findall(text) if re.search("[dmyhs]", _NOT_DATED.sub("", code), re.I)}
    if text.count("<numFmt ") != len(_NUMBER_FORMAT.findall(text)):
        raise Unfamiliar("styles")
    dated = []
    for number, attributes in enumerate(_FORMAT.findall(formats[1])):
        id_ = _OF_FORMAT.search(attributes)
        if id_ and (id_[1] in own or id_[1] in _DATES):
            dated.append(str(number))
    return re.compile(rf' s="(?:{"|".join(dated)})"(?: t="n")?>'.encode()) if dated else None
