"""The commands of the Excel add-in: ``addin build``, ``install``, ``remove`` and ``status``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from behov_xl.console import help_text, language, write_file, writing_to
from behov_xl.messages import Catalogue, catalogue

if TYPE_CHECKING:
    from behov_xl.addin.install import Refused
    from behov_xl.addin.settings import Settings

_folder = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help=help_text("option_addin_folder")
)


@click.group(help=help_text("addin"))
def addin() -> None:
    """The add-in: the ribbon tab Behovsmelding in Excel."""


@addin.command(help=help_text("addin_build"))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=help_text("option_addin_output"))
@click.option("--interpreter", default="", help=help_text("option_interpreter"))
@click.option("--force", is_flag=True, help=help_text("option_force"))
@language
def build(output: Path | None, interpreter: str, force: bool, lang: str) -> None:
    """Writes the add-in as a file."""
    from behov_xl.addin.build import NAME
    from behov_xl.addin.settings import Settings

    words = catalogue(lang)
    target = output or Path(NAME)
    if target.suffix.lower() != ".xlam":
        raise click.UsageError(words.text("addin_file.not_xlam", path=target))
    with writing_to(target, words):
        there = target.exists()
    if there and not force:
        raise click.UsageError(words.text("cli.exists", path=target))
    write_file(target, _built(words, Settings(interpreter)), words)
    if not interpreter:
        click.echo(words.text("addin_file.no_interpreter"), err=True)


def _built(words: Catalogue, settings: Settings) -> bytes:
    from behov_xl.addin.build import CannotBuild, addin_bytes

    try:
        return addin_bytes(words, settings)
    except CannotBuild as error:
        raise click.UsageError(words.text("addin_file.cannot_build", reason=error)) from error


@addin.command(help=help_text("addin_install"))
@_folder
@language
def install(folder: Path | None, lang: str) -> None:
    """Installs the add-in for the user."""
    from behov_xl.addin.build import CannotBuild
    from behov_xl.addin.install import Refused
    from behov_xl.addin.install import install as run
    from behov_xl.addin.machine import this_machine

    words = catalogue(lang)
    try:
        done = run(this_machine(folder), words)
    except Refused as refused:
        _refused(refused, words)
    except CannotBuild as error:
        raise click.UsageError(words.text("addin_file.cannot_build", reason=error)) from error
    click.echo(words.text("addin_file.installed", path=done.path))
    click.echo(words.text("addin_file.uses", interpreter=done.interpreter))
    if done.script:
        click.echo(words.text("addin_file.script", path=done.script))
    click.echo(words.text("addin_file.restart"))


@addin.command(help=help_text("addin_remove"))
@_folder
@language
def remove(folder: Path | None, lang: str) -> None:
    """Removes the add-in."""
    from behov_xl.addin.install import Refused
    from behov_xl.addin.install import remove as run
    from behov_xl.addin.machine import this_machine

    words = catalogue(lang)
    try:
        done = run(this_machine(folder))
    except Refused as refused:
        _refused(refused, words)
    click.echo(words.text("addin_file.removed", path=done.path) if done else words.text("addin_file.not_installed"))
    if done and done.script:
        click.echo(words.text("addin_file.script_stays", path=done.script))


@addin.command(help=help_text("addin_status"))
@_folder
@language
def status(folder: Path | None, lang: str) -> None:
    """Tells how it stands with the add-in. Ends with 0 when it would work, with 1 when something is in its way."""
    from behov_xl.addin.install import Refused
    from behov_xl.addin.install import status as run
    from behov_xl.addin.machine import this_machine

    words = catalogue(lang)
    try:
        said = run(this_machine(folder))
    except Refused as refused:
        _refused(refused, words)
    click.echo(words.text("addin_file.place", path=said.path))
    if said.found:
        click.echo(words.text("addin_file.versions", version=said.found.version, xlwings=said.found.xlwings))
        click.echo(words.text("addin_file.uses", interpreter=said.found.python or "–"))
    for problem in said.problems:
        click.echo(words.text("addin_file.problem", text=problem))
    for note in said.notes:
        click.echo(words.text("addin_file.note", text=note))
    if not said.problems:
        click.echo(words.text("addin_file.ready"))
    sys.exit(1 if said.problems else 0)


def _refused(refused: Refused, words: Catalogue) -> NoReturn:
    raise click.UsageError(words.words(refused.reason))
