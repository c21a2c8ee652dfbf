"""The command ``live``: Valider in LibreOffice, where there is no ribbon."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from behov_xl.console import help_text, language
from behov_xl.messages import Catalogue, catalogue

if TYPE_CHECKING:
    import xlwings


@click.command("live", help=help_text("live_command"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--clear", is_flag=True, help=help_text("option_live_clear"))
@click.option("--connect", metavar="ADDRESS", help=help_text("option_live_connect"))
@language
def live(file: Path, clear: bool, connect: str | None, lang: str) -> None:
    """Opens a workbook in LibreOffice, unless it is open there, and marks what is found. Nothing is saved."""
    words = catalogue(lang)
    from behov_xl.addin import actions
    from behov_xl.libreoffice import engine
    from behov_xl.libreoffice.office import OfficeUnavailable
    from behov_xl.workbook.files import Refused

    try:
        app = engine.connect(connect, headless=True) if connect else engine.start()
    except OfficeUnavailable as error:
        raise click.UsageError(words.text(error.key, **error.params)) from error
    try:
        book = _opened(app, file.resolve(), words)
        if clear:
            done = actions.clear(book)
        else:
            validated = actions.validate(book)
            done = validated.marked
            click.echo(validated.message)
    except Refused as refused:
        raise click.UsageError(words.text(f"{refused.rule.code}.message", **refused.params)) from refused
    finally:
        app.impl.release()  # it stays open, for the user to go on
    if not done:
        sys.exit(1)


def _opened(app: xlwings.App, path: Path, words: Catalogue) -> xlwings.Book:
    for book in app.books:
        if Path(book.fullname) == path:
            book.activate()
            return book
    try:
        return app.books.open(path)
    except OSError as error:
        raise click.UsageError(words.text("cli.live_cannot_open", path=path)) from error
