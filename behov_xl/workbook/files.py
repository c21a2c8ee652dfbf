"""Opens an untrusted workbook: decides before it parses, and refuses with a coded reason, never with a traceback."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import python_calamine

from behov_xl.findings import Rule, Severity, declare
from behov_xl.workbook.grid import Grid, SheetGrid, TableArea
from behov_xl.workbook.package import (
    DamagedPackage,
    Package,
    cell_data,
    error_cells,
    extent,
    formula_cells,
    hidden_lines,
    merged_cells,
)

MAX_FILE_BYTES = 50_000_000
MAX_EXPANDED_BYTES = 500_000_000
MAX_ENTRIES = 5_000
MAX_ROWS = 250_000
MAX_CELLS = 20_000_000

_SECTION = "file"

NOT_FOUND = declare(
    "BX001",
    "file-not-found",
    Severity.ERROR,
    """
    A path that was given does not lead to a file that can be read.

    Wrong: `behov-xl validate bodo_206.xlsx` where the file is called `bodo_2026.xlsx`.
    Right: the file's real name, or a directory that holds it.
    """,
    section=_SECTION,
    essential=True,
)
NO_WORKBOOKS = declare(
    "BX002",
    "no-workbooks",
    Severity.ERROR,
    """
    A directory or archive was given in which no .xlsx file was found, so nothing was checked. Said aloud, since an
    empty result looks like a clean one.

    Wrong: `behov-xl validate inbox/` with an empty `inbox/`.
    Right: a directory that holds at least one .xlsx file, at any depth.
    """,
    section=_SECTION,
    essential=True,
)
EMPTY_FILE = declare(
    "BX003",
    "empty-file",
    Severity.ERROR,
    """
    The file is 0 bytes long, usually an upload or a copy that was interrupted.

    Wrong: a file of 0 bytes.
    Right: the file sent once more.
    """,
    section=_SECTION,
    essential=True,
)
WRONG_FORMAT = declare(
    "BX004",
    "wrong-format",
    Severity.ERROR,
    """
    The content is not an .xlsx workbook, whatever the name says. The content decides, since names are changed easily.

    Wrong: an .xls, .ods, .csv or .pdf file, or one of those renamed to .xlsx.
    Right: the workbook saved from Excel as "Excel-arbeidsbok (*.xlsx)".
    """,
    section=_SECTION,
    essential=True,
)
ENCRYPTED = declare(
    "BX005",
    "password-protected",
    Severity.ERROR,
    """
    The workbook is encrypted with a password, so no check can see what is in it.

    Wrong: a workbook saved with "Krypter med passord".
    Right: the same workbook saved without a password.
    """,
    section=_SECTION,
    essential=True,
)
DAMAGED = declare(
    "BX006",
    "damaged-file",
    Severity.ERROR,
    """
    The file begins like a workbook but cannot be read to its end: it was cut off on the way, or a part of it is broken.

    Wrong: an .xlsx file of which the last half is missing.
    Right: the file opened in Excel, repaired if Excel offers it, and saved anew.
    """,
    section=_SECTION,
    essential=True,
)
TOO_LARGE = declare(
    "BX007",
    "file-too-large",
    Severity.ERROR,
    """
    The file, or what it unpacks to, is far larger than a behovsmelding can be. Such files are refused before they are
    unpacked, since they may be made to exhaust the machine that reads them.

    Wrong: a workbook with a stray cell in the last row and column of the sheet.
    Right: a fresh template with the content pasted in as values.
    """,
    section=_SECTION,
    essential=True,
)

OTHER_SPREADSHEETS = frozenset({".xls", ".xlsm", ".xlsb", ".xltx", ".ods", ".csv"})
_KINDS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls/.doc"),
    (b"%PDF", ".pdf"),
    (b"\x1f\x8b", ".gz"),
    (b"{\\rtf", ".rtf"),
)


class Refused(Exception):
    """The file was not read. ``rule`` and ``params`` make the finding that says why."""

    def __init__(self, rule: Rule, **params: Any) -> None:
        super().__init__(rule.name)
        self.rule = rule
        self.params = params


def shown(path: Path) -> str:
    """A path as text that can be written anywhere, also where the file's name is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def find_workbooks(path: Path) -> Iterator[Path]:
    """The path itself, or every .xlsx below a directory in order of name; lock files of open programs are passed over.

    Raises :class:`Refused` for a directory without workbooks.
    """
    if not path.is_dir():
        yield path
        return
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() == ".xlsx" and not file.name.startswith(("~$", ".")) and file.is_file()
    )
    if not found:
        raise Refused(NO_WORKBOOKS)
    yield from found


