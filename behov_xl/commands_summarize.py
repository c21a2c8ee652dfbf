"""The command ``summarize``, and the option ``--dataset`` that writes what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from behov_xl.console import LANG, Place, configured, help_text, language, print_text, say, write_file, writing_to
from behov_xl.dataset import DatasetError, check_installed
from behov_xl.messages import Catalogue, catalogue
from behov_xl.report import FORMATS

if TYPE_CHECKING:
    from behov_xl.findings import WorkbookReport

    _ParamType = click.ParamType[tuple[str, ...]]
else:
    _ParamType = click.ParamType  # not generic in older versions

GROUPS = ("network", "uh", "measure")
_Add = Callable[[Sequence["WorkbookReport"]], None]

dataset_option = click.option("--dataset", type=Place(path_type=Path), metavar="DIR", help=help_text("option_dataset"))


@contextmanager
def written_dataset(
    folder: Path, form: str, words: Catalogue, options: Mapping[str, Any] | None = None
) -> Iterator[_Add]:
    """Gives what takes the reports of the run, as often as there are some. The dataset is there when the ``with`` ends.

    What cannot be written is wrong usage, said before the run where it can be.
    """
    with ExitStack() as opened:
        with _usable(folder, words):
            check_installed()
            from behov_xl.dataset.writer import Writer

            writer = opened.enter_context(Writer(folder, form, words, options))

        def add(reports: Sequence[WorkbookReport]) -> None:
            with _usable(folder, words):
                writer.add(reports)

        yield add
        with _usable(folder, words):
            opened.close()
    say(words.text("cli.written", path=folder))


@contextmanager
def _usable(folder: Path, words: Catalogue) -> Iterator[None]:
    try:
        with writing_to(folder, words):
            yield
    except DatasetError as error:
        raise click.UsageError(words.words(error.said)) from error


class _GroupsType(_ParamType):
    """Names of groups, separated by commas."""

    name = "groups"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        asked = [one.strip() for one in str(value).split(",")]
        unknown = [one for one in asked if one not in GROUPS]
        if unknown:
            self.fail(catalogue(LANG).text("cli.unknown_group", group=unknown[0], known=list(GROUPS)), param, ctx)
        return tuple(one for one in GROUPS if one in asked)


@click.command("summarize", help=help_text("summarize"))
@click.argument("folder", metavar="DIR", type=Place(path_type=Path))
@click.option("--by", type=_GroupsType(), default=",".join(GROUPS), show_default=True, help=help_text("option_by"))
@click.option("--year", type=int, help=help_text("option_year"))
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "csv", "markdown"]), default="text", show_default=True,
    help=help_text("option_format"),
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help=help_text("option_output"))
@language
@configured("lang")
def summarize(
    folder: Path, by: tuple[str, ...], year: int | None, format_: str, output: Path | None, lang: str
) -> None:
    """Prints the totals of a dataset."""
    words = catalogue(lang)
    try:
        check_installed()
        from behov_xl.dataset.totals import totals

        found = totals(folder, by, year)
    except DatasetError as error:
        raise click.UsageError(words.words(error.said)) from error
    renderer = replace(FORMATS[format_], function="render_totals").renderer()
    shown = renderer(found, words)
    if output is None:
        print_text(shown, words)
    else:
        write_file(output, shown.encode("utf-8", "replace"), words)
    if found.unreadable:
        say(words.text("summary.unreadable", count=found.unreadable))
