"""Which language a workbook is in: bokmål or nynorsk, by the headings and labels of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from behov_xl.headings import normal

if TYPE_CHECKING:
    from behov_xl.form import Form, Table
    from behov_xl.workbook.grid import Grid
    from behov_xl.workbook.structure import Layout


def language(form: Form, grid: Grid, layouts: Mapping[str, Layout]) -> str:
    """The workbook's language, by most of its tables' words."""
    return "nn" if sum(_leanings(form, grid, layouts).values()) < 0 else "nb"


def languages(form: Form, grid: Grid, layouts: Mapping[str, Layout]) -> dict[str, str]:
    """Table id → the language of its headings or labels; where they are the same in both, the workbook's."""
    leaning = _leanings(form, grid, layouts)
    whole = sum(leaning.values())
    return {id_: "nn" if (own or whole) < 0 else "nb" for id_, own in leaning.items()}


def _leanings(form: Form, grid: Grid, layouts: Mapping[str, Layout]) -> dict[str, int]:
    return {table.id: _leaning(table, grid, layouts.get(table.id)) for table in form.tables}


def _leaning(table: Table, grid: Grid, layout: Layout | None) -> int:
    """How many of a table's words are bokmål, less those that are nynorsk."""
    if layout is None:
        return 0
    sheet, area = grid.sheets[layout.sheet], layout.area
    if layout.field_rows:
        texts = [sheet.value(row, area.left) for row in set(layout.field_rows.values())]
    else:
        texts = [sheet.value(area.header, column) for column in layout.columns.values()]
    said = {normal(text) for text in texts if isinstance(text, str)}
    labels = [(normal(one.label.nb), normal(one.label.nn)) for one in table.columns]
    return sum((nb in said) - (nn in said) for nb, nn in labels)
