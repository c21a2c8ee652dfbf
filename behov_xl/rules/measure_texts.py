"""What texts say a measure is for, and how many units of each institution are counted for it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from behov_xl.rules.hits import Hits, hits, keys
from behov_xl.rules.shared import cells, keys_of, per_chunk

if TYPE_CHECKING:
    from behov_xl.form import Column, Form, Label
    from behov_xl.workbook.frames import Submissions

Key = tuple[int, str]
"""Workbook and measure, as keys are compared."""


Where = tuple[str, str]
"""A table and its column of texts."""

TARGET_GROUP = ("target_group",)
WHOM: tuple[Where, ...] = (("texts", "text"), ("measures", "name"), ("activities", "what"))
"""What says whom a measure is for: its target group, its name, the names of its activities."""


class Text(NamedTuple):
    """One text of a measure, and where it stands: the place of its row in the frame of its table."""

    key: Key
    table: str
    place: int
    column: str
    text: str
    section: str


def texts_of(s: Submissions, wanted: Container[Key]) -> Iterator[Text]:
    """All texts that say whom these measures are for."""
    for where in WHOM:
        for one, _ in _with(s, where, TARGET_GROUP, str, wanted):
            yield one


def mentions(
    s: Submissions,
    first: Callable[[str], str],
    wanted: Container[Key],
    where: Iterable[Where] = WHOM,
    sections: Container[str] = TARGET_GROUP,
) -> Iterator[tuple[Text, str]]:
    """The texts of these measures that ``first`` finds a word in, and the word; of the long texts, those of sections.

    Texts are looked at before it is seen whose they are: few have a word, and that they were looked at is remembered.
    """
    for one in where:
        yield from _with(s, one, sections, first, wanted)


def _with(
    s: Submissions, where: Where, sections: Container[str], first: Callable[[str], str], wanted: Container[Key]
) -> Iterator[tuple[Text, str]]:
    table, column = where
    frame = s[table]
    texts = frame[column].tolist()
    of_text = frame["section"].tolist() if table == "texts" else None
    if of_text is None:
        found = [(place, word) for place, word in enumerate(map(first, texts)) if word]
    else:
        places = (place for place, section in enumerate(of_text) if section in sections)
        found = [(place, word) for place in places if (word := first(texts[place]))]
    rows = keys(frame) if found else []
    for place, word in found:
        if rows[place] in wanted:
            section = of_text[place] if of_text else ""
            yield Text(rows[place], table, place, column, texts[place], section), word


def place_of(form: Form, text: Text) -> Label:
    """Where a reader finds a text: its section, or its sheet."""
    if text.section:
        return form.options(form.by_id["texts"].by_id["section"])[text.section]
    return form.sheet_by_id[form.by_id[text.table].sheet].label


def at_texts(s: Submissions, table: str, texts: Sequence[Text], **params: Any) -> Hits:
    """Hits at texts, all of this table."""
    return hits(table, s[table].iloc[[one.place for one in texts]], [one.column for one in texts], **params)


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
