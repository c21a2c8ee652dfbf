"""How running text names what the form asks about: words of the form file, and where a text has one of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from behov_xl.remembering import remembered

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
    likely: re.Pattern[str]
    """Finds something in every text that the pattern does, and sooner sees that there is nothing."""
    unless: re.Pattern[str] | None

    def first(self, text: str, folded: str) -> str:
        """The first word of a text that counts, as it is written. ``folded``: the text without regard to case."""
        if self.likely.search(folded) is None:
            return ""
        matches = (match for match in self.pattern.finditer(folded) if match[1])
        match = next(_certain(matches, folded, self.unless) if self.unless else matches, None)
        if match is None:
            return ""
        return text[match.start() : match.end()] if len(text) == len(folded) else match[0]


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
        return self._clauses.sub(" ", text) if self.finder.likely.search(text.casefold()) else text

    @cached_property
    def _clauses(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_either(self.words)})(?!\w){_CLAUSE}", re.IGNORECASE)

    @cached_property
    def finder(self) -> Finder:
        """What :attr:`first` looks with, for whoever looks at each text once."""
        but = f"(?:{_either(self.but)})|" if self.but else ""
        return Finder(
            re.compile(rf"(?<!\w)(?:{but}({_either(self.words)}))(?!\w)"),
            re.compile(_likely(self.words)),
            re.compile(rf"(?<!\w)(?:{_either(self.unless)})(?!\w)") if self.unless else None,
        )


_CLAUSE = r"(?:[^\n,;!?.(]|(?<=\d)\.|\.(?!\s|$)|\((?![^()]*\d{4})[^()]*\))*"
"""The rest of a clause. Brackets with a year in them are not of it: "Evaluering av 1. trinn (vår 2027)"."""


def _either(phrases: tuple[str, ...]) -> str:
    return "|".join(_expression(phrase) for phrase in phrases)


# All the white space at once: in " (* )?(* )?" each part of it could else be one or the other.
_SIGNS = {"*": r"\w*", " ": r"(?:\s++)", ".": r"\.", "-": _HYPHEN, "(": "(?:", "–": _HYPHEN}


def _expression(phrase: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in phrase)


_LONG = 30
"""Letters that an asterisk stands for, as a rule at most."""
_STEM = re.compile(r"[^\W\d_]{2}(?!\?)")
_OPTIONAL = re.compile(r"(?:\([^()]*\)\?|[^()]\?|[* ])+")
_CHOICE = re.compile(r"\(([^()]*)\)(?!\?)")


def _likely(phrases: tuple[str, ...]) -> str:
    """An expression that finds something in each text with one of the phrases, and in few others.

    Each way of writing them begins with a letter, which is what a regular expression looks for quickest; those with two
    letters in common stand together, so that it looks on only where both are there.
    """
    found = {one for phrase in phrases for one in _beginnings(phrase)}
    if not all(found):
        return ""
    by_stem: dict[str, list[str]] = {}
    for one in sorted(found):
        stem = _STEM.match(one)
        by_stem.setdefault(stem[0] if stem else "", []).append(one[stem.end() if stem else 0 :])
    ways = [f"{stem}(?:{'|'.join(map(_roughly, rest))})" for stem, rest in by_stem.items()]
    return rf"(?:{'|'.join(ways)})(?!\w)"


_OPEN_WORD = re.compile(r"((?:[^()*]|\([^()]*\))*)\*(.+)")


def _roughly(phrase: str) -> str:
    """As :func:`_expression`, and finds more: a word that goes on and on, whatever follows it.

    Such a word may hold the phrase's letters everywhere, and from each of them one would look through the rest of it.
    """
    match = _OPEN_WORD.fullmatch(phrase)
    if match is None:
        return _expression(phrase)
    return rf"{_expression(match[1])}(?:\w{{0,{_LONG}}}{_expression(match[2])}|\w{{{_LONG + 1},}})"


def _beginnings(phrase: str) -> list[str]:
    """A phrase without what is optional before its first letter, once for each choice of the first letters."""
    optional = _OPTIONAL.match(phrase)
    phrase = phrase[optional.end() :] if optional else phrase
    choice = _CHOICE.match(phrase)
    if choice is None:
        return [phrase]
    return [one for first in choice[1].split("|") for one in _beginnings(first + phrase[choice.end() :])]


@remembered(4096, text=1)
def _first(finder: Finder, text: str) -> str:
    return finder.first(text, text.casefold())


_STOP = re.compile(r"[.!?;](?=\s)|\n")


def _certain(matches: Iterator[re.Match[str]], text: str, unless: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Those of the matches in whose sentence there is no word of doubt. Each sentence is judged once."""
    judged, doubtful = (0, 0), False
    for match, (begin, end) in _with_sentences(matches, text):
        if (begin, end) != judged:
            judged, doubtful = (begin, end), unless.search(text[begin:end]) is not None
        if not doubtful:
            yield match


def _with_sentences(matches: Iterator[re.Match[str]], text: str) -> Iterator[tuple[re.Match[str], tuple[int, int]]]:
    """Each match, and where its sentence begins and ends; a stop inside the match ("ped. ledere") ends none."""
    begin, stop = 0, _STOP.search(text)
    for match in matches:
        while stop and stop.end() <= match.start():
            begin = stop.end()
            stop = _STOP.search(text, begin)
        behind = stop
        while behind and behind.start() < match.end():
            behind = _STOP.search(text, behind.end())
        yield match, (begin, behind.start() if behind else len(text))
