"""What is found in the XML of one sheet by searching its bytes: formulas, error values, what is hidden, its extent.

python-calamine gives none of these; searching costs less than parsing the XML, and works however it is written.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from behov_xl.workbook.grid import Position, position
from behov_xl.workbook.package import attributes, remembered

# Every repetition is bounded: an unbounded one makes a hostile part cost the square of its length.
_ANY_FORMULA_CELL = re.compile(rb"<(?:\w{1,20}:)?c\b([^<>]{0,300})>\s{0,99}<(?:\w{1,20}:)?f[\s/>]")
_ERROR_CELL = re.compile(rb"<(?:\w{1,20}:)?c\b([^<>]{0,200}\bt\s{0,9}=\s{0,9}[\"']e[\"'][^<>]{0,200})>")
_VALUE = re.compile(rb"<(?:\w{1,20}:)?v>([^<]{0,40})<")
_REFERENCE = re.compile(rb"""\br\s{0,9}=\s{0,9}["']([A-Z]{1,3}[0-9]{1,7})["']""")
# What python-calamine reads as an address: any number of letters, small ones too, and of digits, zeros before them.
_FAR_CELL = re.compile(rb' r(?:="(?:[A-Za-z]{3}|[A-Za-z]{0,2}[0-9]{5})|=[^"]|[ ])')
_ROW_NUMBER = re.compile(rb"""(?<=[\s"'])r\s*+=\s*+["'][A-Za-z]*+0*+([0-9]{5,9})""")
_ROW = re.compile(rb"""\br\s{0,9}=\s{0,9}["']([0-9]{1,7})["']""")
_WIDE_COLUMN = re.compile(rb"""(?<=[\s"'])r\s*+=\s*+["']([A-Za-z]{2,9})""")
_HIDDEN = rb"""[^<>]{0,400}\bhidden\s{0,9}=\s{0,9}["'](?:1|true)["'][^<>]{0,400}"""
_HIDING = re.compile(rb"""hidden\s{0,9}=\s{0,9}["'](?:1|true)""")
_HIDDEN_ROW = re.compile(rb"<(?:\w{1,20}:)?row\b(" + _HIDDEN + rb")>")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w{1,20}:)?col\b(" + _HIDDEN + rb")>")
_FILTER_MODE = re.compile(rb"""\bfilterMode\s{0,9}=\s{0,9}["'](?:1|true)""")
_FORMULA = re.compile(rb"[^>]{0,300}>([^<]{0,9000})")
_MERGED = re.compile(
    rb"""<(?:\w{1,20}:)?mergeCell\s{1,9}ref\s{0,9}=\s{0,9}["']([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})["']"""
)
_UNUSUAL = (b"\r", b"\t", b":c ", b":row ", b'"r=', b'"r ', b"'r")
"""White space that is no space, names with a prefix, and an address with none of them before it."""
XML_HEAD = 100
"""Bytes in which the XML declaration and its line end stand."""


def cell_data(xml: bytes) -> bytes:
    """The part of a sheet's XML that can hold cells: what follows, input rules and formats, is often longer."""
    end = xml.rfind(b"sheetData>") - 1
    while end >= 0 and xml[end - 1 : end + 1] != b"</" and xml[end : end + 1] != b":":
        end = xml.rfind(b"sheetData>", 0, end) - 1
    return xml if end < 0 else xml[: end - 1]


def _plain(xml: bytes) -> bool:
    """Whether a sheet's XML is written as Excel, LibreOffice and their like write it: no prefixes, no white space."""
    return xml.find(b"\n", XML_HEAD) < 0 and not any(one in xml for one in _UNUSUAL)


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
                head[6 : head.find(b'"', 6)].decode("ascii", "replace"): formula_text(piece[: piece.find(b"<")])
                for head, piece in zip(heads, pieces[1:], strict=True)
            }
    # Written by a program with other habits: prefixes, other quotes, attributes in another order.
    found: dict[str, str | None] = {}
    for match in _ANY_FORMULA_CELL.finditer(xml):
        reference = _REFERENCE.search(match[1])
        if not reference:
            return None
        text = _FORMULA.match(xml, match.end() - 1)
        found[reference[1].decode("ascii")] = formula_text(text[0]) if text else None
    return found


@lru_cache(maxsize=4096)
def formula_text(tail: bytes) -> str | None:
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
    columns = [attributes(match[1]) for match in _HIDDEN_COLUMN.finditer(cells)]
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


def merged_cells(tail: bytes) -> tuple[tuple[Position, Position], ...]:
    """The first and last cell of each merged range. ``tail`` is what follows the sheet's cells."""
    start = tail.find(b"mergeCells")
    return _merged(tail[start : tail.rfind(b"mergeCells>")]) if start >= 0 else ()


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
    wide = {letters.upper() for letters in set(_WIDE_COLUMN.findall(xml))}
    widest = max(wide, key=lambda letters: (len(letters), letters), default=b"Z")
    return rows, position(f"{widest.decode()}1")[1] + 1
