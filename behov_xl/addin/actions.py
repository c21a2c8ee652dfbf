"""What the buttons on the ribbon do, as plain functions over an open workbook. They serve every engine of xlwings.

Only the table of findings is written; colours and notes follow from it. Each action returns what it has done, tells the
adviser in one short message, and leaves sheet and selection as they were unless the adviser asks to go somewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from behov_xl.addin.session import ask, desktop, protected, quiet, read_only, status, tell, up_to_date
from behov_xl.addin.table import write_listing
from behov_xl.findings import Finding, Severity, WorkbookReport
from behov_xl.form import Form, current
from behov_xl.listing import listing
from behov_xl.messages import Catalogue, catalogue
from behov_xl.messages.render import wrong
from behov_xl.validate import validate_grids
from behov_xl.workbook.grid import Grid
from behov_xl.workbook.language import language
from behov_xl.workbook.live import live_grid
from behov_xl.workbook.sheet_xml import CannotEdit, Reason
from behov_xl.workbook.structure import Layout, find_tables

if TYPE_CHECKING:
    import xlwings


@dataclass(frozen=True, slots=True)
class Done:
    """What an action found, and what it told."""

    report: WorkbookReport
    message: str
    marked: bool
    """Whether the findings stand in the workbook now."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An open workbook, read."""

    form: Form
    grid: Grid
    layouts: Mapping[str, Layout]
    words: Catalogue
    """In the workbook's own language."""


def read(book: xlwings.Book) -> Reading:
    """Reads an open workbook. Raises :class:`behov_xl.workbook.files.Refused` for one that is far too large."""
    form = current()
    grid = live_grid(book, [table.name for table in form.tables])
    layouts, _ = find_tables(form, grid)
    return Reading(form, grid, layouts, catalogue(language(form, grid, layouts)))


def validate(book: xlwings.Book) -> Done:
    """Checks the open workbook and marks what is found in it. A second time gives the same.

    Raises :class:`behov_xl.workbook.files.Refused` as :func:`read` does. What keeps the findings from being written is
    told, and nothing is written then.
    """
    app = book.app
    status(app, catalogue().text("addin.reading"))
    up_to_date(app)
    now = read(book)
    status(app, now.words.text("addin.checking"))
    (report,) = validate_grids([now.grid], now.form, keys=True)
    why_not = _write(book, now, report)
    done = Done(report, _result(report, why_not, now.words), why_not is None)
    status(app, _counts(report, now.words))
    _tell_result(book, done, now)
    status(app, None)
    return done


def clear(book: xlwings.Book) -> bool:
    """Takes the findings out of the workbook again. Reasons under Kvittering stay: they are the adviser's.

    Returns whether it could; why not is told.
    """
    app = book.app
    now = read(book)
    why_not = _write(book, now, None)
    status(app, None)
    if why_not is not None:
        tell(app, now.words.text(why_not), mode="critical")
    else:
        tell(app, now.words.text("addin.cleared"))
    return why_not is None


def _write(book: xlwings.Book, now: Reading, report: WorkbookReport | None) -> str | None:
    """Writes the findings into their table, or empties it: ``None``, or the key of the text that says why not."""
    table = now.layouts.get("findings")
    if table is None or not table.area.is_table:
        return "addin.no_table"
    if protected(book.sheets[table.sheet]):
        return "addin.protected"
    if table.area.filtered:
        return "addin.filtered"  # what is written over rows that a filter hides may go astray
    listed = listing(report.findings if report else (), table, now.grid, now.words, now.words)
    try:
        # Not around the reading: what is not calculated yet would be read as it is.
        with quiet(book.app):
            write_listing(book, table, now.grid, listed, least=0 if report else now.form.by_id["findings"].rows)
    except CannotEdit as error:
        return "addin.no_room" if error.reason is Reason.NO_ROOM else f"fix_refused.{error.reason}"
    return None


# ------------------------------------------------------------------------------------------ telling


def _counts(report: WorkbookReport, words: Catalogue) -> str:
    """``3 feil, 2 advarsler``: what counts of what was found, the most severe first."""
    counted = [one.severity for one in report.findings if one.acknowledged is None]
    shown = []
    for severity in Severity:
        number = counted.count(severity)
        if number:
            shown.append(words.text(f"addin.{'one' if number == 1 else 'many'}.{severity}", number=number))
    return ", ".join(shown) or words.text("addin.nothing")


def _result(report: WorkbookReport, why_not: str | None, words: Catalogue) -> str:
    if report.submission is None and report.findings:
        return wrong(report.findings[0], words)  # no behovsmelding at all
    if why_not is not None:
        return f"{_counts(report, words)}. {words.text(why_not)}"
    if not report.findings:
        return words.text("addin.nothing_found")
    return words.text("addin.found", counts=_counts(report, words))


def _tell_result(book: xlwings.Book, done: Done, now: Reading) -> None:
    app, words = book.app, now.words
    text = done.message
    if done.marked and read_only(book):
        text = f"{text}\n\n{words.text('addin.read_only')}"
    first = first_place(done.report, now.grid)
    if not done.marked:
        tell(app, text, mode="critical")
    elif first is None or not desktop(app):
        tell(app, text)
    elif ask(app, f"{text}\n\n{words.text('addin.go_to_first', place=f'{first.sheet}!{first.cell}')}"):
        go_to(book, first)


def first_place(report: WorkbookReport, grid: Grid) -> Finding | None:
    """The finding to begin with: the first of the most severe ones that is not answered and can be gone to."""
    hidden = {sheet.name for sheet in grid.sheets.values() if sheet.hidden}
    open_ = [one for one in report.findings if one.cell and one.acknowledged is None and one.sheet not in hidden]
    return min(open_, key=lambda one: one.severity.rank, default=None)


def go_to(book: xlwings.Book, finding: Finding) -> None:
    """Shows the cell of a finding."""
    if finding.sheet is not None and finding.cell is not None:
        sheet = book.sheets[finding.sheet]
        sheet.activate()
        sheet.range(finding.cell).select()
