"""What was fixed, for people: per sheet each cell before and after, what was left and why, and what remains."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import click

from behov_xl.findings import Report, Severity
from behov_xl.fixes.run import Changed, Fixed, Unfixed
from behov_xl.messages import Catalogue
from behov_xl.messages.render import wrong
from behov_xl.report.text import printable, render
from behov_xl.values import clean
from behov_xl.workbook.grid import CellValue, address
from behov_xl.workbook.input_rules import BOXES

_SHOWN = 60
"""Characters of a cell that a line has room for."""
_Paint = Callable[..., str]


def text(fixed: Fixed, form: str, words: Catalogue, *, target: Path, colour: bool = False) -> str:
    """The changes per sheet, then the report of what remains."""
    paint = _painter(colour)
    lines = [paint(printable(fixed.report.path), bold=True)]
    shown = [change for change in fixed.changes if change.codes or not change.computed]
    for sheet, of_sheet in groupby(shown, key=lambda one: one.place[0]):
        lines.append(f"  {paint(printable(sheet), bold=True)}")
        listed = list(of_sheet)
        width = max(len(_cell(change)) for change in listed)
        for change in listed:
            before, after = _sides(change, words, _SHOWN)
            lines.append(f"    {_cell(change):<{width}}  {printable(f'{before} → {after}')}  ({_why(change, words)})")
    lines += [f"  {line}" for line in _closing(fixed, words)]
    lines += ["", paint(words.text("fix_report.remains"), bold=True)]
    remaining = replace(fixed.report, path=str(target))
    return "\n".join(lines) + "\n" + render(Report(form, (remaining,)), words, colour=colour)


def diff(fixed: Fixed, form: str, words: Catalogue, *, target: Path | None, colour: bool = False) -> str:
    """Every cell that changes, those that are computed too, as it is and as it becomes."""
    paint = _painter(colour)
    path = printable(fixed.report.path)
    lines = []
    if fixed.changes:
        new = printable(str(target)) if target else words.text("fix_report.fixed_copy", path=path)
        lines += [paint(f"--- {path}", bold=True), paint(f"+++ {new}", bold=True)]
    for change in fixed.changes:
        lines.append(paint(printable(f"@@ {change.place[0]}!{_cell(change)}  {_why(change, words)}"), "cyan"))
        formula = f"  {change.formula}" if change.formula else ""
        before, after = _sides(change, words, None)
        lines += [paint(printable(f"- {before}"), "red"), paint(printable(f"+ {after}{formula}"), "green")]
    lines += _closing(fixed, words)
    counts = Report(form, (fixed.report,)).count()
    numbers = {name: counts[severity] for name, severity in zip(("errors", "warnings", "infos"), Severity, strict=True)}
    return "\n".join([*lines, words.text("fix_report.then", **numbers)]) + "\n"


def _painter(colour: bool) -> _Paint:
    def paint(text: str, foreground: str | None = None, bold: bool = False) -> str:
        return click.style(text, fg=foreground, bold=bold) if colour else text

    return paint


def _cell(change: Changed) -> str:
    return address(*change.place[1:])


def _why(change: Changed, words: Catalogue) -> str:
    what = "computed" if change.computed else "restored" if change.formula else "" if change.codes else "checkbox"
    return ", ".join([*change.codes, *([words.text(f"fix_report.{what}")] if what else [])])


def _sides(change: Changed, words: Catalogue, limit: int | None) -> tuple[str, str]:
    """The cell before and after. Where the eye would see no difference, spaces are shown as signs."""
    if isinstance(change.before, str) and isinstance(change.after, str) and clean(change.before) == clean(change.after):
        return f"«{_visible(change.before)}»", f"«{_visible(change.after)}»"
    return _value(change.before, words, limit), _value(change.after, words, limit)


def _visible(text: str) -> str:
    return "".join("␣" if character.isspace() or not character.isprintable() else character for character in text)


def _value(value: CellValue, words: Catalogue, limit: int | None) -> str:
    if value is None or value == "":
        return words.text("fix_report.empty")
    if isinstance(value, bool):
        return BOXES[value]
    if isinstance(value, str):
        folded = " ".join(value.split()) if limit else value.replace("\n", " ⏎ ")
        return f"«{folded if limit is None or len(folded) <= limit else folded[: limit - 1] + '…'}»"
    if isinstance(value, datetime.date):
        return f"{value:%d.%m.%Y}"
    return words.words(value)


def _closing(fixed: Fixed, words: Catalogue) -> Iterator[str]:
    """How much was changed, what was left and why, and what could be fixed besides."""
    computed = sum(change.computed for change in fixed.changes)
    typed = len(fixed.changes) - computed
    if not fixed.changes:
        yield words.text("fix_report.nothing")
    else:
        yield words.text(
            "fix_report.fixed", cells=typed, computed=words.text("fix_report.also", count=computed) if computed else ""
        )
    for one in fixed.unfixed:
        yield _left(one, words)
    if fixed.unsafe:
        cells = [f"{finding.sheet}!{finding.cell} ({finding.rule.code})" for finding in fixed.unsafe[:10]]
        yield printable(words.text("fix_report.unsafe", count=len(fixed.unsafe), cells=", ".join(cells)))


def _left(one: Unfixed, words: Catalogue) -> str:
    instead = one.instead
    what = f"{instead.sheet}!{instead.cell} {instead.rule.code}: {wrong(instead, words)}" if instead else ""
    reason = words.text(f"fix_refused.{one.reason}", what=what)
    finding = one.finding
    return printable(
        words.text("fix_report.left", cell=f"{finding.sheet}!{finding.cell}", code=finding.rule.code, reason=reason)
    )
