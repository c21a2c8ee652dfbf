from __future__ import annotations

from markdown_it import MarkdownIt
from reports import HARM, hostile, real

from behov_xl.messages import catalogue
from behov_xl.report import markdown

READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})


def test_there_is_a_heading_per_workbook_the_worst_first_and_a_row_per_finding() -> None:
    tokens = READER.parse(markdown.render(real(), catalogue("en")))
    headings = [tokens[at + 1].children for at, one in enumerate(tokens) if one.type == "heading_open"]
    names = ["".join(child.content for child in one).rpartition("/")[2] for one in headings]
    assert names == ["Statements of need: findings", "feil_2026.xlsx", "nix.xlsx", "komplett_2026.xlsx"]
    rows = sum(one.type == "tr_open" for one in tokens)
    assert rows == sum(len(one.findings) for one in real().workbooks) + 2


def test_what_stands_in_a_workbook_is_text_and_never_markup() -> None:
    text = markdown.render(hostile(), catalogue("nb"))
    tokens = READER.parse(text)
    inline = [child for one in tokens for child in one.children or []]
    assert {one.type for one in inline} <= {"text", "text_special", "html_inline"}
    assert {one.content for one in inline if one.type == "html_inline"} == {"<!-- -->"}
    cells = [tokens[at + 1] for at, one in enumerate(tokens) if one.type == "td_open"]
    assert len(cells) == 4 * 6
    read = "".join(child.content for child in cells[4].children if child.type != "html_inline")
    assert '<script>alert(1)</script> a|b @alle ;" `x`' in read
    assert "http://" not in text
    assert HARM[:18] in "".join(child.content for child in inline if child.type != "html_inline")


def test_a_report_that_must_fit_says_what_it_leaves_out() -> None:
    whole = markdown.render(real(), catalogue("nb"))
    assert markdown.render(real(), catalogue("nb"), limit=len(whole.encode()) + 10) == whole
    short = markdown.render(real(), catalogue("nb"), limit=2_000)
    assert len(short.encode()) < 2_100
    assert short.splitlines()[-1].startswith("… og 3 ")
