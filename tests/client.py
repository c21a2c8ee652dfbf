"""What xlwings' client in Excel sends of a workbook and does with the answer: as JSON from a file, and back to a file."""

from __future__ import annotations

import copy
import datetime
import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import xlwings
from openpyxl.utils import get_column_letter, range_boundaries


def payload(path: Path | BytesIO, name: str = "bok.xlsx") -> dict[str, Any]:
    """The workbook as the Office.js client sends it, read with openpyxl: nothing of our own reader is in it."""
    with warnings.catch_warnings(action="ignore"):  # openpyxl says what it does not know
        book = openpyxl.load_workbook(path, data_only=True)
    return {
        "client": "Office.js",
        "version": xlwings.__version__,
        "book": {
            "name": name,
            "active_sheet_index": book.sheetnames.index(book.active.title),
            "selection": "A1",
            "calculation": "Automatic",
        },
        "names": [
            {
                "name": name, "sheet_index": 0, "address": defined.attr_text, "refers_to": f"={defined.attr_text}",
                "scope_sheet_name": None, "scope_sheet_index": None, "book_scope": True,
            }
            for name, defined in book.defined_names.items()
        ],
        "sheets": [
            {
                "name": sheet.title,
                "visibility": "Visible" if sheet.sheet_state == "visible" else "Hidden",
                "values": [[_sent(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] or [[""]],
                "pictures": [],
                "tables": [_table(table) for table in sheet.tables.values()],
            }
            for sheet in book.worksheets
        ],
    }  # fmt: skip


def _sent(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, datetime.time):
        return f"1899-12-30T{value.isoformat(timespec='milliseconds')}Z"
    return "" if value is None else value


def _table(table: Any) -> dict[str, Any]:
    left, top, right, bottom = range_boundaries(table.ref)
    totals, headers = table.totalsRowCount or 0, 1 if table.headerRowCount is None else table.headerRowCount

    def area(first: int, last: int) -> str:
        return f"{get_column_letter(left)}{first}:{get_column_letter(right)}{last}"

    return {
        "name": table.displayName,
        "range_address": table.ref,
        "header_row_range_address": area(top, top) if headers else None,
        "data_body_range_address": area(top + headers, bottom - totals),
        "total_row_range_address": area(bottom, bottom) if totals else None,
        "show_headers": bool(headers),
        "show_totals": bool(totals),
        "table_style": "",
        "show_autofilter": True,
    }


def carry_out(sent: dict[str, Any], actions: list[dict[str, Any]]) -> dict[str, Any]:
    """The workbook as the client would send it after carrying out these actions. Knows those that are used, no others."""
    after = copy.deepcopy(sent)
    for action in actions:
        if action["func"] == "setValues":
            _set_values(after["sheets"][action["sheet_position"]], action)
        elif action["func"] == "resizeTable":
            index, address = action["args"]
            table = after["sheets"][action["sheet_position"]]["tables"][index]
            new = address.replace("$", "")
            assert range_boundaries(new)[:2] == range_boundaries(table["range_address"])[:2]
            table["range_address"] = new
            left, top, right, bottom = range_boundaries(new)
            table["data_body_range_address"] = f"{get_column_letter(left)}{top + 1}:{get_column_letter(right)}{bottom}"
        else:
            assert action["func"] == "alert", action
    return after


def _set_values(sheet: dict[str, Any], action: dict[str, Any]) -> None:
    top, left = action["start_row"], action["start_column"]
    values = action["values"]
    assert (len(values), len(values[0])) == (action["row_count"], action["column_count"])
    rows = sheet["values"]
    width = max(len(rows[0]), left + len(values[0]))
    rows += [[] for _ in range(top + len(values) - len(rows))]
    for row in rows:
        row += [""] * (width - len(row))
    for at, cells in enumerate(values):
        rows[top + at][left : left + len(cells)] = [_typed(cell) for cell in cells]


def _typed(value: Any) -> Any:
    """What stands in a cell after typing: Excel takes a first apostrophe away, and computes what begins with =."""
    if isinstance(value, str) and value.startswith("="):
        link = re.fullmatch(r'=HYPERLINK\("#(?:[^"]|"")+","([A-Z]+[0-9]+)"\)', value)
        assert link, value
        return link[1]
    return value.removeprefix("'") if isinstance(value, str) else value


def trimmed(sent: dict[str, Any]) -> dict[str, Any]:
    """Without the empty cells at the end of each sheet, which mean nothing."""
    after = copy.deepcopy(sent)
    for sheet in after["sheets"]:
        rows = list(sheet["values"])
        while rows and not any(cell != "" for cell in rows[-1]):
            rows.pop()
        width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell != ""), default=0)
        sheet["values"] = [row[:width] for row in rows]
    return after
