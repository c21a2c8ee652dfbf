"""Roles: the groups that activities and texts speak of are in the table, and say who they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits
from behov_xl.rules.lookups import having, unplaced
from behov_xl.rules.shared import cells, folded, keys_of

if TYPE_CHECKING:
    from behov_xl.form.model import Groups
    from behov_xl.workbook.columns import Submissions

_PLAN = "2 Plan for partnerskap"
_LONGEST = 40
"""Characters; no kind of group has more."""


@rule("BX610", "group-without-role", Severity.INFO, section=_PLAN)
def group_without_role(s: Submissions) -> Iterator[Hits]:
    """An activity is a meeting of a group, or a text gives a group responsibility, and Roller has no such group.

    One finding per measure and group, where it is first named. Only groups of the partnership itself, as the form lists
    them, and only where the measure has roles (BX605) whose groups can all be read.

    Wrong: "Planleggingsgruppa har ansvar for …", and Roller has Styringsgruppe and Referansegruppe.
    Right: Planleggingsgruppe in Roller too.
    """
    patterns = _patterns(s.form.vocabulary.groups)
    there = _groups(s, patterns)
    said: set[tuple[tuple[int, str], int]] = set()
    for table, column, groups_in in _PLACES:
        keys = keys_of(s, table)
        wrong: list[tuple[int, str]] = []
        for index, kind, word in _named(s, patterns, table, column, groups_in):
            key = keys[index]
            if key in there and kind not in there[key] and (key, kind) not in said:
                said.add((key, kind))
                wrong.append((index, word))
        if wrong:
            rows, words = zip(*wrong, strict=True)
            yield hits(s, table, rows, column, actual=Each(words))


class _Patterns(NamedTuple):
    """What tells that an activity is a group's, that a text gives one responsibility, and that a role is one."""

    kinds: dict[str, int]
    stem: str
    activity: re.Pattern[str]
    duty: re.Pattern[str]
    before: re.Pattern[str]
    word: re.Pattern[str]
    role: re.Pattern[str]


@lru_cache(maxsize=4)
def _patterns(groups: Groups) -> _Patterns:
    def any_of(words: Iterable[str]) -> str:
        return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"

    kinds = {kind: number for number, alike in enumerate(groups.kinds) for kind in alike}
    kind, meeting = any_of(kinds), any_of(groups.meetings)
    name = rf"(?:{kind})(?:-|-?(?:{any_of(groups.nouns)})(?:{meeting})?)(?!\w)"
    # Only so many: " prosjektledergruppe" is one more group, or a word before one, and so is each of those behind it.
    also = rf"(?:(?:,| ?[/&+]| \w+) ?{name}){{0,8}}"
    return _Patterns(
        kinds,
        groups.stem,
        # "Styrings- og referansegruppe"; but "Ledergruppeutvikling" and "Ressursgruppe på hver skole" are not meetings.
        re.compile(rf"(?:(?:{meeting}) (?:(?:{any_of(groups.of)}) )?)?{name}{also}(?= ?(?:[^\w\s]|\d)|$)"),
        re.compile(rf"(?:{any_of(groups.definite)})(?= (?:{any_of(groups.duties)})\b)"),
        re.compile(rf"\b({kind})-?\Z"),
        re.compile(rf"\b({kind})-?\w*"),
        re.compile(rf"({kind})(?:-|{re.escape(groups.stem[:2])})"),
    )


_Named = Iterator[tuple[int, str]]
"""Groups that a text names: which, and the word for it."""


def _named(
    s: Submissions, patterns: _Patterns, table: str, column: str, groups_in: Callable[[_Patterns, str, str], _Named]
) -> Iterator[tuple[int, int, str]]:
    """Every group that a column speaks of as one of the partnership's: the row, which group, and the word for it."""
    texts, compared = cells(s, table, column), folded(s, table, column)
    likely = [index for index, text in enumerate(compared) if patterns.stem in text]
    different = {texts[index]: _lower(texts[index], compared[index]) for index in likely}
    said = {text: found for text, lower in different.items() if (found := list(groups_in(patterns, text, lower)))}
    return ((index, *one) for index in likely if texts[index] in said for one in said[texts[index]])


def _lower(text: str, folded: str) -> str:
    """A text in small letters, each where it was in the text, so that it can be told how a word is written."""
    return folded if len(folded) == len(text) else text.lower()


def _meeting_groups(patterns: _Patterns, activity: str, lower: str) -> _Named:
    called = patterns.activity.match(lower)
    for match in patterns.word.finditer(lower, endpos=called.end()) if called else ():
        yield patterns.kinds[match[1]], _written(activity, lower, match.start(), match.end())


def _responsible_groups(patterns: _Patterns, text: str, lower: str) -> _Named:
    # The noun first: looking for every kind in every text takes twenty times as long.
    for noun in patterns.duty.finditer(lower):
        match = patterns.before.search(lower[max(0, noun.start() - _LONGEST) : noun.start()])
        if match:
            yield patterns.kinds[match[1]], _written(text, lower, noun.start() - len(match[0]), noun.end())


def _written(text: str, lower: str, start: int, end: int) -> str:
    """A part of a text, as written; as compared where lower case has other places ("İ")."""
    return (text if len(text) == len(lower) else lower)[start:end]


_PLACES = (
    ("activities", "what", _meeting_groups),
    ("roles", "responsibility", _responsible_groups),
    ("roles", "members", _responsible_groups),
    ("texts", "text", _responsible_groups),
)
"""Where groups are named, and what tells that they are."""


def _groups(s: Submissions, patterns: _Patterns) -> dict[tuple[int, str], set[int]]:
    """(workbook, measure) → its groups in Roller. Only measures that have roles, and whose groups can all be read."""
    known = having(s, "roles", "measure", "group") - unplaced(s, "roles")
    written = cells(s, "roles", "group")
    kinds = {group: {patterns.kinds[one[1]] for one in patterns.role.finditer(group.lower())} for group in set(written)}
    found: dict[tuple[int, str], set[int]] = {}
    unread: set[tuple[int, str]] = set()
    for key, group in zip(keys_of(s, "roles"), written, strict=True):
        if key[0] in known:
            found.setdefault(key, set()).update(kinds[group])
            unread.update([] if group else [key])
    return {key: groups for key, groups in found.items() if key not in unread}


@rule("BX611", "empty-role", Severity.WARNING, section=_PLAN)
def empty_role(s: Submissions) -> Iterator[Hits]:
    """A row of Roller names a group and says neither who is in it nor what it is responsible for.

    Wrong: Referansegruppe, with nothing under Består av and Ansvar.
    Right: Referansegruppe, "Tre styrere og LMS", "Planlegger samlingene".
    """
    columns = [cells(s, "roles", one) for one in ("workbook", "row", "measure", "group", "members", "responsibility")]
    known = having(s, "roles", "members", "responsibility")
    for workbook, row, measure, group, members, duty in zip(*columns, strict=True):
        if group and not members and not duty and workbook in known and not _unread(s, workbook, row):
            yield Hits("roles", [workbook], [row], ["group"], [measure], {"actual": [group]})


def _unread(s: Submissions, workbook: int, row: int) -> bool:
    """Whether something stands in the row that cannot be read."""
    return any((workbook, "roles", row, column) in s.faulty for column in ("members", "responsibility"))
