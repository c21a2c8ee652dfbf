"""Functions of texts that remember what they gave."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

LONGEST = 500
"""Characters of a text that is remembered. Longer ones seldom come again, and would fill what holds thousands."""

_F = TypeVar("_F", bound=Callable[..., Any])


def remembered(most: int, text: int = 0, longest: int = LONGEST) -> Callable[[_F], _F]:
    """As ``lru_cache``, but what is kept does not grow with what somebody uploads: nothing is kept of a long text.

    ``text``: which argument is the text, or what it is written in; ``longest``: how long it may be. All are positional.
    """

    def decorate(function: _F) -> _F:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def call(*asked: Any) -> Any:
            return kept(*asked) if len(asked[text]) <= longest else function(*asked)

        return cast("_F", call)

    return decorate
