"""What a dataset holds: four tables, their columns with types and what they mean.

Every table is a folder of Parquet files, ``year=…/network=…/part-….parquet``; these two columns are in the names of the
folders. Where several spellings of a network differ only in small and capital letters, as the report takes them for
one, all its rows are under the first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pyarrow as pa

UNREADABLE = "__unreadable__"
"""The network of workbooks that could not be read; their year is 0."""
NO_YEAR = 0
"""The year of workbooks that do not say theirs."""
_TAKEN = frozenset({UNREADABLE.casefold(), "__hive_default_partition__"})
_LONGEST = 120
"""Bytes of a network in the name of a folder. File systems allow 255, and some 260 for the whole path."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``type`` is pyarrow's name of it; ``None`` may stand in it if ``optional``."""

    name: str
    type: str
    about: str
    optional: bool = False


_NUMBER = Column("number", "int64", "the workbook's number in the run, from 0: what joins the tables")
_PATH = Column("path", "string", "the workbook, as in reports")
_OWNER = Column("owner", "string", "the owner, as the workbook has it; none where it could not be read", optional=True)

TABLES: dict[str, tuple[Column, ...]] = {
    "submissions": (
        _NUMBER,
        _PATH,
        Column("status", "string", "ok, findings or unreadable"),
        _OWNER,
        Column("organisation_number", "string", "of the owner, as the workbook has it", optional=True),
        Column("network_name", "string", "the network as this workbook spells it, whole", optional=True),
        Column("measures", "int64", "how many measures it has", optional=True),
        Column("owner_sum", "float64", "what the owner asks for, kroner, recomputed", optional=True),
        Column("uh_sum", "float64", "what the UH ask for, kroner, recomputed", optional=True),
        Column("hours", "float64", "stated hours of all school years", optional=True),
        Column("errors", "int64", "findings that are errors and not acknowledged"),
        Column("warnings", "int64", "findings that are warnings and not acknowledged"),
        Column("infos", "int64", "findings that are infos and not acknowledged"),
    ),
    "measures": (
        _NUMBER,
        _PATH,
        _OWNER,
        Column("measure", "string", "the measure's number in the workbook, such as T1"),
        Column("name", "string", "what it is called"),
        Column("uh", "string", "the UH, by its full name where the list of partners has it"),
        Column("owner_sum", "float64", "the owner's sum, kroner"),
        Column("uh_sum", "float64", "the UH's sum, kroner"),
    ),
    "hours": (
        _NUMBER,
        _PATH,
        _OWNER,
        Column("school_year", "string", "such as 2026/2027"),
        Column("hours", "float64", "stated hours of its activities"),
    ),
    "findings": (
        _NUMBER,
        _PATH,
        _OWNER,
        Column("code", "string", "the rule's code, such as BX301"),
        Column("name", "string", "the rule's name"),
        Column("severity", "string", "error, warning or info"),
        Column("sheet", "string", "none for a finding about the file as a whole", optional=True),
        Column("cell", "string", "such as G5", optional=True),
        Column("measure", "string", "the measure it is about, such as T1", optional=True),
        Column("message", "string", "what is wrong and what to do, in the language of the run"),
        Column("expected", "string", "what should stand there; numbers with a decimal point", optional=True),
        Column("actual", "string", "what stands there", optional=True),
        Column("fix", "string", "safe, unsafe or none"),
        Column("acknowledged", "string", "the reason by which it does not count", optional=True),
        Column("identity", "string", "tells it from all others of the run, and stays the same from run to run"),
    ),
}
PARTITION = (
    Column("year", "int32", f"the year of the submission; {NO_YEAR} where it is not known"),
    Column("network", "string", f"the network; empty where none is named, {UNREADABLE} for what could not be read. One "
           "that is too long for the name of a folder is cut and ends in ~ and a checksum: see network_name"),
)  # fmt: skip


def fields(columns: tuple[Column, ...]) -> pa.Schema:
    """The columns as pyarrow has them."""
    types = {name: pa.type_for_alias(name) for name in {column.type for column in columns}}
    return pa.schema([pa.field(one.name, types[one.type], nullable=one.optional) for one in columns])


def described() -> dict[str, Any]:
    """Every table's columns with type and meaning, as plain data."""
    return {
        table: {one.name: {"type": one.type, "about": one.about} for one in (*columns, *PARTITION)}
        for table, columns in TABLES.items()
    }


def year_of(year: int | None) -> int:
    """A submission's year as it is in the partition: what is no year of our time is not known."""
    return year if year is not None and 1900 <= year <= 9999 else NO_YEAR


def network_of(name: str) -> str:
    """A network as it is in the partition: a text that can be the name of a folder, once it is percent-encoded."""
    # Control characters end a text for some readers, and a dot at the end of a name is lost on Windows.
    plain = "".join(character if character.isprintable() else " " for character in name).strip()
    if plain == name and len(_encoded(name)) <= _LONGEST and name.casefold() not in _TAKEN and not name.endswith("."):
        return name
    checksum = hashlib.blake2b(name.casefold().encode("utf-8", "replace"), digest_size=4).hexdigest()
    while len(_encoded(plain)) > _LONGEST:
        plain = plain[:-1]
    return f"{plain}~{checksum}"


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