def passed_over(path: Path) -> list[Path]:
    """The spreadsheets below a directory that are no .xlsx, so that they are not searched for: nothing goes unsaid."""
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in OTHER_SPREADSHEETS and file.is_file())


def open_grid(path: Path, tables: Collection[str]) -> Grid:
    """Reads the sheets that hold the named tables (all sheets, when one of the tables is missing).

    Raises :class:`Refused` when the file cannot or must not be read.
    """
    return grid_from_bytes(read_file(path), shown(path), tables)


def read_file(path: Path) -> bytes:
    """A file's content. Raises :class:`Refused` for one that is not there, no file, or too large."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused(NOT_FOUND, reason="")  # a pipe or device would be waited for without end
        if status.st_size > MAX_FILE_BYTES:
            raise Refused(TOO_LARGE, what=f"{status.st_size / 1e6:.0f} MB", limit=f"{MAX_FILE_BYTES / 1e6:.0f} MB")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(NOT_FOUND, reason="") from error
    except OSError as error:
        raise Refused(NOT_FOUND, reason=error.strerror or "") from error


def grid_from_bytes(data: bytes, path: str, tables: Collection[str]) -> Grid:
    """As :func:`open_grid`, for content that is in memory already; ``path`` is only carried along."""
    _check_kind(data)
    try:
        package = Package.open(data)
        _check_size(package)
        package.find_sheets()
        areas = {area.name.lower(): area for area in package.tables()}
        wanted = {name.lower() for name in tables}
        names = sheets_to_read(areas, wanted, list(package.sheets))
        xml = {name: package.read(package.sheets[name]) for name in names}
        cells = {name: cell_data(xml[name]) for name in names}
        properties = package.properties()
    except DamagedPackage as error:
        raise Refused(DAMAGED, reason=str(error)) from error
    for name in names:
        _check_extent(name, cells[name])
    values = _read_values(data, names)
    sheets = {
        name: SheetGrid(
            name,
            values[name],
            formula_cells(cells[name]),
            error_cells(cells[name]),
            name in package.hidden,
            *hidden_lines(xml[name], cells[name]),
            merged_cells(xml[name], cells[name]),
        )
        for name in names
        if name in values
    }
    tables_read = {name: area for name, area in areas.items() if area.sheet in sheets}
    return Grid(path, sheets, tables_read, list(package.sheets), properties)


def sheets_to_read(areas: dict[str, TableArea], wanted: set[str], names: list[str]) -> list[str]:
    """The sheets of the wanted tables and of their copies; all of them when one of the tables is missing."""
    if not wanted <= areas.keys():
        return names
    found = {areas[name].sheet for name in wanted} | _copies(areas, wanted)
    return [name for name in names if name in found]


def _copies(areas: dict[str, TableArea], wanted: set[str]) -> set[str]:
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


def _check_size(package: Package) -> None:
    entries = package.entries
    if "xl/workbook.xml" not in entries:
        kinds = {"xl/workbook.bin": ".xlsb", "word/document.xml": ".docx", "content.xml": ".ods/.odt"}
        raise Refused(WRONG_FORMAT, found=next((kind for part, kind in kinds.items() if part in entries), ".zip"))
    expanded = sum(entry.size for entry in entries.values())
    if expanded > MAX_EXPANDED_BYTES or len(entries) > MAX_ENTRIES:
        what = f"{expanded / 1e6:.0f} MB, {len(entries)}"
        raise Refused(TOO_LARGE, what=what, limit=f"{MAX_EXPANDED_BYTES / 1e6:.0f} MB, {MAX_ENTRIES}")


def _check_extent(sheet: str, xml: bytes) -> None:
    rows, columns = extent(xml)
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise Refused(TOO_LARGE, what=f"{sheet}: {rows} × {columns}", limit=f"{MAX_ROWS} × {MAX_CELLS // MAX_ROWS}")


def _read_values(data: bytes, names: list[str]) -> dict[str, list[list[Any]]]:
    try:
        with python_calamine.load_workbook(BytesIO(data)) as workbook:
            known = set(workbook.sheet_names)
            return {
                name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in names
                if name in known
            }
    except python_calamine.PasswordError as error:
        raise Refused(ENCRYPTED) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Refused(DAMAGED, reason=str(error)) from error
    except BaseException as error:
        # A panic of the Rust reader arrives as a BaseException of its own; anything else (Ctrl-C) must go through.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(DAMAGED, reason="the reader gave up on its content") from error
