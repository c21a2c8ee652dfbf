"""BX7: what is written, and what is not."""

from __future__ import annotations

from generated.drafts import Draft, typed_columns, user_tables
from generated.faults.registry import Places, fault

PLACEHOLDERS = ["Klikk eller trykk her for å skrive inn tekst.", "Velg et element.", "Klikk her for å skrive inn tekst"]


@fault("BX701", "a section without a text", also=["BX518"])
def _no_text(d: Draft) -> Places:
    _, row = d.row("texts")
    row["text"] = d.one(["", "  "])
    # A row in which only the template's words stand is not in use.
    rows = enumerate(d.rows("texts"))
    first = next(index for index, one in rows if one["measure"] == row["measure"] and one["text"].strip())
    return d.at("texts", first, "text")


@fault("BX702", "Word's placeholder in a cell of a row", also=["BX701"])
def _placeholder(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if d.rows(t.id))
    index, row = d.row(table.id)
    column = d.one(typed_columns(table)).id
    row[column] = d.one(PLACEHOLDERS)
    return d.at(table.id, index, column)


@fault("BX702", "Word's placeholder in a field of the head")
def _placeholder_in_head(d: Draft) -> Places:
    column = d.one(d.form.by_id["head"].columns).id
    d.fields("head")[column] = d.one(PLACEHOLDERS)
    return d.field("head", column)
