"""Excel's own input rules (data validation) for the template's cells: lists, ranges, and what they tell the adviser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from behov_xl.form import Column, Form
    from behov_xl.messages import Catalogue

MAX_AMOUNT = 1_000_000_000
"""Kroner; more is a slip of the keyboard. The whole yearly grant is a fraction of it."""


FIRST_YEAR, LAST_YEAR = 2020, 2100
BOXES = ("☐", "☒")
"""A checkbox as a symbol: not ticked, ticked."""


def list_name(refers: str) -> str:
    """The defined name of a drop-down list of references: measures.measure → ``Liste_measures_measure``."""
    return "Liste_" + refers.replace(".", "_")


def input_rule(form: Form, column: Column, words: Catalogue, *, native: bool) -> dict[str, Any] | None:
    """The rule in XlsxWriter's terms, or ``None`` where anything may be typed and there is nothing to explain."""
    if column.formula:
        return None
    rule = _restriction(form, column, words.lang, native=native)
    if rule is None and column.help is None:
        return None
    rule = rule or {"validate": "any"}
    label = words.text("template.tick") if column.type == "tick" else column.label.words(words.lang)
    help_text = column.help.words(words.lang) if column.help else words.text(f"template.help.{column.type}")
    must = words.text("template.required") if column.required else words.text("template.optional")
    if column.type == "tick":
        must = ""  # how many is said over the group
    rule |= {"input_title": label[:32], "input_message": f"{help_text} {must}".strip()[:255], "ignore_blank": True}
    if rule["validate"] != "any":
        message = words.text(f"template.error.{column.type}", maximum=maximum(column))
        rule |= {"error_title": label[:32], "error_message": message[:255]}
    return rule


def lowest(column: Column) -> float:
    """The smallest number that makes sense in a column."""
    return FIRST_YEAR if column.type == "year" else 0


def maximum(column: Column) -> float:
    """The largest number that makes sense in a column: the form's, or the general one for amounts."""
    return column.maximum or (LAST_YEAR if column.type == "year" else MAX_AMOUNT)


def _restriction(form: Form, column: Column, lang: str, *, native: bool) -> dict[str, Any] | None:
    listed = {"validate": "list", "error_type": "stop"}
    if column.type == "tick":
        return None if native else {**listed, "source": list(BOXES)}
    if column.type == "choice":
        return {**listed, "source": [label.words(lang) for label in form.options(column).values()]}
    if column.type == "reference":
        # A warning, not a stop: the short name of a partner is right as well, and rows may be filled in in any order.
        return {"validate": "list", "error_type": "warning", "source": f"={list_name(column.refers or '')}"}
    if column.type in {"amount", "hours", "number"}:
        return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": maximum(column)}
    if column.type == "count":
        return {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": maximum(column)}
    if column.type == "year":
        return {"validate": "integer", "criteria": "between", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}
    return None
