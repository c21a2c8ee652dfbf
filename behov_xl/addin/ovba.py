"""The compression of VBA source text ([MS-OVBA] 2.4.1): chunks of 4096 bytes, each of literals and copies."""

from __future__ import annotations

import struct

_CHUNK = 4096
_CANDIDATES = 32
"""How many earlier places a copy may come from are tried: text compresses about as small as Office makes it."""


class DamagedVba(ValueError):
    """What should be VBA is not."""


def decompress(data: bytes) -> bytes:
    """The text in a compressed container. Raises :class:`DamagedVba`."""
    if data[:1] != b"\x01":
        raise DamagedVba("no compressed container")
    out, at = bytearray(), 1
    while at + 2 <= len(data):
        (head,) = struct.unpack_from("<H", data, at)
        if head >> 12 & 7 != 3:
            raise DamagedVba("a chunk without signature")
        content = data[at + 2 : at + (head & 0xFFF) + 3]
        out += _decompress_chunk(content) if head & 0x8000 else content
        at += (head & 0xFFF) + 3
    return bytes(out)


def _decompress_chunk(data: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(data):
        flags, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data):
                break
            if not flags >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            if not out or at + 2 > len(data):
                raise DamagedVba("a copy of nothing")
            (token,) = struct.unpack_from("<H", data, at)
            bits = _offset_bits(len(out))
            offset = (token >> (16 - bits)) + 1
            if offset > len(out):
                raise DamagedVba("a copy from before the chunk")
            for _ in range((token & 0xFFFF >> bits) + 3):
                out.append(out[-offset])
            at += 2
    return bytes(out)


def compress(text: bytes) -> bytes:
    """The compressed container of a text."""
    chunks = (text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK))
    return b"\x01" + b"".join(_compress_chunk(chunk) for chunk in chunks)


def _compress_chunk(chunk: bytes) -> bytes:
    seen: dict[bytes, list[int]] = {}
    out, at = bytearray(), 0
    while at < len(chunk):
        flags, tokens = 0, b""
        for bit in range(8):
            if at >= len(chunk):
                break
            offset, length = _longest_copy(chunk, at, seen.get(chunk[at : at + 3], []))
            if length >= 3:
                bits = _offset_bits(at)
                tokens += struct.pack("<H", (offset - 1) << (16 - bits) | (length - 3))
                flags |= 1 << bit
            else:
                tokens += chunk[at : at + 1]
                length = 1
            for place in range(at, at + length):
                seen.setdefault(chunk[place : place + 3], []).append(place)
            at += length
        out += bytes([flags]) + tokens
    if len(out) > _CHUNK and len(chunk) == _CHUNK:  # what does not get smaller is stored as it is
        return struct.pack("<H", 0x3000 | _CHUNK - 1) + chunk
    return struct.pack("<H", 0xB000 | len(out) - 1) + bytes(out)


def _longest_copy(chunk: bytes, at: int, places: list[int]) -> tuple[int, int]:
    """How far back, and how long; length 0 for none. A copy may reach into what it makes itself."""
    most = min((0xFFFF >> _offset_bits(at)) + 3 if at else 0, len(chunk) - at)
    best = (0, 0)
    for place in reversed(places[-_CANDIDATES:]):
        length = 0
        while length < most and chunk[place + length] == chunk[at + length]:
            length += 1
        if length > best[1]:
            best = (at - place, length)
    return best


def _offset_bits(decompressed: int) -> int:
    """How many bits of a copy token say how far back, by what of the chunk is there already."""
    return max((decompressed - 1).bit_length(), 4)
