"""All that a workbook goes through: read, validated, reported, annotated, fixed."""

from __future__ import annotations

import re

from behov_xl.annotate import annotate
from behov_xl.findings import Report
from behov_xl.fixes.run import fix_workbook
from behov_xl.form import current
from behov_xl.messages import catalogue
from behov_xl.report import json, text
from behov_xl.validate import validate_grids
from behov_xl.workbook.files import Refused, grid_from_bytes
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.sheet_xml import CannotEdit

TABLES = [table.name for table in current().tables]
WORDS = catalogue("nb")


def read(data: bytes) -> Grid | Refused:
    try:
        return grid_from_bytes(data, "bok.xlsx", TABLES)
    except Refused as refused:
        return refused


def reported(grids: list[Grid]) -> None:
    """Validates and reports; a terminal must get nothing that it acts on."""
    report = Report(current().id, tuple(validate_grids(grids)))
    printed = text.render(report, WORDS)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", printed)
    lines = json.render(report, WORDS)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", lines)
    assert (printed + lines).encode()


def edited(data: bytes) -> None:
    """Annotates and fixes: what comes out must be read again."""
    for edit in (lambda: annotate(data, "bok.xlsx", current())[0], lambda: fix_workbook(current(), data, "x").data):
        try:
            made = edit()
        except (CannotEdit, Refused):
            continue
        assert isinstance(read(made), Grid)
