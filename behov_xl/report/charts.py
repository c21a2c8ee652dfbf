"""Bar charts as inline SVG, drawn by ziaplot. Colours are variables of the page, so that they follow light and dark."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ziaplot
from ziaplot.config import config

from behov_xl.messages import number

MOST_GROUPS = 40
"""More bars than this nobody reads: the table beside the chart has the numbers."""

WIDTH, GROUP_HEIGHT, BAR_HEIGHT, AXIS_HEIGHT = 440, 14, 13, 34
SIDE = 34
"""Room on either side: the library guesses how wide labels are, and the last number stands half beyond the axis."""

LONGEST_LABEL = 19
_LEAST_ROOM = 4
LARGEST = 1e15
_STYLE = """
Graph { color: none; edge_color: none; edge_width: 0; }
Graph.TickY { color: currentColor; font_size: 12; height: 0; stroke_width: 0; margin: 8; }
BarChartHoriz.TickY { color: currentColor; font_size: 12; height: 0; stroke_width: 0; pad: 0; margin: 6; }
Graph.GridX { color: var(--line); stroke: solid; stroke_width: 1; }
BarsHoriz { edge_color: none; edge_width: 0; }
"""


@dataclass(frozen=True, slots=True)
class Series:
    """One bar in every group. ``colour`` is a CSS colour or variable."""

    name: str
    colour: str
    values: Sequence[float]


def bars(groups: Sequence[str], series: Sequence[Series], *, labelled_by: str) -> str:
    """Horizontal bars in groups, as an ``svg`` element; ``""`` where there is nothing to see, or too much.

    ``labelled_by`` is the id of the element that says what the chart shows. Texts are escaped by ElementTree.
    """
    shown = [Series(one.name, one.colour, [_drawable(value) for value in one.values]) for one in series]
    values = [value for one in shown for value in one.values]
    if not any(values) or len(groups) > MOST_GROUPS:
        return ""
    # Where ziamath happens to be installed, texts would become outlines that nobody can search or hear.
    config.text, config.precision = "text", 1
    short = _short(groups)
    chart = ziaplot.BarChartGroupedHoriz([short[one] for one in groups])
    chart.css(_STYLE)
    # From below upwards, as the library stacks them.
    for one in shown:
        chart.add(ziaplot.BarSeries(*one.values).name(one.name).color(one.colour))
    ticks = _ticks(min(0.0, *values), max(0.0, *values))
    chart.xticks(ticks, [number(tick) for tick in ticks])
    chart.legend("none")
    chart.size(WIDTH, len(groups) * (GROUP_HEIGHT + BAR_HEIGHT * len(shown)) + AXIS_HEIGHT)
    svg = chart.svgxml()
    _add_titles(svg, short, groups)
    return _tidied(svg, labelled_by)


def _drawable(value: float) -> float:
    return value if math.isfinite(value) and abs(value) < LARGEST else 0.0


def _short(labels: Iterable[str], room: int = LONGEST_LABEL) -> dict[str, str]:
    """What is shown of each label: all of it, or its beginning, or so much of it that it is told from the others."""
    short = {one: one if len(one) <= room else f"{one[: room - 1].rstrip()}…" for one in labels}
    alike: dict[str, list[str]] = {}
    for whole, one in short.items():
        if one != whole:
            alike.setdefault(one, []).append(whole)
    for wholes in alike.values():
        if len(wholes) > 1 and room > _LEAST_ROOM:
            short.update(_told_apart(wholes, room))
    return short


def _told_apart(wholes: Sequence[str], room: int) -> dict[str, str]:
    """Long labels that begin alike: a third of the room, or what is left, for that; the rest for where they differ."""
    left = room - room // 3 - 1
    first, last = min(wholes), max(wholes)
    differ = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    # From the beginning of the word, unless it is a long one.
    start = max(first.rfind(" ", 0, differ), differ - left // 2, 0)
    ends = _short((one[start:] for one in wholes), left)
    return {one: f"{one[: room - 1 - len(ends[one[start:]])].rstrip()}…{ends[one[start:]]}" for one in wholes}


def _add_titles(svg: ET.Element, short: Mapping[str, str], groups: Sequence[str]) -> None:
    """Gives each label that was cut a title with the whole: browsers show it to whoever points at the label."""
    texts = [one for one in svg.iter("text") if one.get("text-anchor") == "end"]
    for text, whole in zip(texts, reversed(groups), strict=True):
        if short[whole] != whole:
            ET.SubElement(text, "title").text = whole


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from at most ``low`` to at least ``high``; few where they are long."""
    intervals = 4 if max(high, -low) < 1e9 else 2
    unit = 10.0 ** math.floor(math.log10((high - low) / intervals))
    step = next(unit * one for one in (1, 2, 2.5, 5, 10) if (high - low) <= unit * one * intervals)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 6) for index in range(first, last + 1)]


def _tidied(svg: ET.Element, labelled_by: str) -> str:
    """As the page needs it: one image with a name, of any width, without ids that another chart has too."""
    for part in svg.findall("defs"):
        svg.remove(part)
    for part in list(svg):
        part.attrib.pop("clip-path", None)
        part.attrib.pop("font-family", None)
        if part.get("fill") == "none" and part.get("stroke") != "var(--line)":
            svg.remove(part)
    width, height = float(svg.attrib.pop("width")), float(svg.attrib.pop("height"))
    svg.set("viewBox", f"{-SIDE} 0 {width + 2 * SIDE:g} {height:g}")
    svg.set("class", "chart")
    svg.set("role", "img")
    svg.set("aria-labelledby", labelled_by)
    return ET.tostring(svg, encoding="unicode")
