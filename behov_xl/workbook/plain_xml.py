"""XML written anew in the one plain way: what a search of its bytes finds is then what a parser would see.

Comments, processing instructions, CDATA, character references, prefixes, white space in tags and unusual quotes are all
ways to say the same thing otherwise, and to hide it from whoever looks for it by its bytes. A part that may be written
so is parsed, and written as no program would have it otherwise; the searches, and python-calamine, get only that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from behov_xl.workbook.directory import DamagedPackage
from behov_xl.workbook.grid import column_letters, position

_RELATIONSHIPS = re.compile(
    r"http://(?:schemas\.openxmlformats\.org/officeDocument/2006|purl\.oclc\.org/ooxml/officeDocument)/relationships"
)
_XML = "http://www.w3.org/XML/1998/namespace"
_FOREIGN = "x:"
"""Stands before an element that is not of the part's own vocabulary."""
_PREFIXES = (
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:x="urn:behov-xl:foreign"'
)
_ADDRESS = re.compile(r"([A-Za-z]{0,9})0*+([1-9][0-9]{0,8})")
"""Also one beyond the last row or column: that it is too far is said elsewhere."""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_SPACES = str.maketrans({"\n": "&#10;", "\t": "&#9;"})


def rewritten(xml: bytes) -> bytes:
    """A part in the plain way: ``<name attribute="value">text</name>``, its own elements without a prefix.

    Of attributes with a prefix, those that name relationships are kept, as ``r:…``. Raises ``DamagedPackage`` for what
    is no XML.
    """
    return _Writer().read(xml)


def rewritten_sheet(xml: bytes) -> bytes:
    """As :func:`rewritten`: every row and cell has an address, in capitals, whatever namespace it is in."""
    return _SheetWriter().read(xml)


@dataclass(slots=True)
class _Writer:
    """Writes what a parser reports."""

    _written: list[str] = field(default_factory=list)
    _own: str | None = None
    """The namespace of the first element."""
    _open: list[str] = field(default_factory=list)

    def read(self, xml: bytes) -> bytes:
        """The part, rewritten."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(xml, True)
        except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: as in package.malformed
            raise DamagedPackage(str(error)) from error
        return "".join(self._written).encode("utf-8", "surrogatepass")

    def _start(self, name: str, attributes: list[str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._own is None:
            self._own = namespace
        written = self.name(namespace, local)
        told = {key: value for one, value in zip(attributes[::2], attributes[1::2], strict=True) if (key := _key(one))}
        told = self.attributes(local, told)
        said = "".join([f' {key}="{_escaped(value)}"' for key, value in told.items()])
        self._written.append(f"<{written}{said}{'' if self._open else _PREFIXES}>")
        self._open.append(written)

    def name(self, namespace: str, local: str) -> str:
        """What an element is called."""
        return local if namespace == self._own else _FOREIGN + local

    def attributes(self, local: str, told: dict[str, str]) -> dict[str, str]:
        """The attributes of an element."""
        del local
        return told

    def _end(self, name: str) -> None:
        del name
        self._written.append(f"</{self._open.pop()}>")

    def _text(self, text: str) -> None:
        self._written.append(text.translate(_ESCAPES))


@dataclass(slots=True)
class _SheetWriter(_Writer):
    """Writes a sheet: python-calamine knows elements by their names alone, and counts rows and cells itself."""

    _row: int = 0
    _column: int = 0

    def name(self, namespace: str, local: str) -> str:
        del namespace
        return local

    def attributes(self, local: str, told: dict[str, str]) -> dict[str, str]:
        address = told.pop("r", None) if local in {"row", "c"} else None
        if local == "row":
            self._row, self._column = self._row + 1, 0
            if address is not None:
                letters, self._row = _parted(address)
                if letters:
                    raise DamagedPackage(f"row {address[:40]!r}")
            return {"r": str(self._row), **told}
        if local == "c":
            letters, row = _parted(address) if address is not None else ("", max(self._row, 1))
            if address is not None and not letters:
                raise DamagedPackage(f"cell {address[:40]!r}")
            letters = letters or column_letters(self._column)
            self._column = position(f"{letters}1")[1] + 1
            return {"r": f"{letters}{row}", **told}
        return told


def _parted(address: str) -> tuple[str, int]:
    """The column, in capitals, and the number of the row. Raises ``DamagedPackage`` for what is no address."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise DamagedPackage(f"no address: {address[:40]!r}")
    return match[1].upper(), int(match[2])


def _key(name: str) -> str:
    """What an attribute is called; nothing for one that no reader of ours knows."""
    namespace, _, local = name.rpartition(" ")
    if not namespace:
        return local
    if namespace == _XML:
        return f"xml:{local}"
    return f"r:{local}" if _RELATIONSHIPS.fullmatch(namespace) else ""


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES).translate(_SPACES)


def _refuse_doctype(*_: object) -> None:
    raise DamagedPackage("a DOCTYPE")
