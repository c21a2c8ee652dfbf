"""The command line. Results on stdout, everything else on stderr; exit codes are a contract (see README).

Heavy modules are imported by the command that needs them: ``--version``, ``rules`` and ``explain`` must be quick.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from behov_xl.commands_addin import addin
from behov_xl.commands_edit import annotate, fix
from behov_xl.commands_live import live
from behov_xl.console import Commands, colours, fail_on_option, help_text, language, print_text, say, write_file
from behov_xl.messages import Catalogue, catalogue

if TYPE_CHECKING:
    from behov_xl.findings import Report, Severity
    from behov_xl.validate import Selection


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, help=help_text("about"))
@click.version_option(message="%(prog)s %(version)s", package_name="behov-xl", prog_name="behov-xl")
def main() -> None:
    """The command ``behov-xl``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Norwegian letters and ☒ must come through a Windows pipe, too.
            stream.reconfigure(encoding="utf-8")


main.add_command(addin)
main.add_command(annotate)
main.add_command(fix)
main.add_command(live)


@main.command(help=help_text("validate"))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True,
    help=help_text("option_format"),
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help=help_text("option_output"))
@fail_on_option
@click.option("--select", multiple=True, metavar="CODE,…", help=help_text("option_select"))
@click.option("--ignore", multiple=True, metavar="CODE,…", help=help_text("option_ignore"))
@language
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
    text = _rendered(report, format_, words, colour=output is None and colours())
    if output is None:
        print_text(text, words)
    else:
        write_file(output, text.encode(), words)
    threshold: Severity | None = None if fail_on == "never" else Severity(fail_on)
    sys.exit(report.exit_code(threshold))


def _is_input(output: Path, paths: tuple[Path, ...]) -> bool:
    return output.is_file() and any(output.samefile(path) for path in paths if path.exists())


def _say_what_was_passed_over(paths: tuple[Path, ...], words: Catalogue) -> None:
    from behov_xl.workbook.files import passed_over, shown

    others = [shown(file) for path in paths if path.is_dir() for file in passed_over(path)]
    if others:
        say(words.text("cli.passed_over", count=len(others), files=others[:10]))


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


@main.command(help=help_text("rules"))
@click.option(
    "--format", "format_", type=click.Choice(["text", "markdown"]), default="text", show_default=True,
    help=help_text("option_format"),
)  # fmt: skip
@language
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


@main.command(help=help_text("explain"))
@click.argument("code", shell_complete=_complete_rule)
@language
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


@main.command(help=help_text("template"))
@click.option("-o", "--output", type=click.Path(path_type=Path), help=help_text("option_template_output"))
@click.option("--lang", type=click.Choice(["nb", "nn"]), default="nb", show_default=True, help=help_text("option_lang"))
@click.option(
    "--checkboxes", type=click.Choice(["symbol", "native"]), default="symbol", show_default=True,
    help=help_text("option_checkboxes"),
)  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), help=help_text("option_data"))
@click.option("--force", is_flag=True, help=help_text("option_force"))
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
    write_file(target, template_bytes(form, content=content, lang=lang, native_checkboxes=native), words)


@main.command(help=help_text("completion"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Prints the script that makes a shell complete commands, options and rule codes."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(main, {}, "behov-xl", "_BEHOV_XL_COMPLETE").source())
