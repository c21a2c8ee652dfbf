"""Compound files, as olefile reads them."""

from __future__ import annotations

import io
import struct

import olefile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.addin.compound import compound_file

NAMES = st.text("abcdefghijklmnopæøåABCDEFGH_ 0123", min_size=1, max_size=31)
SIZES = st.one_of(st.integers(0, 200), st.sampled_from([63, 64, 65, 511, 512, 4095, 4096, 4097, 20_000]))


def unlike(names: list[str]) -> bool:
    return len({name.upper() for name in names}) == len(names)


@given(
    st.lists(NAMES, min_size=1, max_size=12).filter(unlike),
    st.lists(NAMES, max_size=12).filter(unlike),
    st.data(),
)
def test_olefile_reads_back_every_stream(outer: list[str], inner: list[str], data: st.DataObject) -> None:
    paths = [(name,) for name in outer] + [("Et lager", name) for name in inner]
    streams = {path: bytes([number % 251 + 1]) * data.draw(SIZES) for number, path in enumerate(paths)}
    made = compound_file(streams)
    assert made == compound_file(streams)
    with olefile.OleFileIO(io.BytesIO(made), raise_defects=olefile.DEFECT_UNSURE) as file:
        assert not file.parsing_issues
        assert {tuple(path) for path in file.listdir()} == set(streams)
        for path, content in streams.items():
            assert file.openstream(list(path)).read() == content


def directory(made: bytes) -> list[tuple[str, int, int, int, int]]:
    """Name, colour, left, right and child of every entry."""
    (start,) = struct.unpack_from("<I", made, 48)
    entries = made[(start + 1) * 512 :]
    found = []
    for at in range(0, len(entries) - 127, 128):
        length, kind, *links = struct.unpack_from("<HBBIII", entries, at + 64)
        if kind not in {1, 2, 5}:
            break
        found.append((entries[at : at + length - 2].decode("utf-16-le"), *links))
    return found


@pytest.mark.parametrize("count", range(1, 40))
def test_the_directory_is_a_red_black_tree(count: int) -> None:
    """As [MS-CFB] 2.6.4 wants it: in order, no red below red, as many black entries on every way down."""
    entries = directory(compound_file({(f"{'x' * (number % 5)}{number}",): b"1" for number in range(count)}))
    order: list[str] = []

    def blacks(number: int, above_is_red: bool) -> int:
        if number == 0xFFFFFFFF:
            return 1
        name, colour, left, right, _ = entries[number]
        assert not (above_is_red and colour == 0)
        below = blacks(left, colour == 0)
        order.append(name)
        assert blacks(right, colour == 0) == below
        return below + colour

    blacks(entries[0][4], above_is_red=False)
    assert order == sorted(order, key=lambda name: (len(name), name.upper()))
    assert len(order) == count


def test_a_file_with_many_sectors_has_a_table_that_covers_itself() -> None:
    content = bytes(range(256)) * 4 * 500
    made = compound_file({("stor",): content})
    with olefile.OleFileIO(io.BytesIO(made), raise_defects=olefile.DEFECT_UNSURE) as file:
        assert file.openstream("stor").read() == content
    (tables,) = struct.unpack_from("<I", made, 44)
    assert tables == -(-(len(made) // 512 - 1) // 128)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        compound_file({("stor",): bytes(8_000_000)})
