"""Makes the pictures that the guides show: ``python workbook_templates/pictures.py``.

It needs LibreOffice with its Python bridge, poppler and the extra ``pictures``. A real LibreOffice opens the examples,
the code behind the button Valider runs in it, and it prints them before and after: what the pictures show is what the
workbook does, conditional formats and all.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xlwings
from PIL import Image, ImageChops

from behov_xl.addin import actions
from behov_xl.libreoffice.engine import start

HERE = Path(__file__).parent
PICTURES = {
    ("komplett_2026", "before"): {name: name for name in ("Behovsmelding", "Avkryssing", "Aktiviteter", "Budsjett")},
    ("feil_2026", "before"): {"Tiltak": "Tiltak_for"},
    ("feil_2026", "after"): {name: name for name in ("Tiltak", "Oversikt", "Validering")},
    ("feil_2026", "answered"): {"Validering": "Kvittering"},
}
"""Example, when it is printed (before Valider, after it, or with a warning answered) → sheet → picture."""
ANSWERED, REASON = "BX607", "Høgskolen er med i styringsgruppen, men ikke i noe tiltak i år."
SHOWN = "Partnere"
"""The sheet whose findings the picture of the answered warning shows."""
RESOLUTION = 130
MARGIN = 12
NORWEGIAN = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>nb-NO</value></prop></item></oor:items>
"""


def main() -> None:
    """Writes the pictures."""
    with tempfile.TemporaryDirectory() as name, _libreoffice(Path(name)) as app:
        for example in dict.fromkeys(example for example, _ in PICTURES):
            path = Path(name) / f"{example}.xlsx"
            shutil.copy(HERE / "examples" / path.name, path)
            book = app.books.open(path)
            for when, prepare in (("before", None), ("after", actions.validate), ("answered", _answer)):
                sheets = PICTURES.get((example, when), {})
                if sheets and prepare:
                    prepare(book)
                _pictures(book, sheets, Path(name))
            book.close()


@contextmanager
def _libreoffice(folder: Path) -> Iterator[xlwings.App]:
    """A Norwegian one, with a profile of its own."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(NORWEGIAN, encoding="utf-8")
    app = start(profile, headless=True)
    try:
        yield app
    finally:
        app.quit()


def _answer(book: xlwings.Book) -> None:
    """Answers a warning, presses Valider, and leaves the findings of one sheet to see, as a filter does."""
    sheet = book.sheets["Validering"]
    table = sheet.tables["Funn"].data_body_range
    (row,) = [number for number, cells in enumerate(table.value) if cells[1] == ANSWERED]
    table[row, 6].value = REASON
    actions.validate(book)
    for number, cells in enumerate(table.value, start=table.row - 1):
        sheet.api.Rows.getByIndex(number).IsVisible = cells[2] == SHOWN


def _pictures(book: xlwings.Book, sheets: dict[str, str], folder: Path) -> None:
    if sheets:
        for sheet in sheets:
            _fit_rows(book.sheets[sheet])
        pdf = folder / "printed.pdf"
        book.api.storeToURL(pdf.as_uri(), book.impl.office.properties(FilterName="calc_pdf_Export"))
        for sheet, picture in sheets.items():
            _picture(pdf, sheet, HERE / "pictures" / f"{picture}.png")


def _fit_rows(sheet: xlwings.Sheet) -> None:
    """Rows as high as their texts, as after a double click below their numbers; none becomes lower.

    On the screen a row that is too low shows the first line of a note. Printed, the note runs over the rows below.
    """
    rows = sheet.api.Rows
    for number in range(sheet.used_range.last_cell.row):
        row = rows.getByIndex(number)
        before = row.Height
        if row.IsVisible:  # what is hidden would be shown
            row.OptimalHeight = True
            row.Height = max(before, row.Height)


def _picture(pdf: Path, sheet: str, target: Path) -> None:
    """The first page whose footer names the sheet, without the page's margins and footer."""
    page = next(number for number in range(1, 40) if f"– {sheet}\n" in _text(pdf, number))
    where = ["-f", str(page), "-l", str(page)]
    made = pdf.with_name("page")
    command = ["pdftoppm", "-png", "-singlefile", "-r", str(RESOLUTION), *where, str(pdf), str(made)]
    subprocess.run(command, check=True)  # noqa: S603
    image = Image.open(made.with_suffix(".png")).convert("RGB")
    image = image.crop((0, 0, image.width, round(image.height * 0.95)))
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox() or (0, 0, *image.size)
    left, top, right, bottom = box[0] - MARGIN, box[1] - MARGIN, box[2] + MARGIN, box[3] + MARGIN
    image.crop((left, top, right, bottom)).quantize(128).save(target, optimize=True)


def _text(pdf: Path, page: int) -> str:
    command = ["pdftotext", "-f", str(page), "-l", str(page), "-layout", str(pdf), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.replace("  ", "\n")  # noqa: S603


if __name__ == "__main__":
    main()
