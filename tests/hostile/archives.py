"""The complete example in zip archives that lie, or are made to harm."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
from collections.abc import Callable, Iterator

from hostile.zips import GOOD, Part, build, edited, good_parts

Make = Callable[[], bytes]
BOOK, SHEET, STRINGS, TYPES = (
    "xl/workbook.xml",
    "xl/worksheets/sheet7.xml",
    "xl/sharedStrings.xml",
    "[Content_Types].xml",
)


def zipped(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


def added(*more: Part, **options: object) -> Make:
    return lambda: build([*good_parts(), *more], **options)  # type: ignore[arg-type]


def spoiled(name: str, **fields: object) -> Make:
    def make() -> bytes:
        parts = good_parts()
        for one in parts:
            if one.name == name:
                for key, value in fields.items():
                    setattr(one, key, value)
        return build(parts)

    return make


def names() -> Iterator[tuple[str, str, Make]]:
    """Names and kinds that no part may have."""
    for name in (
        *("../evil.xml", "xl/../../evil.xml", "/etc/passwd", "xl\\evil.xml", "C:/evil.xml", "C:\\evil.xml"),
        *("xl/./evil.xml", "./evil.xml", "..", ".", "xl/..", "", "xl/a\x00b.xml", "xl/a\nb.xml", "xl/a\x1b[31m.xml"),
        *("xl/evil.xml:stream", "..\\..\\evil.xml", "//server/share", "xl/\x7f.xml"),
    ):
        yield f"name: {name!r}", "BX014", added(Part(name, b"<x/>"))
    for one in (BOOK, SHEET, STRINGS, TYPES, "xl/styles.xml", "docProps/app.xml"):
        yield f"twice: {one}", "BX013", added(Part(one, b"<x/>"))
        yield f"twice, in capitals: {one}", "BX013", added(Part(one.upper(), b"<x/>"))
    for kind in ("S_IFLNK", "S_IFCHR", "S_IFBLK", "S_IFIFO", "S_IFSOCK"):
        mode = getattr(stat, kind) | 0o777
        yield f"special: {kind}", "BX015", added(Part("xl/media/a.png", b"/etc/passwd", central={"mode": mode}))


def headers() -> Iterator[tuple[str, str, Make]]:
    """Headers that say what cannot be, or two things."""
    for method in (1, 2, 6, 9, 12, 14, 19, 93, 95, 97, 98, 99, 0xFFFF):
        yield f"method: {method}", "BX018", spoiled(SHEET, method=method)
    for bit in (0, 5, 6, 13):
        flags = {"flags": 1 << bit}
        yield f"flag: {bit}", "BX018", spoiled(SHEET, local=flags, central=flags)
    for one in (BOOK, SHEET, STRINGS, "xl/theme/theme1.xml"):
        yield f"another name: {one}", "BX017", spoiled(one, local={"name": b"xl/other.xml"})
        yield f"another method: {one}", "BX017", spoiled(one, local={"method": 0})
        yield f"another size: {one}", "BX017", spoiled(one, local={"size": 7})
        yield f"another packed size: {one}", "BX017", spoiled(one, local={"compressed": 7})
        yield f"encrypted in one place: {one}", "BX017", spoiled(one, local={"flags": 1})
        yield f"no mark: {one}", "BX017", spoiled(one, local={"mark": b"PK\x03\x03"})
        if "theme" not in one:  # nothing reads it
            yield f"lies of its size: {one}", "BX006", spoiled(one, local={"size": 9}, central={"size": 9})
        yield f"no deflate: {one}", "BX006", spoiled(one, raw=b"\xff" * 900)


def ends() -> Iterator[tuple[str, str, Make]]:
    """Parts, directories and ends that are not where they should be."""
    yield "part outside", "BX017", spoiled(SHEET, central={"offset": 0x7FFFFFFF})
    yield "part of 4 GB", "BX006", spoiled(SHEET, central={"size": 0xFFFFFFFF})
    yield "part that promises 300 MB", "BX007", spoiled(SHEET, local={"size": 3 * 10**8}, central={"size": 3 * 10**8})
    yield "part in the middle of another", "BX016", spoiled(SHEET, central={"offset": 100})
    yield "before the first part", "BX004", lambda: build(good_parts(), before=b"junk")
    yield "a hidden part first", "BX017", lambda: build([Part("xl/hidden.xml", b"<x/>", listed=False), *good_parts()])
    yield "after the end", "BX017", added(after=b"junk")
    yield "zeros after the end", "BX017", added(after=bytes(512))
    yield "a second archive behind", "BX006", lambda: build(good_parts()) + zipped("a")
    yield "an empty directory in the comment", "BX004", lambda: build(good_parts(), comment=b"PK\x05\x06" + bytes(18))
    yield "a second directory in the comment", "BX017", two_directories
    yield "directory at the beginning", "BX006", added(end={"start": 0})
    yield "two disks", "BX017", added(end={"disk": 1})
    yield "counts that differ", "BX017", added(end={"here": 1})
    yield "directory of another size", "BX017", added(end={"size": 10})
    yield "more entries than there are", "BX006", added(end={"here": 90, "count": 90})
    few = {"here": len(good_parts()), "count": len(good_parts())}
    yield "fewer entries than there are", "BX017", added(Part("xl/vbaProject.bin", b"x"), end=few)
    yield "65535 entries", "BX006", added(end={"here": 0xFFFF, "count": 0xFFFF})
    yield "directory outside", "BX006", added(end={"start": 0x7FFFFFFF})
    yield "directory of 4 GB", "BX006", added(end={"start": 0xFFFFFFFF, "size": 0xFFFFFFFF})
    yield "six thousand parts", "BX007", lambda: build([*good_parts(), *(Part(f"a{n}.txt", b"") for n in range(6000))])
    yield "a bomb of zeros", "BX020", added(Part("xl/media/image1.png", bytes(30_000_000)))
    yield (
        "a bomb of blanks in a sheet",
        "BX020",
        lambda: edited(SHEET, b"<sheetData>", b"<sheetData>" + b" " * 30_000_000),
    )
    yield "two parts that share their bytes", "BX016", shared_bytes
    yield "a bomb of overlapping parts", "BX016", overlapping
    for cut in (5, 30, 100, 5_000, 20_000, 40_000, -5, -21, -23, -100, -2_000):
        yield f"cut at {cut}", "BX006", lambda cut=cut: GOOD.read_bytes()[:cut]


def nested() -> Iterator[tuple[str, str, Make]]:
    """Archives in the archive."""
    for name, data in {
        "zip": zipped("a.txt"),
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(40),
        "rar": b"Rar!\x1a\x07\x01\x00" + bytes(40),
        "gzip": gzip.compress(b"x" * 99),
        "bzip2": b"BZh91AY&SY" + bytes(20),
        "xz": b"\xfd7zXZ\x00" + bytes(20),
        "a workbook": GOOD.read_bytes(),
    }.items():
        for where in ("xl/media/image1.png", "customXml/item9.bin", "vedlegg.zip"):
            yield f"nested {name}: {where}", "BX019", added(Part(where, data, method=0))
            yield f"nested {name}, packed: {where}", "BX019", added(Part(where, data))


def two_directories() -> bytes:
    """Behind the archive, as its comment, another directory of the same parts."""
    data = build(good_parts())
    start = int.from_bytes(data[-6:-2], "little")
    directory, end = data[start:-22], bytearray(data[-22:])
    end[16:20] = len(data).to_bytes(4, "little")
    return data[:-2] + (len(directory) + 22).to_bytes(2, "little") + directory + bytes(end)


def shared_bytes() -> bytes:
    parts = good_parts()
    parts.append(Part("xl/media/a.png", parts[0].content, at=0, central={"name": b"xl/media/a.png"}))
    return build(parts)


def overlapping() -> bytes:
    """A hundred names for the same packed kernel, each with a header inside the one before."""
    kernel = Part("a", bytes(900_000))
    return build(
        [*good_parts(), kernel, *(Part(f"b{n}", kernel.content, raw=kernel.packed(), at=0) for n in range(100))]
    )
