"""The command ``validate``: workbooks in, one or several reports out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from difflib import get_close_matches
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from behov_xl.commands_summarize import dataset_option, written_dataset
from behov_xl.configuration import MAX_JOBS, may_write
from behov_xl.console import (
    LANG,
    Place,
    check_output,
    configured,
    fail_on_option,
    form_in_use,
    help_text,
    is_screen,
    language,
    limits_in_use,
    only_found,
    say,
    writing_to,
)
from behov_xl.messages import Catalogue, catalogue
from behov_xl.report import FORMATS, Output
from behov_xl.writing import resolved

if TYPE_CHECKING:
    from behov_xl.findings import Report
    from behov_xl.selection import Selection

_ENGINE = re.compile(r"local|dask(=[a-z]+://[^/]+:\d+)?")
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".zip"})
_INTERRUPTED = 130
"""The exit code of what was ended by Ctrl-C, as shells have it."""
_SUMMARY_BYTES = 1_000_000
"""What GitHub takes as the summary of one step, at most."""


if TYPE_CHECKING:
    _ParamType = click.ParamType[Output]
else:
    _ParamType = click.ParamType  # not generic in older versions


class _OutputType(_ParamType):
    """``name`` or ``name=FILE``."""

    name = "output"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        if isinstance(value, Output):
            return value
        name, equals, file = str(value).partition("=")
        if name not in FORMATS or (equals and not file):
            guess = next(iter(get_close_matches(name.lower(), FORMATS, n=1)), "")
            why = catalogue(LANG).text("cli.unknown_format", format=value, guess=guess, known=list(FORMATS))
            self.fail(why, param, ctx)
        return Output(FORMATS[name], Path(file) if file else None)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        del ctx, param
        return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]


def _known_engine(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """``local``, ``dask`` or ``dask=ADDRESS``."""
    del ctx, param
    if _ENGINE.fullmatch(value):
        return value
    raise click.UsageError(catalogue(LANG).text("cli.unknown_engine", engine=value))


@click.command("validate", help=help_text("validate"))
@click.argument("paths", nargs=-1, required=True, metavar="PATHS…", type=Place(allow_dash=True, readable=False))
@click.option(
    "--format", "formats", multiple=True, type=_OutputType(), metavar=f"{'|'.join(FORMATS)}[=FILE]",
    help=help_text("option_formats"),
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help=help_text("option_output"))
@fail_on_option
@click.option("--select", multiple=True, metavar="CODE,…", help=help_text("option_select"))
@click.option("--ignore", multiple=True, metavar="CODE,…", help=help_text("option_ignore"))
@dataset_option
@click.option("--jobs", type=click.IntRange(0, MAX_JOBS), envvar="BEHOV_XL_JOBS", help=help_text("option_jobs"))
@click.option(
    "--engine", default="local", show_default=True, metavar="local|dask[=ADDRESS]", callback=_known_engine,
    help=help_text("option_engine"),
)  # fmt: skip
@click.option("--unordered", is_flag=True, help=help_text("option_unordered"))
@click.option("--progress/--no-progress", default=True, help=help_text("option_progress"))
@click.option("--profile", is_flag=True, help=help_text("option_profile"))
@language
@configured("format", "fail-on", "select", "ignore", "lang", "jobs", "engine")
def validate(
    paths: tuple[str, ...],
    formats: tuple[Output, ...],
    output: Path | None,
    fail_on: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    dataset: Path | None,
    lang: str,
    profile: bool,
    jobs: int | None,
    engine: str,
    **how: bool,
) -> None:
    """Validates workbooks and writes reports."""
    words = catalogue(lang)
    _check_what_was_found(formats, engine, words)
    outputs = _outputs(formats, output, words)
    for file in (one.file for one in outputs if one.file is not None):
        _check_place(file, paths, dataset, words)
    selection = _selection(select, ignore, words)
    from behov_xl import running
    from behov_xl.findings import Severity
    from behov_xl.tasks import Setup

    summary = any(one.format.name == "github" for one in outputs) and "GITHUB_STEP_SUMMARY" in os.environ
    threshold = None if fail_on == "never" else Severity(fail_on)
    conduct = running.Conduct(how["unordered"], how["progress"] and running.on_terminal(), threshold, whole=summary)
    try:
        with ExitStack() as stack:
            stack.enter_context(running.profiled(words, wanted=profile))
            chosen = stack.enter_context(running.engine(engine, jobs, words))
            setup = Setup(form_in_use(), selection, limits_in_use(), profile=profile)
            options = {"select": select, "ignore": ignore}
            keep = stack.enter_context(written_dataset(dataset, setup.form.id, words, options)) if dataset else None
            run = running.Run(setup, outputs, conduct, chosen, words, keep)
            tally, report = run.validated(paths)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    _say_what_was_passed_over(paths, words)
    if report is not None and summary:
        _add_job_summary(report, words)
    sys.exit(click.UsageError.exit_code if run.unwritten else tally.exit_code(threshold))


def _check_what_was_found(formats: tuple[Output, ...], engine: str, words: Catalogue) -> None:
    """A configuration may lie among the uploads: it sends no workbooks elsewhere, and writes nothing out of sight."""
    path = only_found("engine")
    if path is not None and "=" in engine:
        raise click.UsageError(words.text("config.engine_only_named", path=path, actual=engine))
    path = only_found("formats")
    for one in formats if path is not None else ():
        if one.file is not None and not may_write(one.file):
            raise click.UsageError(words.text("config.file_only_named", path=path, file=one.file))


def _outputs(formats: tuple[Output, ...], output: Path | None, words: Catalogue) -> list[Output]:
    """What to write where: at most one report goes to the screen, or to the file that ``-o`` names instead."""
    free = [one for one in formats if one.file is None] or ([] if formats else [Output(FORMATS["text"])])
    _at_most_one_on_screen(free, words)
    if output is not None and not free:
        raise click.UsageError(words.text("cli.output_of_none", path=output))
    chosen = [_placed(one, one.file) for one in formats if one.file is not None]
    chosen += [_placed(one, output) for one in free]
    _at_most_one_on_screen([one for one in chosen if one.file is None], words)
    files = list[Path]()
    for file in (one.file for one in chosen if one.file is not None):
        with writing_to(file, words):
            files.append(resolved(file))
        if files.count(files[-1]) > 1:
            raise click.UsageError(words.text("cli.output_twice", path=files[-1]))
    return chosen


def _check_place(file: Path, paths: tuple[str, ...], dataset: Path | None, words: Catalogue) -> None:
    """Refuses at once what must not be written there, or could not be when all is done."""
    with writing_to(file, words):
        if file.suffix.lower() in _WORKBOOKS or _is_input(file, paths):
            raise click.UsageError(words.text("cli.output_is_workbook", path=file))
    if dataset is not None:
        with writing_to(dataset, words):
            if resolved(file).is_relative_to(resolved(dataset)):
                raise click.UsageError(words.text("cli.output_in_dataset", path=file, dataset=dataset))
    check_output(file, words)


def _placed(output: Output, file: Path | None) -> Output:
    return Output(output.format, None if file is None or is_screen(file) else file)


def _at_most_one_on_screen(outputs: Sequence[Output], words: Catalogue) -> None:
    if len(outputs) > 1:
        names = [one.format.name for one in outputs]
        raise click.UsageError(words.text("cli.one_on_screen", formats=names, example=f"{names[1]}=FILE"))


def _is_input(output: Path, paths: tuple[str, ...]) -> bool:
    from behov_xl.workbook.folders import is_file
    from behov_xl.workbook.sources import is_local

    return is_file(output) and any(_is_same(output, path) for path in paths if is_local(path))


def _is_same(output: Path, path: str) -> bool:
    with suppress(OSError, ValueError):  # what is wrong with an input is said when it is read
        return output.samefile(path)
    return False


def _say_what_was_passed_over(paths: tuple[str, ...], words: Catalogue) -> None:
    from behov_xl.workbook.files import shown
    from behov_xl.workbook.folders import is_folder, passed_over
    from behov_xl.workbook.sources import is_local

    folders = [Path(path) for path in paths if is_local(path) and is_folder(Path(path))]
    given = {Path(path).absolute() for path in paths}
    found = [(folder, passed_over(folder)) for folder in folders]
    for key, kind in (("passed_over", attrgetter("files")), ("links_passed_over", attrgetter("links"))):
        names = dict.fromkeys(
            shown(path)
            for folder, one in found
            for path in kind(one)
            if path.absolute() not in given and not _is_hidden(path.relative_to(folder))
        )
        if names:
            say(words.text(f"cli.{key}", count=len(names), files=list(names)[:10]))


def _is_hidden(file: Path) -> bool:
    """Whether it is in a directory that begins with a dot: there programs keep what is theirs, nobody's upload."""
    return any(part.startswith(".") for part in file.parent.parts)


def _selection(select: tuple[str, ...], ignore: tuple[str, ...], words: Catalogue) -> Selection:
    from behov_xl.rules import catalogue as rules
    from behov_xl.selection import Selection, named

    chosen, left_out = (
        [one.strip() for part in parts for one in part.split(",") if one.strip()] for parts in (select, ignore)
    )
    for one in (*chosen, *left_out):
        if not any(named(rule, [one]) for rule in rules().values()):
            raise click.UsageError(words.text("cli.unknown_selection", code=one))
    return Selection(tuple(chosen), tuple(left_out))


def _add_job_summary(report: Report, words: Catalogue) -> None:
    """On a GitHub runner, adds the report as Markdown to the step's summary."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    from behov_xl.report import markdown

    path = Path(name)
    try:
        room = _SUMMARY_BYTES - (path.stat().st_size if path.exists() else 0)
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(markdown.render(report, words, limit=room))
    except OSError as error:
        say(words.text("cli.cannot_write", path=path, reason=error.strerror or error))
