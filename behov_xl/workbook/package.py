"""The parts of an .xlsx package, read straight from its bytes: its directory, its sheets, which table stands where.

Those few facts are found by searching the bytes of parts that have been written anew in one plain way, which is
remembered: workbooks from one template have most of these parts in common.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import TypeVar
from xml.parsers import expat

from behov_xl import remembering
from behov_xl.workbook import inflate
from behov_xl.workbook.directory import DamagedPackage as DamagedPackage
from behov_xl.workbook.directory import Directory, Entry, read_directory
from behov_xl.workbook.grid import TableArea, position
from behov_xl.workbook.plain_xml import rewritten

# Nothing is given back: what does not match costs a hostile part no more than its length.
_ATTRIBUTE = re.compile(rb"""([\w:]{1,99})\s{0,9}=\s{0,9}(?:"([^"]*+)"|'([^']*+)')""")
_SHEET = re.compile(rb"<sheet ([^<>]*+)>")
_ABOUT = re.compile(rb"<workbookPr ([^<>]*+)>")
_RELATIONSHIP = re.compile(rb"<Relationship ([^<>]*+)>")
_TABLE = re.compile(rb"<table ([^<>]*+)>")
_TABLE_COLUMN = re.compile(rb"<tableColumn ([^<>]*+)>")
_PROPERTY = re.compile(rb"<property ([^<>]*+)>\s*+<x:lpwstr>([^<]*+)<")
"""These are searched for in parts that have been written anew: see :mod:`behov_xl.workbook.plain_xml`."""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_SMALL = 1_200
"""Compressed bytes of a part whose content is kept, at most: relationships, tables, styles."""
_PARSED = 512
"""Parts whose parse is kept: workbooks made from one template share most of their small parts, byte for byte."""
_KEPT, _PLACES = 20_000, 64
"""Bytes of such a part, at most, and places of which one is kept: that must not grow with what somebody uploads."""


_R = TypeVar("_R")


remembered = remembering.remembered(_PARSED, longest=_KEPT)
"""Keeps what a parse of a small part came to. The result is shared, so it must not be changed."""


def kept_by_place(parse: Callable[[bytes], _R]) -> Callable[[str, bytes], _R]:
    """As :func:`remembered`, for what is nearly always the same in the same place of the next workbook."""
    known: Callable[[bytes], _R] = remembered(parse)
    last: dict[str, tuple[bytes, _R]] = {}

    @wraps(parse)
    def call(place: str, xml: bytes) -> _R:
        before = last.get(place)
        if before is not None and before[0] == xml:
            return before[1]
        found = known(xml)
        if len(xml) <= _KEPT:
            if len(last) >= _PLACES:
                last.clear()
            last[place] = xml, found
        return found

    return call


@dataclass(slots=True)
class Package:
    """An opened package: its bytes, its directory, and where its sheets are."""

    data: bytes
    directory: Directory
    entries: dict[str, Entry] = field(init=False)
    """By part name in lower case."""
    repeated: str = field(init=False)
    """A part's or sheet's name that is there twice."""
    sheets: dict[str, str] = field(default_factory=dict)
    """Sheet name → part name, in the order of the tabs."""
    hidden: set[str] = field(default_factory=set)
    """The sheets that are hidden."""
    starts: dict[int, int] = field(default_factory=dict)
    """Where each part's content begins, by where its header does: for those whose headers have been checked."""
    asked: set[str] = field(default_factory=set)
    """The parts that were read so far, in lower case."""

    def __post_init__(self) -> None:
        self.entries, self.repeated = self.directory.entries, self.directory.repeated

    @classmethod
    def open(cls, data: bytes) -> Package:
        """Reads the directory only. Raises :class:`DamagedPackage` for what is not a whole zip archive."""
        return cls(data, read_directory(data))

    def read(self, name: str) -> bytes:
        """One part's content, never more than its directory entry promises. ``b""`` for a part that does not exist."""
        key = name if name in self.entries else name.lower()
        entry = self.entries.get(key)
        if entry is None:
            return b""
        self.asked.add(key)
        start = self.starts.get(entry.offset) or self._start(name, entry)
        raw = self.data[start : start + entry.compressed]
        unpack = _unpacked_small if entry.compressed <= _SMALL and entry.size <= _KEPT else _unpacked
        try:
            return unpack(raw, entry.method, entry.size, entry.crc)
        except (inflate.error, DamagedPackage) as error:
            raise DamagedPackage(f"{name}: {error}") from error

    def _start(self, name: str, entry: Entry) -> int:
        """Where a part's content begins, behind its header."""
        head = self.data[entry.offset : entry.offset + 30]
        if len(head) < 30 or head[:4] != b"PK\x03\x04" or entry.flags & 1:
            raise DamagedPackage(f"{name}: unreadable entry")
        return entry.offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")

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
        for sheet, part in self.table_parts():
            area = self.table_area(sheet, part)
            if area:
                yield area

    def table_parts(self) -> Iterator[tuple[str, str]]:
        """The sheet and the part of every table."""
        for sheet, part in self.sheets.items():
            for _, kind, target in self.relationships(part):
                if kind == "table":
                    yield sheet, target

    def table_area(self, sheet: str, part: str) -> TableArea | None:
        """Where a table stands; ``None`` if its part does not say."""
        return _table_area(self.read(part), sheet)

    def counts_from_1904(self) -> bool:
        """Whether numbers that are shown as dates count the days from 1904, and not from 1900."""
        return _counts_from_1904(self.read("xl/workbook.xml"))

    def properties(self) -> dict[str, str]:
        """The custom properties that are texts, which is what the template writes."""
        return dict(_properties(self.read("docProps/custom.xml")))

    def relationships(self, part: str) -> tuple[tuple[str, str, str], ...]:
        """Id, last word of the type, and target part of each relationship of a part; ``""``: of the package."""
        folder, name = posixpath.split(part)
        return _relationships(self.read(f"{folder}/_rels/{name}.rels".lstrip("/")), folder)


