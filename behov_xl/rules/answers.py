"""Answers that say no, against texts that speak of what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.checkboxes import answers
from behov_xl.rules.hits import Each, Hits, at_fields, hits
from behov_xl.rules.lookups import existing
from behov_xl.rules.measure_texts import WHOM, Key, Text, mentions, place_of
from behov_xl.rules.shared import cells, keys_of

if TYPE_CHECKING:
    from behov_xl.form import Label
    from behov_xl.workbook.columns import Submissions

_ALL = (*WHOM, ("activities", "description"))


@rule("BX520", "continues-against-text", Severity.INFO, section="Behovsmelding")
def continues_against_text(s: Submissions) -> Iterator[Hits]:
    """The answer is that last year's statement is not continued, and a text says that it is.

    Wrong: "videreføring fra forrige år?" ☒ nei, and "Tiltaket er en videreføring av forrige behovsmelding".
    Right: "videreføring fra forrige år?" ☒ ja, and the same text.
    """
    column = next(one for one in s.form.by_id["questions"].columns if one.group == "continues")
    no = {workbook for workbook, yes in answers(s, "continues").items() if not yes}
    if not no or column.named is None:
        return
    found: dict[int, tuple[str, str | Label | tuple[str | Label, ...]]] = {}
    comment = s.form.by_id["head"].by_id["comment"]
    for workbook, text in zip(cells(s, "head", "workbook"), cells(s, "head", "comment"), strict=True):
        if workbook in no and (word := column.named.first(text)):
            found[workbook] = word, comment.label
    ids = cells(s, "texts", "measure")
    wanted = {key for key in keys_of(s, "texts") if key[0] in no - found.keys()}
    for one, word in mentions(s, column.named, wanted, [("texts", "text")], s.form.choices["section"]):
        found.setdefault(one.key[0], (word, (ids[one.place], place_of(s.form, one))))
    if found:
        books = sorted(found)
        said, places = zip(*(found[one] for one in books), strict=True)
        yield at_fields("questions", books, ["continues.no"] * len(books), actual=said, place=places)


@rule("BX524", "answer-against-text", Severity.INFO, section="7 Annet")
def answer_against_text(s: Submissions) -> Iterator[Hits]:
    """The measure's answer is "nei" or "ikke relevant", and its texts speak of what was asked.

    That a text does not speak of what was answered with yes is no contradiction. "Vet ikke" is none either.

    Wrong: Samiske perspektiver ivaretatt ☒ nei, and "samarbeid med samisk språksenter" under 2.
    Right: Samiske perspektiver ivaretatt ☒ ja, and the same text.
    """
    for group in s.form.tick_groups(s.form.by_id["ticks"]):
        asked = s.form.group_by_id[group.id]
        if asked.named is None:
            continue
        boxes = zip(*(cells(s, "ticks", column) for column in group.columns), strict=True)
        said = {
            key: (index, row.index(1.0))
            for index, (key, row) in enumerate(zip(keys_of(s, "ticks"), boxes, strict=True))
            if sum(row) == 1.0 and group.options[row.index(1.0)].denies
        }
        found: dict[Key, tuple[Text, str]] = {}
        sections = s.form.choices["section"].keys() - asked.not_in
        for one, word in mentions(s, asked.named, said, _ALL, sections) if said else ():
            found.setdefault(one.key, (one, word))
        found = {key: found[key] for key in sorted(existing(s, found, "ticks"))}
        if found:
            places = [said[key] for key in found]
            yield hits(
                s,
                "ticks",
                [index for index, _ in places],
                [group.columns[option] for _, option in places],
                group=group.label,
                expected=Each([group.options[option].label for _, option in places]),
                actual=Each([word for _, word in found.values()]),
                place=Each([place_of(s.form, one) for one, _ in found.values()]),
            )
