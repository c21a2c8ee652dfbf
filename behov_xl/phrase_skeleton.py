"""What is left of a running text when words that bear on no number stand for each other.

Descriptions of activities say the same few things of hours, each between other words of its own. Their skeletons are
the same, so that :mod:`behov_xl.phrases` finds most of them read already.
"""

from __future__ import annotations

import re
from functools import lru_cache

from behov_xl.phrase_rewrites import IN_PHRASES
from behov_xl.phrase_tokens import IN_OPEN_PHRASES, INCLUDING, piece_of
from behov_xl.remembering import remembered

_STANDS_FOR = {"w": "ord", "J": "felles"}
"""By the letter of a word, the one that stands for all of them."""
_MARKED = re.compile(r"(\(?)([^\W\d_]+)([.,;:)]*)")
_THREE, _TWO = " ord ord ord ", " ord ord "


@remembered(8192)
def skeleton(text: str) -> str:
    """A text on one line, in lower case, in which words that bear on nothing are "ord", and "felles" before a noun.

    Of such words in a row two are left, except where an "inkl." counts what follows it. Whatever
    :mod:`behov_xl.phrase_tokens` says of the text, it says of the skeleton.
    """
    shown = " ".join(map(_shown, text.replace("\u2011", "-").lower().split()))
    if "ord ord ord" not in shown or any(map(shown.__contains__, INCLUDING)):
        return shown
    shown = f" {shown} "
    while _THREE in shown:
        shown = shown.replace(_THREE, _TWO)
    return shown[1:-1]


@lru_cache(maxsize=8192)
def _shown(word: str) -> str:
    """What stands for a word between two spaces: itself, if anything depends on it. Its punctuation stays."""
    match = _MARKED.fullmatch(word)
    if not match or IN_PHRASES.fullmatch(match[2]) or IN_OPEN_PHRASES.fullmatch(match[2]):
        return word
    piece = piece_of(match[2])
    if piece.leaves_open is not False or len(piece.tokens) != 1:
        return word
    return f"{match[1]}{_STANDS_FOR.get(piece.tokens[0].kind, match[2])}{match[3]}"
