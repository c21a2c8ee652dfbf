"""The command line. Results on stdout, everything else on stderr; exit codes are a contract (see README).

Heavy modules are imported by the command that needs them: ``--version``, ``rules`` and ``explain`` must be quick.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from behov_xl.messages import DEFAULT, LANGUAGES, Catalogue, catalogue

if TYPE_CHECKING:
    from behov_xl.findings import Report, Severity
    from behov_xl.validate import Selection

_ENVIRONMENT = os.environ.get("BEHOV_XL_LANG", DEFAULT)
_LANG = _ENVIRONMENT if _ENVIRONMENT in LANGUAGES else DEFAULT
_HELP = catalogue(_LANG)


def _help(key: str) -> str:
    return _HELP.raw(f"cli.{key}")


_language = click.option(
    "--lang", type=click.Choice(LANGUAGES), default=_LANG, show_default=True, help=_help("option_lang")
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, help=_help("about"))
@click.version_option(message="%(prog)s %(version)s", package_name="behov-xl", prog_name="behov-xl")
def main() -> None:
    """The command ``behov-xl``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Norwegian letters and ☒ must come through a Windows pipe, too.
            stream.reconfigure(encoding="utf-8")


@main.command(help=_help("validate"))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True,
    help=_help("option_format"),
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help=_help("option_output"))
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "never"]), default="error", show_default=True,
    help=_help("option_fail_on"),
)  # fmt: skip
@click.option("--select", multiple=True, metavar="CODE,…", help=_help("option_select"))
@click.option("--ignore", multiple=True, metavar="CODE,…", help=_help("option_ignore"))
@_language
def validate(
    paths: tuple[Path, ...],
    format_: str,
    output: Path | None,
    fail_on: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    lang: str,
) -> None:
    """Validates workbooks and prints a report."""
    words = catalogue(lang)
    selection = _selection(select, ignore, words)
    if output is not None and (output.suffix.lower() in {".xlsx", ".xlsm"} or _is_input(output, paths)):
        raise click.UsageError(words.text("cli.output_is_workbook", path=output))
    from behov_xl.findings import Severity
    from behov_xl.validate import validate as run

    report = run(paths, selection=selection)
    _say_what_was_passed_over(paths, words)
    text = _rendered(report, format_, words, colour=output is None and _colours())
    if output is None:
        _print(text, words)
    else:
        _write(output, text.encode(), words)
    threshold: Severity | None = None if fail_on == "never" else Severity(fail_on)
    sys.exit(report.exit_code(threshold))


def _is_input(output: Path, paths: tuple[Path, ...]) -> bool:
    return output.is_file() and any(output.samefile(path) for path in paths if path.exists())


def _say_what_was_passed_over(paths: tuple[Path, ...], words: Catalogue) -> None:
    from behov_xl.workbook.files import passed_over, shown

    others = [shown(file) for path in paths if path.is_dir() for file in passed_over(path)]
    if others:
        click.echo(words.text("cli.passed_over", count=len(others), files=others[:10]), err=True)


def _print(text: str, words: Catalogue) -> None:
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        raise  # click ends quietly when the reader of a pipe has seen enough
    except OSError as error:
        raise click.UsageError(words.text("cli.cannot_write", path="stdout", reason=error.strerror or error)) from error


def _colours() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _selection(select: tuple[str, ...], ignore: tuple[str, ...], words: Catalogue) -> Selection:
    from behov_xl.rules import catalogue as rules
    from behov_xl.validate import Selection, named

    chosen, left_out = (
        [one.strip() for part in parts for one in part.split(",") if one.strip()] for parts in (select, ignore)
    )
    for one in (*chosen, *left_out):
        if not any(named(rule, [one]) for rule in rules().values()):
            raise click.UsageError(words.text("cli.unknown_selection", code=one))
    return Selection(tuple(chosen), tuple(left_out))


