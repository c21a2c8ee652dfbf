"""The buttons Rapport, Ny behovsmelding and Hjelp: what opens beside the workbook."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from behov_xl.addin.actions import read
from behov_xl.addin.session import desktop, tell
from behov_xl.findings import Report
from behov_xl.form import current
from behov_xl.messages import catalogue
from behov_xl.validate import validate_grids
from behov_xl.workbook.engines import in_excel_for_windows, visible
from behov_xl.writing import write_atomically

if TYPE_CHECKING:
    import xlwings


def opened(path: Path) -> None:
    """Opens a file with the program that the machine has for it. Raises ``OSError`` if there is none."""
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606 - our own file; a browser's address would break on æ, ø and å
        return
    program = "open" if sys.platform == "darwin" else "xdg-open"
    subprocess.run([program, str(path)], check=True)  # noqa: S603


def report(book: xlwings.Book, show: Callable[[Path], None] = opened) -> Path | None:
    """Writes the report of the open workbook as a page and opens that; ``None`` where no program can open one."""
    if not desktop(book.app):
        tell(book.app, catalogue().text("addin.report_elsewhere"))
        return None
    from behov_xl.report import html

    now = read(book)
    (found,) = validate_grids([now.grid], now.form)
    folder = Path(tempfile.mkdtemp(prefix="behov-xl-"))
    path = folder / f"{Path(book.name).stem}.html"
    write_atomically(path, html.render(Report(now.form.id, (found,)), now.words).encode())
    try:
        show(path)
    except (OSError, subprocess.SubprocessError):
        tell(book.app, now.words.text("addin.report_made", path=path))
    return path


def new_workbook(app: xlwings.App, folder: Path | None = None) -> Path | None:
    """Makes an empty behovsmelding in the folder for documents, under a name that is free, and opens it."""
    words = catalogue()
    if not desktop(app):
        tell(app, words.text("addin.new_elsewhere"))
        return None
    from behov_xl.workbook.template import template_bytes

    form = current()
    path = _free(folder or _documents(app), words.text("addin.new_name", year=str(form.year)))
    write_atomically(path, template_bytes(form, lang=words.lang if words.lang in {"nb", "nn"} else "nb"))
    app.books.open(str(path))
    tell(app, words.text("addin.new_made", path=path))
    return path


def _documents(app: xlwings.App) -> Path:
    """Where the user keeps documents: Excel knows, also where they have been moved into a cloud."""
    home = Path.home()
    places = [Path(app.api.DefaultFilePath)] if in_excel_for_windows(app) else []
    return next((one for one in (*places, home / "Documents", home / "Dokumenter") if one.is_dir()), home)


def _free(folder: Path, name: str) -> Path:
    names = [name, *(f"{name} ({number})" for number in range(2, 1000))]
    return next(path for one in names if not (path := folder / f"{one}.xlsx").exists())


def show_help(app: xlwings.App, book: xlwings.Book | None) -> None:
    """Goes to the workbook's own guide; where there is none, a short text."""
    form, words = current(), catalogue()
    guide = next(sheet for sheet in form.sheets if sheet.kind == "guide")
    for sheet in book.sheets if book is not None else ():
        if sheet.name in guide.label.both and visible(sheet):
            sheet.activate()
            return
    tell(app, words.text("addin.help"))
