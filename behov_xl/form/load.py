"""Reads a form file: expands what it says once for many columns, checks it, and says where it is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from behov_xl.form.model import Column, Form, FormError, Table

DEFAULT = "behovsmelding_2026.toml"


@lru_cache(maxsize=1)
def current() -> Form:
    """The form of the current year, as it ships with the package."""
    return load(Path(str(files("behov_xl.form") / DEFAULT)))


def load(path: Path) -> Form:
    """Reads one form file.

    Raises :class:`FormError` with file, key and reason when the file is not TOML or does not describe a form.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormError(f"{path.name}: not valid TOML: {error}") from error
    try:
        form = Form.model_validate(_expanded(raw))
    except ValidationError as error:
        first = error.errors()[0]
        raise FormError(f"{path.name}: {_key(first['loc'], raw)}: {first['msg']}") from error
    problem = next(_inconsistencies(form), None)
    if problem:
        raise FormError(f"{path.name}: {problem}")
    return form


def _expanded(raw: dict[str, Any]) -> dict[str, Any]:
    """Makes what the file says once: one column per checkbox and school year, the note column, uncertain words."""
    groups = {group.get("id"): group for group in raw.get("groups", [])}
    years = raw.get("school_years", [])
    tables = []
    for table in raw.get("tables", []):
        columns: list[dict[str, Any]] = []
        for column in table.get("columns", []):
            columns += _each_year(column, years) if column.get("each") == "school_years" else [column]
        for group in table.get("groups", []):
            columns += _tick_columns(group, groups)
        if table.get("layout") == "fields" and table.get("group") in groups:
            columns = [tick for field in columns for tick in _field_ticks(field, groups[table["group"]])]
        elif table.get("notes", True) and table.get("layout") != "fields" and "note_column" in raw:
            columns.append(raw["note_column"])
        tables.append({**table, "columns": columns})
    _mark_keys(tables)
    expanded: dict[str, Any] = _all_uncertain({**raw, "tables": tables}, raw.get("uncertain", []))
    return expanded


def _all_uncertain(here: Any, uncertain: list[str]) -> Any:
    """The same with the uncertain words among ``unless`` wherever something is named."""
    if isinstance(here, list):
        return [_all_uncertain(one, uncertain) for one in here]
    if not isinstance(here, dict):
        return here
    if "words" in here and isinstance(here["words"], list):
        return {**here, "unless": [*here.get("unless", []), *uncertain]}
    return {key: _all_uncertain(value, uncertain) for key, value in here.items()}


def _mark_keys(tables: list[dict[str, Any]]) -> None:
    """Columns that refer to another, or are referred to, are keys."""
    referred = {column["refers"] for table in tables for column in table["columns"] if "refers" in column}
    for table in tables:
        table["columns"] = [
            {**column, "key": True}
            if "refers" in column or f"{table.get('id')}.{column.get('id')}" in referred
            else column
            for column in table["columns"]
        ]


def _each_year(column: dict[str, Any], years: list[str]) -> list[dict[str, Any]]:
    made = []
    for year in years:
        label = {lang: text.replace("{each}", year) for lang, text in column["label"].items()}
        one: dict[str, Any] = {key: value for key, value in column.items() if key != "each"}
        one |= {key: column[key].replace("{each}", year) for key in ("formula", "total_formula") if key in column}
        one |= {"id": f"{column['id']}.{year}", "label": label, "school_year": year}
        made.append(one)
    return made


def _tick_columns(group: str, groups: dict[str, Any]) -> list[dict[str, Any]]:
    options = groups.get(group, {}).get("options", [])
    shared: dict[str, Any] = {"type": "tick", "group": group, "width": 14}
    return [{**shared, "id": f"{group}.{o.get('id')}", "option": o.get("id"), "label": o.get("label")} for o in options]


def _field_ticks(field: dict[str, Any], group: dict[str, Any]) -> list[dict[str, Any]]:
    """One checkbox per option of the group, in the row of the question; the question is the group."""
    shared = {**field, "group": field.get("id")}
    return [
        {**shared, "id": f"{field.get('id')}.{o.get('id')}", "option": o.get("id")} for o in group.get("options", [])
    ]


def _key(loc: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    """The place of a fault as a reader of the file would name it: tables.measures.columns.total.type."""
    names: list[str] = []
    here: Any = _expanded(raw)
    for step in loc:
        here = here[step] if _has(here, step) else None
        name = here.get("id") if isinstance(here, dict) and isinstance(step, int) else None
        names.append(str(name or step))
    return ".".join(names)


def _has(here: Any, step: int | str) -> bool:
    return (isinstance(here, dict) and step in here) or (
        isinstance(here, list) and isinstance(step, int) and step < len(here)
    )


def _inconsistencies(form: Form) -> Iterator[str]:
    """What no single key can show: duplicate ids and names of things that do not exist. Key and reason."""
    lists: dict[str, list[str]] = {
        "groups": [group.id for group in form.groups],
        "sheets": [sheet.id for sheet in form.sheets],
        "tables": [table.id for table in form.tables],
        "tables (name)": [table.name.casefold() for table in form.tables],
    }
    lists |= {f"groups.{group.id}.options": [option.id for option in group.options] for group in form.groups}
    for table in form.tables:
        key = f"tables.{table.id}.columns"
        lists[key] = [column.id for column in table.columns]
        if table.layout == "rows":
            for lang in ("nb", "nn"):
                lists[f"{key} (label {lang})"] = [column.label.words(lang).casefold() for column in table.columns]
    for key, ids in lists.items():
        for one in sorted({one for one in ids if ids.count(one) > 1}):
            yield f"{key}: duplicate id {one!r}"
    for group in form.groups:
        for option in group.options:
            for one in sorted({*option.institutions} - form.institutions.keys()):
                yield f"groups.{group.id}.options.{option.id}.institutions: no institution {one!r}"
    for table in form.tables:
        yield from _dangling(form, table)


def _dangling(form: Form, table: Table) -> Iterator[str]:
    """Names in a table of sheets, groups, columns and choices that the form does not have."""
    key = f"tables.{table.id}"
    if table.sheet not in form.sheet_by_id:
        yield f"{key}.sheet: no sheet {table.sheet!r}"
    for group in (*table.groups, *([table.group] if table.group else [])):
        if group not in form.group_by_id:
            yield f"{key}.groups: no group {group!r}"
    for unique in table.unique:
        if unique not in table.by_id:
            yield f"{key}.unique: no column {unique!r}"
    for column in table.columns:
        yield from (f"{key}.columns.{column.id}.{problem}" for problem in _dangling_column(form, table, column))


def _dangling_column(form: Form, table: Table, column: Column) -> Iterator[str]:
    if column.type == "choice" and column.choices not in {"school_years", *form.choices}:
        yield f"choices: no choices {column.choices!r}"
    if column.institution is not None and column.institution not in form.institutions:
        yield f"institution: no institution {column.institution!r}"
    if column.every is not None and column.every not in table.by_id:
        yield f"every: no column {column.every!r}"
    if column.type == "reference" and column.refers is None:
        yield "refers: a reference must say what it refers to"
    other, _, name = (column.refers or "").partition(".")
    if column.refers and (other not in form.by_id or name not in form.by_id[other].by_id):
        yield f"refers: no column {column.refers!r}"
