"""Kinds of unit that texts name, against the number of units that is counted of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys
from behov_xl.rules.lookups import existing
from behov_xl.rules.measure_texts import Key, Text, at_texts, counted, institution_columns, place_of, texts_of

if TYPE_CHECKING:
    from behov_xl.form import Column, Label, Named
    from behov_xl.workbook.frames import Submissions


@rule("BX523", "named-unit-not-counted", Severity.WARNING, section="Enheter")
def named_unit_not_counted(s: Submissions) -> Iterator[Hits]:
    """Target group, name or activities name a kind of unit of which none is counted, or such a kind's way of working.

    An institution that is not counted at all is BX512's or BX521's; its way of working in a measure for another one is
    usually copied from that one's measure.

    Wrong: "PP-tjenesten" in the target group, and 0 PP-tjenester. "Skolebasert kompetanseutvikling", and 0 schools.
    Right: "PP-tjenesten" in the target group, and 1 PP-tjeneste. "Barnehagebasert kompetanseutvikling".
    """
    units = counted(s)
    zero, methods = _zero(s, units), _methods(s, units)
    at_count: dict[tuple[Key, str], tuple[int, Column, str, Label]] = {}
    at_text: dict[Key, tuple[Text, str, list[Label]]] = {}
    for one in texts_of(s, zero.keys() | methods.keys()):
        for index, column, named in zero.get(one.key, ()):
            if (one.key, column.id) not in at_count and (word := named.first(one.text)):
                at_count[one.key, column.id] = index, column, word, place_of(s, one)
        for named, labels in methods.get(one.key, ()):
            if one.key not in at_text and (word := named.first(one.text)):
                at_text[one.key] = one, word, labels
    there = existing(s, at_text.keys() | {key for key, _ in at_count}, "units")
    at_text = {key: found for key, found in at_text.items() if key in there}
    at_count = {place: found for place, found in at_count.items() if place[0] in there}
    if at_count:
        indexes, columns, words, places = zip(*at_count.values(), strict=True)
        yield hits(
            "units",
            s["units"].iloc[list(indexes)],
            [column.id for column in columns],
            actual=Each(words),
            place=Each(places),
            expected=Each([[column.label] for column in columns]),
        )
    for table in sorted({one.table for one, _, _ in at_text.values()}):
        here = [found for found in at_text.values() if found[0].table == table]
        texts = [one for one, _, _ in here]
        yield at_texts(
            s,
            texts,
            actual=Each([word for _, word, _ in here]),
            place=Each([place_of(s, one) for one in texts]),
            expected=Each([labels for _, _, labels in here]),
        )


def _zero(s: Submissions, units: dict[Key, dict[str, float]]) -> dict[Key, list[tuple[int, Column, Named]]]:
    """For each measure the kinds of unit that texts can name and of which none is counted, and the row of units."""
    found: dict[Key, list[tuple[int, Column, Named]]] = {}
    rows = keys(s["units"])
    for column in s.form.by_id["units"].columns:
        if column.named is None:
            continue
        for index, (key, count) in enumerate(zip(rows, s["units"][column.id].tolist(), strict=True)):
            if count == 0 and (not column.institution or units[key][column.institution] > 0):
                found.setdefault(key, []).append((index, column, column.named))
    return found


def _methods(s: Submissions, units: dict[Key, dict[str, float]]) -> dict[Key, list[tuple[Named, list[Label]]]]:
    """For each measure the ways of working of institutions that are not counted, while another one is."""
    columns, found = institution_columns(s.form), {}
    for key, kinds in units.items():
        none = [kind for kind, count in kinds.items() if count == 0]
        if none and any(count > 0 for count in kinds.values()):
            found[key] = [
                (s.form.institutions[kind].method, [one.label for one in columns if one.institution == kind])
                for kind in none
            ]
    return found
