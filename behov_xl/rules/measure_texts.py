"""What texts say a measure is for, and how many units of each institution are counted for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from behov_xl.rules.hits import Hits, hits
from behov_xl.rules.shared import cells, folded, keys_of, per_chunk

if TYPE_CHECKING:
    from behov_xl.form import Column, Form, Label
    from behov_xl.form.naming import Named
    from behov_xl.workbook.columns import Submissions

Key = tuple[int, str]
"""Workbook and measure, as keys are compared."""


Where = tuple[str, str]
"""A table and its column of texts."""

TARGET_GROUP = frozenset({"target_group"})
WHOM: tuple[Where, ...] = (("texts", "text"), ("measures", "name"), ("activities", "what"))
"""What says whom a measure is for: its target group, its name, the names of its activities."""


class Text(NamedTuple):
    """One text of a measure, and where it stands: the place of its row in its table."""

    key: Key
    table: str
    place: int
    column: str
    text: str
    section: str


def texts_of(s: Submissions, wanted: Container[Key]) -> Iterator[Text]:
    """All texts that say whom these measures are for."""
    for table, column in WHOM:
        texts = cells(s, table, column)
        for place in _places(s, table, TARGET_GROUP):
            if texts[place] and keys_of(s, table)[place] in wanted:
                yield _text(s, table, column, place)


def mentions(
    s: Submissions,
    named: Named,
    wanted: Container[Key],
    where: Iterable[Where] = WHOM,
    sections: Iterable[str] = TARGET_GROUP,
) -> Iterator[tuple[Text, str]]:
    """The texts of these measures that name something, and the word for it; of the long texts, those of sections."""
    first = named.finder.first
    for table, column in where:
        rows, texts, compared = keys_of(s, table), cells(s, table, column), folded(s, table, column)
        words: dict[str, str] = {}  # measures and activities share names, from year to year and from form to form
        for place in _places(s, table, frozenset(sections)):
            if rows[place] in wanted:
                text = texts[place]
                if text not in words:
                    words[text] = first(text, compared[place])
                if words[text]:
                    yield _text(s, table, column, place), words[text]


@per_chunk
def _places(s: Submissions, table: str, sections: frozenset[str]) -> Sequence[int]:
    """The rows of a table; of the long texts, those of sections."""
    if table != "texts":
        return range(len(keys_of(s, table)))
    return [place for place, section in enumerate(cells(s, table, "section")) if section in sections]


def _text(s: Submissions, table: str, column: str, place: int) -> Text:
    section = cells(s, table, "section")[place] if table == "texts" else ""
    return Text(keys_of(s, table)[place], table, place, column, cells(s, table, column)[place], section)


def place_of(form: Form, text: Text) -> Label:
    """Where a reader finds a text: its section, or its sheet."""
    if text.section:
        return form.options(form.by_id["texts"].by_id["section"])[text.section]
    return form.sheet_by_id[form.by_id[text.table].sheet].label


def at_texts(s: Submissions, table: str, texts: Sequence[Text], **params: Any) -> Hits:
    """Hits at texts, all of this table."""
    return hits(s, table, [one.place for one in texts], [one.column for one in texts], **params)


def institution_columns(form: Form) -> list[Column]:
    """The columns in which units of an institution are counted."""
    return [column for column in form.by_id["units"].columns if column.institution]


@per_chunk
def counted(s: Submissions) -> dict[Key, dict[str, float]]:
    """(workbook, measure) → institution → its units. NaN where a count is missing or cannot be read."""
    rows = keys_of(s, "units")
    found: dict[Key, dict[str, float]] = {key: {} for key in rows}
    for column in institution_columns(s.form):
        for key, count in zip(rows, cells(s, "units", column.id), strict=True):
            kind = str(column.institution)
            found[key][kind] = found[key].get(kind, 0.0) + count
    return found
