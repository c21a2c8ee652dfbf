"""The long texts of a measure: required ones are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys

if TYPE_CHECKING:
    from behov_xl.workbook.frames import Submissions


@rule("BX701", "text-missing", Severity.ERROR, section="1–5")
def text_missing(s: Submissions) -> Iterator[Hits]:
    """A measure that has texts lacks some of the required ones (a measure without any is BX604's).

    Wrong: T1 has texts under 1, 2 and 3, and none under 4a–4e and 5.
    Right: T1 has a text under every section.
    """
    texts = s["texts"]
    sections = s.form.options(s.form.by_id["texts"].by_id[s.form.by_id["texts"].by_id["text"].every or ""])
    written: dict[tuple[int, str], set[str]] = {}
    for key, section, text in zip(keys(texts), texts["section"].tolist(), texts["text"].tolist(), strict=True):
        written.setdefault(key, set()).update({section} if text else ())
    first = texts.drop_duplicates(["workbook", "measure"])
    missing = [[label for id_, label in sections.items() if id_ not in written[key]] for key in keys(first)]
    there = [bool(one) and bool(key) for one, (_, key) in zip(missing, keys(first), strict=True)]
    found = first.loc[there]
    expected = Each([one for one, wanted in zip(missing, there, strict=True) if wanted])
    yield hits("texts", found, "text", expected=expected)