def _rendered(report: Report, format_: str, words: Catalogue, *, colour: bool) -> str:
    from behov_xl.report import json, text

    if format_ == "json":
        return json.render(report, words)
    if format_ == "jsonl":
        return json.render_lines(report, words)
    return text.render(report, words, colour=colour)


def _write(path: Path, data: bytes, words: Catalogue) -> None:
    from behov_xl.writing import write_atomically

    try:
        write_atomically(path, data)
    except OSError as error:
        raise click.UsageError(words.text("cli.cannot_write", path=path, reason=error.strerror or error)) from error
    click.echo(words.text("cli.written", path=path), err=True)


@main.command(help=_help("rules"))
@click.option(
    "--format", "format_", type=click.Choice(["text", "markdown"]), default="text", show_default=True,
    help=_help("option_format"),
)  # fmt: skip
@_language
def rules(format_: str, lang: str) -> None:
    """Lists the rules: code, severity, name, title; or all that is known of them, as a page."""
    from behov_xl.messages.render import title
    from behov_xl.rules import catalogue as all_rules
    from behov_xl.rules.reference import markdown

    words = catalogue(lang)
    listed = all_rules().values()
    if format_ == "markdown":
        click.echo(markdown(list(listed), words), nl=False)
        return
    width = max(len(rule.name) for rule in listed)
    for rule in listed:
        severity = words.text(f"severity.{rule.severity}").lower()
        click.echo(f"{rule.code}  {severity:<9} {rule.name:<{width}}  {title(rule.code, words)}")


def _complete_rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    del context, parameter
    from behov_xl.rules import catalogue as all_rules

    return [code for code in all_rules() if code.startswith(incomplete.upper())]


@main.command(help=_help("explain"))
@click.argument("code", shell_complete=_complete_rule)
@_language
def explain(code: str, lang: str) -> None:
    """Explains one rule: why, a wrong and a right example, severity, fix, section of the form."""
    from behov_xl.messages.render import title, why
    from behov_xl.rules import catalogue as all_rules
    from behov_xl.rules.reference import facts

    words = catalogue(lang)
    found = next((rule for rule in all_rules().values() if code.lower() in {rule.code.lower(), rule.name}), None)
    if found is None:
        raise click.UsageError(words.text("cli.unknown_rule", code=code))
    click.echo(f"{found.code} {found.name}: {title(found.code, words)}\n")
    click.echo(f"{why(found, words)}\n")
    for label, text in facts(found, words):
        click.echo(f"{label}: {text}")


@main.command(help=_help("template"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=_help("option_template_output"))
@click.option("--lang", type=click.Choice(["nb", "nn"]), default="nb", show_default=True, help=_help("option_lang"))
@click.option(
    "--checkboxes", type=click.Choice(["symbol", "native"]), default="symbol", show_default=True,
    help=_help("option_checkboxes"),
)  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), help=_help("option_data"))
@click.option("--force", is_flag=True, help=_help("option_force"))
def template(output: Path | None, lang: str, checkboxes: str, data: Path | None, force: bool) -> None:
    """Writes the template workbook."""
    from behov_xl.form import current
    from behov_xl.workbook.content import ContentError, read_content
    from behov_xl.workbook.template import template_bytes

    form, words = current(), catalogue(lang)
    target = output or Path(f"{form.id.replace('-', '_')}.xlsx")
    if target.exists() and not force:
        raise click.UsageError(words.text("cli.exists", path=target))
    try:
        content = read_content(form, data) if data else None
    except ContentError as error:
        raise click.UsageError(words.text("cli.content_error", reason=error)) from error
    native = checkboxes == "native"
    _write(target, template_bytes(form, content=content, lang=lang, native_checkboxes=native), words)


@main.command(help=_help("completion"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Prints the script that makes a shell complete commands, options and rule codes."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(main, {}, "behov-xl", "_BEHOV_XL_COMPLETE").source())
