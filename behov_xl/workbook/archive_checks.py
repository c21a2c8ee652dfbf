"""Whether a package's zip archive is what it says it is: checked in its directory and headers, before anything unpacks.

Two programs must never read different content from the same file, and none must be made to unpack without end.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
from collections.abc import Mapping
from typing import NoReturn

from behov_xl.findings import Phrase, Rule
from behov_xl.workbook.directory import Columns, Entry
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import Package, remembered
from behov_xl.workbook.refusals import (
    BOMB,
    COMPRESSION,
    CONTRADICTION,
    DUPLICATE,
    OVERLAP,
    SYMLINK,
    TOO_LARGE,
    UNSAFE_NAME,
    Refused,
)

_LOCAL, _END, _END_64 = struct.Struct("<4s2x2H8x2L2H"), struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_UNSAFE_NAME = re.compile(r"^(?:/|$)|(?:^|/)\.{1,2}(?:/|$)|[\\:\x00-\x09\x0b-\x1f\x7f]", re.MULTILINE)
_SECRET = 0x0001 | 0x0020 | 0x0040 | 0x2000
"""The flags of a part that is encrypted, or only the difference to another one."""
_SIZES_FOLLOW = 0x0008
_DESCRIPTORS = frozenset({0, 12, 16, 20, 24})
"""Bytes that stand behind a part whose sizes follow it: checksum and sizes, perhaps with a mark, or of eight bytes."""
_IN_EXTRA = 0xFFFFFFFF
_SMALL = 1_000_000
"""A part of this size does no harm, however well it is packed."""
_ORDINARY = (0, stat.S_IFREG, stat.S_IFDIR)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SHOWN = 60


def too_large(kind: str, found: int, limit: int) -> Refused:
    """The refusal of a file that exceeds a limit; ``kind`` is a text of the catalogue's section ``limits``."""
    return Refused(TOO_LARGE, what=Phrase(f"limits.{kind}", {"count": found}), limit=limit)


def check_archive(package: Package, limits: Limits) -> None:
    """Raises :class:`Refused` for an archive that is too large, hides something, or contradicts itself."""
    entries = package.entries
    if len(entries) > limits.entries:
        raise too_large("entries", len(entries), limits.entries)
    if package.repeated:
        _refuse(DUPLICATE, package.repeated)
    unsafe = _unsafe_name("\n".join(entries), len(entries))
    if unsafe is not None:
        _refuse(UNSAFE_NAME, unsafe)
    for name, entry in entries.items():
        _check_entry(name, entry, limits)
    _check_expanded(sum([entry.size for entry in entries.values()]), limits)
    _check_headers(package, _directory_start(package), {})


def check_like_known(package: Package, columns: Columns, limits: Limits, sound: Mapping[bytes, int]) -> None:
    """As :func:`check_archive`, where that has let through another archive of the same layout, with these limits.

    So there is nothing against its names, methods, flags and modes. ``sound``: the parts that are those of the other
    one to the byte, by their names as written, and how long they are, header included.
    """
    if max(columns.sizes) > _SMALL:
        for name, entry in package.entries.items():
            _check_entry(name, entry, limits)
    _check_expanded(sum(columns.sizes), limits)
    _check_headers(package, _directory_start(package), sound)


def _check_expanded(size: int, limits: Limits) -> None:
    if size > limits.expanded_bytes:
        raise too_large("expanded", _megabytes(size), _megabytes(limits.expanded_bytes))


def _check_entry(name: str, entry: Entry, limits: Limits) -> None:
    if entry.size > _SMALL:
        _check_size(name, entry, limits)
    if entry.flags & _SECRET or entry.method not in _METHODS:
        _refuse(COMPRESSION, name)
    if entry.mode and stat.S_IFMT(entry.mode) not in _ORDINARY:
        _refuse(SYMLINK, name)


@remembered
def _unsafe_name(names: str, number: int) -> str | None:
    """A name, of those on a line each, that no part has: it leads elsewhere, or holds control characters."""
    if not _UNSAFE_NAME.search(names) and names.count("\n") == number - 1:
        return None
    return next((name for name in names.split("\n") if _UNSAFE_NAME.search(name)), "")


def _refuse(rule: Rule, part: str) -> NoReturn:
    shown = part if len(part) <= _SHOWN else f"{part[:_SHOWN]}…"
    raise Refused(rule, part=shown)


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)


