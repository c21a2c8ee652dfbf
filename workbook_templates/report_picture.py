"""Makes the picture of the HTML report that the guides show: ``python workbook_templates/report_picture.py``.

It needs Chromium and the extra ``pictures``. The report of the faulty example is opened by a real browser.
"""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from behov_xl.messages import catalogue
from behov_xl.report import html
from behov_xl.validate import validate

HERE = Path(__file__).parent
WIDTH, HEIGHT, SHARPER = 1080, 1790, 1.25


def main() -> None:
    """Writes the upper part of the report of the faulty example."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        size = {"width": WIDTH, "height": HEIGHT}
        page = browser.new_page(viewport=size, device_scale_factor=SHARPER, color_scheme="light")
        page.set_content(_report())
        picture = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    picture.convert("RGB").quantize(128, Image.Quantize.MAXCOVERAGE).save(
        HERE / "pictures" / "Rapport.png", optimize=True
    )


def _report() -> str:
    report = validate([HERE / "examples" / "feil_2026.xlsx"])
    named = tuple(replace(one, path=Path(one.path).name) for one in report.workbooks)
    return html.render(replace(report, workbooks=named), catalogue("nb"))


if __name__ == "__main__":
    main()
