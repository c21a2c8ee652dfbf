"""Replaces parts of a zip package and leaves the rest as it is, byte for byte, compressed data and all.

zipfile cannot: it decompresses and compresses anew, and writes its own dates and attributes. Here the records of the
parts that stay are copied as they are; only those that change are written anew, under the same name, date, method and
attributes, in the same place.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from behov_xl.workbook.package import DamagedPackage

_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_SIZES_FOLLOW = 0x0008
"""The flag that a part's sizes stand behind it, as programs write that stream."""
_ZIP64 = 0x0001


@dataclass(slots=True)
class _Record:
    """One part: the fields of its directory entry, and where its record lies in the file."""

    fields: list[Any]
    name: bytes
    extra: bytes
    comment: bytes
    start: int
    end: int = 0

    @property
    def compressed(self) -> int:
        return int(self.fields[8])


def part_names(data: bytes) -> list[str]:
    """The names of the parts, in the directory's order. Raises :class:`DamagedPackage`."""
    return [_text(record) for record in _records(data)[0]]


def replace_parts(data: bytes, changed: Mapping[str, bytes | None]) -> bytes:
    """The package with these parts' contents replaced; ``None`` takes a part out. Names as the directory has them.

    Raises :class:`DamagedPackage` for an archive that is broken, or a name that it does not have.
    """
    records, directory, end = _records(data)
    missing = set(changed) - {_text(record) for record in records}
    if missing:
        raise DamagedPackage(f"no such part: {', '.join(sorted(missing))}")
    out = [data[: min((record.start for record in records), default=directory)]]
    place = len(out[0])
    kept: list[_Record] = []
    for record in sorted(records, key=lambda one: one.start):
        name = _text(record)
        content = changed.get(name, b"")
        if content is None:
            continue
        written = _written(data, record, content) if name in changed else data[record.start : record.end]
        record.start, place = place, place + len(written)
        out.append(written)
        kept.append(record)
    here = [record for record in records if any(record is one for one in kept)]
    listed = b"".join(_entry(record) for record in here)
    out += [listed, _end_of_directory(end, len(here), len(listed), place)]
    return b"".join(out)


def _records(data: bytes) -> tuple[list[_Record], int, bytes]:
    """The parts in the directory's order, where the directory begins, and what follows it."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_600))
    if at < 0 or at + _END.size > len(data):
        raise DamagedPackage("no zip directory at its end")
    _, _, _, _, count, size, place, _ = _END.unpack_from(data, at)
    directory = place
    if place + size > at:
        raise DamagedPackage("the zip directory is cut off")
    records = []
    for _ in range(count):
        if place + _CENTRAL.size > at:
            raise DamagedPackage("the zip directory is cut off")
        fields = list(_CENTRAL.unpack_from(data, place))
        if fields[0] != b"PK\x01\x02" or 0xFFFFFFFF in (fields[8], fields[9], fields[16]):
            raise DamagedPackage("the zip directory is broken, or for files of over 4 GB")
        ends = [place + _CENTRAL.size]
        for length in fields[10:13]:
            ends.append(ends[-1] + length)
        name, extra, comment = (data[one:other] for one, other in pairwise(ends))
        records.append(_Record(fields, name, extra, comment, fields[16]))
        place = ends[-1]
    _find_ends(data, records, directory)
    return records, directory, data[at:]


def _find_ends(data: bytes, records: list[_Record], directory: int) -> None:
    """A record reaches to the next one's start: what a program leaves between them is kept as well."""
    by_start = sorted(records, key=lambda one: one.start)
    starts = [record.start for record in by_start[1:]] + [directory]
    for record, following in zip(by_start, starts, strict=True):
        head = data[record.start : record.start + _LOCAL.size]
        if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
            raise DamagedPackage("a zip entry is not where the directory says")
        *_, name, extra = _LOCAL.unpack(head)
        if record.start + _LOCAL.size + name + extra + record.compressed > following:
            raise DamagedPackage("zip entries overlap")
        record.end = following


def _text(record: _Record) -> str:
    return record.name.decode("utf-8", "replace")


def _written(data: bytes, record: _Record, content: bytes) -> bytes:
    """The record of a part with other content. Changes the directory entry's sizes along with it."""
    _, version, flags, method, time, date, *_, name, extra = _LOCAL.unpack_from(data, record.start)
    packed = content
    if method == zipfile.ZIP_DEFLATED:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
    start = record.start + _LOCAL.size
    extra_field = _without_zip64(data[start + name : start + name + extra])
    flags &= ~_SIZES_FOLLOW
    sizes = (zlib.crc32(content), len(packed), len(content))
    head = _LOCAL.pack(b"PK\x03\x04", version, flags, method, time, date, *sizes, name, len(extra_field))
    record.fields[3] = record.fields[3] & ~_SIZES_FOLLOW
    record.fields[7:10] = sizes
    record.extra = _without_zip64(record.extra)
    record.fields[11] = len(record.extra)
    return head + data[start : start + name] + extra_field + packed


def _without_zip64(extra: bytes) -> bytes:
    """A part's extra field without the entry for sizes beyond 4 GB, which would have to be written anew."""
    kept, place = b"", 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, place)
        if kind != _ZIP64:
            kept += extra[place : place + 4 + size]
        place += 4 + size
    return kept


def _entry(record: _Record) -> bytes:
    record.fields[16] = record.start
    return _CENTRAL.pack(*record.fields) + record.name + record.extra + record.comment


def _end_of_directory(end: bytes, count: int, size: int, place: int) -> bytes:
    mark, disk, first, _, _, _, _, comment = _END.unpack_from(end)
    return _END.pack(mark, disk, first, count, count, size, place, comment) + end[_END.size :]
