"""The parts of an .xlsx package, read straight from its bytes: which table stands where, which cells hold formulas.

python-calamine gives values fast but neither formulas, error values nor table areas without parsing a sheet per table.
Those few facts are found here by searching the bytes, which costs less than parsing the XML.
"""

from __future__ import annotations

import html
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import NamedTuple, TypeVar

from behov_xl.workbook.grid import Position, TableArea, position

# Every repetition is bounded: an unbounded one makes a hostile part cost the square of its length.
_ATTRIBUTE = re.compile(rb"""([\w:]{1,99})\s{0,9}=\s{0,9}(?:"([^"]{0,4000})"|'([^']{0,4000})')""")
_SHEET = re.compile(rb"<(?:\w{1,20}:)?sheet\s([^>]{0,4000})>")
_RELATIONSHIP = re.compile(rb"<(?:\w{1,20}:)?Relationship\s([^>]{0,4000})>")
_TABLE = re.compile(rb"<(?:\w{1,20}:)?table\s([^>]{0,4000})>")
_TABLE_COLUMN = re.compile(rb"<(?:\w{1,20}:)?tableColumn\s([^>]{0,4000})>")
_ANY_FORMULA_CELL = re.compile(rb"<(?:\w{1,20}:)?c\b([^>]{0,300})>\s{0,99}<(?:\w{1,20}:)?f[\s/>]")
_ERROR_CELL = re.compile(rb"<(?:\w{1,20}:)?c\b([^>]{0,200}\bt\s{0,9}=\s{0,9}[\"']e[\"'][^>]{0,200})>")
_VALUE = re.compile(rb"<(?:\w{1,20}:)?v>([^<]{0,40})<")
_REFERENCE = re.compile(rb"""\br\s{0,9}=\s{0,9}["']([A-Z]{1,3}[0-9]{1,7})["']""")
_FAR_CELL = re.compile(rb' r(?:="(?:[A-Z]{3}|[A-Z]{0,2}[0-9]{5})|=[^"]|[ ])')
_ROW_NUMBER = re.compile(rb"""\br\s{0,9}=\s{0,9}["'](?:[A-Z]{1,3})?([0-9]{5,9})""")
_ROW = re.compile(rb"""\br\s{0,9}=\s{0,9}["']([0-9]{1,7})["']""")
_WIDE_COLUMN = re.compile(rb"""\br\s{0,9}=\s{0,9}["']([A-Z]{2,4})""")
_HIDDEN = rb"""[^>]{0,400}\bhidden\s{0,9}=\s{0,9}["'](?:1|true)["'][^>]{0,400}"""
_HIDING = re.compile(rb"""hidden\s{0,9}=\s{0,9}["'](?:1|true)""")
_HIDDEN_ROW = re.compile(rb"<(?:\w{1,20}:)?row\b(" + _HIDDEN + rb")>")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w{1,20}:)?col\b(" + _HIDDEN + rb")>")
_FILTER_MODE = re.compile(rb"""\bfilterMode\s{0,9}=\s{0,9}["'](?:1|true)""")
_MERGED = re.compile(
    rb"""<(?:\w{1,20}:)?mergeCell\s{1,9}ref\s{0,9}=\s{0,9}["']([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})["']"""
)
_PROPERTY = re.compile(rb"<(?:\w{1,20}:)?property\s([^>]{0,4000})>\s{0,99}<(?:\w{1,20}:)?lpwstr>([^<]{0,4000})<")
_FORMULA = re.compile(rb"[^>]{0,300}>([^<]{0,9000})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_END_OF_DIRECTORY, _DIRECTORY_ENTRY = struct.Struct("<4s4H2LH"), struct.Struct("<4s6H3L5H2L")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
XML_HEAD = 100
"""Bytes in which the XML declaration and its line end stand."""
_SMALL = 1_000
"""Compressed bytes of a relationships or table part, at most."""
_PARSED = 2048
"""Parts whose parse is kept: workbooks made from one template share most of their small parts, byte for byte."""
_KEPT = 20_000
"""Bytes of such a part, at most: what is kept must not grow with what somebody uploads."""


_R = TypeVar("_R")


def remembered(parse: Callable[..., _R]) -> Callable[..., _R]:
    """Keeps what a parse of a small part came to. The result is shared, so it must not be changed."""
    kept = lru_cache(maxsize=_PARSED)(parse)

    @wraps(parse)
    def call(xml: bytes, *rest: str) -> _R:
        return kept(xml, *rest) if len(xml) <= _KEPT else parse(xml, *rest)

    return call


class DamagedPackage(Exception):
    """The package cannot be read: says which part and why, in English, for the technical line of the finding."""


class Entry(NamedTuple):
    """What the directory says of one part. Sizes in bytes."""

    flags: int
    method: int
    compressed: int
    size: int
    offset: int
    name: bytes
    """As it is written."""
    mode: int
    """What a Unix system says the file is, and who may do what with it; 0 where nothing is said."""


def _directory(data: bytes) -> tuple[dict[str, Entry], str]:
    """The zip directory, part name in lower case → entry; and a name that it has twice, if there is one.

    zipfile's costs twice as much: it makes an object of each.
    """
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_600))
    if at < 0 or at + _END_OF_DIRECTORY.size > len(data):
        raise DamagedPackage("no zip directory at its end")
    *_, count, _, place, _ = _END_OF_DIRECTORY.unpack_from(data, at)
    entries: dict[str, Entry] = {}
    repeated = ""
    for _ in range(count):
        if place + _DIRECTORY_ENTRY.size > at:
            raise DamagedPackage("the zip directory is cut off")
        fields = _DIRECTORY_ENTRY.unpack_from(data, place)
        if fields[0] != b"PK\x01\x02" or 0xFFFFFFFF in fields[8:10]:
            raise DamagedPackage("the zip directory is broken, or for files of over 4 GB")
        _, _, _, flags, method, _, _, _, compressed, size, length, extra, comment, _, _, mode, offset = fields
        name = data[place + _DIRECTORY_ENTRY.size : place + _DIRECTORY_ENTRY.size + length]
        key = name.decode("utf-8", "replace").lower()
        if key in entries:
            repeated = key or "?"
        entries[key] = Entry(flags, method, compressed, size, offset, name, mode >> 16)
        place += _DIRECTORY_ENTRY.size + length + extra + comment
    return entries, repeated


