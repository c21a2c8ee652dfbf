"""The long texts of a measure: required ones are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys
from behov_xl.rules.lookups import having, strays

if TYPE_CHECKING:
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
    columns = (texts[one].tolist() for one in ("workbook", "row", "section", "text"))
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
        found = texts.iloc[sorted(first[key] for key in wrong - lost if key[0] in known)]
        expected = Each([[label for id_, label in sections.items() if id_ in missing[key]] for key in keys(found)])
        yield hits("texts", found, "text", expected=expected)
