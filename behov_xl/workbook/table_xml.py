"""Edits the part of one Excel table, and the formulas that name its columns."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from behov_xl.workbook.grid import address
from behov_xl.workbook.sheet_xml import CannotEdit, Reason, attributes, escaped, tag, with_attribute

_ROOT = re.compile(r"<(?:([\w.-]{1,20}):)?table[\s>]")
_FORMULA_ELEMENTS = r"(?:f|formula|formula1|formula2|calculatedColumnFormula|totalsRowFormula|definedName|xm:f)"
_FORMULA = re.compile(
    rf"(<(?:[\w.-]{{1,20}}:)?{_FORMULA_ELEMENTS}(?:\s[^<>]{{0,9000}})?(?<!/)>)([^<]{{1,40000}})(?=</)"
)
_TEXT_OR_NAME = re.compile(r'"(?:[^"]|"")*"|(?<![\w.])[^\W\d][\w.]*(?=\[)')
_SPECIAL = re.compile(r"[\[\]#'@]")


def specifier(heading: str) -> str:
    """A heading as it stands in a structured reference: ``[ ] # ' @`` are marked with an apostrophe."""
    return _SPECIAL.sub(lambda match: f"'{match[0]}", heading)


def rename_in_formula(formula: str, table: str, old: str, new: str) -> str:
    """A formula with a column of a table called by its new name, in every form a structured reference may have.

    Texts in quotes, and other tables' columns of the same name, stay as they are.
    """
    out, done = [], 0
    while match := _TEXT_OR_NAME.search(formula, done):
        out.append(formula[done : match.end()])
        done = match.end()
        if match[0].startswith('"'):
            continue
        end = _closing(formula, done)
        inside = formula[done:end]
        out.append(_renamed(inside, old, new) if match[0].casefold() == table.casefold() else inside)
        done = end
    return "".join([*out, formula[done:]])


def _closing(formula: str, start: int) -> int:
    """The place after the bracket that closes the one at ``start``."""
    depth, place = 0, start
    while place < len(formula):
        if formula[place] == "'":
            place += 1
        elif formula[place] in "[]":
            depth += 1 if formula[place] == "[" else -1
            if not depth:
                return place + 1
        place += 1
    return len(formula)


def _renamed(brackets: str, old: str, new: str) -> str:
    """``[Old]``, ``[@Old]``, ``[[#This Row],[Old]]``, ``[[Old]:[Other]]`` with the new heading."""
    was = specifier(old).casefold()

    def change(match: re.Match[str]) -> str:
        return f"[{match[1]}{specifier(new)}]" if match[2].casefold() == was else match[0]

    return re.sub(r"\[(@?)((?:[^\[\]']|'.)+)\]", change, brackets)


def rename_in_xml(xml: str, table: str, old: str, new: str) -> str:
    """Every formula of a part with a table's column called by its new name. The part as it is where none names it."""
    if f"{table}[".casefold() not in html.unescape(xml).casefold():
        return xml

    def change(match: re.Match[str]) -> str:
        formula = html.unescape(match[2])
        renamed = rename_in_formula(formula, table, old, new)
        return match[0] if renamed == formula else match[1] + escaped(renamed)

    return _FORMULA.sub(change, xml)


class TableXml:
    """The part of one table."""

    def __init__(self, xml: bytes) -> None:
        try:
            self.text = xml.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CannotEdit(Reason.UNUSUAL) from error
        root = _ROOT.search(self.text)
        self._prefix = f"{root[1]}:" if root and root[1] else ""
        found = tag(self._prefix, "table").search(self.text)
        if found is None:
            raise CannotEdit(Reason.UNUSUAL)
        self.attributes = attributes(found[1])

    def headings(self) -> list[str]:
        """The columns' names as the part says them."""
        return [attributes(match[1]).get("name", "") for match in self._columns()]

    def _columns(self) -> Sequence[re.Match[str]]:
        return list(tag(self._prefix, "tableColumn").finditer(self.text))

    def rename(self, index: int, heading: str) -> None:
        """Gives a column another name."""
        column = self._columns()[index]
        name = heading.replace("\r", "").replace("\n", "_x000a_")
        new = with_attribute(column[1], "name", name)
        self.text = self.text[: column.start(1)] + new + self.text[column.end(1) :]

    def stretch(self, area: tuple[int, int, int, int]) -> None:
        """Gives the table (and its filter) another area."""
        reference = f"{address(*area[:2])}:{address(*area[2:])}"
        for name in ("table", "autoFilter"):
            found = tag(self._prefix, name).search(self.text)
            if found:
                new = with_attribute(found[1], "ref", reference)
                self.text = self.text[: found.start(1)] + new + self.text[found.end(1) :]
