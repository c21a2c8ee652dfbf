"""What others have written, on a terminal: names of files and texts of cells must be read there, never obeyed."""

from __future__ import annotations

_NO_BREAK = "\N{NO-BREAK SPACE}"
_ACTING = frozenset("\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")


def printable(text: str) -> str:
    """Without what a terminal would act on: control characters in a file's name or a cell must not reach it."""
    if text.replace(_NO_BREAK, " ").isprintable():  # nearly every text
        return text
    return "".join(
        character
        if character.isprintable() or (character.isspace() and character not in _ACTING)
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
