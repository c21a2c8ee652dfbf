"""Why a sum is off: the one slip of the keyboard that explains the difference, if there is exactly one.

Two digits changed places (the difference is a multiple of nine then), a digit too many or too few, thousands that were
left out, an amount that counts twice. A difference that several slips explain, or none, is not explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Phrase
from behov_xl.rules.hits import Each
from behov_xl.workbook.grid import address

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions

TOLERANCE = 0.5
"""Kroner. Sums are in whole kroner; øre that were typed must not make a sum wrong."""
_SHIFTS = (10, 100, 1000)


@dataclass(frozen=True, slots=True)
class Addend:
    """A cell that goes into a sum: where it stands, and its amount in kroner. ``sign`` −1: the sum shown."""

    table: str
    row: int
    column: str
    value: float
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Slip:
    """What an addend should have been, in kroner. ``kind``: ``swapped``, ``shifted``, ``surplus`` (nothing at all)."""

    kind: str
    value: float


def slips(addend: Addend, difference: float) -> Iterator[Slip]:
    """The slip, if there is one, without which the addend would make up for ``difference`` kroner."""
    meant = addend.value + difference * addend.sign
    kind = _kind(addend.value, meant)
    if kind and (kind != "surplus" or addend.sign > 0):
        yield Slip(kind, meant)


def _kind(written: float, meant: float) -> str:
    """How one amount may have become another by a slip; ``""`` where no slip explains it."""
    if written <= 0 or meant < -TOLERANCE:
        return ""
    if meant < TOLERANCE:
        return "surplus"
    if any(abs(written * by - meant) < TOLERANCE or abs(written / by - meant) < TOLERANCE for by in _SHIFTS):
        return "shifted"
    return "swapped" if swapped(written, meant) else ""


def swapped(written: float, meant: float) -> bool:
    """Whether one whole number becomes the other when two neighbouring digits change places."""
    if (written - meant) % 9 or written % 1 or meant % 1:
        return False
    one, other = f"{written:.0f}", f"{meant:.0f}"
    if len(one) != len(other):
        return False
    apart = [index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(apart) != 2 or apart[1] != apart[0] + 1:
        return False
    return (one[apart[0]], one[apart[1]]) == (other[apart[1]], other[apart[0]])


UNCLEAR: dict[str, Any] = {"hint": None, "suggestion": None}
"""The parameters of a finding whose cause nobody can tell."""


def of_each(why: list[dict[str, Any]]) -> dict[str, Each]:
    """The parameters ``hint`` and ``suggestion`` of findings, one of each per finding."""
    return {name: Each([one[name] for one in why]) for name in UNCLEAR}


def explained(
    s: Submissions, workbook: int, addends: Sequence[Addend], difference: float, elsewhere: Sequence[Addend] = ()
) -> dict[str, Any]:
    """``hint`` in words and ``suggestion`` (table, row, column, value) for the one cell whose slip explains the sum.

    ``difference``: what the addends, with their signs, lack to agree, in kroner. ``elsewhere``: amounts that may have
    been meant for this sum. Nothing is said where several slips would explain it.
    """
    if any(addend.value != addend.value for addend in (*addends, *elsewhere)):
        return UNCLEAR
    found = [(addend, one) for addend in addends for one in slips(addend, difference)]
    moved = [addend for addend in elsewhere if abs(addend.value - difference) < TOLERANCE]
    if len(found) + len(moved) != 1:
        return UNCLEAR
    if moved:
        return {"hint": _hint(s, workbook, moved[0], "moved", difference), "suggestion": None}
    ((addend, one),) = found
    hint = _hint(s, workbook, addend, one.kind, one.value)
    # What is one too many is not deleted for the adviser: another line may be what is missing. A sum that computes
    # itself gets its formula back instead.
    table = s.form.by_id.get(addend.table)
    sure = one.kind != "surplus" and table is not None and table.by_id[addend.column].formula is None
    suggestion = {"table": addend.table, "row": addend.row, "column": addend.column, "value": one.value}
    return {"hint": hint, "suggestion": suggestion if sure else None}


def _hint(s: Submissions, workbook: int, addend: Addend, kind: str, value: float) -> Phrase:
    layout = s.layouts[workbook][addend.table.removesuffix(".total")]
    where = layout.locate(addend.column, addend.row)
    place = f"{layout.sheet}!{address(*where)}" if where else layout.sheet
    return Phrase(f"hint.{kind}", {"place": place, "actual": addend.value, "expected": value})
