"""The compression of VBA, against oletools."""

from __future__ import annotations

import pytest
from addin_file import decompress_stream
from hypothesis import example, given
from hypothesis import strategies as st

from behov_xl.addin.ovba import DamagedVba, compress, decompress

TEXT = st.one_of(
    st.binary(max_size=9000),
    st.lists(st.sampled_from([b"Sub ", b"End Sub\r\n", b"a", b"MsgBox ", b"    "]), max_size=3000).map(b"".join),
)


@given(TEXT)
@example(bytes(range(256)) * 16)
@example(b"a" * 4096 + b"b")
@example(b"")
def test_what_is_compressed_is_read_back_by_us_and_by_oletools(text: bytes) -> None:
    packed = compress(text)
    assert decompress(packed) == text
    if text:
        assert bytes(decompress_stream(bytearray(packed))) == text


def test_source_text_becomes_much_smaller() -> None:
    text = b"".join(b"    If ActiveWorkbook Is Nothing Then Exit Sub ' %d\r\n" % number for number in range(300))
    assert len(compress(text)) < len(text) / 4


def test_random_bytes_are_stored_as_they_are() -> None:
    import random

    chunk = random.Random(1).randbytes(4096)
    assert len(compress(chunk)) == 1 + 2 + 4096


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x01\x00\x00\x00", b"\x01\x03\xb0\x01\x00\x00\x00", b"\x01\x03\xb0\x02a\xff\xff"]
)
def test_what_is_not_compressed_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedVba):
        decompress(data)
