"""A quick look before the real one never hides what the real one finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from behov_xl.workbook import part_checks
from behov_xl.workbook.package import DamagedPackage

SEARCHED = [*part_checks._TYPES, *part_checks._RELATIONS]


@pytest.mark.parametrize(("words", "pattern"), [one[1:] for one in SEARCHED])
def test_whatever_breaks_a_rule_holds_one_of_its_words(words: tuple[str, ...], pattern: re.Pattern[str]) -> None:
    @given(st.from_regex(pattern, fullmatch=True))
    def holds(text: str) -> None:
        assert not text.isascii() or any(word in text.lower() for word in words)

    holds()


TAGS = st.sampled_from(
    [
        '<?xml version="1.0"?>',
        "<?a",
        "\n",
        "<a",
        "<a>",
        "</a>",
        '<b c="d">',
        "<b c='\"'/>",
        '<b c="',
        "<!-- < -->",
        "<!-- - -->",
        "<!--->",
        "-->",
        " x ",
        ">",
    ]
)


WHOLE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<%b)*(?:<%b|<!--(?:(?!--).)*-->\s*)*" % (part_checks._PROCESSING, part_checks._ELEMENT),
    re.DOTALL,
)


@example(["<a>"] * 1_200)
@example(["<a>"] * 1_200 + [" x ", "<!-- - -->", "\n", "</a>"])
@example(["\ufeff", "<?x y?>", "<a>", "<!-- -- -->"])
@given(st.lists(TAGS, max_size=6))
def test_tags_that_are_known_are_whole(pieces: list[str]) -> None:
    start = "".join(pieces).encode()
    whole = WHOLE.fullmatch(start) is not None
    for _ in range(2):
        try:
            part_checks.check_begins_well("a", start)
        except DamagedPackage:
            assert not whole
        else:
            assert whole


def test_no_group_is_repeated_in_the_way_that_older_pythons_get_wrong() -> None:
    """``(?:ab)*+`` goes astray up to Python 3.11.4, which is that of Debian 12; ``(?>(?:ab)*)`` says the same."""
    package = Path(part_checks.__file__).parents[1]
    lines = [line for path in package.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    patterns = [line for line in lines if re.search(r'\brb?f?["\']|\bfr["\']', line)]
    assert len(patterns) > 200
    assert [line for line in patterns if re.search(r"(?<!\\)\)[*+?]\+", line)] == []
