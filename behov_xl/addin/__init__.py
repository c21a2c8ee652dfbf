"""The Excel side: ribbon, actions behind its buttons, worksheet functions.

The functions here are what the buttons call, each by the button's own name (``behov_xl.addin.validate()``). They are
small because Excel imports this module at every press.
"""

from __future__ import annotations


def validate() -> None:
    """Valider."""
    _press("validate")


def fix() -> None:
    """Rett opp."""
    _press("fix")


def clear() -> None:
    """Fjern merknader."""
    _press("clear")


def report() -> None:
    """Rapport."""
    _press("report")


def new_workbook() -> None:
    """Ny behovsmelding."""
    _press("new_workbook")


def show_help() -> None:
    """Hjelp."""
    _press("show_help")


def _press(action: str) -> None:
    from behov_xl.addin.press import press

    press(action)
