"""Workbooks with anything wrong with them, drawn by hypothesis: a report or a refusal comes out, and nothing else."""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from behov_xl.workbook.grid import Grid
from hostile.mutations import Mutation, mutated
from hostile.pipeline import edited, read, reported
from hostile.zips import GOOD

NIGHTLY = os.environ.get("BEHOV_XL_NIGHTLY") == "1"
SIZES = st.integers(0, 1 << 30)
MUTATIONS = st.lists(st.tuples(SIZES, SIZES, SIZES, SIZES), min_size=1, max_size=6)


def budget(examples: int) -> settings:
    return settings(max_examples=examples * (200 if NIGHTLY else 1), deadline=None)


@budget(8)
@given(several=st.lists(MUTATIONS, min_size=5, max_size=5))
def test_mutated_packages_end_in_reports(several: list[list[Mutation]]) -> None:
    results = [read(mutated(mutations)) for mutations in several]
    reported([one for one in results if isinstance(one, Grid)])


@budget(6)
@given(mutations=MUTATIONS)
def test_mutated_packages_are_annotated_and_fixed_or_left_alone(mutations: list[Mutation]) -> None:
    edited(mutated(mutations))


@budget(100)
@given(data=st.binary(max_size=2_000), before=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02"]))
def test_bytes_end_in_a_refusal(data: bytes, before: bytes) -> None:
    assert not isinstance(read(before + data), Grid)


@budget(40)
@given(edits=st.lists(st.tuples(SIZES, st.binary(min_size=1, max_size=30)), min_size=1, max_size=5), cut=SIZES)
def test_bytes_changed_in_a_workbook_end_in_a_report_or_refusal(edits: list[tuple[int, bytes]], cut: int) -> None:
    data = bytearray(GOOD.read_bytes())
    for at, junk in edits:
        data[at % len(data) : at % len(data) + len(junk)] = junk
    result = read(bytes(data[: cut % len(data)] if cut % 3 == 0 else data))
    if isinstance(result, Grid):
        reported([result])
