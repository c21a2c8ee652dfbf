"""What the tests of the add-in's file share: the file, built once, and taken apart by others' tools."""

from __future__ import annotations

import warnings
from functools import cache

from behov_xl.addin.build import addin_bytes
from behov_xl.messages import catalogue
from conftest import parts_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # oletools calls pyparsing by its old names
    from oletools.olevba import VBA_Parser, decompress_stream

__all__ = ["addin", "decompress_stream", "modules", "parts"]


@cache
def addin(lang: str = "nb") -> bytes:
    return addin_bytes(catalogue(lang))


@cache
def parts(lang: str = "nb") -> dict[str, bytes]:
    return parts_of(addin(lang))


@cache
def modules(lang: str = "nb") -> dict[str, str]:
    """Module → its source, as oletools reads it in the built file."""
    return modules_of(addin(lang))


def modules_of(data: bytes) -> dict[str, str]:
    parser = VBA_Parser("tillegg.xlam", data=data)
    try:
        return {name.partition(".")[0]: code.replace("\r\n", "\n") for _, _, name, code in parser.extract_all_macros()}
    finally:
        parser.close()
