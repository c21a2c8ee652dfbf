"""What is found in the XML around a sheet's cells by searching its bytes: what is hidden, and what is merged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from behov_xl.workbook.grid import Position, position
from behov_xl.workbook.package import attributes, remembered

_TAGS = re.compile(rb"<(?:row|col) ([^<>]*+)>")
_COLUMNS = re.compile(rb'<cols>(?>(?:\s*+<col(?>(?: \w++="[^"<>]*+")*)/?>(?:</col>)?)*)\s*+</cols>\s*+')
_MERGED = re.compile(rb"<mergeCell ([^<>]*+)>")
_RANGE = re.compile(r"([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})")
_FILTER_MODE = re.compile(rb"\bfilterMode=\"(?:1|true)\"")
_YES = frozenset({"1", "true"})


def columns_of(head: bytes) -> bytes:
    """What is said of a sheet's columns, and what follows it, in the XML before its cells."""
    start = head.find(b"<cols>")
    return head[start:] if start >= 0 else head if b"cols" in head else b""


def plain_columns(columns: bytes) -> bool:
    """Whether what is said of columns is said in the usual way, or hides none."""
    return b"hidden" not in columns or _COLUMNS.fullmatch(columns) is not None


def hidden_columns(columns: bytes) -> list[tuple[int, int]]:
    """The hidden columns in runs: the first one, from 0, and the one after the last."""
    told = _hidden(columns)
    return [(int(one["min"]) - 1, int(one["max"])) for one in told if _is_number(one, "min") and _is_number(one, "max")]


def hidden_rows(tags: bytes, head: bytes, tail: bytes) -> list[int]:
    """The rows that somebody hid, from 0, of these tags; none where a filter is on, since it hides rows the same way.

    ``head`` and ``tail`` are what stands before and behind the sheet's rows.
    """
    if b"filterColumn" in tail or _FILTER_MODE.search(head, 0, 9_000):
        return []
    return sorted({int(one["r"]) - 1 for one in _hidden(tags) if _is_number(one, "r")})


def _hidden(tags: bytes) -> Iterator[dict[str, str]]:
    told = map(attributes, _TAGS.findall(tags) if b"hidden" in tags else ())
    return (one for one in told if one.get("hidden") in _YES)


def _is_number(told: dict[str, str], name: str) -> bool:
    value = told.get(name, "")
    return value.isascii() and value.isdecimal() and len(value) < 9


def plain_merges(tail: bytes) -> bool:
    """Whether all merged cells are told of in the usual way."""
    return tail.count(b"mergeCell ") == len(merged_cells(tail))


@remembered
def merged_cells(tail: bytes) -> tuple[tuple[Position, Position], ...]:
    """The first and last cell of each merged range. ``tail`` is what follows the sheet's cells."""
    refs = (attributes(told).get("ref", "") for told in _MERGED.findall(tail))
    ranges = (found for ref in refs if (found := _RANGE.fullmatch(ref)))
    return tuple((position(one[1]), position(one[2])) for one in ranges)
