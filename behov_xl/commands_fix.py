"""The command ``fix``: what can be fixed in a workbook is fixed, in a copy, or in place with a backup beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from behov_xl.console import colours, fail_on_option, help_text, language, print_text, write_file
from behov_xl.messages import Catalogue, catalogue

if TYPE_CHECKING:
    from behov_xl.findings import WorkbookReport
    from behov_xl.fixes import Fixed


@click.command("fix", help=help_text("fix_command"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=help_text("option_fix_output"))
@click.option("--unsafe", is_flag=True, help=help_text("option_unsafe"))
@click.option("--diff", is_flag=True, help=help_text("option_diff"))
@click.option("--in-place", is_flag=True, help=help_text("option_in_place"))
@click.option("--force", is_flag=True, help=help_text("option_force"))
@fail_on_option
@language
def fix(
    file: Path, output: Path | None, unsafe: bool, diff: bool, in_place: bool, force: bool, fail_on: str, lang: str
) -> None:
    """Fixes what can be fixed in a workbook."""
    words = catalogue(lang)
    _check_target(file, output, words, diff=diff, in_place=in_place, force=force)
    from behov_xl.findings import Report, Severity
    from behov_xl.form import current
    from behov_xl.report import fixes as rendering

    form = current()
    before = _content(file, words)
    fixed = _fixed(file, before, words, unsafe=unsafe)
    if diff:
        shown = rendering.diff(fixed, form.id, words, target=output, colour=colours())
    else:
        shown = rendering.text(fixed, form.id, words, target=output or file, colour=colours())
    print_text(shown, words)
    if output is not None:
        write_file(output, fixed.data, words)
    elif in_place and fixed.data != before:
        _replace(file, before, fixed.data, words)
    threshold = None if fail_on == "never" else Severity(fail_on)
    sys.exit(Report(form.id, (fixed.report,)).exit_code(threshold))


def _check_target(
    file: Path, output: Path | None, words: Catalogue, *, diff: bool, in_place: bool, force: bool
) -> None:
    """Wrong usage is said before anything is read: nowhere to write, or somewhere it must not be written."""

    def refuse(key: str, **params: object) -> NoReturn:
        raise click.UsageError(words.text(f"cli.{key}", **params))

    if in_place:
        if output is not None or diff:
            refuse("fix_both" if output is not None else "fix_diff_in_place")
        lock = file.with_name(f"~${file.name}")
        if lock.exists():
            refuse("fix_open", path=file, lock=lock.name)
    elif output is None and not diff:
        refuse("fix_nowhere", path=file.name)
    elif output is None:
        return
    elif output.suffix.lower() != ".xlsx":
        refuse("fix_not_xlsx", path=output)
    elif output.resolve() == file.resolve() or (output.exists() and file.exists() and output.samefile(file)):
        refuse("fix_onto_itself", path=output)
    elif output.exists() and not force:
        refuse("exists", path=output)


def _content(file: Path, words: Catalogue) -> bytes:
    """The file's bytes; a file that cannot be read is reported as ``validate`` reports it."""
    from behov_xl.workbook.files import Refused, read_file, shown

    try:
        return read_file(file)
    except Refused as refused:
        from behov_xl.validate import unreadable

        _unreadable(unreadable(shown(file), refused), words)


def _fixed(file: Path, data: bytes, words: Catalogue, *, unsafe: bool) -> Fixed:
    from behov_xl.fixes import fix_workbook
    from behov_xl.form import current
    from behov_xl.validate import unreadable
    from behov_xl.workbook.files import Refused, shown
    from behov_xl.workbook.sheet_xml import CannotEdit

    try:
        fixed = fix_workbook(current(), data, shown(file), unsafe=unsafe)
    except Refused as refused:
        _unreadable(unreadable(shown(file), refused), words)
    except CannotEdit as error:
        reason = words.text(f"fix_refused.{error.reason}")
        raise click.UsageError(words.text("cli.fix_cannot", path=file, reason=reason)) from error
    if fixed.report.submission is None:
        _unreadable(fixed.report, words)
    return fixed


def _unreadable(report: WorkbookReport, words: Catalogue) -> NoReturn:
    from behov_xl.findings import Report
    from behov_xl.form import current
    from behov_xl.report import text

    print_text(text.render(Report(current().id, (report,)), words, colour=colours()), words)
    sys.exit(2)


def _replace(file: Path, before: bytes, after: bytes, words: Catalogue) -> None:
    """Writes the backup, then the file; neither if the file has changed since it was read."""
    from behov_xl.writing import write_backup

    target = file.resolve()
    try:
        if target.read_bytes() != before:
            raise click.UsageError(words.text("cli.fix_changed_meanwhile", path=file))
        backup = write_backup(target, before)
    except OSError as error:
        raise click.UsageError(words.text("cli.cannot_write", path=file, reason=error.strerror or error)) from error
    click.echo(words.text("cli.fix_backup", path=backup), err=True)
    write_file(file, after, words)
