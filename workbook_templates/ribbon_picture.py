"""Draws the ribbon as a sketch for the guides: ``python workbook_templates/ribbon_picture.py``.

It needs the extra ``pictures`` and the font Carlito. Groups, buttons, sizes and texts are read from the ribbon's XML,
as Excel reads them; the icons are drawn here, since Microsoft's may not be copied.
"""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image, ImageDraw, ImageFont

from behov_xl.addin.ribbon import NAMESPACE, ribbon_xml
from behov_xl.addin.vba import CALLBACK
from behov_xl.messages import catalogue

TARGET = Path(__file__).parent / "pictures" / "Fanen.png"
WIDTH, HEIGHT = 780, 268
FINER, SCALE = 4, 2
"""Drawn at four times the size and made smaller: smooth edges, twice the pixels of the sketch for sharp screens."""
TABS = ("Fil", "Hjem", "Sett inn", "Sideoppsett", "Formler", "Data", "Se gjennom", "Visning")
GREEN, RED, BLUE, YELLOW, INK, GREY = "#107c41", "#c4314b", "#2b6cb0", "#f2c811", "#252423", "#605e5c"
BACK, PAPER, LINE, HOVER, CELLS = "#f0efee", "#ffffff", "#d2d0ce", "#e9f3ec", "#e1dfdd"

Box = tuple[float, float, float, float]


