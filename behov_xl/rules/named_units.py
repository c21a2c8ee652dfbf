"""Kinds of unit that texts name, against the number of units that is counted of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits
from behov_xl.rules.lookups import existing
from behov_xl.rules.measure_texts import Key, Text, at_texts, counted, institution_columns, mentions, place_of
from behov_xl.rules.shared import cells, keys_of

if TYPE_CHECKING:
    from behov_xl.form import Column, Label
    from behov_xl.workbook.columns import Submissions


@rule("BX523", "named-unit-not-counted", Severity.WARNING, section="Enheter")
def named_unit_not_counted(s: Submissions) -> Iterator[Hits]:
    """Target group, name or activities name a kind of unit of which none is counted, or such a kind's way of working.

    An institution that is not counted at all is BX512's or BX521's; its way of working in a measure for another one is
    usually copied from that one's measure.

    Wrong: "PP-tjenesten" in the target group, and 0 PP-tjenester. "Skolebasert kompetanseutvikling", and 0 schools.
    Right: "PP-tjenesten" in the target group, and 1 PP-tjeneste. "Barnehagebasert kompetanseutvikling".
    """
    units = counted(s)
    zero, methods = _zero(s, units), _methods(units)
    at_count: dict[tuple[Key, str], tuple[int, Column, str, Label]] = {}
    at_text: dict[Key, tuple[Text, str, list[Label]]] = {}
    for column in s.form.by_id["units"].columns:
        if column.named and (rows := zero.get(column.id)):
            for one, word in mentions(s, column.named, rows):
                at_count.setdefault((one.key, column.id), (rows[one.key], column, word, place_of(s.form, one)))
    for kind, measures in methods.items():
        labels = [column.label for column in institution_columns(s.form) if column.institution == kind]
        for one, word in mentions(s, s.form.institutions[kind].method, measures):
            at_text.setdefault(one.key, (one, word, labels))
    there = existing(s, at_text.keys() | {key for key, _ in at_count}, "units")
    at_text = {key: found for key, found in at_text.items() if key in there}
    at_count = {place: found for place, found in at_count.items() if place[0] in there}
    if at_count:
        indexes, columns, words, places = zip(*at_count.values(), strict=True)
        yield hits(
            s,
            "units",
            indexes,
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
            table,
            texts,
            actual=Each([word for _, word, _ in here]),
            place=Each([place_of(s.form, one) for one in texts]),
            expected=Each([labels for _, _, labels in here]),
        )


def _zero(s: Submissions, units: dict[Key, dict[str, float]]) -> dict[str, dict[Key, int]]:
    """For each kind of unit that texts can name the measures that count none of it, and their rows of units."""
    found: dict[str, dict[Key, int]] = {}
    rows = keys_of(s, "units")
    for column in s.form.by_id["units"].columns:
        counts = cells(s, "units", column.id) if column.named else []
        if 0 in counts:
            found[column.id] = {
                key: index
                for index, (key, count) in enumerate(zip(rows, counts, strict=True))
                if count == 0 and (not column.institution or units[key][column.institution] > 0)
            }
    return found


def _methods(units: dict[Key, dict[str, float]]) -> dict[str, set[Key]]:
    """For each institution the measures that do not count it, and count another one."""
    found: dict[str, set[Key]] = {}
    for key, kinds in units.items():
        for kind, count in kinds.items():
            if count == 0 and any(other > 0 for other in kinds.values()):
                found.setdefault(kind, set()).add(key)
    return found
