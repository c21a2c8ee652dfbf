"""What is typed into a template: rows per table, answers per field; read from a TOML file keyed by the form's ids."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from behov_xl.form import Column, Form, Table

Row = dict[str, Any]


class ContentError(ValueError):
    """A content file that does not fit the form: says which file, which key, and why."""


@dataclass(slots=True)
class Content:
    """The content of one workbook.

    ``rows``: table id → rows, each column id → value. ``fields``: table id → field id → value. ``totals``: table id →
    column id → value typed over the total row's formula. Choices are option ids or any text; a checkbox group is the
    id of the ticked option, or a list of them. ``spare_rows`` are left empty below (``None``: as many as the template).
    What an adviser may do to a workbook beside filling it in: ``labels``: (table id, column id) → another heading or
    label; ``names``: table id → another name of the Excel table; ``cells``: sheet id → cell → a value outside tables;
    ``hidden``: sheet id → hidden rows, from 1; ``copies``: table id → name of a sheet with a copy of it.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    fields: dict[str, Row] = field(default_factory=dict)
    totals: dict[str, Row] = field(default_factory=dict)
    spare_rows: int | None = None
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    cells: dict[str, Row] = field(default_factory=dict)
    hidden: dict[str, list[int]] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)


def read_content(form: Form, path: Path) -> Content:
    """Reads a content file. ``base = "other.toml"`` takes another file beside it as a start; ``[[edits]]`` change it.

    Raises :class:`ContentError` with file, key and reason when it is not TOML or names what the form does not have.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{path.name}: {error}") from error
    base = raw.pop("base", None)
    content = read_content(form, path.parent / base) if base else Content()
    try:
        _fill(form, content, raw)
    except KeyError as error:
        raise ContentError(f"{path.name}: {error.args[0]}: the form {form.id} has no such table or column") from error
    return content


def _fill(form: Form, content: Content, raw: dict[str, Any]) -> None:
    content.spare_rows = raw.pop("spare_rows", content.spare_rows)
    edits = raw.pop("edits", [])
    for id_, given in raw.items():
        table = form.by_id[id_]
        if table.layout == "fields":
            content.fields[id_] = _row(form, table, given)
        else:
            content.rows[id_] = [_row(form, table, row) for row in given]
    for edit in edits:
        edit_content(form, content, edit)


def edit_content(form: Form, content: Content, edit: dict[str, Any]) -> None:
    """One change: ``table``, then ``row`` (from 1) with ``set`` | ``add`` | ``remove``; or ``total`` with ``set``.

    Or what is no filling in: ``table`` with ``column`` and ``label``, with ``name``, or with ``copy``; ``sheet`` with
    ``cells`` or ``hide``.
    """
    if not edit.keys() & {"set", "add", "remove"}:
        _treat(form, content, edit)
        return
    table = form.by_id[edit["table"]]
    given = _row(form, table, edit.get("set", edit.get("add", {})))
    if table.layout == "fields":
        content.fields.setdefault(table.id, {}).update(given)
    elif edit.get("total"):
        content.totals.setdefault(table.id, {}).update(given)
    elif "add" in edit:
        content.rows.setdefault(table.id, []).append(given)
    elif edit.get("remove"):
        del content.rows[table.id][edit["row"] - 1]
    else:
        content.rows[table.id][edit["row"] - 1].update(given)


def _treat(form: Form, content: Content, edit: dict[str, Any]) -> None:
    """What an adviser may do to a workbook beside filling it in."""
    if "sheet" in edit:
        sheet = form.sheet_by_id[edit["sheet"]].id
        content.cells.setdefault(sheet, {}).update(edit.get("cells", {}))
        content.hidden.setdefault(sheet, []).extend(edit.get("hide", []))
        return
    table = form.by_id[edit["table"]]
    if "label" in edit:
        content.labels[table.id, table.by_id[edit["column"]].id] = edit["label"]
    if "name" in edit:
        content.names[table.id] = edit["name"]
    if "copy" in edit:
        content.copies[table.id] = edit["copy"]


def _row(form: Form, table: Table, given: dict[str, Any]) -> Row:
    row: Row = {}
    groups = {group.id: group for group in form.tick_groups(table)}
    for key, value in given.items():
        if key in groups:
            ticked = [value] if isinstance(value, str) else value
            known = {option.id for option in groups[key].options}
            for unknown in set(ticked) - known:
                raise KeyError(f"{table.id}.{key}.{unknown}")
            row |= {f"{key}.{option}": option in ticked for option in known}
        elif key in table.by_id:
            row[key] = value
        else:
            raise KeyError(f"{table.id}.{key}")
    return row


def padded(form: Form, table: Table, content: Content) -> list[Row]:
    """The rows as they stand in the sheet: those typed, then empty ones, each with what the template fills in."""
    typed = content.rows.get(table.id, [])
    typed_in = table.notes and content.spare_rows is not None
    wanted = max(len(typed) + (content.spare_rows or 0), 1) if typed_in else table.rows
    if all(column.formula for column in table.columns):
        wanted = len(padded(form, form.by_id["measures"], content))
    rows = [dict(row) for row in typed] + [{} for _ in range(max(wanted, len(typed), 1) - len(typed))]
    for index in range(len(rows)):
        if index >= len(typed):
            rows[index] = {c.id: prefilled(form, table, c, index) for c in table.columns if c.prefill}
    return rows


def prefilled(form: Form, table: Table, column: Column, index: int) -> str | int:
    """What the template writes beforehand into the ``index``-th row of a column: T1, T2 … or the sections in turn."""
    pattern = column.prefill or ""
    if pattern == "{cycle}":
        ids = list(form.options(column))
        return ids[index % len(ids)]
    cycle = next((len(form.options(c)) for c in table.columns if c.prefill == "{cycle}"), 1)
    text = pattern.format(n=index + 1, block=index // cycle + 1)
    return int(text) if text.isdigit() else text
