"""Whether the XML before a sheet's cells is made of whole tags: python-calamine reads on where one is cut off."""

from __future__ import annotations

import re

from behov_xl.workbook.package import DamagedPackage

_PROCESSING = rb"\?[^<>]*+>\s*+"
_ELEMENT = rb"""/?[A-Za-z_][\w:.-]*+(?>(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')){0,1000})\s*+/?>[^<]*+"""
"""A tag and what follows it, without its first character. No program writes as many attributes as are looked at."""
_TAG = re.compile(_PROCESSING + rb"|" + _ELEMENT)
_MARK, _COMMENT = b"\xef\xbb\xbf", b"<!--"
_FIRST = re.compile(rb"<" + _PROCESSING)
_SOME_TAGS = re.compile(rb"(?>(?:<" + _ELEMENT + rb"){1,500})")
"""Whole tags, and what stands between them: not all at once, as each that is looked at takes up memory meanwhile."""
_SPACE = re.compile(rb"\s*")
_SHORT, _KEPT = 20_000, 1024
"""Bytes of which the tags are kept, and how many of those: what is kept must not grow with what somebody uploads."""

_whole: set[bytes] = set()
"""Tags that were found to be whole: the sheets of one template begin with the same ones."""


def check_begins_well(name: str, start: bytes) -> None:
    """Raises ``DamagedPackage`` for a part whose tags are not whole, as far as ``start`` goes."""
    before, *tags = start.split(b"<") if len(start) <= _SHORT else [start]
    known = not before and start.find(b"<?", 1) < 0 and (_whole.issuperset(tags) or all(map(_is_whole, tags)))
    if not known and not _made_of_tags(start):
        raise DamagedPackage(f"{name}: a tag that is not whole")


def _is_whole(tag: bytes) -> bool:
    if tag not in _whole:
        if not _TAG.fullmatch(tag):
            return False
        if len(_whole) >= _KEPT:
            _whole.clear()
        _whole.add(tag)
    return True


def _made_of_tags(start: bytes) -> bool:
    """Whether there is nothing but whole tags, with comments and text between them."""
    at = len(_MARK) if start.startswith(_MARK) else 0
    while found := _FIRST.match(start, at):
        at = found.end()
    while at < len(start):
        if start.startswith(_COMMENT, at):
            end = start.find(b"--", at + len(_COMMENT))
            if not start.startswith(b"-->", end if end >= 0 else len(start)):
                return False
            found = _SPACE.match(start, end + 3)
        else:
            found = _SOME_TAGS.match(start, at)
        if found is None:
            return False
        at = found.end()
    return True
