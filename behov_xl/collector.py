"""Python's search for cycles, kept away from where there are many objects and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """No search inside. What is young when it ends is searched as soon as anything is made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def settle() -> None:
    """What there is by now is never searched again: modules and the like, which stay as long as the process."""
    gc.freeze()


def look_through_new() -> None:
    """Searches what was made since the last time, while the search is paused. What stays is not searched again."""
    gc.collect(1)