class Sheet:
    """A drawing in the sketch's own measure."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), BACK)
        self._draw = ImageDraw.Draw(self.image)

    def box(self, box: Box, fill: str | None = PAPER, outline: str | None = None, radius: float = 0) -> None:
        """A rectangle, rounded if need be."""
        at = [value * FINER for value in box]
        self._draw.rounded_rectangle(at, radius * FINER, fill, outline, FINER)

    def line(self, *points: float, colour: str = LINE, width: float = 1) -> None:
        """A line through points, x and y in turn."""
        at = [value * FINER for value in points]
        self._draw.line(at, colour, round(width * FINER), joint="curve")
        end = width * FINER / 2
        for x, y in ((at[0], at[1]), (at[-2], at[-1])):
            self._draw.ellipse((x - end, y - end, x + end, y + end), colour)

    def round(self, x: float, y: float, radius: float, fill: str | None, outline: str | None = None) -> None:
        """A circle about a point."""
        box = [(value) * FINER for value in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(box, fill, outline, round(1.6 * FINER))

    def shape(self, *points: float, fill: str) -> None:
        """A filled polygon, x and y in turn."""
        self._draw.polygon([value * FINER for value in points], fill)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 13,
        colour: str = INK,
        anchor: str = "lm",
        *,
        bold: bool = False,
    ) -> None:
        """A text; ``anchor`` as Pillow has it."""
        self._draw.text((x * FINER, y * FINER), text, colour, font(size, bold), anchor)


@cache
def font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    """Carlito has the measures of Calibri."""
    style = "Carlito:bold" if bold else "Carlito"
    found = subprocess.run(["fc-match", "-f", "%{file}", style], check=True, capture_output=True, text=True)  # noqa: S603, S607
    return ImageFont.truetype(found.stdout, round(size * FINER))


def width(text: str, size: float = 13, bold: bool = False) -> float:
    """How wide a text is."""
    return font(size, bold).getlength(text) / FINER


# ---------------------------------------------------------------------------------------------- icons


def page(sheet: Sheet, x: float, y: float, s: float) -> None:
    """A sheet of paper with a folded corner, in a square of side ``s``."""
    left, top, right, low, fold = x + s * 0.16, y + s * 0.04, x + s * 0.8, y + s * 0.96, s * 0.2
    sheet.shape(left, top, right - fold, top, right, top + fold, right, low, left, low, fill=PAPER)
    outline = (left, top, right - fold, top, right, top + fold, right, low, left, low, left, top)
    sheet.line(*outline, colour=GREY, width=1.1)
    sheet.line(right - fold, top, right - fold, top + fold, right, top + fold, colour=GREY, width=0.9)


def check_icon(sheet: Sheet, x: float, y: float, s: float) -> None:
    """A table with a tick before it."""
    sheet.box((x + s * 0.04, y + s * 0.1, x + s * 0.82, y + s * 0.8), PAPER, GREY, 1)
    sheet.box((x + s * 0.04, y + s * 0.1, x + s * 0.82, y + s * 0.27), GREY, GREY, 1)
    for part in (0.445, 0.62):
        sheet.line(x + s * 0.06, y + s * part, x + s * 0.8, y + s * part, width=0.9)
    sheet.line(x + s * 0.36, y + s * 0.27, x + s * 0.36, y + s * 0.78, width=0.9)
    sheet.round(x + s * 0.72, y + s * 0.72, s * 0.27, GREEN)
    tick = (x + s * 0.59, y + s * 0.72, x + s * 0.69, y + s * 0.82, x + s * 0.86, y + s * 0.62)
    sheet.line(*tick, colour=PAPER, width=2)


def fix_icon(sheet: Sheet, x: float, y: float, s: float) -> None:
    """A pencil over a line."""
    sheet.line(x + s * 0.1, y + s * 0.93, x + s * 0.9, y + s * 0.93, colour=GREEN, width=1.4)
    sheet.line(x + s * 0.36, y + s * 0.62, x + s * 0.8, y + s * 0.16, colour=BLUE, width=3.4)
    sheet.shape(x + s * 0.2, y + s * 0.8, x + s * 0.25, y + s * 0.52, x + s * 0.47, y + s * 0.72, fill=YELLOW)
    sheet.shape(x + s * 0.16, y + s * 0.82, x + s * 0.2, y + s * 0.68, x + s * 0.3, y + s * 0.78, fill=INK)


def clear_icon(sheet: Sheet, x: float, y: float, s: float) -> None:
    """A note with a cross."""
    sheet.box((x + s * 0.06, y + s * 0.1, x + s * 0.9, y + s * 0.68), "#fff4ce", GREY, 1.5)
    sheet.shape(x + s * 0.22, y + s * 0.66, x + s * 0.22, y + s * 0.9, x + s * 0.44, y + s * 0.66, fill=GREY)
    for one, other in ((0.5, 0.94), (0.94, 0.5)):
        sheet.line(x + s * one, y + s * 0.5, x + s * other, y + s * 0.94, colour=RED, width=2.2)


def report_icon(sheet: Sheet, x: float, y: float, s: float) -> None:
    """A page of text under a magnifying glass."""
    page(sheet, x, y, s)
    for part, end in ((0.32, 0.5), (0.48, 0.66), (0.64, 0.5)):
        sheet.line(x + s * 0.27, y + s * part, x + s * end, y + s * part, colour=BLUE, width=1)
    sheet.line(x + s * 0.76, y + s * 0.76, x + s * 0.95, y + s * 0.95, colour=INK, width=2)
    sheet.round(x + s * 0.66, y + s * 0.66, s * 0.19, "#dcebf7", INK)


def new_icon(sheet: Sheet, x: float, y: float, s: float) -> None:
    """A page with a plus."""
    page(sheet, x, y, s)
    sheet.round(x + s * 0.74, y + s * 0.74, s * 0.24, GREEN)
    sheet.line(x + s * 0.62, y + s * 0.74, x + s * 0.86, y + s * 0.74, colour=PAPER, width=1.3)
    sheet.line(x + s * 0.74, y + s * 0.62, x + s * 0.74, y + s * 0.86, colour=PAPER, width=1.3)


def help_icon(sheet: Sheet, x: float, y: float, s: float) -> None:
    """A question mark in a disc."""
    sheet.round(x + s / 2, y + s / 2, s * 0.45, BLUE)
    sheet.text(x + s / 2, y + s * 0.53, "?", s * 0.8, PAPER, "mm", bold=True)


ICONS: dict[str, Callable[[Sheet, float, float, float], None]] = {
    "validate": check_icon, "fix": fix_icon, "clear": clear_icon,
    "report": report_icon, "new_workbook": new_icon, "show_help": help_icon,
}  # fmt: skip


# --------------------------------------------------------------------------------------------- ribbon

TOP, LOW, ROW = 44, 132, 23


def main() -> None:
    """Writes the picture of the tab in bokmål, with the pointer on its first button."""
    root = ET.fromstring(ribbon_xml(catalogue("nb"), CALLBACK).encode())  # noqa: S314 - our own
    (tab,) = (one for one in root.iter() if one.tag == f"{{{NAMESPACE}}}tab")
    sheet = Sheet()
    _tabs(sheet, tab.attrib["label"])
    _cells(sheet)
    sheet.box((9, TOP - 2, WIDTH - 9, LOW + 1), CELLS, None, 8)
    sheet.box((8, TOP - 4, WIDTH - 8, LOW), PAPER, LINE, 7)
    x: float = 16
    for group in tab:
        x = _group(sheet, group, x)
    first = next(iter(next(iter(tab))))
    _tip(sheet, 22, LOW + 8, first.attrib["screentip"], first.attrib["supertip"])
    size = (WIDTH * SCALE, HEIGHT * SCALE)
    sheet.image.resize(size, Image.Resampling.LANCZOS).quantize(256, kmeans=1).save(TARGET, optimize=True)


def _tabs(sheet: Sheet, own: str) -> None:
    x: float = 22
    for name in (*TABS, own):
        chosen = name == own
        sheet.text(x, 22, name, 14, GREEN if chosen else INK, bold=chosen)
        wide = width(name, 14, chosen)
        if chosen:
            sheet.line(x, 34, x + wide, 34, colour=GREEN, width=2.4)
        x += wide + 22


def _group(sheet: Sheet, group: ET.Element, x: float) -> float:
    """Draws a group from ``x`` on; returns where the next begins. Small buttons stand in columns of three."""
    start, column = x, list[ET.Element]()
    for button in group:
        if button.attrib["size"] == "large":
            x = _column(sheet, column, x)
            column = []
            x = _large(sheet, button, x)
        else:
            column.append(button)
            if len(column) == 3:
                x = _column(sheet, column, x)
                column = []
    x = max(_column(sheet, column, x), start + width(group.attrib["label"], 12) + 16)
    sheet.text((start + x) / 2, LOW - 11, group.attrib["label"], 12, GREY, "mm")
    sheet.line(x + 5, TOP + 4, x + 5, LOW - 8)
    return x + 11


def _large(sheet: Sheet, button: ET.Element, x: float) -> float:
    label = button.attrib["label"]
    wide = max(width(label) + 16, 54)
    if button.attrib["id"] == "validate":  # the pointer is on it
        sheet.box((x, TOP + 1, x + wide, LOW - 22), HOVER, "#b7d7c3", 4)
    ICONS[button.attrib["id"]](sheet, x + wide / 2 - 17, TOP + 6, 34)
    sheet.text(x + wide / 2, LOW - 33, label, 13, INK, "mm")
    return x + wide + 4


def _column(sheet: Sheet, buttons: list[ET.Element], x: float) -> float:
    for number, button in enumerate(buttons):
        y = TOP + 4 + number * ROW
        ICONS[button.attrib["id"]](sheet, x + 6, y + 1, 16)
        sheet.text(x + 28, y + 10, button.attrib["label"])
    return x + max((width(one.attrib["label"]) for one in buttons), default=-36) + 36


def _cells(sheet: Sheet) -> None:
    """The beginning of a sheet under the ribbon."""
    top = LOW + 10
    sheet.box((0, top, WIDTH, HEIGHT), PAPER)
    sheet.box((0, top, WIDTH, top + 20), BACK)
    for number in range(10):
        x = 34 + number * 84
        sheet.line(x, top, x, HEIGHT, colour=CELLS)
        sheet.text(x + 42, top + 10, "ABCDEFGHIJ"[number], 12, GREY, "mm")
    for number in range(6):
        y = top + 20 + number * 22
        sheet.line(0, y, WIDTH, y, colour=CELLS)
        sheet.text(17, y + 11, str(number + 1), 12, GREY, "mm")


def _tip(sheet: Sheet, x: float, y: float, title: str, text: str) -> None:
    lines = textwrap.wrap(text, 58)
    low, right = y + 38 + 16 * len(lines), x + 346
    sheet.box((x + 2, y + 3, right + 2, low + 3), LINE, None, 6)
    sheet.box((x, y, right, low), PAPER, "#c8c6c4", 5)
    sheet.text(x + 12, y + 17, title, 13.5, bold=True)
    for number, line in enumerate(lines):
        sheet.text(x + 12, y + 38 + number * 16, line, 12.5, "#3b3a39")


if __name__ == "__main__":
    main()
