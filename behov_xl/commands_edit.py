"""The commands that change a workbook, ``annotate`` and ``fix``: in a copy, or in place with a backup beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
    print_text,
    say,
    write_file,
)
from behov_xl.messages import LANGUAGES, Catalogue, catalogue

if TYPE_CHECKING:
    from behov_xl.findings import WorkbookReport
    from behov_xl.fixes import Fixed
    from behov_xl.form import Form
    from behov_xl.workbook.files import Refused
    from behov_xl.workbook.sheet_xml import CannotEdit

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
    from behov_xl.annotate import annotate as run

    form = form_in_use()
    from behov_xl.findings import Report
    from behov_xl.report import text
    from behov_xl.workbook.files import Refused, shown
    from behov_xl.workbook.sheet_xml import CannotEdit

    before = _content(file, words)
    try:
        after, report = run(before, shown(file), form, words if lang else None)
    except Refused as refused:
        _refused(file, refused, words)
    except CannotEdit as error:
        _cannot_annotate(file, error, words)
    print_text(text.closing(Report(form.id, (report,)).tally(), words, colour=colours()), words)
    target.write(before, after)
    if in_place and after == before:
        say(words.text("cli.annotate_same", path=file))


def _cannot_annotate(file: Path, error: CannotEdit, words: Catalogue) -> NoReturn:
    """What is no behovsmelding is reported as such; it need not be told that a sheet is missing."""
    from behov_xl.validate import validate
    from behov_xl.workbook.sheet_xml import Reason

    (report,) = validate([file]).workbooks
    if report.submission is None:
        _unreadable(report, words)
    _cannot(file, "cli.annotate_no_table" if error.reason == Reason.NO_TABLE else f"fix_refused.{error.reason}", words)


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
    form = form_in_use()
    from behov_xl.findings import Report, Severity
    from behov_xl.report import fixes as rendering

    before = _content(file, words)
    fixed = _fixed(file, before, form, words, unsafe=unsafe)
    if diff:
        shown = rendering.diff(fixed, form.id, words, target=output, colour=colours())
    else:
        shown = rendering.text(fixed, form.id, words, target=output or file, colour=colours())
    print_text(shown, words)
    target.write(before, fixed.data)
    threshold = None if fail_on == "never" else Severity(fail_on)
    sys.exit(Report(form.id, (fixed.report,)).exit_code(threshold))


def _fixed(file: Path, data: bytes, form: Form, words: Catalogue, *, unsafe: bool) -> Fixed:
    from behov_xl.fixes import fix_workbook
    from behov_xl.workbook.files import Refused, shown
    from behov_xl.workbook.sheet_xml import CannotEdit

    try:
        fixed = fix_workbook(form, data, shown(file), unsafe=unsafe)
    except Refused as refused:
        _refused(file, refused, words)
    except CannotEdit as error:
        _cannot(file, f"fix_refused.{error.reason}", words)
    if fixed.report.submission is None:
        _unreadable(fixed.report, words)
    return fixed


# ------------------------------------------------------------------------------------------- reading


def _content(file: Path, words: Catalogue) -> bytes:
    """The file's bytes; a file that cannot be read is reported as ``validate`` reports it."""
    from behov_xl.workbook.files import Refused, read_file

    try:
        return read_file(file)
    except Refused as refused:
        _refused(file, refused, words)


def _refused(file: Path, refused: Refused, words: Catalogue) -> NoReturn:
    from behov_xl.validate import unreadable
    from behov_xl.workbook.files import shown

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
        elif output.resolve() == file.resolve() or (output.exists() and file.exists() and output.samefile(file)):
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

        target = self.file.resolve()
        try:
            if target.read_bytes() != before:
                self._refuse("edit_changed_meanwhile", path=self.file)
            backup = write_backup(target, before)
        except OSError as error:
            self._refuse("cannot_write", path=self.file, reason=error.strerror or error)
        say(self.words.text("cli.edit_backup", path=backup))
        write_file(self.file, after, self.words)
