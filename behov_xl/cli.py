"""The command line. Results on stdout, everything else on stderr; exit codes are a contract (see README).

Heavy modules are imported by the command that needs them: ``--version``, ``rules`` and ``explain`` must be quick.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from behov_xl.commands_addin import addin
from behov_xl.commands_edit import annotate, fix
from behov_xl.commands_live import live
from behov_xl.commands_summarize import summarize
from behov_xl.commands_validate import validate
from behov_xl.console import Commands, help_text, language, print_text, write_file, writing_to
from behov_xl.messages import catalogue


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, help=help_text("about"))
@click.version_option(message="%(prog)s %(version)s", package_name="behov-xl", prog_name="behov-xl")
def main() -> None:
    """The command ``behov-xl``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Norwegian letters and ☒ must come through a Windows pipe, too.
            stream.reconfigure(encoding="utf-8", errors="replace")


main.add_command(addin)
main.add_command(annotate)
main.add_command(fix)
main.add_command(live)
main.add_command(summarize)
main.add_command(validate)


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
        print_text(markdown(list(listed), words), words)
        return
    width = max(len(rule.name) for rule in listed)
    for rule in listed:
        severity = words.text(f"severity.{rule.severity}").lower()
        print_text(f"{rule.code}  {severity:<9} {rule.name:<{width}}  {title(rule.code, words)}\n", words)


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
    print_text(f"{found.code} {found.name}: {title(found.code, words)}\n\n", words)
    print_text(f"{why(found, words)}\n\n", words)
    for label, text in facts(found, words):
        print_text(f"{label}: {text}\n", words)


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
    with writing_to(target, words):
        there = target.exists()
    if there and not force:
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
