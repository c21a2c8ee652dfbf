"""The commands that change a workbook, ``annotate`` and ``fix``: in a copy, or in place with a backup beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from behov_xl.console import (
    LANG,
    colours,
    configured,
    fail_on_option,
    form_in_use,
    help_text,
    language,
    limits_in_use,
    print_text,
    say,
    write_file,
    writing_to,
)
from behov_xl.messages import LANGUAGES, Catalogue, catalogue
from behov_xl.writing import resolved

if TYPE_CHECKING:
    from behov_xl.editing import Edited
    from behov_xl.findings import WorkbookReport
    from behov_xl.isolation import Children
    from behov_xl.workbook.files import Refused

_Command = Callable[..., Any]


def _file_and_target(command: _Command) -> _Command:
    """The workbook, and where the new one goes."""
    path = click.Path(path_type=Path)
    options = [
        click.argument("file", type=path),
        click.option("-o", "--output", type=path, help=help_text("option_edit_output")),
        click.option("--in-place", is_flag=True, help=help_text("option_in_place")),
        click.option("--force", is_flag=True, help=help_text("option_force")),
    ]
    return reduce(lambda made, option: option(made), reversed(options), command)


@click.command("annotate", help=help_text("annotate_command"))
@_file_and_target
@click.option("--lang", type=click.Choice(LANGUAGES), help=help_text("option_annotate_lang"))
@configured()
def annotate(file: Path, output: Path | None, in_place: bool, force: bool, lang: str | None) -> None:
    """Writes a workbook's findings into it. Ends with 0 when they are there, whatever they are."""
    words = catalogue(lang or LANG)
    target = _Target("annotate", file, output, in_place, force, words)
    target.check()
    with _child(words) as children:
        from behov_xl.editing import annotated
        from behov_xl.findings import Report
        from behov_xl.report import text

        before, done = _edited(children, file, words, annotated, {"lang": lang}, "annotate_no_table")
    print_text(text.closing(Report(form_in_use().id, (done.report,)).tally(), words, colour=colours()), words)
    target.write(before, done.data)
    if in_place and done.data == before:
        say(words.text("cli.annotate_same", path=file))


@click.command("fix", help=help_text("fix_command"))
@_file_and_target
@click.option("--unsafe", is_flag=True, help=help_text("option_unsafe"))
@click.option("--diff", is_flag=True, help=help_text("option_diff"))
@fail_on_option
@language
@configured("fail-on", "lang")
def fix(
    file: Path, output: Path | None, in_place: bool, force: bool, unsafe: bool, diff: bool, fail_on: str, lang: str
) -> None:
    """Fixes what can be fixed in a workbook."""
    words = catalogue(lang)
    if diff and in_place and output is None:
        raise click.UsageError(words.text("cli.fix_diff_in_place"))
    target = _Target("fix", file, output, in_place, force, words)
    if output is not None or not diff:
        target.check()
    options = {"unsafe": unsafe, "diff": diff, "target": output, "lang": lang, "colour": colours()}
    with _child(words) as children:
        from behov_xl.editing import fixed
        from behov_xl.findings import Report, Severity

        before, done = _edited(children, file, words, fixed, options)
    print_text(done.shown, words)
    target.write(before, done.data)
    threshold = None if fail_on == "never" else Severity(fail_on)
    sys.exit(Report(form_in_use().id, (done.report,)).exit_code(threshold))


# ------------------------------------------------------------------------------------------- reading


def _edited(
    children: Children,
    file: Path,
    words: Catalogue,
    make: Callable[..., Edited],
    options: dict[str, Any],
    no_table: str | None = None,
) -> tuple[bytes, Edited]:
    """The file's bytes, and what a child makes of them; what cannot be read is reported as ``validate`` reports it."""
    from behov_xl.editing import Edit, made
    from behov_xl.workbook.files import Refused, read_file, shown
    from behov_xl.workbook.sheet_xml import CannotEdit, Reason

    limits = limits_in_use()
    try:
        before = read_file(file, limits)
        done = made(children, Edit(make, before, shown(file), form_in_use(), limits, options))
    except Refused as refused:
        _refused(file, refused, words)
    except CannotEdit as error:
        own = no_table is not None and error.reason == Reason.NO_TABLE
        _cannot(file, f"cli.{no_table}" if own else f"fix_refused.{error.reason}", words)
    if done.report.submission is None:
        _unreadable(done.report, words)
    return before, done


@contextmanager
def _child(words: Catalogue) -> Iterator[Children]:
    """One child, which gets ready while we import what we need and read the file."""
    from behov_xl.isolation import Children, ChildUnavailable

    children = Children()
    try:
        children.start()
        yield children
    except ChildUnavailable as error:
        raise click.UsageError(words.text("cli.edit_no_process")) from error
    finally:
        children.close()


def _refused(file: Path, refused: Refused, words: Catalogue) -> NoReturn:
    from behov_xl.workbook.files import shown
    from behov_xl.workbook.refusals import unreadable

    _unreadable(unreadable(shown(file), refused), words)


def _unreadable(report: WorkbookReport, words: Catalogue) -> NoReturn:
    from behov_xl.findings import Report
    from behov_xl.form import current
    from behov_xl.report import text

    print_text(text.render(Report(current().id, (report,)), words, colour=colours()), words)
    sys.exit(2)


def _cannot(file: Path, reason: str, words: Catalogue) -> NoReturn:
    raise click.UsageError(words.text("cli.edit_cannot", path=file, reason=words.text(reason)))


# ------------------------------------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a command writes the workbook: to another file, or over the one it was read from."""

    command: str
    file: Path
    output: Path | None
    in_place: bool
    force: bool
    words: Catalogue

    def check(self) -> None:
        """Wrong usage is said before anything is read: nowhere to write, or somewhere it must not be written."""
        with writing_to(self.output or self.file, self.words):
            self._check()

    def _check(self) -> None:
        file, output = self.file, self.output
        if self.in_place:
            if output is not None:
                self._refuse("edit_both")
            lock = file.with_name(f"~${file.name}")
            if lock.exists():
                self._refuse("edit_open", path=file, lock=lock.name)
        elif output is None:
            self._refuse(f"{self.command}_nowhere", path=file.name)
        elif output.suffix.lower() != ".xlsx":
            self._refuse("edit_not_xlsx", path=output)
        elif resolved(output) == resolved(file) or (output.exists() and file.exists() and output.samefile(file)):
            self._refuse("edit_onto_itself", path=output)
        elif output.exists() and not self.force:
            self._refuse("exists", path=output)

    def _refuse(self, key: str, **params: object) -> NoReturn:
        raise click.UsageError(self.words.text(f"cli.{key}", **params))

    def write(self, before: bytes, after: bytes) -> None:
        """Writes the copy; or the backup and then the file, if anything has changed in it."""
        if self.output is not None:
            write_file(self.output, after, self.words)
        elif self.in_place and after != before:
            self._replace(before, after)

    def _replace(self, before: bytes, after: bytes) -> None:
        """Neither backup nor file is written if the file has changed since it was read."""
        from behov_xl.writing import write_backup

        try:
            target = resolved(self.file)
            if target.read_bytes() != before:
                self._refuse("edit_changed_meanwhile", path=self.file)
            backup = write_backup(target, before)
        except OSError as error:
            self._refuse("cannot_write", path=self.file, reason=error.strerror or error)
        say(self.words.text("cli.edit_backup", path=backup))
        write_file(self.file, after, self.words)
