"""A run as a dataset: Parquet files by year and network, that pandas, DuckDB, Polars and ``behov-xl summarize`` read.

``schema`` says what is in it, ``writer`` writes it, ``totals`` reads it. Those need pyarrow, of the extra ``dataset``;
what is here does not.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from behov_xl.findings import Phrase

SCHEMA = "behov-xl/dataset/1"
MARKER = "_behov_xl.json"
"""The file by which a folder is known as a dataset. Readers of Parquet pass over names that begin so."""


class DatasetError(Exception):
    """A dataset cannot be written or read. ``said`` is why, for the user."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.said = Phrase(f"dataset.{key}", params)


def check_installed() -> None:
    """Raises :class:`DatasetError` where pyarrow is missing."""
    if find_spec("pyarrow") is None:
        raise DatasetError("not_installed")
