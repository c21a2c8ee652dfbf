"""The page as a person meets it, in a real Chromium: filters, keyboard, colours, print, and nothing that gets out."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from behov_xl.findings import Finding, Report, Severity
from behov_xl.messages import number
from pages import SCRIPT, examples, hostile, rendered, thousands

VISIBLE_ROWS = "article tr[data-severity]:visible"
NOT_HIDDEN = "(rows) => rows.filter((row) => row.closest('[hidden]') === null).length"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # For this module only: Playwright's loop would be in the way of other tests' own.
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
    if program is None:
        pytest.fail("Chromium is missing: apt-get install chromium (bash tests/run.sh does it as root)")
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root, which is what containers run tests as.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens a page; whatever it asks for, says or throws on the way fails the test at its end."""
    pages: list[tuple[Page, str, list[str]]] = []

    def open_page(source: str, **options: Any) -> Page:
        path = tmp_path / f"report{len(pages)}.html"
        path.write_text(source, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "nb-NO", **options})
        context.set_default_timeout(120_000)  # the machine may have more to do than this
        page, heard = context.new_page(), []
        page.route("**/*", lambda route: route.continue_() if route.request.url == path.as_uri() else route.abort())
        page.on("request", lambda request: heard.append(f"request: {request.url}"))
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (heard.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        pages.append((page, path.as_uri(), heard))
        page.goto(path.as_uri())
        return page

    yield open_page
    for page, address, heard in pages:
        page.context.close()
        assert [one for one in heard if one != f"request: {address}"] == []


def findings(report: Report, **wanted: Any) -> list[Finding]:
    """The findings whose members are as wanted."""
    listed = [one for book in report.workbooks for one in book.findings]
    return [one for one in listed if all(getattr(one, name) == value for name, value in wanted.items())]


def shown(page: Page) -> int:
    """How many findings are to be seen, once the page has come to rest; the count must say the same."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    count = page.locator("tr[data-severity]").evaluate_all(NOT_HIDDEN)
    assert page.locator("#shown").inner_text().startswith(f"Viser {number(count)} av ")
    return count


# ------------------------------------------------------------------------------------------- filters


def test_everything_is_shown_until_something_is_asked_for(opened: Opener) -> None:
    report = examples()
    page = opened(rendered(report))
    all_of_them = len(findings(report))
    assert shown(page) == all_of_them
    assert page.locator("#shown").inner_text() == (f"Viser {all_of_them} av {all_of_them} funn, i 4 av 4 arbeidsbøker.")


def test_the_severities_can_be_switched_off_and_on(opened: Opener) -> None:
    report = examples()
    page = opened(rendered(report))
    page.uncheck("input[value=warning]")
    page.uncheck("input[value=info]")
    errors = findings(report, severity=Severity.ERROR)
    assert shown(page) == len(errors)
    assert set(page.locator(VISIBLE_ROWS).evaluate_all("(rows) => rows.map((row) => row.dataset.severity)")) == {
        "error"
    }
    page.uncheck("input[value=error]")
    assert shown(page) == 0
    assert page.locator("article:visible").count() == 0
    page.click("button[type=reset]")
    assert shown(page) == len(findings(report))


def test_a_sheet_a_measure_and_both_can_be_chosen(opened: Opener) -> None:
    report = examples()
    page = opened(rendered(report))
    page.select_option("#sheet", label="Tiltak")
    assert shown(page) == len(findings(report, sheet="Tiltak"))
    places = page.locator(f"{VISIBLE_ROWS} >> th").all_text_contents()
    assert len(places) == len(findings(report, sheet="Tiltak"))
    assert {one.split()[0] for one in places} == {"Tiltak"}
    page.select_option("#measure", label="T2")
    both = findings(report, sheet="Tiltak", measure="T2")
    assert shown(page) == len(both)
    assert 0 < len(both) < len(findings(report, measure="T2"))
    page.select_option("#sheet", label="Alle")
    assert shown(page) == len(findings(report, measure="T2"))
    page.select_option("#measure", label="Uten tiltak")
    assert shown(page) == len(findings(report, measure=None))


def test_workbooks_are_found_by_a_part_of_their_owner_or_file(opened: Opener) -> None:
    report = examples()
    page = opened(rendered(report))
    page.fill("#text", "BODØ")
    assert shown(page) == len(report.workbooks[1].findings)
    assert page.locator("article:visible h3").all_inner_texts() == ["Bodø kommune, 2026"]
    page.fill("#text", "feil_20")
    assert shown(page) == len(report.workbooks[0].findings)
    page.fill("#text", "finnes ikke")
    assert shown(page) == 0
    assert page.locator("#shown").inner_text().endswith("i 0 av 4 arbeidsbøker.")


def test_a_workbook_without_findings_is_there_until_findings_are_asked_for(opened: Opener) -> None:
    page = opened(rendered(examples()))
    clean = page.locator("article", has_text="Ingen funn")
    assert clean.is_visible()
    page.select_option("#measure", label="T1")
    shown(page)
    assert not clean.is_visible()


def test_acknowledged_findings_are_filtered_too_and_their_heading_goes_with_them(opened: Opener) -> None:
    report = examples("feil_2026.xlsx")
    page = opened(rendered(report))
    heading = page.locator("h4", has_text="Kvittert")
    assert heading.is_visible()
    page.uncheck("input[value=warning]")  # the only ones that are acknowledged
    shown(page)
    assert not heading.is_visible()
    page.check("input[value=warning]")
    page.uncheck("input[value=error]")
    shown(page)
    acknowledged = [one for one in findings(report) if one.acknowledged]
    assert heading.inner_text() == f"Kvittert ({len(acknowledged)})"


def test_ten_thousand_findings_are_filtered(opened: Opener) -> None:
    report = thousands(10_000)
    page = opened(rendered(report))
    assert shown(page) == 10_000
    page.uncheck("input[value=warning]")
    assert shown(page) == 10_000 - len(findings(report, severity=Severity.WARNING))
    page.click("button[type=reset]")
    assert shown(page) == 10_000


def test_without_the_script_everything_is_shown_and_nothing_is_offered(opened: Opener) -> None:
    report = examples()
    page = opened(rendered(report), java_script_enabled=False)
    assert page.locator(VISIBLE_ROWS).count() == len(findings(report))
    assert not page.locator("#filter").is_visible()
    assert page.locator("details p:visible").count() == page.locator("details p").count() > 50


# ------------------------------------------------------------------------------------------- keyboard, links


def test_the_keyboard_alone_skips_to_the_findings_and_filters_them(opened: Opener) -> None:
    report = examples()
    page = opened(rendered(report))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Hopp til funnene"
    assert page.locator("a.skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "error"
    page.keyboard.press("Space")
    assert shown(page) == len(findings(report)) - len(findings(report, severity=Severity.ERROR))
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "sheet"
    page.keyboard.press("ArrowDown")
    assert 0 < shown(page) < 20
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
    assert reached == ["measure", "text", "reset"]
    page.keyboard.press("Enter")
    assert shown(page) == len(findings(report))


def test_what_the_keyboard_is_on_is_outlined(opened: Opener) -> None:
    page = opened(rendered(examples("bodo_2026.xlsx")))
    for _ in range(8):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(({ outlineStyle: a, outlineWidth: b }) => a + b)(getComputedStyle(document.activeElement))"
        )
        assert style == "solid3px"


def test_the_code_of_a_rule_leads_to_its_explanation(opened: Opener) -> None:
    page = opened(rendered(examples("bodo_2026.xlsx")))
    rule = page.locator("#BX702")
    assert rule.get_attribute("open") is None
    page.click("a[href='#BX702']")
    page.wait_for_function("document.querySelector('#BX702').open")
    assert rule.locator("p").last.is_visible()
    assert page.evaluate("document.activeElement.parentElement.id") == "BX702"


# ------------------------------------------------------------------------------------------- hostile


def test_a_script_in_a_workbook_is_text(opened: Opener, workbook: Callable[..., Path]) -> None:
    """That nothing ran, threw or was asked for is seen to where the page is closed."""
    page = opened(rendered(hostile(workbook)))
    assert page.locator("article h3").first.inner_text() == f"{SCRIPT}, 2026"
    assert page.locator("img, b b, i").count() == 0
    page.fill("#text", "<script>")
    assert shown(page) > 0
    assert page.locator("article:visible").count() == 1


def test_the_policy_stops_a_script_that_came_in_all_the_same(browser: Browser, tmp_path: Path) -> None:
    """If a text were markup one day: what it brings does not run, and asks for nothing."""
    intruder = (
        "<script>document.title = 'taken'</script><img src='https://example.invalid/x' onerror='document.title = 1'>"
    )
    path = tmp_path / "report.html"
    path.write_text(rendered(examples("bodo_2026.xlsx")).replace("</h1>", f"</h1>{intruder}"), encoding="utf-8")
    page, refused = browser.new_page(), []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(path.as_uri())
    assert page.title() == "Rapport: Bodø kommune, 2026"
    assert sum("Content Security Policy" in one for one in refused) >= 2
    page.close()


# ------------------------------------------------------------------------------------------- looks

CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const found = {};
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!(own || element.matches("select, input[type=search]")) || element.matches("script, option")) continue;
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ink = luminance(rgba(element instanceof SVGElement ? style.fill : style.color));
    const paper = luminance(behind(element));
    const name = element.tagName + "." + (element.getAttribute("class") || "");
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    found[name] = Math.min(found[name] ?? 99, ratio);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(opened: Opener, scheme: str) -> None:
    page = opened(rendered(examples()), color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    ratios = page.evaluate(CONTRASTS)
    assert len(ratios) > 25
    assert {name: round(ratio, 2) for name, ratio in ratios.items() if ratio < 4.5} == {}


def luminance(colour: str) -> int:
    return sum(int(one) for one in colour.removeprefix("rgb(").rstrip(")").split(","))


def test_the_page_is_light_or_dark_as_the_reader_has_it(opened: Opener) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        page = opened(rendered(examples("feil_2026.xlsx")), color_scheme=scheme)
        colours[scheme] = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert len(colours_of(page.screenshot())) > 20
    assert colours["light"] > 700
    assert colours["dark"] < 100


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_screen_is_never_scrolled_sideways(opened: Opener, width: int) -> None:
    page = opened(rendered(examples()), viewport={"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What does not fit is scrolled where it is, and not cut off.
    cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'auto')"
    assert page.locator("div, article, section").evaluate_all(f"(all) => ({cut})(all).length") == 0


def test_the_print_has_findings_and_explanations_and_no_controls(opened: Opener, tmp_path: Path) -> None:
    page = opened(rendered(examples("bodo_2026.xlsx")), color_scheme="dark")
    page.pdf(path=tmp_path / "alt.pdf", format="A4", print_background=True)
    printed = said(tmp_path / "alt.pdf")
    assert "Tiltaket «Ledersamlinger» har ingenting i" in printed
    assert (
        "I cellen står fortsatt teksten som Word viser" in printed
    )  # BX702, whose explanation is closed on the screen
    assert "Vis alt" not in printed
    assert "Viser 24 av" not in printed
    assert page.locator("details[open]").count() == 0
    subprocess.run(["pdftoppm", "-png", "-r", "50", "-singlefile", "alt.pdf", "alt"], cwd=tmp_path, check=True)
    pixels = colours_of((tmp_path / "alt.png").read_bytes())
    assert len(pixels) > 20
    assert max(pixels, key=pixels.__getitem__) == (255, 255, 255)  # paper, also for those who read in the dark


def test_a_filtered_page_prints_what_is_shown_and_says_that_it_is_a_part(opened: Opener, tmp_path: Path) -> None:
    report = examples("bodo_2026.xlsx")
    page = opened(rendered(report))
    page.select_option("#measure", label="T3")
    count = shown(page)
    page.pdf(path=tmp_path / "del.pdf", format="A4")
    printed = said(tmp_path / "del.pdf")
    assert f"Viser {count} av {len(findings(report))} funn" in printed
    assert "Tiltaket «Ledersamlinger» har ingenting i" in printed
    assert "Tiltaket «Trygt og godt skolemiljø» har ingenting" not in printed


def said(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True, text=True)
    return " ".join(done.stdout.split())


def colours_of(png: bytes) -> dict[tuple[int, ...], int]:
    """The colours of a picture, and how often each occurs."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return {colour: count for count, colour in image.getcolors(image.width * image.height)}
