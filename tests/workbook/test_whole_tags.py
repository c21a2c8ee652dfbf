"""Tags that are known to be whole, or looked at some hundred at a time, are those that one expression finds whole."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from behov_xl.workbook import whole_tags
from behov_xl.workbook.package import DamagedPackage

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
    rb"(?:\xef\xbb\xbf)?(?:<%b)*(?:<%b|<!--(?:(?!--).)*-->\s*)*" % (whole_tags._PROCESSING, whole_tags._ELEMENT),
    re.DOTALL,
)


@example([["<a>"] * 1_200])
@example([["<a>"] * 1_200 + [" x ", "<!-- - -->", "\n", "</a>"]])
@example([["\ufeff", "<?x y?>", "<a>", "<!-- -- -->"]])
@example([["<a>", "</a>"], ["<a>", '<b c="d">', "</a>"], ["<a>", "<b c='\"'/>", "</a>"], ["<a>", '<b c="', "</a>"]])
@example([["<a>", "</a>"], ["<a>", "<a>", "</a>"], ["<a>", "\n", "</a>"], ["<a>", '<?xml version="1.0"?>', "</a>"]])
@given(st.lists(st.lists(TAGS, max_size=6), min_size=1, max_size=6))
def test_tags_that_are_known_are_whole_one_workbook_after_the_other(workbooks: list[list[str]]) -> None:
    whole_tags._last.clear()
    for pieces in workbooks:
        start = "".join(pieces).encode()
        whole = WHOLE.fullmatch(start) is not None
        for _ in range(2):
            try:
                whole_tags.check_begins_well("a", start)
            except DamagedPackage:
                assert not whole
            else:
                assert whole


def test_a_tag_with_more_attributes_than_any_program_writes_is_none() -> None:
    assert whole_tags._made_of_tags(b"<a" + b' b="c"' * 1_000 + b">")
    assert not whole_tags._made_of_tags(b"<a" + b' b="c"' * 1_001 + b">")


def test_of_a_long_beginning_nothing_is_kept() -> None:
    whole_tags._last.clear()
    whole_tags.check_begins_well("a", b"<a>")
    known = len(whole_tags._whole)
    long = b"<a>" + b"".join(b"<b%d/>" % number for number in range(5_000)) + b"<a>"
    whole_tags.check_begins_well("a", long)
    assert (len(whole_tags._whole), whole_tags._last["a"].tags) == (known, [b"", b"a>"])
