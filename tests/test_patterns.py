"""What no regular expression of the package may do, since a Python that people have gets it wrong."""

from __future__ import annotations

import re
from pathlib import Path

import behov_xl


def test_no_group_is_repeated_in_the_way_that_older_pythons_get_wrong() -> None:
    """``(?:ab)*+`` goes astray up to Python 3.11.4, which is that of Debian 12; ``(?>(?:ab)*)`` says the same."""
    package = Path(behov_xl.__file__).parent
    lines = [line for path in package.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    patterns = [line for line in lines if re.search(r'\brb?f?["\']|\bfr["\']', line)]
    assert len(patterns) > 200
    assert [line for line in patterns if re.search(r"(?<!\\)\)[*+?]\+", line)] == []
