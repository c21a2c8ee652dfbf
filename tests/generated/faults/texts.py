"""BX7: what is written, and what is not."""

from __future__ import annotations

from hypothesis import assume

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


@fault("BX703", "a text that repeats its heading")
def _heading(d: Draft) -> Places:
    index, row = d.row("texts")
    label = d.form.choices["section"][row["section"]].words(d.lang)
    row["text"] = d.one([label, label.partition(" ")[2] + ":"])
    return d.at("texts", index, "text")


@fault("BX704", "a text that says nothing", also=["BX518"])
def _short(d: Draft) -> Places:
    index, row = d.row("texts", lambda row: row["section"] != "target_group")
    row["text"] = d.one(["Se vedlegg", "Ja.", "Se punkt 1"])
    return d.at("texts", index, "text")


@fault("BX705", "a text that repeats another's beginning", also=["BX518", "BX522"])
def _repeated(d: Draft) -> Places:
    _, row = d.row("texts", lambda row: row["section"] == "goal_b")
    index, other = d.row("texts", lambda one: one["measure"] == row["measure"] and one["section"] == "goal_c")
    sentence = f"{row['text'].partition('.')[0]}."
    assume(len(sentence) > 45)
    other["text"] = f"{sentence} I tillegg deler kollegiet erfaringer."
    return d.at("texts", index, "text")


@fault("BX706", "remains of editing")
def _leftover(d: Draft) -> Places:
    index, row = d.row("texts")
    row["text"] += d.one([" XXX", " [fyll inn]", " ???"])
    return d.at("texts", index, "text")
