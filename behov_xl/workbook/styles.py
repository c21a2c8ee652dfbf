"""How the template looks: one place for colours, formats and number formats."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

FONT = "Calibri"
NAVY = "#1F3A5F"
SLATE = "#D6DFEA"
COMPUTED = "#EDEDED"
GRID = "#BFC7D1"
ERROR_FILL, ERROR_TEXT = "#FFC7CE", "#8A0012"
WARNING_FILL, WARNING_TEXT = "#FFEB9C", "#6B4A00"
INFO_FILL, INFO_TEXT = "#DDEBF7", "#1F3A5F"

NUMBER_FORMATS = {
    "amount": '#,##0\\ "kr"',
    "hours": '0.0#" t"',
    "number": "0.##",
    "count": "0",
    "year": "0",
    "date": "dd.mm.yyyy",
    "text": "General",
    "reference": "@",
    "organisation_number": "@",
}
WRAPPED = frozenset({"text", "longtext"})

_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": NAVY},
    "intro": {"italic": True, "font_color": "#44546A", "valign": "top"},
    "heading": {"bold": True, "font_size": 12, "font_color": NAVY},
    "line": {"text_wrap": True, "valign": "top"},
    "required": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
    },
    "optional": {
        "bold": True,
        "font_color": NAVY,
        "bg_color": SLATE,
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
    },
    "group": {
        "bold": True,
        "font_color": NAVY,
        "bg_color": SLATE,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
        "border": 1,
    },
    "error": {"bg_color": ERROR_FILL, "font_color": ERROR_TEXT},
    "warning": {"bg_color": WARNING_FILL, "font_color": WARNING_TEXT},
    "info": {"bg_color": INFO_FILL, "font_color": INFO_TEXT},
    "finding": {"text_wrap": True, "align": "left", "valign": "top"},
    "link": {"font_color": "#0563C1", "underline": 1, "align": "left", "valign": "top"},
    "key": {"align": "left", "valign": "top"},
    "listed": {"bottom": 1, "bottom_color": GRID},
}
# LibreOffice takes one conditional format for a cell, the first that fits, so that has all: colour and line.
_STYLES |= {f"listed_{one}": _STYLES[one] | _STYLES["listed"] for one in ("error", "warning", "info")}


LINE_HEIGHT = 15.0
MAX_HEIGHT = 409.0
"""Points; Excel's limit for a row."""


def row_height(texts: list[tuple[str, float]]) -> float | None:
    """The height in points that wrapped texts need in columns of their widths; ``None`` (the default) for one line.

    Only Excel fits a row to its text, and only while somebody types: a file that is written must say it itself.
    """
    lines = max((_lines(text, width) for text, width in texts), default=1)
    return min(lines * LINE_HEIGHT, MAX_HEIGHT) if lines > 1 else None


def _lines(text: str, width: float) -> int:
    return sum(max(1, math.ceil(len(paragraph) / (width * 1.2))) for paragraph in text.split("\n"))


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self.named = cache(self._named)
        self.cell = cache(self._cell)

    def _named(self, name: str) -> Any:
        """A style by its name in ``_STYLES``."""
        style = _STYLES[name]
        frame = {"border_color": GRID} if "border" in style else {}
        return self._workbook.add_format({"font_name": FONT, **style, **frame})

    def _cell(self, type_: str, *, computed: bool = False, total: bool = False) -> Any:
        """The format of a cell that holds ``type_``."""
        style: dict[str, Any] = {"font_name": FONT, "border": 1, "border_color": GRID, "valign": "top"}
        if type_ in NUMBER_FORMATS:
            style["num_format"] = NUMBER_FORMATS[type_]
        if type_ in WRAPPED:
            style |= {"text_wrap": True, "align": "left"}
        if type_ == "year":
            style["align"] = "left"
        if type_ == "tick":
            style |= {"align": "center", "font_size": 14}
        if computed:
            style |= {"bg_color": COMPUTED, "italic": True}
        if total:
            style |= {"bold": True, "top": 2, "top_color": NAVY}
        return self._workbook.add_format(style)
