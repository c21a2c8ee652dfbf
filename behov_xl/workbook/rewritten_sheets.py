"""Sheets and shared texts written anew, the way that they are read here: see ``plain_sheets`` and ``written_texts``.

A sheet that is XML, and not written as the programs that people use write it, is parsed and written so: rows and cells
in order, each with its address, and in them what a reader sees. So there is one reader for all sheets, and it need not
know in how many ways the same can be said.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from behov_xl.workbook.directory import DamagedPackage
from behov_xl.workbook.grid import column_letters, position
from behov_xl.workbook.plain_xml import Writer, by_name, escaped, parse
from behov_xl.workbook.written_texts import NUMBER, WHITE

_ADDRESS = re.compile(r"([A-Za-z]{0,9})0*+([1-9][0-9]{0,8})")
"""Also one beyond the last row or column: that it is too far is said elsewhere."""
_BOOLEANS = {"0": "0", "false": "0", "1": "1", "true": "1"}
_ANY_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:e[+-]?[0-9]++)?|inf)", re.IGNORECASE)
"""Also one with very many digits, and what programs write for a number that is too large."""
_YES = frozenset({"1", "true", "on"})
_DIGITS = 10
"""A number of a text or a format has fewer."""
_LONGEST_FORMULA = 9_000
"""Characters of a formula as it is written here; of a longer one is kept only that there is one. Excel has 8 192."""


class RewrittenSheet(NamedTuple):
    """A sheet, and how many rows and columns there are up to its last cells that hold something."""

    xml: bytes
    height: int
    width: int


def rewritten_sheet(xml: bytes) -> RewrittenSheet:
    """A sheet in the plain way. Rows and cells of another namespace than the sheet's are none.

    Raises ``DamagedPackage`` for what is no XML, and for cells that no program could read, or not every one alike.
    """
    writer = _SheetWriter()
    plain = writer.read(xml)
    filled = [row for row, cells in writer.rows.items() if cells]
    width = max((max(cells) + 1 for cells in writer.rows.values() if cells), default=0)
    return RewrittenSheet(plain, max(filled, default=0), width)


def rewritten_strings(xml: bytes) -> bytes:
    """The shared texts in the plain way. Raises ``DamagedPackage`` for what is no XML."""
    texts = _Texts()
    parse(xml, texts.start, texts.end, texts.text)
    return "".join(["<sst>", *texts.written, "</sst>"]).encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class _Text:
    """A text in pieces, each with white space around it that counts or does not. How it sounds is left out."""

    _pieces: list[str] = field(default_factory=list)
    _piece: list[str] | None = None
    """The one that has begun and not ended."""
    _keep: bool = False
    _depth: int = 0
    _at: int = 0
    """How deep the element began that is listened to, or passed over."""

    def start(self, local: str, told: dict[str, str]) -> None:
        self._depth += 1
        if self._at == 0 and local in {"t", "rPh"}:
            self._at = self._depth
            self._piece = [] if local == "t" else None
            self._keep = told.get("xml:space") == "preserve"

    def end(self) -> None:
        if self._at == self._depth:
            if self._piece is not None:
                whole = "".join(self._piece)
                self._pieces.append(whole if self._keep else whole.strip(WHITE))
            self._at, self._piece = 0, None
        self._depth -= 1

    def text(self, text: str) -> None:
        if self._piece is not None and self._at == self._depth:
            self._piece.append(text)

    @property
    def whole(self) -> str:
        return "".join(self._pieces)


@dataclass(slots=True)
class _Texts:
    """Writes the shared texts."""

    written: list[str] = field(default_factory=list)
    _depth: int = 0
    _one: _Text | None = None

    def start(self, name: str, attributes: list[str]) -> None:
        local = name.rpartition(" ")[2]
        self._depth += 1
        if self._one is not None:
            self._one.start(local, by_name(attributes))
        elif self._depth == 2 and local == "si":
            self._one = _Text()

    def end(self, name: str) -> None:
        del name
        self._depth -= 1
        if self._one is None:
            return
        if self._depth == 1:
            self.written.append(f'<si><t xml:space="preserve">{escaped(self._one.whole)}</t></si>')
            self._one = None
        else:
            self._one.end()

    def text(self, text: str) -> None:
        if self._one is not None:
            self._one.text(text)


@dataclass(slots=True)
class _Cell:
    """A cell as far as it has been read."""

    row: int
    column: int
    kind: str
    style: str
    depth: int
    """How deep it stands."""
    formula: list[str] | None = None
    value: list[str] | None = None
    own: _Text | None = None
    """The text that stands in the cell itself."""
    listening: list[str] | _Text | None = None
    """What the text of the element is for that the cell holds and that has begun."""

    @property
    def place(self) -> str:
        return f"{column_letters(self.column)}{self.row}"

    def start(self, depth: int, local: str, told: dict[str, str]) -> None:
        if depth > self.depth + 1:
            if isinstance(self.listening, _Text):
                self.listening.start(local, told)
            return
        if local == "f":
            self.listening = self.formula = []
        elif local == "v":
            self.listening = self.value = []
        elif local == "is":
            self.listening = self.own = _Text()
        else:
            self.listening = None

    def end(self, depth: int) -> None:
        if depth == self.depth + 1:
            self.listening = None
        elif isinstance(self.listening, _Text):
            self.listening.end()

    def text(self, depth: int, text: str) -> None:
        if isinstance(self.listening, _Text):
            self.listening.text(text)
        elif self.listening is not None and depth == self.depth + 1:
            self.listening.append(text)

    def written(self) -> str:
        """Nothing, for a cell that holds nothing. Raises ``DamagedPackage``."""
        kind, content = self._content()
        formula = None if self.formula is None else escaped("".join(self.formula))
        if formula is None and content is None:
            return ""
        told = f' r="{self.place}"'
        if self.style.isdecimal() and len(self.style) < _DIGITS:
            told += f' s="{int(self.style)}"'
        if kind:
            told += f' t="{kind}"'
        said = "" if formula is None else "<f/>"
        if formula and len(formula) <= _LONGEST_FORMULA:
            said = f"<f>{formula}</f>"
        return f"<c{told}>{said}" + ("" if content is None else f"<v>{escaped(content)}</v>") + "</c>"

    def _content(self) -> tuple[str, str | None]:
        """What kind of value it has, and that as it is written. Raises ``DamagedPackage``."""
        if self.own is not None:
            return "str", self.own.whole
        value = "".join(self.value or ())
        bare = value.strip(WHITE)
        if self.kind == "inlineStr" or self.value is None or (not bare and self.kind != "str"):
            return "", None
        if self.kind in {"", "n"}:
            number = _number(bare)
            return ("str", value) if number is None else ("", number)
        if self.kind in {"str", "e", "d"}:
            return self.kind, value
        if self.kind == "s" and bare.isdecimal() and len(bare) < _DIGITS:
            return "s", str(int(bare))
        if self.kind == "b" and bare.lower() in _BOOLEANS:
            return "b", _BOOLEANS[bare.lower()]
        raise DamagedPackage(f"{self.place}: no value of type {self.kind[:20]!r}: {bare[:40]!r}")


@dataclass(slots=True)
class _SheetWriter(Writer):
    """Writes a sheet: what stands around its cells as it is, and the cells that hold something in order."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    """Row, counted from 1 → column, from 0 → its cell as it is written. Of two that have one address, the last."""
    _hidden: set[int] = field(default_factory=set)
    _place: int = -1
    """Where the rows go in what is written."""
    _depth: int = 0
    """How many elements have begun and not ended inside of that of the rows, itself included."""
    _row: int = 0
    _column: int = 0
    _cell: _Cell | None = None

    def read(self, xml: bytes) -> bytes:
        parse(xml, self.start, self.end, self.text)
        rows = [self._written_row(row) for row in sorted(self.rows.keys() | self._hidden)]
        if self._place < 0:  # a sheet without cells: of charts, say
            rows = ["<sheetData>", "</sheetData>"]
            self._place = len(self.written) - 1
        self.written[self._place : self._place] = rows
        return "".join(self.written).encode("utf-8", "surrogatepass")

    def _written_row(self, row: int) -> str:
        hidden = ' hidden="1"' if row in self._hidden else ""
        cells = self.rows.get(row, {})
        return f'<row r="{row}"{hidden}>{"".join([cells[column] for column in sorted(cells)])}</row>'

    def start(self, name: str, attributes: list[str]) -> None:
        namespace, _, local = name.rpartition(" ")
        called = self.name(namespace, local)
        if not self._depth:
            if called != "sheetData" or len(self.open) != 1:
                Writer.start(self, name, attributes)
                return
            if self._place < 0:
                self.written += ["<sheetData>", "</sheetData>"]
                self._place = len(self.written) - 1
        self._depth += 1
        told = by_name(attributes)
        if local == "AlternateContent":
            raise DamagedPackage("cells of which there are several versions")
        if self._cell is not None:
            self._cell.start(self._depth, called, told)
        elif called == "row":
            self._start_row(told)
        elif called == "c":
            self._start_cell(told)

    def _start_row(self, told: dict[str, str]) -> None:
        self._row, self._column = self._row + 1, 0
        if "r" in told:
            letters, self._row = _parted(told["r"])
            if letters:
                raise DamagedPackage(f"row {told['r'][:40]!r}")
        if told.get("hidden", "").strip() in _YES:
            self._hidden.add(self._row)

    def _start_cell(self, told: dict[str, str]) -> None:
        row = max(self._row, 1)
        if "r" in told:
            letters, row = _parted(told["r"])
            if not letters:
                raise DamagedPackage(f"cell {told['r'][:40]!r}")
            self._column = position(f"{letters}1")[1]
        self._cell = _Cell(row, self._column, told.get("t", ""), told.get("s", ""), self._depth)
        self._column += 1

    def end(self, name: str) -> None:
        if not self._depth:
            Writer.end(self, name)
            return
        cell = self._cell
        if cell is not None:
            if self._depth > cell.depth:
                cell.end(self._depth)
            else:
                if written := cell.written():
                    self.rows.setdefault(cell.row, {})[cell.column] = written
                self._cell = None
        self._depth -= 1

    def text(self, text: str) -> None:
        if not self._depth:
            Writer.text(self, text)
        elif self._cell is not None:
            self._cell.text(self._depth, text)


def _number(text: str) -> str | None:
    """A number as it is read here, ``None`` for what is none."""
    if NUMBER.fullmatch(text):
        return text
    if not _ANY_NUMBER.fullmatch(text):
        return None
    value = float(text)
    return f"{math.copysign(1, value):.0f}e999" if math.isinf(value) else repr(value)


def _parted(address: str) -> tuple[str, int]:
    """The column, in capitals, and the number of the row. Raises ``DamagedPackage`` for what is no address."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise DamagedPackage(f"no address: {address[:40]!r}")
    return match[1].upper(), int(match[2])