@dataclass(slots=True)
class Package:
    """An opened package: its bytes, its directory, and where its sheets are."""

    data: bytes
    entries: dict[str, Entry]
    """By part name in lower case."""
    repeated: str = ""
    """A part's or sheet's name that is there twice."""
    sheets: dict[str, str] = field(default_factory=dict)
    """Sheet name → part name, in the order of the tabs."""
    hidden: set[str] = field(default_factory=set)
    """The sheets that are hidden."""

    @classmethod
    def open(cls, data: bytes) -> Package:
        """Reads the directory only. Raises :class:`DamagedPackage` for what is not a whole zip archive."""
        return cls(data, *_directory(data))

    def read(self, name: str) -> bytes:
        """One part's content, never more than its directory entry promises. ``b""`` for a part that does not exist."""
        entry = self.entries.get(name.lower())
        if entry is None:
            return b""
        head = self.data[entry.offset : entry.offset + 30]
        if len(head) < 30 or head[:4] != b"PK\x03\x04" or entry.flags & 1:
            raise DamagedPackage(f"{name}: unreadable entry")
        start = entry.offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        raw = self.data[start : start + entry.compressed]
        if entry.method == zipfile.ZIP_STORED and len(raw) == entry.size:
            return raw
        if entry.method != zipfile.ZIP_DEFLATED:
            raise DamagedPackage(f"{name}: compression method {entry.method}")
        try:
            small = len(raw) <= _SMALL and entry.size <= _KEPT
            content = _inflated_small(raw, entry.size) if small else _inflated(raw, entry.size)
        except zlib.error as error:
            raise DamagedPackage(f"{name}: {error}") from error
        if len(content) != entry.size:
            raise DamagedPackage(f"{name}: size differs from the directory's")
        return content

    def find_sheets(self) -> None:
        """Fills :attr:`sheets` and :attr:`hidden` from workbook.xml and its relationships."""
        targets = {id_: target for id_, _, target in self.relationships("xl/workbook.xml")}
        found = _sheets(self.read("xl/workbook.xml"))
        if len({name.casefold() for name, *_ in found}) < len(found):
            self.repeated = _first_twice([name for name, *_ in found])
        for name, id_, visible in found:
            if id_ in targets:
                self.sheets[name] = targets[id_]
                if not visible:
                    self.hidden.add(name)

    def tables(self) -> Iterator[TableArea]:
        """Every Excel table of the workbook and where it stands, without reading a sheet."""
        for sheet, part in self.sheets.items():
            for _, kind, target in self.relationships(part):
                area = _table_area(self.read(target), sheet) if kind == "table" else None
                if area:
                    yield area

    def properties(self) -> dict[str, str]:
        """The custom properties that are texts, which is what the template writes."""
        return dict(_properties(self.read("docProps/custom.xml")))

    def relationships(self, part: str) -> tuple[tuple[str, str, str], ...]:
        """Id, last word of the type, and target part of each relationship of a part."""
        folder, name = posixpath.split(part)
        return _relationships(self.read(f"{folder}/_rels/{name}.rels"), folder)


