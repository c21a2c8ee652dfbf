"""What the commands share: language, configuration, where they print, how they write a file. Light: all import it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from behov_xl import ending
from behov_xl.messages import LANGUAGES, Catalogue, catalogue, preferred_language
from behov_xl.printable import printable
from behov_xl.streams import drop_results, make_usable

if TYPE_CHECKING:
    from behov_xl.form import Form
    from behov_xl.workbook.limits import Limits

LANG = preferred_language()
_HELP = catalogue(LANG)
_CONFIGURATION, _UNWANTED = "behov_xl.configuration", "behov_xl.no_configuration"
_NAMES = {"format": "formats", "fail-on": "fail_on"}
"""Options whose parameters are called otherwise."""
_SCREEN = frozenset({"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
_PLAIN = frozenset({"dumb", "unknown"})
"""Terminals that show colours as what they are written with."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


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


def configured(*options: str) -> Callable[[_Command], _Command]:
    """Gives a command ``--config`` and ``--no-config``. Of the file it takes these options, settings, limits."""

    def load(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
        del parameter
        unwanted = context.meta.get(_UNWANTED, False)
        if context.resilient_parsing or (unwanted and value is None):
            return
        from behov_xl.configuration import ConfigurationError, find, read

        try:
            found = find(Path.cwd()) if value is None else read(value)
        except ConfigurationError as error:
            raise click.UsageError(_HELP.words(error.said)) from error
        context.meta[_CONFIGURATION] = found
        said = {_NAMES.get(key, key): told for key, told in found.options.items() if key in options}
        if "BEHOV_XL_LANG" in os.environ:  # which is nearer to the person who asks than a file is
            said.pop("lang", None)
        context.default_map = {**(context.default_map or {}), **said}

    def decorate(command: _Command) -> _Command:
        # Eager: the defaults of all other options may come from the file. Options that are given come before others,
        # so that --no-config is known when --config, which was not given, has its turn.
        path = click.Path(path_type=Path, dir_okay=False)
        shared: dict[str, Any] = {"is_eager": True, "expose_value": False}
        command = click.option("--config", type=path, callback=load, help=help_text("option_config"), **shared)(command)
        return click.option(
            "--no-config", is_flag=True, callback=_unwanted, help=help_text("option_no_config"), **shared
        )(command)

    return decorate


def _unwanted(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    del parameter
    context.meta[_UNWANTED] = value


def only_found(parameter: str) -> Path | None:
    """The configuration that the value of a parameter is from, if it was only found, and nobody named it."""
    context = click.get_current_context()
    configuration = context.meta.get(_CONFIGURATION)
    if configuration is None or not configuration.found:
        return None
    told = context.get_parameter_source(parameter) is ParameterSource.DEFAULT_MAP
    return configuration.path if told else None


def form_in_use() -> Form:
    """The current form, with the settings of the command's configuration."""
    from behov_xl.configuration import Configuration, ConfigurationError, with_settings
    from behov_xl.form import current

    try:
        return with_settings(current(), click.get_current_context().meta.get(_CONFIGURATION, Configuration()))
    except ConfigurationError as error:
        raise click.UsageError(_HELP.words(error.said)) from error


def limits_in_use() -> Limits:
    """What a file may cost, by the command's configuration."""
    from behov_xl.configuration import Configuration, ConfigurationError, limits

    try:
        return limits(click.get_current_context().meta.get(_CONFIGURATION, Configuration()))
    except ConfigurationError as error:
        raise click.UsageError(_HELP.words(error.said)) from error


class Place(click.Path):
    """A path that is not empty. An empty one, of a variable that is not set, would be the working directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail(_HELP.text("cli.empty_path"), param, ctx)
        return super().convert(value, param, ctx)


def is_screen(path: Path) -> bool:
    """Whether the name of a file stands for standard output, as other tools have it."""
    return path.as_posix() in _SCREEN


def colours() -> bool:
    """Whether what is printed may have colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") not in _PLAIN


class Commands(click.Group):
    """The commands. What they say was wrong may name files, and a name may hold what a terminal acts on."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        make_usable()
        ending.tidily()
        return super().main(*args, **kwargs)

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


@contextmanager
def writing_to(path: Path | str, words: Catalogue) -> Iterator[None]:
    """What cannot be written inside is wrong usage, no traceback. Inside is only what writes to ``path``."""
    try:
        yield
    except BrokenPipeError:
        raise  # click ends quietly when the reader of a pipe has seen enough
    except OSError as error:
        raise click.UsageError(words.text("cli.cannot_write", path=path, reason=error.strerror or error)) from error


def check_output(path: Path, words: Catalogue) -> None:
    """What could not be written at the end is wrong usage at the start."""
    from behov_xl.writing import check_writable

    with writing_to(path, words):
        check_writable(path)


def print_text(text: str, words: Catalogue) -> None:
    """Prints a result; a full disk behind the output is wrong usage."""
    _print(text, words)


def print_data(data: bytes, words: Catalogue) -> None:
    """As :func:`print_text`, for what is no text."""
    _print(data, words)


def _print(result: str | bytes, words: Catalogue) -> None:
    with writing_to("stdout", words):
        try:
            click.echo(result, nl=False)
        except BrokenPipeError:
            raise
        except OSError:
            drop_results()
            raise


def write_file(path: Path, data: bytes, words: Catalogue) -> None:
    """Writes a file whole or not at all, and says so; or to standard output, which needs no telling."""
    if is_screen(path):
        print_data(data, words)
        return
    from behov_xl.writing import write_atomically

    with writing_to(path, words):
        write_atomically(path, data)
    say(words.text("cli.written", path=path))
