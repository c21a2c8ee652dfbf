"""What the form is, as data: see ``behovsmelding_2026.toml``; :func:`load` reads it, :class:`Form` holds it."""

from behov_xl.form.load import current, load
from behov_xl.form.model import Choice, Column, Form, FormError, Group, Label, Sheet, Table, TickGroup
from behov_xl.form.naming import Named

__all__ = [
    "Choice",
    "Column",
    "Form",
    "FormError",
    "Group",
    "Label",
    "Named",
    "Sheet",
    "Table",
    "TickGroup",
    "current",
    "load",
]
