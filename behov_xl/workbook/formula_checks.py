"""Whether a formula asks a program or another machine for its value, wherever formulas stand."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from behov_xl import remembering
from behov_xl.findings import Rule
from behov_xl.workbook.package import attributes, remembered
from behov_xl.workbook.plain_xml import rewritten
from behov_xl.workbook.refusals import DDE, EXTERNAL, MACROS, Refused

_FORMULA = re.compile(
    rb"<(?:x:)?(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula|Fmla\w++)(?: [^<>]*+)?>([^<]++)<"
)
_IN_ATTRIBUTE = re.compile(rb' (?:val|macro|textlink|fmla\w++|listFillRange|linkedCell)="([^"]++)"')
_NAME = re.compile(rb"<definedName ([^<>]*+)>")
_OTHER_BOOKS = re.compile(rb"<(?:x:)?externalReference ")
"""These are searched for in XML that has been written anew: see :mod:`behov_xl.workbook.plain_xml`."""
_SIGNS = (b"(", b"|", b"[", b"'", b"&#", b"&apos", b"<!")
"""Of which one is in each part with a formula that asks, or hides one."""
_SIGN = re.compile(rb"[(|\['&]")
"""Of which one is in each such formula."""
_HIDING = re.compile(rb"<[!?]|=\s*+'")
_BETWEEN = re.compile(rb"[<>\"]")
_XML_DECLARATION = 4
"""Behind this, "<?" begins no XML declaration any more."""
_CALLED = re.compile(r"([A-Za-z_][\w.]*+)\s*+\(")
_PROGRAMS = frozenset({"RTD", "DDE", "CALL", "REGISTER", "REGISTER.ID", "EXEC", "EXECUTE", "INITIATE"})
_ELSEWHERE = re.compile(
    r"WEBSERVICE|IMAGE|STOCKHISTORY|IMPORT(?:CSV|TEXT|DATA)|TRANSLATE|DETECTLANGUAGE|COPILOT|PY|SQL\.REQUEST"
    r"|CUBE(?:VALUE|MEMBER|SET|SETCOUNT|RANKEDMEMBER|KPIMEMBER|MEMBERPROPERTY)"
)
_SPECIAL = re.compile(r"[\"'\[]")
_BRACKETS = re.compile(r"'.|[\[\]]", re.DOTALL)
_QUOTED = re.compile(r"'((?>(?:[^']++|'')*))'")
_BEFORE_NAME = re.compile(r"\s*+[!#]")
_SHEET = re.compile(r"[^\s\"'\[\](),;+*/^&=<>!-]*+!")
_OF_A_PATH = frozenset("[]\\/")
"""No sheet's name holds one of these, so that a name with one of them leads elsewhere."""
_YES = frozenset({"1", "true"})


def check_formulas(
    parts: Mapping[str, str], others: Mapping[str, bytes], formulas: Mapping[str, Mapping[str, str | None]]
) -> None:
    """Raises :class:`Refused` where a formula of a sheet asks a program or another machine for its value.

    All by sheet: its part, its XML without its rows, and the formulas of its cells as they were read; those of its
    formats and input rules are searched for.
    """
    for name, found in formulas.items():
        rule = next((rule for text in found.values() if text and (rule := _fault(text))), None)
        if rule:
            raise Refused(rule, part=parts[name])
    for name, xml in others.items():
        check_all_formulas(parts[name], xml)


def check_all_formulas(name: str, xml: bytes) -> None:
    """As :func:`check_formulas`, for a part of which nothing has been read. Raises ``DamagedPackage``, too."""
    rule = _formulas_fault(xml) if _has_a_sign(xml) else None
    if rule is not None:
        raise Refused(rule, part=name)


def check_names(name: str, xml: bytes) -> None:
    """Raises :class:`Refused` for names of macros in workbook.xml, and for references to other workbooks."""
    plain = rewritten(xml) if xml else xml
    for one in map(attributes, _NAME.findall(plain)):
        if not _YES.isdisjoint((one.get("xlm"), one.get("function"), one.get("vbProcedure"))):
            raise Refused(MACROS, part=name)
    if _OTHER_BOOKS.search(plain):
        raise Refused(EXTERNAL, part=name)


def may_ask(xml: bytes) -> bool:
    """Whether a formula in it may ask a program or another machine for its value: any text of it is looked at."""
    if not _has_a_sign(xml):
        return False
    if _HIDING.search(xml, _XML_DECLARATION):
        return True
    likely = filter(_SIGN.search, _BETWEEN.split(xml))
    return any(_found_fault(html.unescape(text.decode("utf-8", "replace"))) is not None for text in likely)


def asks(formula: str | None) -> bool:
    """Whether the text of a formula asks a program or another machine for its value."""
    return formula is not None and _fault(formula) is not None


def _has_a_sign(xml: bytes) -> bool:
    return any(sign in xml for sign in _SIGNS) or xml.find(b"<?", _XML_DECLARATION) >= 0


@remembered
def _formulas_fault(xml: bytes) -> Rule | None:
    if not may_ask(xml):
        return None
    plain = rewritten(xml)
    texts = (match[1] for pattern in (_FORMULA, _IN_ATTRIBUTE) for match in pattern.finditer(plain))
    faults = (_fault(html.unescape(text.decode("utf-8", "replace"))) for text in texts)
    return next((fault for fault in faults if fault is not None), None)


def _found_fault(formula: str) -> Rule | None:
    bare, elsewhere = _bare(formula)
    called = {name.upper() for name in _CALLED.findall(bare)}
    called.update({name.rpartition(".")[2] for name in called})
    programs = any(name in _PROGRAMS or name.endswith(".REGISTER.ID") for name in called)
    if programs or "|" in bare:
        return DDE
    return EXTERNAL if elsewhere or any(map(_ELSEWHERE.fullmatch, called)) else None


_fault = remembering.remembered(4096)(_found_fault)


def _bare(formula: str) -> tuple[str, bool]:
    """A formula without texts, quoted names and what is in brackets; and whether a name in it is of another workbook.

    One sign after the other, as each of the three may hold the signs of the others.
    """
    kept: list[str] = []
    elsewhere = False
    at = 0
    while found := _SPECIAL.search(formula, at):
        kept.append(formula[at : found.start()])
        end = len(formula)
        if found[0] == '"':
            end = formula.find('"', found.end()) + 1 or end
        elif found[0] == "[":
            end = _end_of_brackets(formula, found.start())
            number = formula[found.end() : end - 1]
            if number != "0" and not _belongs(formula, found.start()) and _SHEET.match(formula, end):
                elsewhere = True
        elif quoted := _QUOTED.match(formula, found.start()):
            end = quoted.end()
            if not _OF_A_PATH.isdisjoint(quoted[1]) and _BEFORE_NAME.match(formula, end):
                elsewhere = True
        kept.append(" ")
        at = end
    return "".join([*kept, formula[at:]]), elsewhere


def _belongs(formula: str, at: int) -> bool:
    """Whether brackets belong to the table before them."""
    before = formula[at - 1 : at]
    return before.isalnum() or before in {"_", "."}


def _end_of_brackets(formula: str, start: int) -> int:
    """Where brackets end that may hold others; an apostrophe has the sign behind it stand for itself."""
    depth = 0
    for sign in _BRACKETS.finditer(formula, start):
        depth += 1 if sign[0] == "[" else -1 if sign[0] == "]" else 0
        if depth == 0:
            return sign.end()
    return len(formula)
