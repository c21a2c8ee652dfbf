"""What happens between a press on the ribbon and an action: which workbook, and what the adviser sees if it fails."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from behov_xl.addin import actions, corrections, documents
from behov_xl.addin.buttons import BUTTONS
from behov_xl.addin.session import status, tell
from behov_xl.messages import catalogue
from behov_xl.workbook.files import Refused

if TYPE_CHECKING:
    import xlwings

_WITHOUT_A_BOOK = frozenset(button.id for button in BUTTONS if button.alone)


def press(action: str) -> None:
    """Runs an action on the workbook that is in front. Whatever goes wrong is told in words, never by a VBA box."""
    import xlwings

    app = xlwings.Book.caller().app  # the VBA lets through only names that it understands (see vba.py)
    try:
        _run(app, action)
    except Refused as refused:
        status(app, None)
        tell(app, catalogue().text(f"{refused.rule.code}.message", **refused.params), mode="critical")
    except Exception:  # noqa: BLE001 - the last place before Excel, which would show the adviser a traceback
        status(app, None)
        tell(app, catalogue().text("addin.crashed", path=_kept(traceback.format_exc())), mode="critical")


def _run(app: xlwings.App, action: str) -> None:
    book = app.books.active if len(app.books) else None
    if book is None and action not in _WITHOUT_A_BOOK:
        tell(app, catalogue().text("addin.no_book"))
    elif action == "new_workbook":
        documents.new_workbook(app)
    elif action == "show_help":
        documents.show_help(app, book)
    elif book is not None:
        _ON_A_BOOK[action](book)


_ON_A_BOOK = {
    "validate": actions.validate,
    "fix": corrections.fix,
    "clear": actions.clear,
    "report": documents.report,
}


def _kept(trace: str) -> Path:
    """The file with the traceback, for whoever helps."""
    with tempfile.NamedTemporaryFile("w", prefix="behov-xl-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(trace)
        return Path(file.name)
