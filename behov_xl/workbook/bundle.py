"""A zip archive of workbooks, as portals and e-mail programs pack them: read in memory, nothing is unpacked to disk."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from behov_xl.findings import Phrase, Rule, Severity, declare
from behov_xl.workbook import inflate
from behov_xl.workbook.files import OTHER_SPREADSHEETS
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.refusals import DAMAGED, ENCRYPTED, NO_WORKBOOKS, TOO_LARGE, Refused

MAX_BUNDLE_BYTES = 2_000_000_000
MAX_WORKBOOKS = 50_000
MAX_EXPANDED_BYTES = 20_000_000_000
"""Of all workbooks together; they are read one at a time."""
_MAX_DIRECTORY_BYTES = 10_000_000
"""A directory becomes objects of several times its size, so its size bounds the memory that a listing may take."""

NESTED = declare(
    "BX050",
    "archive-in-archive",
    Severity.ERROR,
    """
    A zip archive holds another archive, which is not opened: workbooks in it have not been checked. Archives within
    archives are how files are made that exhaust the machine that opens them.

    Wrong: `innsendt.zip` with `bodo.zip` in it.
    Right: `innsendt.zip` with `bodo/bodo_2026.xlsx` in it.
    """,
    section="file",
    essential=True,
)
UNSAFE = declare(
    "BX051",
    "unsafe-archive-entry",
    Severity.ERROR,
    """
    An entry of a zip archive is not an ordinary file with a name of its own: its name leads out of the archive, it is a
    link, or another entry has the same name. Archives that programs make for people hold no such entries.

    Wrong: an entry named `../../bodo_2026.xlsx`, or two named `bodo_2026.xlsx`.
    Right: the archive made anew from the folder with the workbooks.
    """,
    section="file",
    essential=True,
)

_END, _LOCAL = b"PK\x05\x06", b"PK\x03\x04"
_ARCHIVES = frozenset({".zip", ".7z", ".rar", ".gz", ".tgz", ".tar"})
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Entry:
    """A workbook in an archive: its name, and where its bytes are, so that reading it needs no directory."""

    name: str
    start: int
    packed: int
    size: int
    method: int
    checksum: int
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that is not read, and why."""

    name: str
    rule: Rule
    reason: Phrase | None = None


def is_archive(start: bytes) -> bool:
    """Whether content that begins so is a zip archive (which a workbook is, too)."""
    return start[:4] in {_LOCAL, _END}


def entries(file: BinaryIO) -> list[Entry | Refusal] | None:
    """What an archive holds that must be checked, in the order of names; ``None`` for a workbook, a zip archive itself.

    Raises :class:`Refused` for an archive that is broken, too large, or without workbooks.
    """
    size = _check_directory(file)
    try:
        with zipfile.ZipFile(file, metadata_encoding="cp850") as archive:  # what Norwegian Windows writes names in
            listed = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError) as error:
        raise Refused(DAMAGED, reason=str(error)) from error
    if {"[Content_Types].xml", "mimetype"} & {info.filename for info in listed}:
        return None
    found = sorted(_wanted(listed), key=lambda one: one.name)
    whole = [one for one in found if isinstance(one, Entry)]
    if not found:
        raise Refused(NO_WORKBOOKS)
    expanded = sum(one.size for one in whole)
    if len(found) > MAX_WORKBOOKS or expanded > MAX_EXPANDED_BYTES:
        limit = f"{MAX_EXPANDED_BYTES / 1e6:.0f} MB, {MAX_WORKBOOKS}"
        raise Refused(TOO_LARGE, what=f"{expanded / 1e6:.0f} MB, {len(found)}", limit=limit)
    if sum(one.packed for one in whole) > size:
        raise Refused(DAMAGED, reason="zip entries overlap")
    return found


def _check_directory(file: BinaryIO) -> int:
    """The archive's size, when that and the size of its directory are within bounds. As zipfile looks for it."""
    size = file.seek(0, 2)
    if size > MAX_BUNDLE_BYTES:
        raise Refused(TOO_LARGE, what=f"{size / 1e6:.0f} MB", limit=f"{MAX_BUNDLE_BYTES / 1e6:.0f} MB")
    file.seek(max(0, size - 65_600))
    tail = file.read()
    at = len(tail) - 22 if tail[-22:-18] == _END and tail[-2:] == b"\0\0" else tail.rfind(_END)
    if at < 0 or at + 22 > len(tail):
        raise Refused(DAMAGED, reason="no zip directory at its end")
    if tail[max(0, at - 20) : at - 16] == b"PK\x06\x07":
        raise Refused(TOO_LARGE, what="zip64", limit=f"{MAX_BUNDLE_BYTES / 1e6:.0f} MB")
    if int.from_bytes(tail[at + 12 : at + 16], "little") > _MAX_DIRECTORY_BYTES:
        raise Refused(TOO_LARGE, what=f"> {MAX_WORKBOOKS}", limit=str(MAX_WORKBOOKS))
    return size


def _wanted(listed: list[zipfile.ZipInfo]) -> Iterator[Entry | Refusal]:
    """Spreadsheets and archives; notes, pictures and what programs leave behind are passed over."""
    seen: set[str] = set()
    for info in listed:
        name = info.filename.replace("\\", "/")
        path = PurePosixPath(name)
        kind = path.suffix.lower()
        if name.endswith("/") or path.name.startswith(("~$", ".")) or path.parts[:1] == ("__MACOSX",):
            continue
        if kind in _ARCHIVES:
            yield Refusal(name, NESTED)
        elif kind == ".xlsx" or kind in OTHER_SPREADSHEETS:
            reason = _unsafe(info, path, seen)
            yield Refusal(name, UNSAFE, Phrase(f"archive.{reason}")) if reason else _entry(info, name)
            seen.add(name.casefold())


def _unsafe(info: zipfile.ZipInfo, path: PurePosixPath, seen: set[str]) -> str:
    if ".." in path.parts or _ABSOLUTE.match(str(path)):
        return "outside"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "link"
    return "twice" if str(path).casefold() in seen else ""


def _entry(info: zipfile.ZipInfo, name: str) -> Entry:
    encrypted = bool(info.flag_bits & 1)
    return Entry(name, info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC, encrypted)


def read_entry(file: BinaryIO, entry: Entry, limits: Limits = DEFAULT) -> bytes:
    """One workbook's content, never more than the directory promises. Raises :class:`Refused`."""
    if entry.encrypted:
        raise Refused(ENCRYPTED)
    if max(entry.size, entry.packed) > limits.file_bytes:
        what = f"{max(entry.size, entry.packed) / 1e6:.0f} MB"
        raise Refused(TOO_LARGE, what=what, limit=f"{limits.file_bytes / 1e6:.0f} MB")
    file.seek(max(0, entry.start))  # a directory that lies may put an entry before the archive's beginning
    head = file.read(30)
    if entry.start < 0 or len(head) < 30 or head[:4] != _LOCAL:
        raise Refused(DAMAGED, reason="the entry is not where the archive says")
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    data = _expanded(file.read(entry.packed), entry)
    if len(data) != entry.size or inflate.crc32(data) != entry.checksum:
        raise Refused(DAMAGED, reason="the content is not what the archive says")
    return data


def _expanded(packed: bytes, entry: Entry) -> bytes:
    if entry.method == zipfile.ZIP_STORED:
        return packed
    if entry.method != zipfile.ZIP_DEFLATED:
        raise Refused(DAMAGED, reason=f"compression method {entry.method}")
    try:
        return inflate.inflated(packed, entry.size)
    except inflate.error as error:
        raise Refused(DAMAGED, reason=str(error)) from error