def _inflated(raw: bytes, size: int) -> bytes:
    """At most one byte more than ``size``, which is enough to see that there is more."""
    return zlib.decompressobj(-15).decompress(raw, size + 1)


_inflated_small = lru_cache(maxsize=_PARSED)(_inflated)


def _first_twice(names: list[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            return name
        seen.add(name.casefold())
    return ""


def _attributes(text: bytes) -> dict[str, str]:
    """Attributes without their namespace prefix, entities resolved."""
    found = {}
    for name, double, single in _ATTRIBUTE.findall(text):
        value = (double or single).decode("utf-8", "replace")
        found[name.decode("ascii", "replace").rpartition(":")[2]] = html.unescape(value) if "&" in value else value
    return found


@remembered
def _sheets(xml: bytes) -> tuple[tuple[str, str, bool], ...]:
    """Name, relationship id and visibility of each sheet in workbook.xml, in the order of the tabs."""
    found = (_attributes(match[1]) for match in _SHEET.finditer(xml))
    return tuple(
        (one["name"], one.get("id", ""), one.get("state", "visible") == "visible") for one in found if "name" in one
    )


@remembered
def _properties(xml: bytes) -> tuple[tuple[str, str], ...]:
    found = ((_attributes(match[1]).get("name", ""), match[2]) for match in _PROPERTY.finditer(xml))
    return tuple((name, html.unescape(value.decode("utf-8", "replace"))) for name, value in found)


@remembered
def _relationships(xml: bytes, folder: str) -> tuple[tuple[str, str, str], ...]:
    """Id, last word of the type, and target part of each relationship of a part in ``folder``."""
    found = []
    for match in _RELATIONSHIP.finditer(xml):
        attributes = _attributes(match[1])
        target = attributes.get("Target", "")
        absolute = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
        found.append((attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2], absolute))
    return tuple(found)


def _character(escape: re.Match[str]) -> str:
    """The character that ``_x000A_`` stands for; half of one, which no text can hold, as a sign that it was there."""
    code = int(escape[1], 16)
    return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= code <= 0xDFFF else chr(code)


@remembered
def _table_area(xml: bytes, sheet: str) -> TableArea | None:
    """What a table part says of its table. Shared between workbooks, so it must not be changed."""
    match = _TABLE.search(xml)
    if not match:
        return None
    table = _attributes(match[1])
    try:
        first, _, last = table["ref"].partition(":")
        (top, left), (bottom, _) = position(first), position(last or first)
        totals, headers = int(table.get("totalsRowCount", "0")), int(table.get("headerRowCount", "1"))
    except (KeyError, ValueError):
        return None
    if not (0 <= top <= bottom < _LAST_ROW and 0 <= left < _LAST_COLUMN and 0 <= totals <= 1 and 0 <= headers <= 1):
        return None
    headings = [_attributes(column[1]).get("name", "") for column in _TABLE_COLUMN.finditer(xml)]
    return TableArea(
        name=table.get("displayName") or table.get("name", ""),
        sheet=sheet,
        header=top,
        first=top + headers,
        end=bottom + 1 - totals,
        left=left,
        headings=tuple(_ESCAPED.sub(_character, heading) for heading in headings),
        total_row=bottom if totals else None,
        filtered=b"filterColumn" in xml,
    )


def cell_data(xml: bytes) -> bytes:
    """The part of a sheet's XML that can hold cells: what follows, input rules and formats, is often longer."""
    end = max(xml.rfind(b"</sheetData>"), xml.rfind(b":sheetData>"))
    return xml if end < 0 else xml[:end]


def _plain(xml: bytes) -> bool:
    """Whether a sheet's XML is written as Excel, LibreOffice and their like write it: no prefixes, no white space."""
    return xml.find(b"\n", XML_HEAD) < 0 and xml.find(b"\t") < 0 and xml.find(b":c ", 0, 4_000) < 0


def formula_cells(xml: bytes) -> dict[str, str | None] | None:
    """The cells of a sheet's XML that hold a formula, and its text; ``None`` when cells carry no address.

    A text is ``None`` where the cell only says that it shares another's formula.
    """
    if _plain(xml):
        # What stands before each formula, from the last "<" on, is its cell's tag; its text ends at the next one.
        pieces = xml.split(b"><f")
        heads = [before[before.rfind(b"<") :] for before in pieces[:-1]]
        if all(head.startswith(b'<c r="') for head in heads):
            return {
                head[6 : head.find(b'"', 6)].decode("ascii", "replace"): _formula(piece[: piece.find(b"<")])
                for head, piece in zip(heads, pieces[1:], strict=True)
            }
    # Written by a program with other habits: prefixes, other quotes, attributes in another order.
    found: dict[str, str | None] = {}
    for match in _ANY_FORMULA_CELL.finditer(xml):
        reference = _REFERENCE.search(match[1])
        if not reference:
            return None
        text = _FORMULA.match(xml, match.end() - 1)
        found[reference[1].decode("ascii")] = _formula(text[0]) if text else None
    return found


@lru_cache(maxsize=_PARSED)
def _formula(tail: bytes) -> str | None:
    """The text of a formula from what follows ``<f``: its attributes, and what stands before the next tag."""
    match = _FORMULA.fullmatch(tail)
    if not match or not match[1]:
        return None
    text = match[1].decode("utf-8", "replace")
    return html.unescape(text) if "&" in text else text


def error_cells(xml: bytes) -> dict[Position, str]:
    """The cells of a sheet's XML that hold an error value (#DIV/0!, #REF! …), and which."""
    if b"v>#" not in xml:
        return {}
    found = {}
    for match in _ERROR_CELL.finditer(xml):
        reference, value = _REFERENCE.search(match[1]), _VALUE.search(xml, match.end(), match.end() + 10_000)
        if reference:
            found[position(reference[1].decode())] = html.unescape(value[1].decode("utf-8", "replace")) if value else ""
    return found


def hidden_lines(xml: bytes, cells: bytes) -> tuple[list[int], list[tuple[int, int]]]:
    """The rows that somebody hid, from 0, and the hidden columns in runs: the first one and the one after the last.

    No rows where a filter is on, since it hides rows the same way. ``cells`` is :func:`cell_data` of the sheet's XML.
    """
    if b"hidden" not in cells or not _HIDING.search(cells):
        return [], []
    columns = [_attributes(match[1]) for match in _HIDDEN_COLUMN.finditer(cells)]
    runs = [
        (int(one["min"]) - 1, int(one["max"]))
        for one in columns
        if one.get("min", "").isdecimal() and one.get("max", "").isdecimal()
    ]
    start = cells.find(b"sheetData")
    if cells.find(b"hidden", start) < 0 or b"filterColumn" in xml or _FILTER_MODE.search(cells, 0, 9_000):
        return [], runs
    rows = (_ROW.search(match[1]) for match in _HIDDEN_ROW.finditer(cells))
    return sorted({int(row[1]) - 1 for row in rows if row}), runs


def merged_cells(xml: bytes, cells: bytes) -> tuple[tuple[Position, Position], ...]:
    """The first and last cell of each merged range; they are listed after the sheet's cells."""
    start = xml.find(b"mergeCells", len(cells))
    return _merged(xml[start : xml.rfind(b"mergeCells>")]) if start >= 0 else ()


@remembered
def _merged(xml: bytes) -> tuple[tuple[Position, Position], ...]:
    return tuple((position(match[1].decode()), position(match[2].decode())) for match in _MERGED.finditer(xml))


def extent(xml: bytes) -> tuple[int, int]:
    """An upper bound for the rows and columns a reader will lay out for this sheet, from the addresses in it.

    Two cells far apart make a reader allocate everything between them, so this is asked before reading.
    """
    if _plain(xml) and not _FAR_CELL.search(xml):
        return 9_999, 702
    rows = max(map(int, set(_ROW_NUMBER.findall(xml))), default=9_999)
    wide = max(set(_WIDE_COLUMN.findall(xml)), key=lambda letters: (len(letters), letters), default=b"Z")
    return rows, position(f"{wide.decode()}1")[1] + 1
