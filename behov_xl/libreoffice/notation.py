"""Formulas and references as Excel writes them, and as LibreOffice does in its programming interface."""

from __future__ import annotations

import re
from collections.abc import Callable

_LITERALS = r"""
    (?P<text>"(?:[^"]|"")*")
  | (?P<error>\#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!))
  | (?P<columns>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])
  | (?P<function>[^\W\d][\w.]*\()
"""
_OFFICE = re.compile(
    _LITERALS
    + r"""
  | (?:'(?P<file>(?:[^']|'')+)'\#)?\$?(?P<sheet>'(?:[^']|'')+'|[^\W\d]\w*)\.(?=[$\w])
  | (?P<word>[\w.$]+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_EXCEL = re.compile(
    _LITERALS
    + r"""
  | (?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!
  | (?P<word>[\w.$]+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ADD_IN = re.compile(r"COM\.SUN\.STAR\.SHEET\.ADDIN\.\w+\.GET(?=\w+\()")
_TO_EXCEL = {";": ",", "~": ",", "!": " "}
_TO_OFFICE = {",": ";"}
_CONSTANTS = {"=TRUE()": "TRUE", "=FALSE()": "FALSE"}
_ERROR_CONSTANT = re.compile(r"=(#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!))\Z")


def to_excel(formula: str) -> str:
    """A formula as :meth:`getFormulaArray` gives it → as Excel shows it, without the braces of array formulas."""
    if formula.startswith("{"):
        formula = formula[1:-1]
    return _translate(formula, _OFFICE, _excel_part, _TO_EXCEL, {";": ",", "|": ";"})


def to_office(formula: str) -> str:
    """A formula as Excel shows it → as :meth:`setFormulaArray` takes it."""
    return _translate(formula, _EXCEL, _office_part, _TO_OFFICE, {",": ";", ";": "|"})


def constant(formula: str) -> str | None:
    """The constant that LibreOffice turned into this formula when it read the file, or ``None`` for a real formula.

    It has neither truth values nor errors as constants: ``TRUE`` in a file becomes ``=TRUE()``.
    """
    error = _ERROR_CONSTANT.match(formula)
    return error[1] if error else _CONSTANTS.get(formula)


def link_to_excel(url: str) -> str:
    """``#Tiltak.B3`` → ``#Tiltak!B3``; an address on the net stays."""
    return f"#{to_excel(url[1:])}" if url.startswith("#") else url


def link_to_office(address: str) -> str:
    """``#Tiltak!B3`` → ``#Tiltak.B3``; an address on the net stays."""
    return f"#{to_office(address[1:]).removeprefix('$')}" if address.startswith("#") else address


def _translate(
    formula: str,
    parts: re.Pattern[str],
    part: Callable[[re.Match[str]], str],
    outside: dict[str, str],
    in_array: dict[str, str],
) -> str:
    out: list[str] = []
    signs = outside
    for match in parts.finditer(formula):
        sign = match["sign"]
        if sign in {"{", "}"}:
            signs = in_array if sign == "{" else outside
        out.append(signs.get(sign, sign) if sign else part(match))
    return "".join(out)


def _excel_part(match: re.Match[str]) -> str:
    kind, found = match.lastgroup, match[0]
    if kind == "columns":
        return found.replace("];[", "],[")
    if kind == "function":
        return _ADD_IN.sub("", found)
    if kind == "sheet":
        sheet = match["sheet"]
        if match["file"] is None:
            return f"{sheet}!"
        book = match["file"].rpartition("/")[2]
        return f"'[{book}]{sheet.strip(chr(39))}'!"
    return found


def _office_part(match: re.Match[str]) -> str:
    kind, found = match.lastgroup, match[0]
    if kind == "columns":
        return _this_row(found).replace("],[", "];[")
    if kind == "function":
        return re.sub(r"\A_xlfn\.", "", found, flags=re.IGNORECASE)
    if kind == "sheet":
        return f"${match['sheet']}."
    return found


def _this_row(columns: str) -> str:
    """``[@[Sum eier]]`` and ``[@Sum]`` → ``[[#This Row],[Sum eier]]``: LibreOffice knows no ``@``."""
    if not columns.startswith("[@"):
        return columns
    inside = columns[2:-1]
    if not inside:
        return "[#This Row]"
    return f"[[#This Row],{inside if inside.startswith('[') else f'[{inside}]'}]"