def _unpacked(raw: bytes, method: int, size: int, crc: int) -> bytes:
    """A part's content, of the size and checksum that it must have.

    Raises ``inflate.error`` and :class:`DamagedPackage`.
    """
    if method == zipfile.ZIP_DEFLATED:
        content = inflate.inflated(raw, size)
    elif method == zipfile.ZIP_STORED:
        content = raw
    else:
        raise DamagedPackage(f"compression method {method}")
    if len(content) != size:
        raise DamagedPackage("size differs from the directory's")
    if inflate.crc32(content) != crc:
        raise DamagedPackage("bad CRC-32")
    return content


_unpacked_small = lru_cache(maxsize=_PARSED)(_unpacked)


def _first_twice(names: list[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            return name
        seen.add(name.casefold())
    return ""


def attributes(text: bytes) -> dict[str, str]:
    """Attributes by their names as they are written, entities resolved."""
    found = {}
    for name, double, single in _ATTRIBUTE.findall(text):
        value = (double or single).decode("utf-8", "replace")
        found[name.decode("ascii", "replace")] = html.unescape(value) if "&" in value else value
    return found


def plainly(xml: bytes) -> bytes:
    """A part written anew; as it is where it is no XML, which is said of it where it is checked."""
    try:
        return rewritten(xml) if xml else xml
    except DamagedPackage:
        return xml


def malformed(xml: bytes) -> str:
    """Why a part is no XML, ``""`` where it is. Nothing in it can expand: no part with a DOCTYPE is parsed."""
    try:
        if xml:
            expat.ParserCreate().Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: of an encoding that expat cannot read
        return str(error)
    return ""


@remembered
def _sheets(xml: bytes) -> tuple[tuple[str, str, bool], ...]:
    """Name, relationship id and visibility of each sheet in workbook.xml, in the order of the tabs."""
    found = (attributes(match[1]) for match in _SHEET.finditer(plainly(xml)))
    return tuple(
        (one["name"], one.get("r:id", ""), one.get("state", "visible") == "visible") for one in found if "name" in one
    )


@remembered
def _counts_from_1904(xml: bytes) -> bool:
    found = _ABOUT.search(plainly(xml))
    return found is not None and attributes(found[1]).get("date1904") in {"1", "true"}


@remembered
def _properties(xml: bytes) -> tuple[tuple[str, str], ...]:
    found = ((attributes(match[1]).get("name", ""), match[2]) for match in _PROPERTY.finditer(plainly(xml)))
    return tuple((name, html.unescape(value.decode("utf-8", "replace"))) for name, value in found)


@remembered
def _relationships(xml: bytes, folder: str) -> tuple[tuple[str, str, str], ...]:
    """Id, last word of the type, and target part of each relationship of a part in ``folder``."""
    found = []
    for match in _RELATIONSHIP.finditer(plainly(xml)):
        named = attributes(match[1])
        target = named.get("Target", "")
        absolute = target if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
        found.append((named.get("Id", ""), named.get("Type", "").rpartition("/")[2], absolute.lstrip("/")))
    return tuple(found)


def _character(escape: re.Match[str]) -> str:
    """The character that ``_x000A_`` stands for; half of one, which no text can hold, as a sign that it was there."""
    code = int(escape[1], 16)
    return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= code <= 0xDFFF else chr(code)


@remembered
def _table_area(xml: bytes, sheet: str) -> TableArea | None:
    """What a table part says of its table. Shared between workbooks, so it must not be changed."""
    try:
        xml = rewritten(xml) if xml else xml
    except DamagedPackage as error:
        raise DamagedPackage(f"table: {error}") from error
    match = _TABLE.search(xml)
    if not match:
        return None
    table = attributes(match[1])
    try:
        first, _, last = table["ref"].partition(":")
        (top, left), (bottom, _) = position(first), position(last or first)
        totals, headers = int(table.get("totalsRowCount", "0")), int(table.get("headerRowCount", "1"))
    except (KeyError, ValueError):
        return None
    if not (0 <= top <= bottom < _LAST_ROW and 0 <= left < _LAST_COLUMN and 0 <= totals <= 1 and 0 <= headers <= 1):
        return None
    headings = [attributes(column[1]).get("name", "") for column in _TABLE_COLUMN.finditer(xml)]
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
