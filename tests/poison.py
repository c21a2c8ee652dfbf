"""Files that end or stall the process that reads them, and the processes of a run."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

from behov_xl.form import Form
from behov_xl.selection import Selection
from behov_xl.tasks import Setup
from behov_xl.workbook.limits import DEFAULT, Limits
from conftest import EXAMPLES, repack

GOOD, OTHER = EXAMPLES / "komplett_2026.xlsx", EXAMPLES / "bodo_2026.xlsx"
ALONE = Selection(ignore=("BX8",))
"""Without what only shows when several workbooks are seen together."""
LIMITS = replace(DEFAULT, seconds=2, ratio=5_000)
SHORT_OF_MEMORY = replace(DEFAULT, memory_bytes=150_000_000)


def with_cells(path: Path, rows: bytes) -> Path:
    """The complete example with more rows in a sheet's XML."""
    path.write_bytes(GOOD.read_bytes())

    def change(parts: dict[str, bytes]) -> None:
        sheet = "xl/worksheets/sheet7.xml"
        parts[sheet] = parts[sheet].replace(b"</sheetData>", rows + b"</sheetData>")

    return repack(path, change)


def greedy(path: Path) -> Path:
    """Two hundred thousand long texts that are alike but for a few signs: small as a file, and each one's own in memory."""
    draw = random.Random(1)
    cell = b'<row r="%d"><c r="A%d" t="str"><v>%x' + b"a" * 600 + b"</v></c></row>"
    return with_cells(path, b"".join(cell % (row, row, draw.getrandbits(40)) for row in range(100, 200_100)))


def slow(path: Path) -> Path:
    """Ten million cells without an address."""
    return with_cells(path, b"<row>" + b"<c><v>1</v></c>" * 10_000_000 + b"</row>")


def setup(form: Form, limits: Limits = LIMITS) -> Setup:
    return Setup(form, ALONE, limits)


def children_of(process: int) -> set[int]:
    """The processes that a process has started, and theirs."""
    found: set[int] = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            about = status.read_text()
        except OSError:  # it has just ended
            continue
        state, parent = about.rpartition(")")[2].split()[:2]
        if int(parent) == process and state != "Z":
            found |= {int(status.parent.name), *children_of(int(status.parent.name))}
    return found


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
