"""Workbooks of the example's size that all differ: in owner, network, names, numbers of rows, amounts and texts.

Some hundred are written from content, the rest are made of those by other amounts, owners and texts in their XML: no
two workbooks have the same sheet or the same table of texts, so that no cache can serve one with another's.
"""

from __future__ import annotations

import copy
import random
import re
import zipfile
from io import BytesIO
from pathlib import Path

from behov_xl.form import Form, current
from behov_xl.workbook.archive import replace_parts
from behov_xl.workbook.content import Content, read_content
from behov_xl.workbook.template import template_bytes

EXAMPLE = Path(__file__).parents[2] / "workbook_templates" / "examples" / "bodo_2026.toml"
BASES = 200
_WORDS = """barn elever lærere ledere språk lek lesing skriving miljø mestring praksis samling kartlegging veiledning
nettverk kollegaer erfaring utvikling skole barnehage fellesskap trygghet inkludering læring vurdering""".split()
_AMOUNT = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?>(?:<f>[^<]*</f>)?<v>)([0-9]+)(</v>)')
_TEXT = re.compile(rb"(<t(?: [^>]*)?>)([^<]{60,})(</t>)")
_LONG = 200
"""Characters of a text whose last words are replaced by others; shorter ones get more."""
_ORGANISATION = re.compile(rb"(?<=<t>)8[0-9]{8}(?=</t>)")
_OWNER = re.compile(rb"Eier ([0-9]+) kommune")


def corpus(folder: Path, count: int, seed: int = 2026) -> list[Path]:
    """Writes ``count`` workbooks into the folder, the same for the same seed; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    form, example = current(), read_content(current(), EXAMPLE)
    paths = [folder / f"{number:06}.xlsx" for number in range(count)]
    bases: list[bytes] = []
    for number, path in enumerate(paths):
        if number < BASES:
            bases.append(path.read_bytes() if path.exists() else base(form, example, number, seed))
        if not path.exists():
            path.write_bytes(bases[number] if number < BASES else varied(bases[number % BASES], number))
    return paths


def base(form: Form, example: Content, number: int, seed: int) -> bytes:
    """A workbook of its own content."""
    draw = random.Random(f"{seed}/{number}")
    content, factor = copy.deepcopy(example), draw.randint(1, 3)
    content.fields["head"] |= {"owner": owner(number), "network": f"Kompetansenettverk {number % 40}"}
    if content.fields["head"].get("organisation_number"):
        content.fields["head"]["organisation_number"] = organisation(number)
    for row in [*content.rows["measures"], *content.rows.get("budget", []), *content.totals.values()]:
        row |= {key: value * factor for key, value in row.items() if isinstance(value, int) and value >= 1000}
    for row in content.rows["measures"]:
        row["name"] = f"{row['name']} {sentence(draw, 1)}"
    for table, column in (("activities", "description"), ("texts", "text"), ("budget", "description")):
        for row in content.rows.get(table, []):
            if row.get(column):
                row[column] = reworded(row[column], sentence(draw, draw.randint(1, 3)))
    for _ in range(draw.randint(0, 2)):
        row = dict(draw.choice(content.rows["activities"]))
        content.rows["activities"].append({**row, "what": f"Samling: {sentence(draw, 3)}"})
    for table in ("roles", "activities"):
        rows = content.rows.get(table, [])
        if len(rows) > 4:
            del rows[draw.randrange(len(rows))]
    return varied(template_bytes(form, content=content), number)


def long_workbook(folder: Path, count: int) -> None:
    """Writes one workbook with so many budget lines into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    form = current()
    content = read_content(form, EXAMPLE)
    line = {"measure": "T1", "party": "UH", "cost_type": "Lønn", "period": "2026/2027"}
    content.rows["budget"] = [{**line, "description": f"Samling {n}", "amount": 1000 + n} for n in range(count)]
    (folder / "lang.xlsx").write_bytes(template_bytes(form, content=content))


def owner(number: int) -> str:
    return f"Eier {number} kommune"


def sentence(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(_WORDS, k=words))


def reworded(text: str, words: str) -> str:
    """A text that ends in these words, and is about as long as it was."""
    kept = text.rsplit(" ", words.count(" ") + 1)[0] if len(text) >= _LONG else text
    return f"{kept} {words}"


def other_words(number: int) -> str:
    """Three words that belong to this number alone, and to no activity: what a text says of hours stays as it was."""
    words = [word for word in _WORDS if word not in {"samling", "veiledning"}]
    return " ".join(words[number // len(words) ** place % len(words)] for place in range(3))


def organisation(number: int) -> str:
    """A number of nine digits that is valid, and the only one of its kind."""
    for digits in range(81_000_000 + 10 * number, 81_000_000 + 10 * number + 10):
        rest = (
            sum(int(digit) * weight for digit, weight in zip(str(digits), (3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        )
        if rest != 1:
            return f"{digits}{(11 - rest) % 11}"
    raise AssertionError(number)


_DEFAULTS = re.compile(rb'(?:defaultColWidth="[^"]*" )?defaultRowHeight')


def varied(data: bytes, number: int) -> bytes:
    """Other amounts, texts and owner. All amounts grow alike, so that what agreed still does; texts end in other words."""
    grown = 20 + number // BASES
    words = other_words(number)

    def amount(match: re.Match[bytes]) -> bytes:
        value = int(match[2])
        if value < 1000 or value % 20 or 2000 <= value <= 2100:  # hours, counts, years
            return match[0]
        return match[1] + str(value // 20 * grown).encode() + match[3]

    changed = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            xml = archive.read(name)
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name):
                xml = _AMOUNT.sub(amount, xml)
                width = f'defaultColWidth="{8 + number * 1e-5:.5f}" defaultRowHeight'.encode()
                changed[name] = _DEFAULTS.sub(width, xml, count=1)
                assert changed[name] != xml, name
            elif name == "xl/sharedStrings.xml":
                xml = _TEXT.sub(lambda match: match[1] + reworded(match[2].decode(), words).encode() + match[3], xml)
                xml = _OWNER.sub(owner(number).encode(), xml)
                changed[name] = _ORGANISATION.sub(organisation(number).encode(), xml)
    return replace_parts(data, changed)
