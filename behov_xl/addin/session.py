"""What the actions do with the program around a workbook: hold it still, show progress, tell, ask. On any engine.

Not every engine can do everything. What one cannot do is left out: a progress text is a courtesy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from behov_xl.workbook.engines import in_excel_for_windows, refusals

if TYPE_CHECKING:
    import xlwings


@contextmanager
def quiet(app: xlwings.App) -> Iterator[None]:
    """No redrawing, calculation and completion while cells are written; all as it was afterwards, whatever happens."""
    with ExitStack() as restore:
        for owner, name, still in _settings(app):
            with suppress(*refusals()):
                before = getattr(owner, name)
                setattr(owner, name, still)
                restore.callback(setattr, owner, name, before)
        yield


def _settings(app: xlwings.App) -> Iterator[tuple[Any, str, Any]]:
    if not desktop(app):
        return  # such a client carries everything out at once, after the action
    yield app, "screen_updating", False
    yield app, "calculation", "manual"
    if in_excel_for_windows(app):
        # Excel would fill a whole column of a table with a formula that is written into one of its cells.
        yield app.api.AutoCorrect, "AutoFillFormulasInLists", False


def up_to_date(app: xlwings.App) -> None:
    """Calculates where the adviser has switched that off: what is read next shall be what the cells say."""
    with suppress(*refusals()):
        if desktop(app) and app.calculation != "automatic":
            app.calculate()


def desktop(app: xlwings.App) -> bool:
    """Whether the workbook is open in a program on this machine that answers at once."""
    return bool(app.engine.type == "desktop")


def status(app: xlwings.App, text: str | None) -> None:
    """Shows a text in the status bar; ``None`` gives the bar back to the program."""
    with suppress(*refusals()):
        app.status_bar = False if text is None else text


def tell(app: xlwings.App, text: str, *, mode: str | None = "info") -> None:
    """A short message to the adviser."""
    with suppress(*refusals()):
        app.alert(text, title="behov-xl", mode=mode)


def ask(app: xlwings.App, text: str) -> bool:
    """A question that is answered with yes or no. Where nobody can answer it is a message, and the answer is no."""
    if not desktop(app):
        tell(app, text)
        return False
    try:
        return app.alert(text, title="behov-xl", buttons="yes_no") == "yes"
    except refusals():
        return False


def protected(sheet: xlwings.Sheet) -> bool:
    """Whether a sheet is protected against changes; no when the engine does not tell."""
    ours: Any = getattr(sheet.impl, "protected", None)
    if ours is not None:
        return bool(ours)
    return bool(in_excel_for_windows(sheet.book.app) and sheet.api.ProtectContents)


def read_only(book: xlwings.Book) -> bool:
    """Whether the workbook cannot be saved under its name; no when the engine does not tell."""
    return bool(in_excel_for_windows(book.app) and book.api.ReadOnly)
