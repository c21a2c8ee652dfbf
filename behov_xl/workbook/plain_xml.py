"""XML written anew in the one plain way: what a search of its bytes finds is then what a parser would see.

Comments, processing instructions, CDATA, character references, prefixes, white space in tags and unusual quotes are all
ways to say the same thing otherwise, and to hide it from whoever looks for it by its bytes. A part that may be written
so is parsed, and written as no program would have it otherwise; the searches get only that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from behov_xl.workbook.directory import DamagedPackage

_RELATIONSHIPS = re.compile(
    r"http://(?:schemas\.openxmlformats\.org/officeDocument/2006|purl\.oclc\.org/ooxml/officeDocument)/relationships"
)
_XML = "http://www.w3.org/XML/1998/namespace"
_FOREIGN = "x:"
"""Stands before an element that is not of the part's own vocabulary."""
_PREFIXES = (
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:x="urn:behov-xl:foreign"'
)
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_SPACES = str.maketrans({"\n": "&#10;", "\t": "&#9;"})
_Start = Callable[[str, list[str]], None]


def rewritten(xml: bytes) -> bytes:
    """A part in the plain way: ``<name attribute="value">text</name>``, its own elements without a prefix.

    Of attributes with a prefix, those that name relationships are kept, as ``r:…``. Raises ``DamagedPackage`` for what
    is no XML.
    """
    return Writer().read(xml)


def parse(xml: bytes, start: _Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
    """Tells of the elements of a part and the texts in them; of attributes, with name and value in turns.

    Names are told with their namespace and a space before them. Raises ``DamagedPackage``.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: as in package.malformed
        raise DamagedPackage(str(error)) from error


@dataclass(slots=True)
class Writer:
    """Writes what a parser tells."""

    written: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    """What the elements are called that have begun and not ended."""
    _own: str | None = None
    """The namespace of the first element."""

    def read(self, xml: bytes) -> bytes:
        """The part, rewritten. Raises ``DamagedPackage``."""
        parse(xml, self.start, self.end, self.text)
        return "".join(self.written).encode("utf-8", "surrogatepass")

    def start(self, name: str, attributes: list[str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._own is None:
            self._own = namespace
        called = self.name(namespace, local)
        said = "".join([f' {key}="{_quoted(value)}"' for key, value in by_name(attributes).items()])
        self.written.append(f"<{called}{said}{'' if self.open else _PREFIXES}>")
        self.open.append(called)

    def name(self, namespace: str, local: str) -> str:
        """What an element is called."""
        return local if namespace == self._own else _FOREIGN + local

    def end(self, name: str) -> None:
        del name
        self.written.append(f"</{self.open.pop()}>")

    def text(self, text: str) -> None:
        self.written.append(escaped(text))


def by_name(attributes: list[str]) -> dict[str, str]:
    """The attributes of an element that a reader of ours may know: without a prefix, ``xml:…`` and ``r:…``.

    Raises ``DamagedPackage`` for one that is there twice, by two names for relationships.
    """
    known = [(key, value) for name, value in zip(attributes[::2], attributes[1::2], strict=True) if (key := _key(name))]
    told = dict(known)
    if len(told) < len(known):
        raise DamagedPackage("an attribute that is there twice")
    return told


def escaped(text: str) -> str:
    """A text as it stands between tags."""
    return text.translate(_ESCAPES)


def _key(name: str) -> str:
    """What an attribute is called; nothing for one that no reader of ours knows."""
    namespace, _, local = name.rpartition(" ")
    if not namespace:
        return local
    if namespace == _XML:
        return f"xml:{local}"
    return f"r:{local}" if _RELATIONSHIPS.fullmatch(namespace) else ""


def _quoted(value: str) -> str:
    return value.translate(_ESCAPES).translate(_SPACES)


def _refuse_doctype(*_: object) -> None:
    raise DamagedPackage("a DOCTYPE")
