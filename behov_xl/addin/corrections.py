"""The button Rett opp: the safe fixes, in the open workbook, after showing what would change."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from behov_xl.addin.actions import validate
from behov_xl.addin.session import ask, protected, quiet, tell
from behov_xl.addin.table import typed
from behov_xl.fixes import fix_workbook
from behov_xl.fixes.run import Changed, Fixed
from behov_xl.form import current
from behov_xl.messages import Catalogue, catalogue
from behov_xl.workbook.engines import in_excel_for_windows
from behov_xl.workbook.files import Refused, grid_from_bytes
from behov_xl.workbook.grid import address
from behov_xl.workbook.language import language
from behov_xl.workbook.sheet_xml import CannotEdit
from behov_xl.workbook.structure import find_tables

if TYPE_CHECKING:
    import xlwings

SHOWN = 12
"""Changes that are listed before the adviser says yes; of the others only the number."""


def fix(book: xlwings.Book) -> tuple[Changed, ...]:
    """Fixes what can be fixed without asking, shows it first, and validates again. Returns what was changed.

    What to change is found in a copy of the workbook as it stands, by the same code as ``behov-xl fix``.
    """
    form, words = current(), catalogue()
    data = snapshot(book)
    if data is None:
        tell(book.app, words.text("addin.fix_elsewhere"))
        return ()
    try:
        grid = grid_from_bytes(data, book.name, [table.name for table in form.tables])
        layouts, _ = find_tables(form, grid)
        words = catalogue(language(form, grid, layouts))
        fixed = fix_workbook(form, data, book.name)
    except (Refused, CannotEdit) as error:
        tell(book.app, _why_not(error, words), mode="critical")
        return ()
    changes = tuple(change for change in fixed.changes if not change.computed)
    if not changes:
        tell(
            book.app, words.text("addin.fix_unsafe" if fixed.unsafe else "addin.fix_nothing", number=len(fixed.unsafe))
        )
        return ()
    if any(protected(book.sheets[name]) for name in dict.fromkeys(change.place[0] for change in changes)):
        tell(book.app, words.text("addin.fix_protected"), mode="critical")
        return ()
    if not ask(book.app, _question(changes, fixed, words)):
        return ()
    with quiet(book.app):
        for change in changes:
            _apply(book, change)
    validate(book)
    return changes


def snapshot(book: xlwings.Book) -> bytes | None:
    """The workbook as it stands now, saved or not, as a file's content; ``None`` where the engine cannot tell."""
    save_copy: Any = getattr(book.impl, "save_copy", None)
    if save_copy is None and in_excel_for_windows(book.app):
        save_copy = book.api.SaveCopyAs
    if save_copy is None:
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a virus scanner may hold the copy
        path = Path(folder) / f"behov-xl{Path(book.name).suffix or '.xlsx'}"
        save_copy(str(path))
        return path.read_bytes()


def _why_not(error: Refused | CannotEdit, words: Catalogue) -> str:
    if isinstance(error, CannotEdit):
        return words.text("addin.fix_cannot", reason=words.text(f"fix_refused.{error.reason}"))
    return words.text(f"{error.rule.code}.message", **error.params)


def _question(changes: Sequence[Changed], fixed: Fixed, words: Catalogue) -> str:
    lines = [
        words.text(
            "addin.fix_change",
            place=f"{change.place[0]}!{address(*change.place[1:])}",
            before=_shown(change.before, words),
            after=words.text("addin.fix_formula") if change.formula else _shown(change.after, words),
        )
        for change in changes[:SHOWN]
    ]
    if len(changes) > SHOWN:
        lines.append(words.text("addin.fix_more", number=len(changes) - SHOWN))
    if fixed.unsafe:
        lines += ["", words.text("addin.fix_remain", number=len(fixed.unsafe))]
    asked = words.text("addin.fix_one" if len(changes) == 1 else "addin.fix_many", number=len(changes))
    return "\n".join([asked, "", *lines, "", words.text("addin.no_undo")])


def _shown(value: object, words: Catalogue) -> str:
    text = words.words(value) if value not in ("", None) else words.text("addin.fix_empty")
    return text if len(text) <= 60 else f"{text[:59]}…"


def _apply(book: xlwings.Book, change: Changed) -> None:
    sheet, row, column = change.place
    cell = book.sheets[sheet].range((row + 1, column + 1))
    if (change.formula or not isinstance(change.after, str)) and cell.number_format == "@":
        cell.number_format = "General"  # in a cell with the format Text it would become a text
    if change.formula is not None:
        cell.formula = change.formula
    else:
        cell.value = typed(change.after)