def _check_size(name: str, entry: Entry, limits: Limits) -> None:
    if entry.size > limits.entry_bytes:
        raise too_large("entry", _megabytes(entry.size), _megabytes(limits.entry_bytes))
    if entry.size > entry.compressed * limits.ratio:
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        raise Refused(BOMB, part=shown, actual=entry.size // max(entry.compressed, 1), limit=limits.ratio)


def _directory_start(package: Package) -> int:
    """Where the one directory of the archive begins, which reaches to the end of the file."""
    data = package.data
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_600))
    _, disk, first, here, count, size, start, comment = _END.unpack_from(data, at)
    if (disk, first) != (0, 0) or here != count or at + _END.size + comment != len(data) or _another_end(data, at):
        _refuse(CONTRADICTION, "")
    end = start + size
    if end != at and not _same_in_64(data, at, end, (count, size, start)):
        _refuse(CONTRADICTION, "")
    if package.directory.end != end:  # there are more entries than are counted
        _refuse(CONTRADICTION, "")
    return int(start)


def _another_end(data: bytes, last: int) -> bool:
    """Whether the comment of an earlier end of directory could hold the last one."""
    at = data.find(b"PK\x05\x06", max(0, len(data) - 65_600), last)
    while at >= 0:
        if at + _END.size + int.from_bytes(data[at + 20 : at + 22], "little") == len(data):
            return True
        at = data.find(b"PK\x05\x06", at + 1, last)
    return False


def _same_in_64(data: bytes, at: int, end: int, expected: tuple[int, int, int]) -> bool:
    """Whether all that stands before the end is a directory end for large archives that says the same."""
    if at - end != _END_64.size + _LOCATOR_64.size:
        return False
    mark, *_, here, count, size, start = _END_64.unpack_from(data, end)
    locator, _, place, _ = _LOCATOR_64.unpack_from(data, end + _END_64.size)
    marks = mark == b"PK\x06\x06" and locator == b"PK\x06\x07"
    return marks and place == end and here == count and (count, size, start) == expected


def _check_headers(package: Package, directory: int, sound: Mapping[bytes, int]) -> None:
    """Every part where the directory says, as it says, none on top of another, and nothing between them."""
    data, begin, end, unpack, header = package.data, package.starts, 0, _LOCAL.unpack_from, _LOCAL.size
    follows = False
    entries = list(package.entries.values())
    starts = [entry.offset for entry in entries]
    if sorted(starts) != starts:
        entries.sort(key=_offset)
    for entry in entries:
        start = entry.offset
        if start != end and not (follows and start - end in _DESCRIPTORS):
            _refuse(OVERLAP if start < end else CONTRADICTION, _text(entry))
        follows = bool(entry.flags & _SIZES_FOLLOW)
        known = sound.get(entry.name)
        if known is not None and start + known <= directory:
            end = start + known
            continue
        flags, method, compressed, size, _, name, _, _ = entry
        if start + header > directory:
            _refuse(CONTRADICTION, _text(entry))
        mark, own_flags, own_method, own_compressed, own_size, length, extra = unpack(data, start)
        name_end = start + header + length
        named = mark == b"PK\x03\x04" and data[start + header : name_end] == name
        if not named or own_method != method or (own_flags ^ flags) & _SECRET:
            _refuse(CONTRADICTION, _text(entry))
        if (own_compressed != compressed or own_size != size) and not _sizes_elsewhere(
            own_flags, own_compressed, own_size
        ):
            _refuse(CONTRADICTION, _text(entry))
        begin[start] = name_end + extra
        end = name_end + extra + compressed
    if directory != end and not (follows and directory - end in _DESCRIPTORS):
        _refuse(OVERLAP if directory < end else CONTRADICTION, "")


def _sizes_elsewhere(flags: int, compressed: int, size: int) -> bool:
    """Whether a header leaves its sizes to what follows the part, or to its extra field."""
    return bool(flags & _SIZES_FOLLOW and (compressed, size) == (0, 0)) or (compressed, size) == (_IN_EXTRA, _IN_EXTRA)


def _offset(entry: Entry) -> int:
    return entry.offset


def _text(entry: Entry) -> str:
    return entry.name.decode("utf-8", "replace")
