"""How running text names what the form asks about: words of the form file, and where a text has one of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import takewhile
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_HYPHEN = "[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}]"
_GROUP = re.compile(r"\([^()]*\)")


def _compiles(phrase: str) -> str:
    if set(_GROUP.sub("", phrase)) & set("()|"):
        raise ValueError(f"{phrase!r}: parentheses do not match, stand in each other, or lack around an |")
    return phrase


Phrase = Annotated[str, Field(min_length=2, pattern=r"^[a-z0-9æøåáéòó *?()|./,–-]+$"), AfterValidator(_compiles)]
"""Whole words in small letters: ``*`` any letters, ``(a|b)`` one of these, ``?`` behind a letter or group: or not."""


@dataclass(frozen=True, eq=False, slots=True)
class Finder:
    """Finds words in texts. Compared by identity: what was found is cached, and to compare patterns would cost more."""

    pattern: re.Pattern[str]
    hints: tuple[str, ...]
    unless: re.Pattern[str] | None

    def first(self, text: str, folded: str) -> str:
        """The first word of a text that counts, as it is written. ``folded``: the text without regard to case."""
        for hint in self.hints:
            if hint in folded:
                break
        else:
            return ""
        for match in self.pattern.finditer(folded):
            if match[1] and not (self.unless and self.unless.search(_sentence(folded, match.start(), match.end()))):
                return text[match.start() : match.end()] if len(text) == len(folded) else match[0]
        return ""


class Named(BaseModel):
    """The words by which a text names something.

    ``but``: phrases that hold such a word and speak of something else. ``unless``: words that make a sentence say
    nothing for certain; the form's ``uncertain`` words are among them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    but: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()

    @cached_property
    def first(self) -> Callable[[str], str]:
        """Gives the first word of a text that names it for certain, as it is written; ``""`` if none does."""
        return partial(_first, self.finder)

    @cached_property
    def first_at_all(self) -> Callable[[str], str]:
        """As :attr:`first`, also where the sentence says nothing for certain."""
        return partial(_first, dataclasses.replace(self.finder, unless=None))

    def cut_from(self, text: str) -> str:
        """A text without its words and what follows them in their clause."""
        return self._clauses.sub(" ", text)

    @cached_property
    def _clauses(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_either(self.words)})(?!\w){_CLAUSE}", re.IGNORECASE)

    @cached_property
    def finder(self) -> Finder:
        """What :attr:`first` looks with, for whoever looks at each text once."""
        but = f"(?:{_either(self.but)})|" if self.but else ""
        return Finder(
            re.compile(rf"(?<!\w)(?:{but}({_either(self.words)}))(?!\w)"),
            _literals(self.words) or ("",),
            re.compile(rf"(?<!\w)(?:{_either(self.unless)})(?!\w)") if self.unless else None,
        )


_CLAUSE = r"(?:[^\n,;!?.(]|(?<=\d)\.|\.(?!\s|$)|\((?![^()]*\d{4})[^()]*\))*"
"""The rest of a clause. Brackets with a year in them are not of it: "Evaluering av 1. trinn (vår 2027)"."""


def _either(phrases: tuple[str, ...]) -> str:
    return "|".join(_expression(phrase) for phrase in phrases)


_SIGNS = {"*": r"\w*", " ": r"(?:\s+)", ".": r"\.", "-": _HYPHEN, "(": "(?:", "–": _HYPHEN}


def _expression(phrase: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in phrase)


_ATOM = re.compile(r"\(([^()]*)\)(\??)|.\?|.")
_ENOUGH = 4
"""Letters that are rare enough to look for, so that the alternatives beside them need not be spelled out."""


def _literals(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Pieces of which each text with one of the phrases has one as it stands: a quick look for them spares the rest.

    Empty where a phrase has nothing that stands in each text with it. Few pieces are quicker than long ones, so those
    that begin alike are one.
    """
    found: set[str] = set()
    for phrase in phrases:
        outside = _longest(_GROUP.sub(" ", phrase))
        found |= {outside} if len(outside) >= _ENOUGH else {_longest(one) for one in _spelled_out(phrase)}
    begun: dict[str, list[str]] = {}
    for one in found:
        begun.setdefault(one[:_ENOUGH], []).append(one)
    pieces = {_beginning(ones) for ones in begun.values()}
    fewest = {one for one in pieces if not any(other in one for other in pieces if other != one)}
    return tuple(sorted(fewest)) if all(fewest) else ()


def _beginning(pieces: list[str]) -> str:
    """What several pieces begin with."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*pieces, strict=False))
    return "".join(letters[0] for letters in alike)


def _spelled_out(phrase: str) -> list[str]:
    """A phrase with each choice of alternatives made. What is optional, or any letters, is ``*``."""
    made = [""]
    for atom in _ATOM.finditer(phrase):
        optional = atom[0].endswith("?")
        choices = ["*"] if optional else atom[1].split("|") if atom[1] is not None else [atom[0]]
        made = [before + choice for before in made for choice in choices]
    return made


def _longest(phrase: str) -> str:
    """The longest piece of a phrase without groups that is written in one way only."""
    return max(re.split(r".\?|[*. –-]", phrase), key=len)


@lru_cache(maxsize=16_384)
def _first(finder: Finder, text: str) -> str:
    return finder.first(text, text.casefold())


_STOP = re.compile(r"[.!?;](?=\s)|\n")


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a match; a stop inside the match ("ped. ledere") ends none."""
    begin = max((stop.end() for stop in _STOP.finditer(text, 0, start)), default=0)
    stop = _STOP.search(text, end)
    return text[begin : stop.start() if stop else len(text)]
