"""What several rules ask first: which workbooks have a column, which rows belong to no measure, who is on the list.

A rule must not accuse where it cannot know. A column that is missing, an id that is empty and a kind that cannot be
read have findings of their own; what follows from them is not said again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from behov_xl.rules.hits import keys

if TYPE_CHECKING:
    from behov_xl.workbook.frames import Submissions


def having(s: Submissions, table: str, *columns: str) -> set[int]:
    """The workbooks that have this table with all these columns (or fields)."""
    return {
        workbook
        for workbook, layouts in enumerate(s.layouts)
        if table in layouts and all(layouts[table].locate(column, 0) for column in columns)
    }


def measure_ids(s: Submissions) -> dict[int, list[str]]:
    """Workbook → the ids of its measures as written. Only where they are known: all there, each once."""
    measures = s["measures"]
    ids: dict[int, list[str]] = {workbook: [] for workbook in having(s, "measures", "measure")}
    for workbook, id_ in zip(measures["workbook"].tolist(), measures["measure"].tolist(), strict=True):
        if workbook in ids:
            ids[workbook].append(id_)
    return {
        workbook: found
        for workbook, found in ids.items()
        if all(found) and len({id_.casefold() for id_ in found}) == len(found)
    }


def repeated(found: list[tuple[int, str]]) -> set[tuple[int, str]]:
    """The keys that several rows have."""
    return {key for key, count in Counter(found).items() if count > 1}


def strays(s: Submissions, table: str) -> list[bool]:
    """For each row of a table: whether the measure it names does not exist. False where that cannot be told."""
    ids = measure_ids(s)
    known = {(workbook, id_.casefold()) for workbook, found in ids.items() for id_ in found}
    return [key not in known and bool(key[1]) and key[0] in ids for key in keys(s[table])]


def unplaced(s: Submissions, table: str) -> set[int]:
    """The workbooks in which a row of the table belongs to no measure, so that any of them may be the one it is for."""
    rows = zip(keys(s[table]), strays(s, table), strict=True)
    return {workbook for (workbook, key), stray in rows if stray or not key}


def partners(s: Submissions, kinds: Collection[str]) -> dict[int, dict[str, str]]:
    """Workbook → name and short name, in lower case → name, of the partners of these kinds (``""``: unreadable)."""
    found: dict[int, dict[str, str]] = {}
    frame = s["partners"]
    listed = frame[frame["kind"].isin(list(kinds))]
    names, shorts = listed["name"].tolist(), listed["short"].tolist()
    for workbook, name, short in zip(listed["workbook"].tolist(), names, shorts, strict=True):
        spellings = found.setdefault(workbook, {})
        for spelling in filter(None, (name, short)):
            spellings.setdefault(spelling.casefold(), name or short)
    return found


_WORD = re.compile(r"\w+")


def alike(one: str, other: str) -> bool:
    """Whether two names may mean the same: one has all the words of the other."""
    words, others = (set(_WORD.findall(name.casefold())) for name in (one, other))
    return words <= others or others <= words
