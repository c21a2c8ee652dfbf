"""The standard streams of the command line, which whoever starts it may have closed, or led to where nothing fits."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any, TextIO


class _Unheard:
    """A stream of messages. That nobody hears them is no reason to end otherwise."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def make_usable() -> None:
    """Gives the process the streams that it was started without, and lets none of its messages fail it."""
    sys.stdin = sys.stdin or _nothing(os.O_RDONLY, "r")
    sys.stdout = sys.stdout or _nothing(os.O_RDONLY, "w")  # results are not lost unsaid: writing to it fails
    sys.stderr = sys.stderr or _nothing(os.O_WRONLY, "w")
    if not isinstance(sys.stderr, _Unheard):
        sys.stderr = _Unheard(sys.stderr)


def drop_results() -> None:
    """What standard output did not take, it is not offered again when the process ends."""
    sys.stdout = _nothing(os.O_WRONLY, "w")


def _nothing(access: int, mode: str) -> Any:
    """A stream to or from nothing. It takes the number of the one that is missing, so that no file does."""
    return os.fdopen(os.open(os.devnull, access), mode, encoding="utf-8", errors="replace")
