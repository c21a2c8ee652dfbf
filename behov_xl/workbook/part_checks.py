"""Whether the parts of a package hold what could act, or hide: macros, links that fetch, embedded files, DOCTYPEs.

Searched for in the bytes: names, content types, relationships, the first bytes of every part, the formulas.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise

from behov_xl import remembering
from behov_xl.findings import Rule
from behov_xl.workbook import inflate
from behov_xl.workbook.archive_checks import too_large
from behov_xl.workbook.limits import Limits
from behov_xl.workbook.package import DamagedPackage, Package, malformed, plainly, remembered
from behov_xl.workbook.refusals import DAMAGED, EMBEDDED, MACROS, NESTED, UNSAFE_XML, Refused

_HEAD = 400
"""Compressed bytes of a part in which its first tag stands, as nearly always."""
_XML = (".xml", ".rels", ".vml")
_UNKNOWN = DAMAGED
"""Stands for a part of which more must be read."""
_NAMES: tuple[tuple[Rule, re.Pattern[str]], ...] = (
    (
        MACROS,
        re.compile(r"(?:^|/)(?:vba\w*\.(?:bin|xml)$|(?:macrosheets|dialogsheets|intlmacrosheets|customui)/)", re.M),
    ),
    (EMBEDDED, re.compile(r"(?:^|/)(?:embeddings|activex)/", re.M)),
)
Searched = tuple[tuple[Rule, tuple[str, ...], re.Pattern[str]], ...]
"""A rule, words of which one is in whatever breaks it, and what tells for certain."""
_TYPES: Searched = (
    (
        MACROS,
        ("macro", "vba", "dialogsheet"),
        re.compile(r"macroEnabled|vbaProject|vbaData|macrosheet|dialogsheet", re.I),
    ),
    (
        EMBEDDED,
        ("oleobject", "activex", "officedocument.package"),
        re.compile(r"oleObject|activeX|officedocument\.package", re.I),
    ),
)
_USUAL_HEAD = re.compile(
    rb"""(?:<\?xml version="1\.0" encoding="(?:UTF|utf)-8"(?: standalone="yes")?\?>\s{0,9})?<(?:worksheet|sst)[ >]"""
)
_ENCODING = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([^"']{0,40})""")
_READABLE = re.compile(rb"utf-?8|(?:us-)?ascii|iso-?8859-?\d{1,2}|windows-125\d", re.I)
_SHARED = re.compile(rb"<(?:\w{1,20}:)?si[\s/>]")
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b\x08",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh9",
    b"\xfd7zXZ",
)
_PROGRAMS = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ", b"\x7fELF", b"%PDF", b"{\\rtf", b"#!")


def check_parts(package: Package) -> None:
    """Raises :class:`Refused` for a package with something in it that acts or hides, and ``DamagedPackage``.

    The sheets and the shared texts are not looked at: see :func:`check_head`, since they are read in any case.
    """
    names = "\n".join(package.entries)
    for found in (_names_fault(names.encode()), _types_fault(package.read("[Content_Types].xml"))):
        if found is not None:
            raise Refused(found[0], part=found[1])
    later = {part.lower() for part in package.sheets.values()} | {"xl/sharedstrings.xml"}
    for name in package.entries:
        if name not in later:
            check_beginning(package, name)


def check_beginning(package: Package, name: str) -> None:
    """Raises :class:`Refused` for a part that is something else than it says, by its first bytes."""
    entry, kind = package.entries[name], _kind(name)
    start = package.starts[entry.offset]
    fault = _head_fault(package.data[start : start + min(entry.compressed, _HEAD)], entry.method, kind)
    if fault is not None:
        _check_whole(package, name, kind, fault)


@remembering.remembered(1024)
def _kind(name: str) -> str:
    """What a part is by its name: XML, custom XML, or ``""``."""
    return "" if not name.endswith(_XML) else "custom" if name.startswith("customxml/") else "xml"


@remembered
def _names_fault(names: bytes) -> tuple[Rule, str] | None:
    """The rule that a name of a part breaks, and the name; one name on a line."""
    text = names.decode("utf-8", "replace")
    for rule, pattern in _NAMES:
        found = pattern.search(text)
        if found:
            return rule, text[text.rfind("\n", 0, found.end()) + 1 :].partition("\n")[0][:99]
    return None


@remembered
def _types_fault(xml: bytes) -> tuple[Rule, str] | None:
    """The rule that the type of a part breaks, and the type."""
    return next(broken(plainly(xml), _TYPES), None)


def broken(xml: bytes, searched: Searched) -> Iterator[tuple[Rule, str]]:
    """The rules that a part breaks which has been written anew, and by what."""
    text = html.unescape(xml.decode("utf-8", "replace"))  # a word in quotes is found in them, too
    lowered = text.lower() if text.isascii() else ""
    for rule, words, pattern in searched:
        if not lowered or any(word in lowered for word in words):
            found = pattern.search(text)
            if found:
                yield rule, found[0]


def check_head(name: str, content: bytes) -> None:
    """Raises :class:`Refused` for a sheet, or the shared texts, that begin as no XML should."""
    if not _USUAL_HEAD.match(content):
        fault = _content_fault(content, "xml")
        if fault is not None and fault is not _UNKNOWN:
            raise Refused(fault, part=name)


def _check_whole(package: Package, name: str, kind: str, fault: Rule) -> None:
    """Decides about a part in whose first bytes no tag was found, or something that is wrong."""
    if fault is _UNKNOWN:
        content = package.read(name)
        decided = _content_fault(content, kind)
        if decided is None or decided is _UNKNOWN:
            return
        fault = decided
    raise Refused(fault, part=name)


@lru_cache(maxsize=512)
def _head_fault(raw: bytes, method: int, kind: str) -> Rule | None:
    """The rule that the beginning of a part breaks; ``_UNKNOWN`` where its first tag comes later, or it is damaged."""
    try:
        return _content_fault(inflate.beginning(raw, 1_500) if method else raw, kind)
    except inflate.error:
        return _UNKNOWN


def _content_fault(head: bytes, kind: str) -> Rule | None:
    if head.startswith(_ARCHIVES):
        return NESTED
    if head.startswith(_PROGRAMS):
        return EMBEDDED
    if not kind:
        return None
    # Custom XML is often UTF-16, and nothing here reads it.
    fault = _has_doctype(head.replace(b"\0", b"")) if kind == "custom" else xml_fault(head)
    return _UNKNOWN if fault is None else UNSAFE_XML if fault else None


def xml_fault(xml: bytes) -> bool | None:
    """Whether there is a DOCTYPE before the first tag, or an encoding that hides text; ``None`` where no tag is."""
    if b"\0" in xml[:64] or xml.startswith((b"\xff\xfe", b"\xfe\xff", b"+/v", b"\x4c\x6f\xa7\x94")):
        return True
    encoding = _ENCODING.match(xml.removeprefix(b"\xef\xbb\xbf"))
    if encoding and not _READABLE.fullmatch(encoding[1]):
        return True
    return _has_doctype(xml)


def _has_doctype(xml: bytes) -> bool | None:
    at = xml.find(b"<")
    while at >= 0:
        mark = xml[at : at + 4]
        if mark.startswith(b"<?"):
            at = xml.find(b"?>", at)
        elif mark == b"<!--":
            at = xml.find(b"-->", at + 4)
        else:
            return mark.startswith(b"<!")
        at = xml.find(b"<", at) if at >= 0 else -1
    return None


def check_well_formed(package: Package, name: str) -> None:
    """Raises ``DamagedPackage`` for a part that is no XML."""
    fault = _malformed(package.read(name))
    if fault:
        raise DamagedPackage(f"{name}: {fault}")


_malformed = remembered(malformed)


def ends_well(tail: bytes) -> bool:
    """Whether what follows a sheet's cells, their end tag included, closes what was opened."""
    return not _malformed(b"<worksheet><sheetData>" + tail)


def check_texts(xml: bytes, limits: Limits) -> None:
    """Raises :class:`Refused` for a part with a text, or an attribute, that is longer than any can be."""
    step = limits.string_length // 2
    # A longer run without "<" than the limit covers at least one of these steps whole.
    for at in range(0, len(xml) - step, step):
        if xml.find(b"<", at, at + step) < 0:
            before, after = xml.rfind(b"<", 0, at), xml.find(b"<", at)
            length = (after if after >= 0 else len(xml)) - before
            if length > limits.string_length:
                raise too_large("text", length, limits.string_length)


def check_shared_strings(package: Package, sheets: Collection[bytes], limits: Limits) -> int:
    """Raises :class:`Refused` for too many shared texts. What the cells' texts take up at most, each with its own."""
    entry = package.entries.get("xl/sharedstrings.xml")
    if entry is None:
        return 0
    if entry.size > limits.shared_string_bytes:
        raise too_large("shared_string_bytes", -(-entry.size // 1_000_000), limits.shared_string_bytes // 1_000_000)
    shortest = 5  # bytes: <si/>
    many = entry.size > limits.shared_strings * shortest
    large = entry.size * sum(map(len, sheets)) // 16 > limits.text_bytes
    named = sum(xml.count(b'"s"') + xml.count(b"'s'") for xml in sheets) if large else 0
    if not many and entry.size * named <= limits.text_bytes and entry.size <= limits.string_length:
        return entry.size * named
    xml = package.read("xl/sharedStrings.xml")
    check_texts(xml, limits)
    return strings_bytes(xml, named, limits)


def strings_bytes(xml: bytes, named: int, limits: Limits) -> int:
    """What so many cells' texts take up at most. Raises :class:`Refused` for too many shared texts."""
    starts = [match.start() for match in _SHARED.finditer(xml)]
    if len(starts) > limits.shared_strings:
        raise too_large("shared_strings", len(starts), limits.shared_strings)
    return named * max((after - start for start, after in pairwise([*starts, len(xml)])), default=0)


def check_text_bytes(size: int, limits: Limits) -> None:
    """Raises :class:`Refused` for long texts that very many cells name."""
    if size > limits.text_bytes:
        raise too_large("text_bytes", size // 1_000_000, limits.text_bytes // 1_000_000)
