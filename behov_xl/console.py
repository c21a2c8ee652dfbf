"""What the commands share: their language, where they print, how they write a file. Light: every command imports it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from behov_xl.messages import LANGUAGES, Catalogue, catalogue, preferred_language
from behov_xl.printable import printable

LANG = preferred_language()
_HELP = catalogue(LANG)


def help_text(key: str) -> str:
    """The help of a command or option, in the language of the environment."""
    return _HELP.raw(f"cli.{key}")


language = click.option(
    "--lang", type=click.Choice(LANGUAGES), default=LANG, show_default=True, help=help_text("option_lang")
)
fail_on_option = click.option(
    "--fail-on", type=click.Choice(["error", "warning", "never"]), default="error", show_default=True,
    help=help_text("option_fail_on"),
)  # fmt: skip


def colours() -> bool:
    """Whether what is printed may have colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


class Commands(click.Group):
    """The commands. What they say was wrong may name files, and a name may hold what a terminal acts on."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if type(error) is not click.UsageError:  # click's own, which quote what they name
                raise
            raise click.UsageError(_lines(error.message), error.ctx) from error


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def say(text: str) -> None:
    """Tells the user something on stderr, where results do not go."""
    click.echo(_lines(text), err=True)


def print_text(text: str, words: Catalogue) -> None:
    """Prints a result; a full disk behind the output is wrong usage, no traceback."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        raise  # click ends quietly when the reader of a pipe has seen enough
    except OSError as error:
        raise click.UsageError(words.text("cli.cannot_write", path="stdout", reason=error.strerror or error)) from error


def write_file(path: Path, data: bytes, words: Catalogue) -> None:
    """Writes a file whole or not at all, and says so."""
    from behov_xl.writing import write_atomically

    try:
        write_atomically(path, data)
    except OSError as error:
        raise click.UsageError(words.text("cli.cannot_write", path=path, reason=error.strerror or error)) from error
    say(words.text("cli.written", path=path))
