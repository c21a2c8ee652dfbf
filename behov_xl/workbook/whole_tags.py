"""Whether the XML before a sheet's cells is made of whole tags: nothing parses that, and others would stop there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

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

_PLACES = 64
"""Parts of which it is kept how they begin."""

_whole: set[bytes] = set()
"""Tags that were found to be whole: the sheets of one template begin with the same ones."""


class _Beginning(NamedTuple):
    """How a part began: as a rule it is the same few tags that are others in the next workbook."""

    tags: list[bytes]
    before: bytes
    """What stands before the first tag that was another one in the workbook before."""
    after: bytes
    """And after the last one."""


_last: dict[str, _Beginning] = {}


def check_begins_well(name: str, start: bytes) -> None:
    """Raises ``DamagedPackage`` for a part whose tags are not whole, as far as ``start`` goes."""
    known = len(start) <= _SHORT and (_like_the_last(name, start) or _made_of_known(name, start))
    if not known and not _made_of_tags(start):
        raise DamagedPackage(f"{name}: a tag that is not whole")


def _like_the_last(name: str, start: bytes) -> bool:
    """Whether a part begins as another one did that was sound, but for some known tags."""
    last = _last.get(name)
    if last is None or not (start.startswith(last.before) and start.endswith(last.after)):
        return False
    between = start[len(last.before) : len(start) - len(last.after)]
    whole = len(start) >= len(last.before) + len(last.after) and b"<?" not in between
    return whole and _all_whole(between.split(b"<"))


def _made_of_known(name: str, start: bytes) -> bool:
    """Whether there are only tags and what may follow them, nearly all of which have been seen before."""
    tags = start.split(b"<")
    if start.find(b"<?", 1) >= 0 or not _all_whole(tags):
        return False
    last = _last.get(name)
    other = last.tags if last is not None else []
    same = _alike(tags, other)
    end = len(tags) - _alike(tags[: same - 1 : -1], other[: same - 1 : -1])
    if len(_last) >= _PLACES:
        _last.clear()
    _last[name] = _Beginning(tags, b"<".join(tags[:same]), b"<".join([b"", *tags[end:]]))
    return True


def _alike(some: Sequence[bytes], others: Sequence[bytes]) -> int:
    """How many in a row are the same from the first on."""
    together = zip(some, others, strict=False)
    return next((at for at, (one, other) in enumerate(together) if one != other), min(len(some), len(others)))


def _all_whole(pieces: Sequence[bytes]) -> bool:
    """Whether these are tags without their first character, after nothing."""
    return not pieces[0] and (_whole.issuperset(pieces[1:]) or all(map(_is_whole, pieces[1:])))


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
