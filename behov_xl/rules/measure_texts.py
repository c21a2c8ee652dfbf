"""What texts say a measure is for, and how many units of each institution are counted for it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from behov_xl.rules.hits import Hits, hits, keys

if TYPE_CHECKING:
    from behov_xl.form import Column, Form, Label
    from behov_xl.workbook.frames import Submissions

Key = tuple[int, str]
"""Workbook and measure, as keys are compared."""


class Text(NamedTuple):
    """One text of a measure, and where it stands: the place of its row in the frame of its table."""

    key: Key
    table: str
    place: int
    column: str
    text: str


def texts_of(s: Submissions, wanted: Collection[Key]) -> Iterator[Text]:
    """What says whom measures are for: their target groups, then their names, then the names of their activities."""
    if not wanted:
        return
    yield from section_texts(s, wanted, "target_group")
    for table, column in (("measures", "name"), ("activities", "what")):
        yield from column_texts(s, wanted, table, column)


def section_texts(s: Submissions, wanted: Container[Key], *sections: str) -> Iterator[Text]:
    """The texts of measures under these sections (or under all)."""
    texts = s["texts"]
    columns = (texts[one].tolist() for one in ("section", "text"))
    for index, (key, section, text) in enumerate(zip(keys(texts), *columns, strict=True)):
        if text and key in wanted and (section in sections or not sections):
            yield Text(key, "texts", index, "text", text)


def column_texts(s: Submissions, wanted: Container[Key], table: str, column: str) -> Iterator[Text]:
    """The texts of measures in a column."""
    frame = s[table]
    for index, (key, text) in enumerate(zip(keys(frame), frame[column].tolist(), strict=True)):
        if text and key in wanted:
            yield Text(key, table, index, column, text)


def place_of(s: Submissions, text: Text) -> Label:
    """Where a reader finds a text: its section, or its sheet."""
    if text.table == "texts":
        sections = s.form.options(s.form.by_id["texts"].by_id["section"])
        section = s["texts"]["section"].tolist()[text.place]
        if section in sections:
            return sections[section]
    return s.form.sheet_by_id[s.form.by_id[text.table].sheet].label


def at_texts(s: Submissions, texts: Sequence[Text], **params: Any) -> Hits:
    """Hits at texts, all of one table."""
    table = texts[0].table
    return hits(table, s[table].iloc[[one.place for one in texts]], [one.column for one in texts], **params)


def institution_columns(form: Form) -> list[Column]:
    """The columns in which units of an institution are counted."""
    return [column for column in form.by_id["units"].columns if column.institution]


def counted(s: Submissions) -> dict[Key, dict[str, float]]:
    """(workbook, measure) → institution → its units. NaN where a count is missing or cannot be read."""
    units = s["units"]
    rows = keys(units)
    found: dict[Key, dict[str, float]] = {key: {} for key in rows}
    for column in institution_columns(s.form):
        for key, count in zip(rows, units[column.id].tolist(), strict=True):
            kind = str(column.institution)
            found[key][kind] = found[key].get(kind, 0.0) + count
    return found
