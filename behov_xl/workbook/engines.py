"""What differs between the programs behind xlwings, in one place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import xlwings

_T = TypeVar("_T")
_EXCELS_OWN = {"win32": ("pywintypes", "com_error"), "darwin": ("aem", "CommandError")}
"""The exception with which Excel says that it cannot, by platform: module and name."""


@cache
def refusals() -> tuple[type[Exception], ...]:
    """What engines raise for what they cannot tell or do: xlwings' own ways, and Excel's."""
    own: tuple[type[Exception], ...] = (NotImplementedError, KeyError)
    if sys.platform in _EXCELS_OWN:
        module, name = _EXCELS_OWN[sys.platform]
        own = (*own, getattr(import_module(module), name))
    return own


def told(ask: Callable[[], _T], default: _T) -> _T:
    """What an engine tells, or ``default`` if it cannot."""
    try:
        return ask()
    except refusals():
        return default


def visible(sheet: xlwings.Sheet) -> bool:
    """Whether a sheet's tab is shown. Desktop Excel has two ways to hide one, and numbers for them."""
    shown: Any = told(lambda: sheet.visible, default=True)
    return shown in {True, -1}


def in_excel_for_windows(app: xlwings.App) -> bool:
    """Whether Excel's own object model can be asked for what xlwings has no word for."""
    return sys.platform == "win32" and app.engine.name == "excel"


def in_excel_for_mac(app: xlwings.App) -> bool:
    """Whether the book is open in Excel for the Mac."""
    return sys.platform == "darwin" and app.engine.name == "excel"
