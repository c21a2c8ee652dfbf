"""Zip archives with every field in the tester's hand: what no honest program writes."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from io import BytesIO

from conftest import EXAMPLES

GOOD = EXAMPLES / "komplett_2026.xlsx"


@dataclass
class Part:
    """One part. ``local`` and ``central`` override the fields of its two headers; ``raw`` what is packed."""

    name: str
    content: bytes
    method: int = 8
    raw: bytes | None = None
    local: dict[str, int | bytes] = field(default_factory=dict)
    central: dict[str, int | bytes] = field(default_factory=dict)
    extra: bytes = b""
    listed: bool = True
    at: int | None = None
    """Where its directory entry says that it is, if it has no record of its own."""

    def packed(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.method != 8:
            return self.content
        return _deflated(self.content)


@lru_cache(maxsize=200)
def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def good_parts() -> list[Part]:
    """The complete example's parts."""
    return [Part(name, data) for name, data in _good().items()]


@cache
def _good() -> dict[str, bytes]:
    with zipfile.ZipFile(GOOD) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def build(
    parts: Iterable[Part],
    *,
    before: bytes = b"",
    gap: bytes = b"",
    after: bytes = b"",
    comment: bytes = b"",
    end: dict[str, int] | None = None,
) -> bytes:
    """The archive: ``before`` its parts, a ``gap`` before its directory, ``after`` its end; ``end`` overrides."""
    out, directory = BytesIO(), b""
    out.write(before)
    count = 0
    for part in parts:
        packed = part.packed()
        name = part.name.encode()
        fields: dict[str, int | bytes] = {
            "flags": 0,
            "method": part.method,
            "crc": zlib.crc32(part.content),
            "compressed": len(packed),
            "size": len(part.content),
            "name": name,
            "version": 20,
            "mode": 0,
        }
        local = fields | part.local
        offset = out.tell() if part.at is None else part.at
        if part.at is None:
            out.write(
                struct.pack(
                    "<4s5H3L2H",
                    local.get("mark", b"PK\x03\x04"),
                    *(local["version"], local["flags"], local["method"], 0, 33),
                    *(local["crc"], local["compressed"], local["size"], len(local["name"]), len(part.extra)),
                )
                + bytes(local["name"])
                + part.extra
                + packed
            )
        central = fields | {"offset": offset} | part.central
        if part.listed:
            count += 1
            directory += struct.pack(
                "<4s6H3L5H2L",
                *(central.get("mark", b"PK\x01\x02"), 20, central["version"], central["flags"], central["method"]),
                *(0, 33, central["crc"], central["compressed"], central["size"], len(central["name"]), 0, 0, 0, 0),
                *(int(central["mode"]) << 16, central["offset"]),
            ) + bytes(central["name"])
    out.write(gap)
    start = out.tell()
    out.write(directory)
    last = {"disk": 0, "first": 0, "here": count, "count": count, "size": len(directory), "start": start}
    last |= {"comment": len(comment)} | (end or {})
    out.write(struct.pack("<4s4H2LH", b"PK\x05\x06", *last.values()) + comment + after)
    return out.getvalue()


def changed(**replaced: bytes) -> bytes:
    """The example with parts replaced or added; ``__`` is ``/`` and ``_dot_`` a full stop in a keyword."""
    return with_parts({name.replace("__", "/").replace("_dot_", "."): data for name, data in replaced.items()})


def with_parts(replaced: dict[str, bytes | None]) -> bytes:
    """The example with parts replaced, added, or (``None``) taken out."""
    parts = {part.name: part for part in good_parts()}
    for name, data in replaced.items():
        if data is None:
            parts.pop(name)
        else:
            parts[name] = Part(name, data)
    return build(parts.values())


def part(name: str) -> bytes:
    """The content of one of the example's parts."""
    return _good()[name]


def edited(name: str, old: bytes, new: bytes) -> bytes:
    """The example with a text in one part replaced, everywhere."""
    assert old in part(name), (name, old)
    return with_parts({name: part(name).replace(old, new)})
