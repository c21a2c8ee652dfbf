"""Opens an untrusted workbook: decides before it parses, and refuses with a coded reason, never with a traceback."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO

from behov_xl.findings import Phrase
from behov_xl.workbook.archive_checks import too_large
from behov_xl.workbook.grid import Grid, TableArea
from behov_xl.workbook.limits import DEFAULT, Limits
from behov_xl.workbook.package import DamagedPackage, Package
from behov_xl.workbook.refusals import (
    DAMAGED,
    EMPTY_FILE,
    ENCRYPTED,
    NOT_FOUND,
    WRONG_FORMAT,
)
from behov_xl.workbook.refusals import TOO_LARGE as TOO_LARGE
from behov_xl.workbook.refusals import Refused as Refused
from behov_xl.workbook.sheets import read_sheets
from behov_xl.workbook.shells import checked_shell

OTHER_SPREADSHEETS = frozenset({".xls", ".xlsm", ".xlsb", ".xltx", ".ods", ".csv"})
_FOR_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_PIECE = 16_000_000
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
"""Not to wait for whoever writes into a pipe. It is opened first and asked then what it is: so nobody can put another
file there meanwhile."""
_KINDS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls/.doc"),
    (b"%PDF", ".pdf"),
    (b"\x1f\x8b", ".gz"),
    (b"{\\rtf", ".rtf"),
)


def shown(path: Path) -> str:
    """A path as text that can be written anywhere, also where the file's name is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def open_grid(path: Path, tables: Collection[str], limits: Limits = DEFAULT) -> Grid:
    """Reads the sheets that hold the named tables (all sheets, when one of the tables is missing).

    Raises :class:`Refused` when the file cannot or must not be read.
    """
    return grid_from_bytes(read_file(path, limits), shown(path), tables, limits)


def read_file(path: Path, limits: Limits = DEFAULT) -> bytes:
    """A file's content. Raises :class:`Refused` for one that is not there, no file, or too large."""
    try:
        file = _opened(path)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise Refused(NOT_FOUND, reason=Phrase("place.no_file"))  # a pipe would be waited for without end
            _check_file_size(status.st_size, limits)
            return _read(file, status.st_size)
        finally:
            os.close(file)
    except (FileNotFoundError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise Refused(NOT_FOUND, reason="") from error
    except OSError as error:
        raise Refused(NOT_FOUND, reason=error.strerror or "") from error


def _opened(path: Path) -> int:
    try:
        return os.open(path, _FOR_READING | _AT_ONCE)
    except BlockingIOError:  # another machine is about to give a file back that it held, which is waited for
        return os.open(path, _FOR_READING)


def _read(file: int, size: int) -> bytes:
    """So many bytes of an open file, or fewer if it ends before."""
    data = os.read(file, size)
    while 0 < len(data) < size and (more := os.read(file, size - len(data))):
        data += more
    return data


def read_stream(stream: IO[bytes], most: int) -> bytes:
    """All of a stream, up to so many bytes. Piece by piece: to ask for them at once takes memory for all of them."""
    data = BytesIO()
    while (room := most - data.tell()) > 0 and (piece := stream.read(min(room, _PIECE))):
        data.write(piece)
    return data.getvalue()


def _check_file_size(size: int, limits: Limits) -> None:
    if size > limits.file_bytes:
        raise too_large("file", -(-size // 1_000_000), limits.file_bytes // 1_000_000)


def grid_from_bytes(data: bytes, path: str, tables: Collection[str], limits: Limits = DEFAULT) -> Grid:
    """As :func:`open_grid`, for content that is in memory already; ``path`` is only carried along."""
    _check_file_size(len(data), limits)
    _check_kind(data)
    try:
        package = Package.open(data)
        _check_is_workbook(package)
        shell = checked_shell(package, limits)
        names = sheets_to_read(shell.areas, {name.lower() for name in tables}, list(shell.sheets))
        sheets = read_sheets(package, shell, names, limits)
    except DamagedPackage as error:
        raise Refused(DAMAGED, reason=str(error)) from error
    tables_read = {name: area for name, area in shell.areas.items() if area.sheet in sheets}
    return Grid(path, sheets, tables_read, list(shell.sheets), shell.properties)


def sheets_to_read(areas: Mapping[str, TableArea], wanted: set[str], names: list[str]) -> list[str]:
    """The sheets of the wanted tables and of their copies; all of them when one of the tables is missing."""
    if not wanted <= areas.keys():
        return names
    found = {areas[name].sheet for name in wanted} | _copies(areas, wanted)
    return [name for name in names if name in found]


def _copies(areas: Mapping[str, TableArea], wanted: set[str]) -> set[str]:
    """The sheets of tables that have most of a wanted table's headings under another name, as a copied sheet has."""
    others = [area for name, area in areas.items() if name not in wanted]
    if not others:
        return set()
    known = [set(areas[name].headings) for name in wanted & areas.keys()]
    return {
        one.sheet for one in others if any(len(headings & {*one.headings}) * 2 > len(headings) for headings in known)
    }


def _check_kind(data: bytes) -> None:
    if not data:
        raise Refused(EMPTY_FILE)
    if data[:4] == b"PK\x03\x04":
        return
    kind = next((kind for magic, kind in _KINDS if data.startswith(magic)), "")
    if kind == ".xls/.doc":
        # An encrypted .xlsx is an OLE file with a stream of this name; the directory stores it in UTF-16.
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused(ENCRYPTED)
        kind = ".xls"
    raise Refused(WRONG_FORMAT, found=kind or ("text/.csv" if _looks_like_text(data[:4096]) else "?"))


def _looks_like_text(data: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 27 for byte in data)


def _check_is_workbook(package: Package) -> None:
    entries = package.entries
    if "xl/workbook.xml" not in entries:
        kinds = {"xl/workbook.bin": ".xlsb", "word/document.xml": ".docx", "content.xml": ".ods/.odt"}
        raise Refused(WRONG_FORMAT, found=next((kind for part, kind in kinds.items() if part in entries), ".zip"))
