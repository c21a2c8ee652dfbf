"""White space as a reader sees it: none of its kinds matters, and what is invisible is not there."""

from __future__ import annotations

import re
from functools import lru_cache

_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\ufe0e\ufe0f]")


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Every kind of white space folded to single ordinary spaces, ends stripped, invisible characters removed."""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())
