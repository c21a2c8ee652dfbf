"""Where a finding is, as the formats of other tools want it: addresses of files, names of cells, lasting identities."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePath
from urllib.parse import quote

from behov_xl.findings import Finding, WorkbookReport

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]+")


def one_line(text: str) -> str:
    """Text on one line, without characters that control anything, the direction of writing included."""
    return _CONTROLS.sub(" ", text).strip()


def relative(path: str) -> str:
    """A path as tools over a repository name it: from the working directory, with slashes. Others stay whole."""
    if _ADDRESS.match(path):
        return path
    pure = PurePath(path)
    here = Path.cwd()
    if pure.is_absolute() and pure.is_relative_to(here):
        pure = pure.relative_to(here)
    return pure.as_posix()


def uri(path: str) -> str:
    """The same as a URI reference: relative below the working directory, ``file:`` elsewhere, percent-encoded."""
    name = relative(path)
    if _ADDRESS.match(name):
        return quote(name, safe="/:?#[]@!$&'()*+,;=%~", errors="replace")
    if PurePath(name).is_absolute():
        return "file:///" + quote(name.lstrip("/"), safe="/:!", errors="replace")
    return quote(name, safe="/!", errors="replace")


def cell_name(finding: Finding) -> str:
    """``Tiltak!G5``, ``'Min plan'!G5``; the sheet or nothing where there is no cell."""
    if not finding.sheet:
        return ""
    sheet = finding.sheet if _PLAIN_NAME.fullmatch(finding.sheet) else "'{}'".format(finding.sheet.replace("'", "''"))
    return f"{sheet}!{finding.cell}" if finding.cell else finding.sheet


def line_and_column(finding: Finding) -> tuple[int, int]:
    """The cell as a line and a column, from 1: tools that know only text ask for them. A whole file is its first."""
    return (finding.row + 1, finding.column + 1) if finding.cell else (1, 1)


def identities(workbook: WorkbookReport) -> Iterator[tuple[Finding, str]]:
    """Each finding with what tells it from all others and stays the same from run to run."""
    seen: Counter[str] = Counter()
    for finding in workbook.findings:
        place = (
            relative(workbook.path),
            finding.rule.code,
            finding.anchor or finding.sheet,
            finding.cell,
            finding.measure,
        )
        key = hashlib.blake2b(repr(place).encode("utf-8", "replace"), digest_size=16).hexdigest()
        seen[key] += 1
        yield finding, key if seen[key] == 1 else f"{key}:{seen[key]}"
