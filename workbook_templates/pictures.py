"""Makes the pictures that the guides show: ``python workbook_templates/pictures.py``.

It needs LibreOffice, poppler and the extra ``pictures``. The faulty example, with its findings written into its table
Funn, is opened and printed by a real LibreOffice: what the pictures show is what the workbook does, conditional formats
and all.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from behov_xl.annotate import annotate
from behov_xl.form import current
from behov_xl.messages import catalogue

HERE = Path(__file__).parent
SHEETS = ("Behovsmelding", "Tiltak", "Avkryssing", "Aktiviteter", "Budsjett", "Oversikt", "Validering")
RESOLUTION = 130
MARGIN = 12
NORWEGIAN = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>nb-NO</value></prop></item></oor:items>
"""


def main() -> None:
    """Writes one picture per sheet of the faulty example, as it looks after Valider."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pdf = _printed(_validated(folder), folder)
        for sheet in SHEETS:
            _picture(pdf, sheet, folder)


def _validated(folder: Path) -> Path:
    path = HERE / "examples" / "feil_2026.xlsx"
    data, _ = annotate(path.read_bytes(), path.name, current(), catalogue("nb"))
    target = folder / path.name
    target.write_bytes(data)
    return target


def _printed(path: Path, folder: Path) -> Path:
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(NORWEGIAN, encoding="utf-8")
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, capture_output=True)  # noqa: S603
    return path.with_suffix(".pdf")


def _picture(pdf: Path, sheet: str, folder: Path) -> None:
    """The first page whose footer names the sheet, without the page's margins and footer."""
    page = next(number for number in range(1, 40) if f"– {sheet}\n" in _text(pdf, number))
    where = ["-f", str(page), "-l", str(page)]
    made = folder / "page"
    command = ["pdftoppm", "-png", "-singlefile", "-r", str(RESOLUTION), *where, str(pdf), str(made)]
    subprocess.run(command, check=True)  # noqa: S603
    image = Image.open(made.with_suffix(".png")).convert("RGB")
    image = image.crop((0, 0, image.width, round(image.height * 0.95)))
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox() or (0, 0, *image.size)
    left, top, right, bottom = box[0] - MARGIN, box[1] - MARGIN, box[2] + MARGIN, box[3] + MARGIN
    image.crop((left, top, right, bottom)).quantize(64).save(HERE / "pictures" / f"{sheet}.png", optimize=True)


def _text(pdf: Path, page: int) -> str:
    command = ["pdftotext", "-f", str(page), "-l", str(page), "-layout", str(pdf), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.replace("  ", "\n")  # noqa: S603


if __name__ == "__main__":
    main()
