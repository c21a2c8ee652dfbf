"""What a measure is for: the box under "Gjelder", the units that are counted, and what its texts name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits
from behov_xl.rules.lookups import existing
from behov_xl.rules.measure_texts import Key, Text, Where, at_texts, counted, mentions, texts_of
from behov_xl.rules.shared import cells, keys_of, per_chunk

if TYPE_CHECKING:
    from behov_xl.form import Choice, Column, Form, Label
    from behov_xl.workbook.columns import Submissions

_GJELDER = "Behovsmeldingen gjelder"
_TEXTS: tuple[Where, ...] = (("texts", "text"),)
_ACTIVITIES: tuple[Where, ...] = (("activities", "what"),)


@rule("BX512", "scope-against-units", Severity.WARNING, section=_GJELDER)
def scope_against_units(s: Submissions) -> Iterator[Hits]:
    """The box under "Gjelder" and the units that are counted name different kinds of institution.

    Not where only services are counted that work for all kinds (PP-tjenester).

    Wrong: Begge deler ☒, 19 kindergartens and 0 schools.
    Right: Barnehage ☒, 19 kindergartens and 0 schools.
    """
    columns = [column for column in s.form.by_id["units"].columns if column.type == "count"]
    there = counted(s)
    against = [
        (index, key, option, kinds)
        for index, (key, option) in enumerate(zip(keys_of(s, "ticks"), _scopes(s), strict=True))
        if option and (kinds := _kinds(there.get(key, {}))) is not None and kinds != set(option.institutions)
    ]
    others = _counting(s, [column for column in columns if not column.institution]) if against else set()
    wrong: dict[str, list[int]] = {}
    for index, key, option, kinds in against:
        if kinds or key not in others:
            wrong.setdefault(option.id, []).append(index)
    for option in s.form.group_by_id["scope"].options:
        if option.id in wrong:
            at, rows, shown = wrong[option.id], keys_of(s, "ticks"), _counts(s, columns)
            actual = [shown[rows[index]] for index in at]
            none = Each([not counts for counts in actual])
            yield hits(s, "ticks", at, f"scope.{option.id}", expected=option.label, actual=Each(actual), none=none)


def _counting(s: Submissions, columns: list[Column]) -> set[Key]:
    """The measures that count units in one of these columns, or may: a count is missing or cannot be read."""
    rows = zip(*(cells(s, "units", column.id) for column in columns), strict=True)
    return {key for key, row in zip(keys_of(s, "units"), rows, strict=True) if any(count != 0 for count in row)}


@per_chunk
def _scopes(s: Submissions) -> list[Choice | None]:
    """For each row of ticks the option of "Gjelder"; ``None`` unless exactly one is ticked."""
    options = s.form.group_by_id["scope"].options
    boxes = zip(*(cells(s, "ticks", f"scope.{option.id}") for option in options), strict=True)
    return [options[row.index(1.0)] if sum(row) == 1.0 else None for row in boxes]


def _kinds(units: dict[str, float]) -> set[str] | None:
    """The kinds of institution that are counted; ``None`` where a count is missing or cannot be read."""
    if not units or any(count != count for count in units.values()):
        return None
    return {kind for kind, count in units.items() if count}


def _counts(s: Submissions, columns: list[Column]) -> dict[Key, list[tuple[int, Label]]]:
    """What is counted for each measure, as the message lists it: number and column label. Not what is 0 or NaN."""
    rows = zip(*(cells(s, "units", column.id) for column in columns), strict=True)
    return {
        key: [
            (int(count), column.label) for count, column in zip(row, columns, strict=True) if count and count == count
        ]
        for key, row in zip(keys_of(s, "units"), rows, strict=True)
    }


@rule("BX521", "scope-against-text", Severity.WARNING, section=_GJELDER)
def scope_against_text(s: Submissions) -> Iterator[Hits]:
    """The box under "Gjelder" says kindergarten or school only, and target group or activities name the other.

    Said once of a measure, at the first text. An activity is for those whom its name calls; a single school or
    kindergarten in it may be where they meet. Units that are counted against the box are BX512's.

    Wrong: Barnehage ☒, and "rektorer og styrere" as the target group.
    Right: Begge deler ☒, and "rektorer og styrere" as the target group.
    """
    units, institutions = counted(s), s.form.institutions
    scopes = {key: option for key, option in zip(keys_of(s, "ticks"), _scopes(s), strict=True) if option}
    found: dict[Key, tuple[Text, str]] = {}
    for id_, institution in institutions.items():
        other = {key for key, option in scopes.items() if id_ not in option.institutions}
        other = {key for key in other if not units.get(key, {}).get(id_)}
        for named, where in ((institution.named, _TEXTS), (institution.attending, _ACTIVITIES)):
            for one, word in mentions(s, named, other, where) if other else ():
                found.setdefault(one.key, (one, word))
    there = [found[key] for key in existing(s, found, "ticks")]
    for table in sorted({one.table for one, _ in there}):
        here = [(one, word) for one, word in there if one.table == table]
        expected = Each([scopes[one.key].label for one, _ in here])
        yield at_texts(s, table, [one for one, _ in here], actual=Each([word for _, word in here]), expected=expected)


@rule("BX522", "both-but-one-named", Severity.INFO, section=_GJELDER)
def both_but_one_named(s: Submissions) -> Iterator[Hits]:
    """The box "Begge deler" is ticked, and target group, activities and name speak of one kind of institution only.

    Where the units too are of one kind only, BX512 says it.

    Wrong: Begge deler ☒, and "Ansatte i barnehagene" as the target group.
    Right: Begge deler ☒, and "Ansatte i barnehagene og lærere på 1. trinn" as the target group.
    """
    units = counted(s)
    both: dict[Key, tuple[int, Choice]] = {}
    for index, (key, option) in enumerate(zip(keys_of(s, "ticks"), _scopes(s), strict=True)):
        if option and len(option.institutions) > 1 and _kinds(units.get(key, {})) in (None, set(option.institutions)):
            both[key] = index, option
    if not both:
        return
    target: dict[Key, dict[str, str]] = {}
    anywhere: dict[Key, set[str]] = {}
    for one in texts_of(s, both):
        option = both[one.key][1]
        anywhere.setdefault(one.key, set()).update(_about(s.form, option, one.text))
        if one.table == "texts":
            words = {id_: s.form.institutions[id_].named.first(one.text) for id_ in option.institutions}
            target.setdefault(one.key, {}).update({id_: word for id_, word in words.items() if word})
    alone = [key for key, words in target.items() if len(words) == 1 and anywhere[key] == words.keys()]
    wrong = sorted(existing(s, alone, "ticks"))
    if wrong:
        said = [next(iter(target[key].items())) for key in wrong]
        yield hits(
            s,
            "ticks",
            [both[key][0] for key in wrong],
            [f"scope.{both[key][1].id}" for key in wrong],
            expected=Each([both[key][1].label for key in wrong]),
            kind=Each([s.form.institutions[id_].label for id_, _ in said]),
            actual=Each([word for _, word in said]),
        )


def _about(form: Form, option: Choice, text: str) -> set[str]:
    """The institutions that a text may be about, taken widely: uncertain words and ways of working count too."""
    if option.named and option.named.first_at_all(text):
        return set(option.institutions)
    kinds = ((id_, form.institutions[id_]) for id_ in option.institutions)
    return {id_ for id_, kind in kinds if kind.named.first_at_all(text) or kind.method.first_at_all(text)}
