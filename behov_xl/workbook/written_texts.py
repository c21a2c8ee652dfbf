"""Texts as the XML of sheets holds them: entities and escapes, and the table of texts that cells share."""

from __future__ import annotations

import re

_PRESERVE = ' xml:space="preserve">'
_BEFORE, _AFTER = "<si><t", "</t></si>"
_TAGS = 4
"""How many tags a text is written with that is in one piece."""
# (?>(?:…)*), not (?:…)*+: see tests/test_patterns.py.
_FONT = r"(?>(?:<rPr>(?>(?:<[A-Za-z]++(?>(?: [a-z]++=\"[^\"<>]*+\")*)/>)*)</rPr>)?)"
_PIECE = r"<t(?: xml:space=\"preserve\")?>[^<]*+</t>"
_RICH_STRING = re.compile(rf"<si>((?>(?:<r>{_FONT}{_PIECE}</r>|{_PIECE})+))</si>")
_RUN = re.compile(r"<t( xml:space=\"preserve\")?>([^<]*)</t>")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPE = re.compile(r"_x([0-9A-F]{4})_")
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?")
WHITE = " \t\r\n"
"""The white space around a text that does not say that it counts."""


class Unfamiliar(Exception):
    """A part that is not written as the programs that people use write it. It may be sound all the same."""


def decoded(text: bytes) -> str:
    """What is written in UTF-8. Raises :class:`Unfamiliar`."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unfamiliar("encoding") from error


def text_of(text: str) -> str:
    """A text as a reader sees it: entities and ``_x000D_`` resolved. Raises :class:`Unfamiliar`."""
    text = with_entities(text) if "&" in text else text
    return _ESCAPE.sub(lambda match: _character(int(match[1], 16)), text) if "_x" in text else text


def with_entities(text: str) -> str:
    """A text with its entities resolved. Raises :class:`Unfamiliar` for others than those of XML."""
    found, times = _ENTITY.subn(_entity, text)
    if times != text.count("&"):
        raise Unfamiliar("entity")
    return found


def _entity(match: re.Match[str]) -> str:
    return _NAMED[match[3]] if match[3] else _character(int(match[1], 16) if match[1] else int(match[2]))


def _character(code: int) -> str:
    if not 0 < code < 0xD800 and not 0xE000 <= code <= 0x10FFFF:
        raise Unfamiliar("character")
    return chr(code)


def read_strings(xml: bytes) -> list[str]:
    """The texts that cells share, in their order. Raises :class:`Unfamiliar`."""
    text = decoded(xml)
    start, end = text.find("<si>"), text.rfind("</sst>")
    if start < 0 or end < start or "\r" in text:
        if "<si" in text or "\r" in text:
            raise Unfamiliar("strings")
        return []
    body = text[start:end]
    texts = _whole(body)
    if texts is None:
        texts = _rich(body)
    if "_" in body and "_x" in body:  # the first is the quicker look
        return [text_of(text) for text in texts]
    return [with_entities(text) if "&" in text else text for text in texts] if "&" in body else texts


def _whole(body: str) -> list[str] | None:
    """The texts where each is in one piece; ``None`` where one is not."""
    if not body.endswith(_AFTER):
        return None
    for start, read in ((f"{_BEFORE}>", _bare), (f"{_BEFORE}{_PRESERVE}", list), (_BEFORE, _mixed)):
        if body.startswith(start):
            texts = body[len(start) : -len(_AFTER)].split(f"{_AFTER}{start}")
            if body.count("<") == _TAGS * len(texts):  # they are all written so
                return read(texts)
    return None


def _bare(texts: list[str]) -> list[str]:
    """Texts of which none says that the white space around it counts."""
    if list(map(str.strip, texts)) == texts:  # there is none, as nearly always
        return texts
    return [text.strip(WHITE) for text in texts]


def _mixed(pieces: list[str]) -> list[str] | None:
    """Texts with the rest of the tag before them, which may say so."""
    try:
        return [piece[1:].strip(WHITE) if piece[0] == ">" else _preserved(piece) for piece in pieces]
    except (IndexError, Unfamiliar):
        return None


def _preserved(piece: str) -> str:
    if not piece.startswith(_PRESERVE):
        raise Unfamiliar("strings")
    return piece[len(_PRESERVE) :]


def _rich(body: str) -> list[str]:
    """The texts where some of them are in several pieces, each with its own font."""
    parts = _RICH_STRING.split(body)
    if any(parts[::2]):
        raise Unfamiliar("strings")
    return [
        "".join(text if keep else text.strip(WHITE) for keep, text in _RUN.findall(pieces)) for pieces in parts[1::2]
    ]
