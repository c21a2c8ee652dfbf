from __future__ import annotations

import re
from pathlib import Path

import pytest

import behov_xl.rules
from behov_xl.messages import LANGUAGES, catalogue
from behov_xl.messages.render import title
from behov_xl.rules import catalogue as rules
from behov_xl.rules.reference import markdown

PAGE = Path(behov_xl.rules.__file__).with_name("README.md")


def test_the_committed_page_is_what_the_command_prints() -> None:
    """Made by: behov-xl rules --format markdown > behov_xl/rules/README.md"""
    assert PAGE.read_text(encoding="utf-8") == markdown(list(rules().values()), catalogue("nb"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_is_listed_and_explained_with_examples(lang: str) -> None:
    words = catalogue(lang)
    page = markdown(list(rules().values()), words)
    entries = dict(re.findall(r'(?ms)^### <a id="(bx\d+)"></a>(.*?)(?=^### |\Z)', page))
    assert set(entries) == {code.lower() for code in rules()}
    for code, rule in rules().items():
        assert page.count(f"[{code}](#{code.lower()})") == 1
        entry = entries[code.lower()]
        assert f"`{rule.name}`" in entry
        assert title(code, words).split()[0].replace("_", r"\_") in entry
        assert len(re.findall(r"(?m)^(?:Wrong|Galt|Gale|Right|Rett):", entry)) >= 2


def test_there_are_as_many_rules_as_a_careful_adviser_needs() -> None:
    assert len(rules()) >= 60
