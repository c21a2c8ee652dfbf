"""The page as a program reads it: valid, accessible, complete, and nothing of what a workbook holds is markup."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from behov_xl.findings import Ask, Finding, Report, Severity, WorkbookReport
from behov_xl.messages import LANGUAGES, catalogue, number
from behov_xl.messages.render import advice, title, wrong
from behov_xl.report import html
from behov_xl.rules import catalogue as all_rules
from conftest import EXAMPLES
from pages import IMAGE, NAMES, REASON, SCRIPT, examples, hostile, parsed, rendered, rows, text

SVG = "{http://www.w3.org/2000/svg}"


def one_line(words: str) -> str:
    return " ".join(words.split())


def by_id(page: ET.Element) -> dict[str, ET.Element]:
    return {element.attrib["id"]: element for element in page.iter() if "id" in element.attrib}


def captioned(page: ET.Element, caption: str) -> list[ET.Element]:
    return [one for one in page.iter("table") for head in one.iterfind("caption") if text(head) == caption]


# ------------------------------------------------------------------------------------------- structure


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_valid_html_in_its_language(lang: str) -> None:
    page = parsed(rendered(examples(), lang))
    assert page.tag == "html"
    assert page.attrib["lang"] == lang
    assert text(page.find("head/title")) == text(page.find(".//h1")) != ""
    assert not re.search(r"\{\w+\}", "".join(page.find("body/main").itertext()))


@pytest.mark.parametrize("report", [examples(), examples("bodo_2026.xlsx"), Report("behovsmelding-2026", ())])
def test_ids_are_unique_and_whatever_refers_to_one_finds_it(report: Report) -> None:
    page = parsed(rendered(report))
    ids = Counter(element.attrib["id"] for element in page.iter() if "id" in element.attrib)
    assert [one for one, count in ids.items() if count > 1] == []
    referred = [
        one
        for element in page.iter()
        for name in ("aria-labelledby", "aria-describedby", "for", "href")
        for one in element.attrib.get(name, "").split()
        if name != "href" or element.tag == "a"
    ]
    assert referred
    assert {one.removeprefix("#") for one in referred} <= set(ids)


@pytest.mark.parametrize("names", [NAMES, ("bodo_2026.xlsx",)])
def test_headings_step_down_one_level_at_a_time(names: tuple[str, ...]) -> None:
    page = parsed(rendered(examples(*names)))
    levels = [int(one.tag[1]) for one in page.iter() if re.fullmatch("h[1-6]", str(one.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(text(one) for one in page.iter() if re.fullmatch("h[1-6]", str(one.tag)))


def test_every_table_has_a_name_and_every_heading_of_one_says_what_it_heads() -> None:
    page = parsed(rendered(examples()))
    tables = list(page.iter("table"))
    assert len(tables) > 10
    for table in tables:
        assert table.find("caption") is not None or table.get("aria-labelledby")
        assert all(one.get("scope") == "col" for one in table.iterfind("thead//th"))
        assert all(one.get("scope") == "row" for part in ("tbody", "tfoot") for one in table.iterfind(f"{part}//th"))
        widths = {len(list(row)) for row in table.iterfind("tbody/tr")}
        assert widths == {len(table.findall("thead/tr/th"))}


def test_every_control_has_a_label() -> None:
    page = parsed(rendered(examples()))
    labels = {one.get("for") for one in page.iter("label")}
    inside = {id(one) for label in page.iter("label") for tag in ("input", "select") for one in label.iter(tag)}
    controls = [one for tag in ("input", "select") for one in page.iter(tag)]
    assert len(controls) == 6
    assert all(id(one) in inside or one.get("id") in labels for one in controls)
    assert text(page.find(".//fieldset/legend"))
    assert page.find(".//output").attrib["aria-live"] == "polite"


def test_the_first_link_skips_to_the_findings() -> None:
    page = parsed(rendered(examples()))
    first = next(page.iter("a"))
    assert text(by_id(page)[first.attrib["href"].removeprefix("#")]) == "Funn"


# ------------------------------------------------------------------------------------------- content


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_is_a_row_with_place_measure_what_is_wrong_and_what_to_do(lang: str) -> None:
    report, words = examples(), catalogue(lang)
    expected = [
        {
            "place": one_line(f"{one.sheet} {one.cell}") if one.sheet else words.text("html.whole_file"),
            "severity": words.text(f"severity.{one.severity}"),
            "measure": one.measure or "–",
            "what": one_line(wrong(one, words) + advice(one, words)),
            "rule": one.rule.code,
        }
        for book in report.workbooks
        for one in book.findings
        if one.acknowledged is None
    ]
    assert rows(parsed(rendered(report, lang)), "open") == expected
    assert len(expected) > 80


def test_acknowledged_findings_stand_apart_with_their_reason() -> None:
    report = examples()
    acknowledged = [one for book in report.workbooks for one in book.findings if one.acknowledged]
    shown = rows(parsed(rendered(report)), "acknowledged")
    assert [one["rule"] for one in shown] == [one.rule.code for one in acknowledged]
    assert shown
    assert all(one["what"].endswith(f"Begrunnelse: {REASON}") for one in shown)


def test_the_tiles_count_what_is_open_and_what_is_acknowledged() -> None:
    report = examples()
    page = parsed(rendered(report))
    tiles = {text(one.find("dt")): text(one.find("dd")) for one in page.iterfind(".//dl[@class='tiles']/div")}
    counts = report.count()
    acknowledged = sum(one.acknowledged is not None for book in report.workbooks for one in book.findings)
    assert tiles == {
        "Arbeidsbøker": "4",
        "Feil": str(counts[Severity.ERROR]),
        "Advarsler": str(counts[Severity.WARNING]),
        "Merknader": str(counts[Severity.INFO]),
        "Kvittert": str(acknowledged),
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_that_found_something_is_explained_once_and_linked(lang: str) -> None:
    report, words = examples(), catalogue(lang)
    page = parsed(rendered(report, lang))
    codes = {one.rule.code for book in report.workbooks for one in book.findings}
    rules = list(page.iter("details"))
    assert [one.attrib["id"] for one in rules] == sorted(codes)
    for rule in rules:
        code = rule.attrib["id"]
        assert text(rule.find("summary")) == one_line(f"{code} {title(code, words)}")
        why = all_rules()[code].doc if lang == "en" else words.text(f"{code}.why")
        assert one_line(why.replace("`", "")) in " ".join(text(one) for one in rule.iter("p"))
        assert "open" in rule.attrib  # so that it can be read without the script
    links = page.findall(".//tbody//td/a")
    assert {one.attrib["href"] for one in links} == {f"#{code}" for code in codes}


def test_a_workbook_is_summed_up_with_owner_year_measures_totals_and_hours() -> None:
    page = parsed(rendered(examples("bodo_2026.xlsx")))
    facts = {text(one.find("dt")): text(one.find("dd")) for one in page.iterfind(".//dl[@class='facts']/div")}
    assert facts == {
        "Eier": "Bodø kommune",
        "Kompetansenettverk": "Kompetansenettverk Salten",
        "År": "2026",
        "Tiltak": "5",
        "Totalt": "2 458 860 kr",
    }
    (hours,) = captioned(page, "Timer per barnehage- og skoleår")
    assert [text(one) for one in hours.iterfind("tbody/tr/*")] == ["2026/2027", "22 timer", "2027/2028", "26 timer"]
    (sums,) = captioned(page, "Summer per tiltak")
    assert [text(one) for one in sums.find("tbody/tr")] == [
        "T1 Kvalitetsutvikling kommunale bhg.",
        "Læringsmiljøsenteret, Universitetet i Stavanger",
        "200 000 kr",
        "201 500 kr",
        "401 500 kr",
    ]
    assert [text(one) for one in sums.find("tfoot/tr")] == ["Totalt", "880 000 kr", "1 578 860 kr", "2 458 860 kr"]


def test_a_file_that_could_not_be_read_has_its_finding_and_no_figures() -> None:
    page = parsed(rendered(examples("nix.xlsx")))
    (finding,) = rows(page)
    assert (finding["rule"], finding["place"]) == ("BX001", "Hele filen")
    assert page.find(".//table[@class='figures']") is None
    assert page.find(f".//{SVG}svg") is None


def test_a_workbook_without_findings_says_so() -> None:
    page = parsed(rendered(examples("komplett_2026.xlsx")))
    assert text(page.find(".//p[@class='clean']")) == "Ingen funn"
    assert rows(page) == []


def test_a_run_over_nothing_is_a_page() -> None:
    page = parsed(rendered(Report("behovsmelding-2026", ())))
    assert text(page.find(".//h1")) == "Rapport om behovsmeldinger"


def test_several_workbooks_are_listed_and_added_up() -> None:
    page = parsed(rendered(examples()))
    listed = [one for one in page.iter("table") if one.get("aria-labelledby") == "all"]
    links = listed[0].findall("tbody//a")
    owners = ["Eksempel kommune, 2025", "Bodø kommune, 2026", "Eksempel kommune, 2026"]
    assert [text(one) for one in links] == [*owners, "nix.xlsx"]
    assert [text(by_id(page)[one.attrib["href"][1:]]) for one in links] == [text(one) for one in links]
    (networks,) = [one for one in page.iter("table") if one.get("aria-labelledby") == "per_network"]
    assert text(networks.findall("tbody/tr")[1]) == "Kompetansenettverk Salten281 240 000 kr2 218 860 kr3 458 860 kr"
    hours = captioned(page, "Timer per barnehage- og skoleår")
    assert "2026/2027115 timer" in text(hours[0])
    facts = [text(one) for one in page.iterfind(".//dl[@class='facts']/div")]
    assert "Timer 2026/202722 timer" in facts


# ------------------------------------------------------------------------------------------- charts


def bars_of(chart: ET.Element) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for one in chart.iter(f"{SVG}rect"):
        found.setdefault(one.attrib["fill"], []).append(float(one.attrib["width"]))
    return found


def test_bars_are_as_long_as_the_sums_and_hours_are_large() -> None:
    report = examples("bodo_2026.xlsx")
    page = parsed(rendered(report))
    sums, hours = page.iter(f"{SVG}svg")
    submission = report.workbooks[0].submission
    longest = max(ask.uh_sum for ask in submission.asks)
    widths = bars_of(sums)
    scale = max(widths["var(--uh)"]) / longest
    # The library draws groups from below upwards.
    for fill, amounts in {
        "var(--owner)": [ask.owner_sum for ask in submission.asks],
        "var(--uh)": [ask.uh_sum for ask in submission.asks],
    }.items():
        assert widths[fill][::-1] == pytest.approx([amount * scale for amount in amounts], abs=0.2)
    widths = bars_of(hours)["var(--hours)"]
    assert widths[0] / widths[1] == pytest.approx(26 / 22, rel=0.01)


def test_a_chart_is_one_image_with_a_name_and_texts_that_can_be_read() -> None:
    page = parsed(rendered(examples("bodo_2026.xlsx")))
    for chart in page.iter(f"{SVG}svg"):
        assert chart.attrib["role"] == "img"
        assert text(by_id(page)[chart.attrib["aria-labelledby"]])
    sums = next(page.iter(f"{SVG}svg"))
    labels = {one.text: one.findtext(f"{SVG}title") for one in sums.iter(f"{SVG}text")}
    assert labels["T3 Ledersamlinger"] is None
    assert number(200_000) in labels
    whole = text(captioned(page, catalogue("nb").text("html.sums"))[0].find("tbody/tr/th"))
    assert whole.startswith("T1 Kvalitets")
    assert labels[f"{whole[:18].rstrip()}…"] == whole


def test_networks_that_differ_at_the_end_of_their_names_differ_in_the_chart() -> None:
    (book,) = examples("bodo_2026.xlsx").workbooks
    names = [*(f"Kompetansenettverk {number}" for number in (1, 2, 3)), f"Kompetansenettverk {SCRIPT}"]
    books = tuple(replace(book, submission=replace(book.submission, network=name)) for name in names)
    page = parsed(rendered(Report("behovsmelding-2026", books)))
    (chart,) = (one for one in page.iter(f"{SVG}svg") if one.attrib["aria-labelledby"] == "per_network-chart")
    titles = {one.findtext(f"{SVG}title"): one.text for one in chart.iter(f"{SVG}text") if len(one)}
    assert set(titles) == set(names)
    assert len(set(titles.values())) == len(names)


@pytest.mark.parametrize(
    ("sums", "drawn"),
    [
        ([(0.0, 0.0)], 0),
        ([(-5000.0, 7000.0)], 1),
        ([(1e308, 1e308), (1.0, 2.0)], 1),
        ([(float("nan"), float("inf"))], 0),
        ([(0.25, 0.5)], 1),
        ([(9e14, 8e14)], 1),
        ([(1.0, 2.0)] * 40, 1),
        ([(1.0, 2.0)] * 41, 0),
    ],
)
def test_sums_of_any_size_give_a_page(sums: list[tuple[float, float]], drawn: int) -> None:
    (book,) = examples("bodo_2026.xlsx").workbooks
    place = book.submission.asks[0].place
    asks = tuple(Ask(f"T{n}", "Navn", "Nord", owner, uh, place) for n, (owner, uh) in enumerate(sums, start=1))
    changed = replace(book, submission=replace(book.submission, asks=asks, hours={}))
    page = parsed(rendered(Report("behovsmelding-2026", (changed,))))
    charts = list(page.iter(f"{SVG}svg"))
    assert len(charts) == drawn
    for chart in charts:
        _, _, width, height = map(float, chart.attrib["viewBox"].split())
        for bar in chart.iter(f"{SVG}rect"):
            x, y, across, down = (float(bar.attrib[name]) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= x + across <= width
            assert 0 <= y <= y + down <= height


def test_each_of_a_few_workbooks_has_charts_and_with_many_the_page_says_that_none_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(html, "CHARTED", 2)
    (book,) = examples("bodo_2026.xlsx").workbooks

    def page(count: int) -> ET.Element:
        return parsed(rendered(Report("behovsmelding-2026", (book,) * count)))

    few, many = page(2), page(3)
    assert len(list(few.iter(f"{SVG}svg"))) == 2 * 2 + 3
    assert len(list(many.iter(f"{SVG}svg"))) == 3
    told = catalogue("nb").text("html.no_charts", limit=2)
    assert told in text(many)
    assert told not in text(few)


# ------------------------------------------------------------------------------------------- hostile


def test_nothing_that_stands_in_a_workbook_is_markup(workbook: Callable[..., Path]) -> None:
    report = hostile(workbook)
    page, plain = parsed(rendered(report)), parsed(rendered(examples("feil_2026.xlsx", "komplett_2026.xlsx")))
    assert len(list(page.iter("script"))) == len(list(page.iter("style"))) == 1
    assert {str(one.tag) for one in page.iter()} <= {str(one.tag) for one in plain.iter()}
    used = {name for one in page.iter() for name in one.attrib}
    assert used <= {name for one in plain.iter() for name in one.attrib}
    assert not [name for name in used if name.startswith("on") or name == "style"]
    facts = [text(one) for one in page.iterfind(".//dl[@class='facts']/div/dd")]
    assert SCRIPT in facts
    assert IMAGE in facts
    assert any(one["what"].endswith(f"</p>{SCRIPT}") for one in rows(page, "acknowledged"))
    assert any(SCRIPT in one["what"] for one in rows(page, "open"))
    assert "T1 </script><b>T1</b>" in [text(one) for one in page.iterfind(".//table[@class='figures']//th")]
    assert any("</script><b>" in text(one) for one in page.iter(f"{SVG}text"))
    assert any("bok '\"&lt;b&gt;<b>.xlsx" in text(one) for one in page.iterfind(".//p[@class='path']"))


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\u202e", "\u2066", "\ud800", "\x85", "\u200b"])
def test_signs_that_act_instead_of_being_seen_are_replaced(sign: str) -> None:
    (book,) = examples("bodo_2026.xlsx").workbooks
    ask = replace(book.submission.asks[0], name=f"Ti{sign}ltak")
    submission = replace(book.submission, owner=f"Bo{sign}dø", asks=(ask,), hours={f"20{sign}26": 1.0})
    page = rendered(Report("behovsmelding-2026", (replace(book, path=f"b{sign}.xlsx", submission=submission),)))
    assert sign not in page
    assert "Bo\N{REPLACEMENT CHARACTER}dø" in page
    page.encode()


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else() -> None:
    source = rendered(examples())
    page = parsed(source)
    (policy,) = [
        one.attrib["content"] for one in page.iter("meta") if one.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", source, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


def test_the_page_names_no_other_file() -> None:
    page = parsed(rendered(examples()))
    for element in page.iter():
        assert not element.attrib.keys() & {"src", "srcset", "action", "data", "poster", "background"}
        assert element.get("href", "#").startswith(("#", "data:,"))
    assert "url(" not in text(page.find("head/style"))
    assert "@import" not in text(page.find("head/style"))


# ------------------------------------------------------------------------------------------- bytes, command


def test_the_same_report_gives_the_same_bytes_in_every_process() -> None:
    program = "import sys; from pages import *; sys.stdout.buffer.write(rendered(examples('bodo_2026.xlsx')).encode())"
    folders = [str(Path(__file__).parent), str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(folders), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert made == {rendered(examples("bodo_2026.xlsx")).encode()}


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    command = [sys.executable, "-m", "behov_xl", "validate", str(EXAMPLES / "bodo_2026.xlsx"), "--lang", "nn"]
    done = subprocess.run([*command, "--format", "html", "-o", str(target)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    page = parsed(target.read_text(encoding="utf-8"))
    assert page.attrib["lang"] == "nn"
    assert len(rows(page)) == 24


def test_findings_about_a_sheet_that_is_called_like_the_choice_of_all_can_be_chosen() -> None:
    """Sheets and measures go by number: no text of a workbook is a value with a meaning."""
    rule = next(iter(all_rules().values()))
    findings = tuple(
        Finding(rule, sheet=sheet, cell="A1", measure=measure, params={"reason": "x", "path": "x"})
        for sheet, measure in ((None, None), ("Alle", "T10"), ("", "T2"), ("0", "T1"))
    )
    page = parsed(rendered(Report("behovsmelding-2026", (WorkbookReport("b.xlsx", findings),))))
    options = [[text(one) for one in select.iter("option")] for select in page.iter("select")]
    assert options == [["Alle", "Hele filen", "Alle", "0"], ["Alle", "Uten tiltak", "T1", "T2", "T10"]]
    values = [[one.attrib["value"] for one in select.iter("option")] for select in page.iter("select")]
    assert all(len(set(one)) == len(one) and one[0] == "" for one in values)
