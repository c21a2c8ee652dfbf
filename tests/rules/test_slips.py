from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.messages import catalogue
from behov_xl.messages.render import wrong
from behov_xl.rules.slips import Addend, Slip, slips, swapped
from conftest import report_of


@pytest.mark.parametrize(
    ("written", "difference", "slip"),
    [
        (410_500, -9_000, [Slip("swapped", 401_500)]),
        (200, 199_800, [Slip("shifted", 200_000)]),
        (2_000_000, -1_800_000, [Slip("shifted", 200_000)]),
        (40_000, -40_000, [Slip("surplus", 0)]),
        (40_000, 9_000, []),
        (40_000, 5_000, []),
        (0, 40_000, []),
        (40_000, -50_000, []),
    ],
)
def test_one_slip_explains_a_difference_or_none(written: float, difference: float, slip: list[Slip]) -> None:
    assert list(slips(Addend("budget", 0, "amount", written), difference)) == slip


def test_the_sum_itself_may_be_the_slip_but_is_never_one_too_many() -> None:
    shown = Addend("measures", 0, "owner_sum", 410_500, sign=-1)
    assert list(slips(shown, 9_000)) == [Slip("swapped", 401_500)]
    assert list(slips(shown, 410_500)) == []


@given(st.integers(1, 10**8), st.data())
def test_neighbouring_digits_that_changed_places_are_seen_both_ways(value: int, data: st.DataObject) -> None:
    digits = list(str(value * 10))
    at = data.draw(st.integers(0, len(digits) - 2))
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    other = "".join(digits)
    seen = int(other) != value * 10 and other[0] != "0"
    assert swapped(value * 10, int(other)) == seen
    assert swapped(int(other), value * 10) == seen


def test_digits_further_apart_or_of_different_lengths_are_no_swap() -> None:
    assert not swapped(123_000, 321_000)
    assert not swapped(100_000, 10_000)
    assert not swapped(110_000, 119_000)
    assert not swapped(19_999.5, 91_999.5)


def _hint(path: Path, code: str) -> str:
    (finding,) = (one for one in report_of(path).findings if one.rule.code == code)
    return wrong(finding, catalogue("nb")).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("edits", "code", "hint"),
    [
        (
            [{"table": "budget", "row": 3, "set": {"amount": 310_000}}],
            "BX303",
            "To siffer er trolig byttet om i Budsjett!F7: 310 000 kr skulle vært 130 000 kr.",
        ),
        (
            [{"table": "budget", "row": 7, "set": {"amount": 20_000}}],
            "BX303",
            "Det er trolig feil antall siffer i Budsjett!F11: 20 000 kr skulle vært 200 000 kr.",
        ),
        (
            [{"table": "measures", "row": 3, "set": {"uh_sum": 120_000}}],
            "BX303",
            "To siffer er trolig byttet om i Tiltak!F7: 120 000 kr skulle vært 210 000 kr.",
        ),
        (
            [{"table": "measures", "row": 1, "set": {"total": 30_000}}],
            "BX301",
            "Det er trolig feil antall siffer i Tiltak!G5: 30 000 kr skulle vært 300 000 kr.",
        ),
        (
            [{"table": "measures", "total": True, "set": {"owner_sum": 630_000}}],
            "BX302",
            "To siffer er trolig byttet om i Tiltak!E9: 630 000 kr skulle vært 360 000 kr.",
        ),
    ],
)
def test_the_one_cell_that_explains_a_sum_is_named(
    workbook: Callable[..., Path], edits: list[dict[str, object]], code: str, hint: str
) -> None:
    assert _hint(workbook(*edits), code).endswith(hint)


def test_a_line_of_the_wrong_party_is_named_for_both_sums(workbook: Callable[..., Path]) -> None:
    path = workbook({"table": "budget", "row": 4, "set": {"party": "owner"}})
    owner, uh = (wrong(one, catalogue("nb")).replace("\N{NO-BREAK SPACE}", " ") for one in report_of(path).findings)
    assert owner.endswith("Uten 50 000 kr i Budsjett!F8 ville det stemt.")
    assert uh.endswith("50 000 kr i Budsjett!F8 hører trolig til her.")


def test_nothing_is_named_where_several_slips_would_do(workbook: Callable[..., Path]) -> None:
    """Both lines of 50 000 may be the one that is too many."""
    line = {"measure": "T3", "party": "uh", "cost_type": "other", "description": "Diverse", "amount": 50_000}
    assert _hint(workbook({"table": "budget", "add": line}), "BX303").endswith("(avvik 50 000 kr).")


def test_an_old_value_of_a_formula_is_no_slip(workbook: Callable[..., Path]) -> None:
    path = workbook({"table": "measures", "row": 1, "set": {"owner_sum": "120 000,-"}})
    assert _hint(path, "BX301").endswith("eier + UH er 300 000 kr.")
