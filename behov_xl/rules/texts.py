"""The long texts of a measure: required ones are there, say something, and say it once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys
from behov_xl.rules.lookups import having, strays, words

if TYPE_CHECKING:
    from behov_xl.form import Form
    from behov_xl.workbook.frames import Submissions


@rule("BX701", "text-missing", Severity.ERROR, section="1–5")
def text_missing(s: Submissions) -> Iterator[Hits]:
    """A measure that has texts lacks some of the required ones (a measure without any is BX604's).

    A text whose section cannot be read (BX206) may be the one that is missing.

    Wrong: T1 has texts under 1, 2 and 3, and none under 4a–4e and 5.
    Right: T1 has a text under every section.
    """
    texts, column = s["texts"], s.form.by_id["texts"].by_id
    sections = s.form.options(column[column["text"].every or ""])
    rows = keys(texts)
    first: dict[tuple[int, str], int] = {}
    written: dict[tuple[int, str], list[str]] = {}
    for index, (section, text) in enumerate(zip(texts["section"].tolist(), texts["text"].tolist(), strict=True)):
        first.setdefault(rows[index], index)
        written.setdefault(rows[index], []).extend([section] if text else [])
    missing = {key: set(sections).difference(there) for key, there in written.items()}
    wrong = {key for key, ids in missing.items() if len(ids) > written[key].count("")}
    if wrong:
        known = having(s, "texts", "measure", "section", "text")
        lost = {key for key, stray in zip(rows, strays(s, "texts"), strict=True) if stray or not key[1]}
        found = texts.iloc[sorted(first[key] for key in wrong - lost if key[0] in known)]
        expected = Each([[label for id_, label in sections.items() if id_ in missing[key]] for key in keys(found)])
        yield hits("texts", found, "text", expected=expected)


_SECTIONS = "1–5"
_CELL = 32_767
"""Characters that a cell of Excel can hold."""
_SENTENCE = re.compile(r".{39,}?[.!?](?=\s+[^\W\da-zæøå]|\s+[•–«-]|$)")
"""A first sentence that is too long to be the same by chance; not "… bl.a. samtaler" or "… ca. 3 timer"."""
_WORD = re.compile(r"\w+")
_NUMBERING = re.compile(r"\W*(?:\d+\W*[a-zæøå]?|[a-zæøå](?=\W))(?!\w)\W*", re.IGNORECASE)
_POINTER_WORDS = 4


@rule("BX703", "text-repeats-heading", Severity.WARNING, section=_SECTIONS)
def text_repeats_heading(s: Submissions) -> Iterator[Hits]:
    """A text is only the heading of a section, or its number: the text itself was forgotten.

    Wrong: "Planlagt praksisendring" under 4b; "4b)".
    Right: "Barnehagene observerer egen praksis før og etter samlingene."
    """
    headings = _headings(s.form)
    at = [index for index, text in enumerate(s["texts"]["text"].tolist()) if _repeats(text, headings)]
    if at:
        found = s["texts"].iloc[at]
        yield hits("texts", found, "text", actual=found["text"])


class _Headings(NamedTuple):
    """The words of every section's headings, and how long the longest is."""

    words: frozenset[tuple[str, ...]]
    longest: int


_HEADINGS: dict[int, tuple[Form, _Headings]] = {}


def _headings(form: Form) -> _Headings:
    # By identity: forms hold dicts, so they cannot be hashed.
    if id(form) not in _HEADINGS:
        column = form.by_id["texts"].by_id
        labels = form.options(column[column["text"].every or ""]).values()
        headings = [one for label in labels for one in label.both]
        headings += [one for longer in form.vocabulary.headings.values() for one in longer]
        found = frozenset(_words_of(one) for one in headings)
        _HEADINGS[id(form)] = form, _Headings(found, max(map(len, headings)) + 10)
    return _HEADINGS[id(form)][1]


def _words_of(heading: str) -> tuple[str, ...]:
    """The words of a heading, without the number before it."""
    number = _NUMBERING.match(heading)
    return tuple(_WORD.findall(heading[number.end() if number else 0 :].casefold()))


def _repeats(text: str, headings: _Headings) -> bool:
    if not text or len(text) > headings.longest:
        return False
    found = _words_of(text)
    return found in headings.words or (not found and _NUMBERING.match(text) is not None)


@rule("BX704", "text-too-short", Severity.WARNING, section=_SECTIONS)
def text_too_short(s: Submissions) -> Iterator[Hits]:
    """A required text is shorter than the form's least length, or only says where else to look.

    What BX703 and BX706 say of a text is not said again.

    Wrong: "Ja"; "Se vedlegg".
    Right: "Vi observerer egen praksis før og etter samlingene."
    """
    settings, pointers = s.form.settings, s.form.vocabulary.pointers
    if not settings.minimum_text_length:
        return
    texts, headings = s["texts"], _headings(s.form)
    least = settings.minimum_text_length_in
    wrong = []
    for index, (section, text) in enumerate(zip(texts["section"].tolist(), texts["text"].tolist(), strict=True)):
        if (
            section
            and text
            and (len(text) < least.get(section, settings.minimum_text_length) or _points(text, pointers))
            and not _repeats(text, headings)
            and not _leftover(text, s.form.vocabulary.leftovers)
        ):
            wrong.append(index)
    if wrong:
        found = texts.iloc[wrong]
        count = Each([len(text) for text in found["text"].tolist()])
        yield hits("texts", found, "text", label=Each(_labels(s, found)), actual=found["text"], count=count)


def _labels(s: Submissions, texts: pd.DataFrame) -> list[Label]:
    column = s.form.by_id["texts"].by_id["section"]
    options = s.form.options(column)
    return [options[section] for section in texts["section"].tolist()]


def _points(text: str, pointers: tuple[str, ...]) -> bool:
    """Whether a text only says where to look: "Se vedlegg", "Jf. punkt 2 over"."""
    if len(text) > 40:
        return False
    found = _WORD.findall(text.casefold())
    return bool(found) and found[0] in pointers and len(found) <= _POINTER_WORDS


@rule("BX705", "text-repeated", Severity.INFO, section=_SECTIONS)
def text_repeated(s: Submissions) -> Iterator[Hits]:
    """Two sections of a measure have the same text, or begin with the same long sentence.

    Each section asks for something of its own; the same answer to two of them fits one of them, as a rule.

    Wrong: 4b and 4c begin with "Praksisendring vurderes gjennom tilbakemeldinger fra ledere, samt evalueringer."
    Right: 4c says how the professional learning community is assessed.
    """
    texts = s["texts"]
    rows = keys(texts)
    first: dict[tuple[tuple[int, str], str], str] = {}
    again: dict[int, tuple[str, str]] = {}
    for index, (section, text) in enumerate(zip(texts["section"].tolist(), texts["text"].tolist(), strict=True)):
        if not (section and text):
            continue
        opening = _opening(text)
        for part in dict.fromkeys((text.casefold(), opening.casefold())):
            before = first.setdefault((rows[index], part), section) if part else section
            if before != section:
                again.setdefault(index, (before, opening))
