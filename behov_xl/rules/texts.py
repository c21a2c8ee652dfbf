"""The long texts of a measure: required ones are there, say something, and say it once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, each, hits
from behov_xl.rules.lookups import having, repeated, strays
from behov_xl.rules.shared import cells, folded, keys_of

if TYPE_CHECKING:
    from behov_xl.form import Column, Form, Label
    from behov_xl.form.model import Leftover
    from behov_xl.workbook.columns import Submissions

_SECTIONS = "1–5"
_HEADING = 160
"""Characters; no heading of the form has more."""
_POINTER, _POINTER_WORDS = 40, 4
"""Characters and words of a text that only says where to look."""
_SHOWN = 140
"""Characters of a text that a message has room for."""
_SENTENCE = re.compile(r".{39,}?[.!?](?=\s+[^\W\da-zæøå]|\s+[•–«-]|$)")
"""A first sentence that is too long to be the same by chance; not "… bl.a. samtaler" or "… ca. 3 timer"."""
_BEGINNING = 40
"""Characters that such a sentence has at least."""
_WORD = re.compile(r"\w+")
_NUMBER = 2
"""Characters of the longest number before a heading: "4b"."""
_NUMBERING = re.compile(r"\W*(?:\d\W*[a-zæøå]?|[a-zæøå](?=\W))(?!\w)\W*", re.IGNORECASE)


@rule("BX701", "text-missing", Severity.ERROR, section="1–5")
def text_missing(s: Submissions) -> Iterator[Hits]:
    """A measure that has texts lacks some of the required ones (a measure without any is BX604's).

    A text whose section cannot be read (BX206) may be the one that is missing.

    Wrong: T1 has texts under 1, 2 and 3, and none under 4a–4e and 5.
    Right: T1 has a text under every section.
    """
    column = s.form.by_id["texts"].by_id
    sections = s.form.options(column[column["text"].every or ""])
    rows = keys_of(s, "texts")
    first: dict[tuple[int, str], int] = {}
    written: dict[tuple[int, str], list[str]] = {}
    columns = (cells(s, "texts", one) for one in ("workbook", "row", "section", "text"))
    for index, (workbook, row, section, text) in enumerate(zip(*columns, strict=True)):
        first.setdefault(rows[index], index)
        there = text or (workbook, "texts", row, "text") in s.error_cells  # whatever it was, it was written
        written.setdefault(rows[index], []).extend([section] if there else [])
    missing = {key: set(sections).difference(there) for key, there in written.items()}
    wrong = {key for key, ids in missing.items() if len(ids) > written[key].count("")}
    if wrong:
        # A text in a row of no measure may be the one that is missing, in any measure.
        astray: dict[int, set[str]] = {}
        lost = {key for key, stray in zip(rows, strays(s, "texts"), strict=True) if stray or not key[1]}
        for key in lost:
            astray.setdefault(key[0], set()).update(written[key])
        missing = {key: missing[key].difference(astray.get(key[0], ())) for key in wrong}
        wrong = {key for key in wrong if len(missing[key]) > written[key].count("")}
        known = having(s, "texts", "measure", "section", "text")
        at = sorted(first[key] for key in wrong - lost if key[0] in known)
        expected = [[label for id_, label in sections.items() if id_ in missing[rows[index]]] for index in at]
        yield hits(s, "texts", at, "text", expected=Each(expected))


@rule("BX703", "text-repeats-heading", Severity.WARNING, section=_SECTIONS)
def text_repeats_heading(s: Submissions) -> Iterator[Hits]:
    """A text is only the heading of a section, or its number: the text itself was forgotten.

    Wrong: "Planlagt praksisendring" under 4b; "4b)".
    Right: "Barnehagene observerer egen praksis før og etter samlingene."
    """
    headings = _headings(s.form)
    at = [index for index, text in enumerate(cells(s, "texts", "text")) if text and _repeats(text, headings)]
    yield hits(s, "texts", at, "text", actual=each(s, "texts", "text", at))


_Headings = dict[str, set[tuple[str, ...]]]
"""First word → all words of the headings that begin with it."""


def _headings(form: Form) -> _Headings:
    """The words of every section's heading, as the workbook and the form in Word have it."""
    column = form.by_id["texts"].by_id
    labels = form.options(column[column["text"].every or ""]).values()
    longer = form.vocabulary.headings.values()
    found: _Headings = {}
    for words in (_words_of(one) for some in (*(label.both for label in labels), *longer) for one in some):
        found.setdefault(words[0], set()).add(words)
    return found


@lru_cache(maxsize=1024)
def _words_of(heading: str) -> tuple[str, ...]:
    """The words of a heading, without the number before it."""
    number = _NUMBERING.match(heading)
    return tuple(_WORD.findall(heading[number.end() if number else 0 :].casefold()))


def _repeats(text: str, headings: _Headings) -> bool:
    if len(text) > _HEADING:
        return False
    begins = _WORD.search(text)
    if begins is None or (len(begins[0]) > _NUMBER and begins[0].casefold() not in headings):
        return False
    number = _NUMBERING.match(text)
    word = _WORD.search(text, number.end() if number else 0)
    if word is None:
        return number is not None
    return _words_of(text) in headings.get(word[0].casefold(), ())


@rule("BX704", "text-too-short", Severity.WARNING, section=_SECTIONS)
def text_too_short(s: Submissions) -> Iterator[Hits]:
    """A required text is shorter than the form's least length, or only says where else to look.

    What BX703 and BX706 say of a text is not said again.

    Wrong: "Ja"; "Se vedlegg".
    Right: "Vi observerer egen praksis før og etter samlingene."
    """
    sections = cells(s, "texts", "section")
    rows = enumerate(zip(sections, cells(s, "texts", "text"), strict=True))
    short = [(index, text) for index, (section, text) in rows if _short(s.form, section, text)]
    if short:
        headings, leftovers = _headings(s.form), s.form.vocabulary.leftovers
        at = [index for index, text in short if not _repeats(text, headings) and not _leftover(text, leftovers)]
        label = Each(_labels(s.form, [sections[index] for index in at]))
        yield hits(s, "texts", at, "text", label=label, actual=each(s, "texts", "text", at))


def _short(form: Form, section: str, text: str) -> bool:
    """Whether a text is too short to say something; not where the section cannot be read."""
    settings = form.settings
    if not (section and text and settings.minimum_text_length):
        return False
    least = settings.minimum_text_length_in.get(section, settings.minimum_text_length)
    return len(text) < least or (len(text) <= _POINTER and _says_nothing(text, form.vocabulary.pointers))


def _says_nothing(text: str, pointers: tuple[str, ...]) -> bool:
    """Whether a text has no word, or only says where to look: "–––", "Se vedlegg", "Jf. punkt 2 over"."""
    found = _WORD.findall(text.casefold())
    beginning = f"{' '.join(found)} "
    pointing = len(found) <= _POINTER_WORDS and any(beginning.startswith(f"{pointer} ") for pointer in pointers)
    return not found or pointing


def _labels(form: Form, sections: list[str]) -> list[Label]:
    options = form.options(form.by_id["texts"].by_id["section"])
    return [options[section] for section in sections]


@rule("BX705", "text-repeated", Severity.INFO, section=_SECTIONS)
def text_repeated(s: Submissions) -> Iterator[Hits]:
    """Two sections of a measure have the same text, or begin with the same long sentence.

    Each section asks for something of its own; the same answer to two of them fits one of them, as a rule. A text that
    stands in several sections is one finding, at the second of them.

    Wrong: 4b and 4c begin with "Praksisendring vurderes gjennom tilbakemeldinger fra ledere, samt evalueringer."
    Right: 4c says how the professional learning community is assessed.
    """
    sections, written, compared = cells(s, "texts", "section"), cells(s, "texts", "text"), folded(s, "texts", "text")
    begun = [(key, text[:_BEGINNING]) for key, text in zip(keys_of(s, "texts"), compared, strict=True)]
    likely = repeated(begun)  # what is the same begins the same
    whole: dict[tuple[tuple[int, str], str], dict[str, int]] = {}
    for index, one in enumerate(begun if likely else ()):
        if one in likely and one[0][1] and sections[index] and not _short(s.form, sections[index], written[index]):
            whole.setdefault((one[0], compared[index]), {}).setdefault(sections[index], index)
    first: dict[tuple[tuple[int, str], str], str] = {}
    again: dict[int, tuple[list[str], list[str]]] = {}
    for (key, _), at in whole.items():
        section, *others = at
        if others:
            again[at[others[0]]] = [section, *others[1:]], []
        sentence = _SENTENCE.match(written[at[section]])
        before = first.setdefault((key, sentence[0].casefold()), section) if sentence else section
        if before != section:
            again[at[section]] = [], [before]
    if again:
        yield hits(
            s,
            "texts",
            list(again),
            "text",
            label=Each(_labels(s.form, [sections[index] for index in again])),
            same=Each([_labels(s.form, same) for same, _ in again.values()]),
            expected=Each([_labels(s.form, like) for _, like in again.values()]),
            actual=Each([_beginning(written[index]) for index in again]),
        )


def _beginning(text: str) -> str:
    """The first sentence of a text, or all of it, as far as a message has room for it."""
    sentence = _SENTENCE.match(text)
    beginning = sentence[0] if sentence else text
    return beginning if len(beginning) <= _SHOWN else f"{beginning[:_SHOWN]} …"


@rule("BX706", "leftover", Severity.WARNING, section="workbook")
def leftover(s: Submissions) -> Iterator[Hits]:
    """Something that was to be replaced still stands in a text: a mark for later, or the template's own prompt.

    Wrong: "Samlingene holdes xxx"; "[fyll inn dato]"; "Eier dekker ??? timer".
    Right: "Samlingene holdes 3. mars".
    """
    # Each mark once, which several leftovers may have in common.
    known = set(chain.from_iterable(one.marks for one in s.form.vocabulary.leftovers))
    for table, column in _text_columns(s.form):
        compared = folded(s, table, column.id)
        joined = "\n".join(compared)  # all texts at once, as most marks are in none
        marks = {mark for mark in known if mark in joined}
        leftovers = tuple(one for one in s.form.vocabulary.leftovers if not marks.isdisjoint(one.marks))
        likely = sorted({index for mark in marks for index, text in enumerate(compared) if mark in text})
        written = cells(s, table, column.id)
        left = {index: what for index in likely if (what := _leftover(written[index], leftovers))}
        yield hits(s, table, list(left), column.id, label=column.label, actual=Each(list(left.values())))


def _text_columns(form: Form) -> Iterator[tuple[str, Column]]:
    """Table and column of everything written freely; the list of findings quotes what was found."""
    for table in form.tables:
        if form.sheet_by_id[table.sheet].kind == "tables":
            texts = (column for column in table.columns if column.type in {"text", "longtext"})
            yield from ((table.id, column) for column in texts if column.typed_by_user)


def _leftover(text: str, leftovers: tuple[Leftover, ...]) -> str:
    """What is left of editing in a text, or nothing."""
    lower = text.lower()
    for one in leftovers:
        if any(mark in lower for mark in one.marks) and (match := one.pattern.search(text)):
            return match[0].strip()
    return ""
