"""What the actions do with the program around a workbook: hold it still, show progress, tell, ask. On any engine.

Not every engine can do everything. What one cannot do is left out: a progress text is a courtesy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xlwings


@contextmanager
def quiet(app: xlwings.App) -> Iterator[None]:
    """No redrawing and no calculation while cells are written; both as they were afterwards, whatever happens."""
    restore: list[Callable[[], None]] = []
    for name, still in (("screen_updating", False), ("calculation", "manual")):
        if not desktop(app):
            break  # such a client carries everything out at once, after the action
        with suppress(NotImplementedError):
            before = getattr(app, name)
            setattr(app, name, still)
            restore.append(lambda name=name, before=before: setattr(app, name, before))  # type: ignore[misc]
    try:
        yield
    finally:
        for again in reversed(restore):
            again()


def desktop(app: xlwings.App) -> bool:
    """Whether the workbook is open in a program on this machine that answers at once."""
    return bool(app.engine.type == "desktop")


def status(app: xlwings.App, text: str | None) -> None:
    """Shows a text in the status bar; ``None`` gives the bar back to the program."""
    with suppress(NotImplementedError):
        app.status_bar = False if text is None else text


def tell(app: xlwings.App, text: str, *, mode: str | None = "info") -> None:
    """A short message to the adviser."""
    with suppress(NotImplementedError):
        app.alert(text, title="behov-xl", mode=mode)


def ask(app: xlwings.App, text: str) -> bool:
    """A question that is answered with yes or no. Where nobody can answer it is a message, and the answer is no."""
    if not desktop(app):
        tell(app, text)
        return False
    try:
        return app.alert(text, title="behov-xl", buttons="yes_no") == "yes"
    except NotImplementedError:
        return False


def in_excel_for_windows(app: xlwings.App) -> bool:
    """Whether Excel's own object model can be asked for what xlwings has no word for."""
    return sys.platform == "win32" and app.engine.name == "excel"


def protected(sheet: xlwings.Sheet) -> bool:
    """Whether a sheet is protected against changes; no when the engine does not tell."""
    ours: Any = getattr(sheet.impl, "protected", None)
    if ours is not None:
        return bool(ours)
    return bool(in_excel_for_windows(sheet.book.app) and sheet.api.ProtectContents)


def read_only(book: xlwings.Book) -> bool:
    """Whether the workbook cannot be saved under its name; no when the engine does not tell."""
    return bool(in_excel_for_windows(book.app) and book.api.ReadOnly)
