"""White space as a reader sees it: none of its kinds matters, and what is invisible is not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\ufe0e\ufe0f]")
_SELECTORS = ("\ufe0e", "\ufe0f")
"""The invisible characters that Python counts among the printable ones."""
_LATIN = bytes(range(256)).decode("latin-1")
_SHARP_S, _MICRO = "ß".encode("latin-1"), "µ".encode("latin-1")
"""The letters of Latin-1 that are not one such letter without regard to case."""
_FOLDED = "".join(one if one in "ßµ" else one.casefold() for one in _LATIN).encode("latin-1")
_MARKS = dict(zip("–—•…“”„‘’", map(chr, range(0x80, 0x89)), strict=True))
"""Marks in Norwegian texts that are not in Latin-1, and control characters, which are in none, in their place."""
_BETWEEN = "\0"


def clean(text: str) -> str:
    """Every kind of white space folded to single ordinary spaces, ends stripped, invisible characters removed."""
    # Most texts are so already, and that is soon told: the space is the only white space that is printable.
    folded = text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "
    if folded and (text.isascii() or not (_SELECTORS[0] in text or _SELECTORS[1] in text)):
        return text
    return _cleaned(text)


@lru_cache(maxsize=512)
def _cleaned(text: str) -> str:
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def all_folded(texts: Sequence[str]) -> list[str]:
    """``text.casefold()`` of each, all at once in half the time where all letters are Western European."""
    joined = _BETWEEN.join(texts)
    used = [(mark, other) for mark, other in _MARKS.items() if mark in joined]
    folded = joined.lower() if joined.isascii() else _western(joined, used)
    found = folded.split(_BETWEEN) if folded is not None else []
    if len(found) != len(texts):
        return [text.casefold() for text in texts]
    for mark, other in used:
        found = [text.replace(other, mark) if other in text else text for text in found]
    return found


def _western(text: str, used: Sequence[tuple[str, str]]) -> str | None:
    """``text.casefold()`` with others in the place of these marks; ``None`` where there are other letters in it."""
    if any(map(text.__contains__, _MARKS.values())):
        return None
    for mark, other in used:
        text = text.replace(mark, other)
    try:
        letters = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    if _SHARP_S in letters or _MICRO in letters:
        return None
    return letters.translate(_FOLDED).decode("latin-1")
