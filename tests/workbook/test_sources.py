"""Where workbooks come from, and that hostile archives cost one finding each."""

from __future__ import annotations

import io
import os
import pickle
import re
import shutil
import stat
import struct
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from behov_xl.messages import catalogue
from behov_xl.messages.render import message
from behov_xl.validate import validate
from behov_xl.workbook import bundle, remote, sources
from behov_xl.workbook.limits import Limits
from conftest import EXAMPLES

KOMPLETT = EXAMPLES / "komplett_2026.xlsx"
BOOK = KOMPLETT.read_bytes()


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data, method)
    return out.getvalue()


def codes(*places: Path | str) -> dict[str, list[str]]:
    """What is shown of each workbook → the codes of its findings."""
    return {one.path: [finding.rule.code for finding in one.findings] for one in validate(places).workbooks}


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    def make(*entries: tuple[str | zipfile.ZipInfo, bytes], **options: int) -> Path:
        path = tmp_path / "innsendt.zip"
        path.write_bytes(packed(*entries, **options))
        return path

    return make


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archives_workbooks_are_validated_in_order_of_name_and_shown_with_it(
    archive: Callable[..., Path], method: int
) -> None:
    path = archive(
        ("salten/bodø.xlsx", (EXAMPLES / "bodo_2026.xlsx").read_bytes()),
        ("a.xlsx", BOOK),
        ("les meg.txt", b"hei"),
        ("__MACOSX/._a.xlsx", b"x"),
        ("~$a.xlsx", b"x"),
        ("salten/", b""),
        method=method,
    )
    found = codes(path)
    assert list(found) == [f"{path}!a.xlsx", f"{path}!salten/bodø.xlsx"]
    assert found[f"{path}!a.xlsx"] == []
    alone = validate([EXAMPLES / "bodo_2026.xlsx"]).workbooks[0]
    assert found[f"{path}!salten/bodø.xlsx"] == [finding.rule.code for finding in alone.findings]


def test_a_source_can_be_read_in_another_process(archive: Callable[..., Path]) -> None:
    for source in sources.find([archive(("a.xlsx", BOOK), ("b.zip", b"")), KOMPLETT, "memory://finnes/ikke.xlsx"]):
        there = pickle.loads(pickle.dumps(source))
        assert there == source
        if there.shown.endswith(("a.xlsx", KOMPLETT.name)):
            assert there.read() == BOOK


def test_names_that_norwegian_windows_wrote_are_read(tmp_path: Path) -> None:
    data = packed(("b~d~.xlsx", BOOK)).replace(b"b~d~.xlsx", "bådø.xlsx".encode("cp850"))
    path = tmp_path / "windows.zip"
    path.write_bytes(data)
    assert codes(path) == {f"{path}!bådø.xlsx": []}


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("a.zip", packed(("b.xlsx", BOOK)))], {"a.zip": ["BX050"]}),
        ([("a.7z", b"7z")], {"a.7z": ["BX050"]}),
        ([("../../a.xlsx", BOOK)], {"../../a.xlsx": ["BX051"]}),
        ([("/etc/a.xlsx", BOOK)], {"/etc/a.xlsx": ["BX051"]}),
        ([("C:\\inn\\a.xlsx", BOOK)], {"C:/inn/a.xlsx": ["BX051"]}),
        ([("..\\a.xlsx", BOOK)], {"../a.xlsx": ["BX051"]}),
        ([(link("a.xlsx"), b"/etc/passwd")], {"a.xlsx": ["BX051"]}),
        ([("gammel.xls", b"x" * 600)], {"gammel.xls": ["BX004"]}),
        ([("tom.xlsx", b"")], {"tom.xlsx": ["BX003"]}),
    ],
)
def test_an_entry_that_is_not_read_is_a_finding_and_the_others_are_validated(
    archive: Callable[..., Path], entries: list[tuple[str, bytes]], expected: dict[str, list[str]]
) -> None:
    path = archive(("god.xlsx", BOOK), *entries)
    found = {name.partition("!")[2]: codes for name, codes in codes(path).items()}
    assert found == {"god.xlsx": [], **expected}
    for one in validate([path]).workbooks:
        for lang in ("nb", "nn", "en"):
            assert all("{" not in message(finding, catalogue(lang)) for finding in one.findings)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_not_both_taken(archive: Callable[..., Path]) -> None:
    report = validate([archive(("a.xlsx", BOOK), ("A.xlsx", b"annet"))])
    assert sorted(code.rule.code for one in report.workbooks for code in one.findings) == ["BX051"]


def _directory_says(data: bytes, offset: int, value: int) -> bytes:
    """The archive with a field of its only directory entry changed."""
    at = data.rfind(b"PK\x01\x02")
    return data[: at + offset] + struct.pack("<L", value) + data[at + offset + 4 :]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: _directory_says(data, 24, 60_000_000), "BX007"),  # an entry too large, as it says itself
        (lambda data: _directory_says(data, 24, 100), "BX006"),  # larger than it says
        (lambda data: _directory_says(data, 16, 1), "BX006"),  # another checksum
        (lambda data: _directory_says(data, 42, 7), "BX006"),  # not where it says
        (lambda data: _directory_says(data, 8, 1 | 8 << 16), "BX005"),  # encrypted
        (lambda data: _directory_says(data, 8, 99 << 16), "BX006"),  # a method that nobody knows
        (lambda data: data[:-10], "BX006"),  # cut off
        (lambda data: data[:-22] + b"PK\x06\x07" + b"\0" * 16 + data[-22:], "BX007"),  # zip64
        (lambda data: data[:-10] + struct.pack("<L", 90_000_000) + data[-6:], "BX007"),  # a huge directory
        (lambda data: packed(("les meg.txt", b"hei")), "BX002"),
        (lambda data: packed(), "BX002"),
        (lambda data: b"ikke noe arkiv", "BX004"),
        (lambda data: b"", "BX003"),
    ],
)
def test_a_hostile_archive_is_one_finding(tmp_path: Path, change: Callable[[bytes], bytes], code: str) -> None:
    path = tmp_path / "innsendt.zip"
    path.write_bytes(change(packed(("a.xlsx", BOOK))))
    assert list(codes(path).values()) == [[code]]


def test_entries_that_share_their_bytes_are_refused_together(tmp_path: Path) -> None:
    data = packed(("a.xlsx", BOOK))
    at, end = data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    entry = data[at:end]
    many = b"".join(entry.replace(b"a.xlsx", f"{n:02}.xlsx".encode()[-6:]) for n in range(10))
    directory = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, len(many), at, 0)
    path = tmp_path / "innsendt.zip"
    path.write_bytes(data[:at] + many + directory)
    assert list(codes(path).values()) == [["BX006"]]


SMALL = packed(("a.xlsx", b"a" * 300), ("mappe/b.xlsx", b"PK\x03\x04"), ("c.zip", b""), (link("d.xlsx"), b"e"))


@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.binary(max_size=6)), max_size=6), st.integers(0, 40))
def test_whatever_is_wrong_with_an_archive_is_refused_and_never_raised(
    changes: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(SMALL)
    for at, new in changes:
        data[at : at + len(new)] = new
    file = io.BytesIO(bytes(data[: len(data) - cut]))
    found, code = _tried(lambda: bundle.entries(file))
    assert code in {"", "BX002", "BX006", "BX007"}
    for entry in found or []:
        if isinstance(entry, bundle.Entry):
            content, code = _tried(partial(bundle.read_entry, file, entry))
            assert code in {"BX005", "BX006", "BX007"} or len(content) == entry.size


def _tried(read: Callable[[], Any]) -> tuple[Any, str]:
    """What came of it, or the code with which it was refused."""
    try:
        return read(), ""
    except sources.Refused as refused:
        return None, refused.rule.code


def test_more_workbooks_than_the_limit_are_refused(
    archive: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MAX_WORKBOOKS", 2)
    assert list(codes(archive(*((f"{n}.xlsx", b"") for n in range(3)))).values()) == [["BX007"]]


def test_a_workbook_called_zip_is_a_workbook_and_a_zip_called_xlsx_is_none(tmp_path: Path) -> None:
    book, other = tmp_path / "bok.zip", tmp_path / "arkiv.xlsx"
    book.write_bytes(BOOK)
    other.write_bytes(packed(("a.xlsx", BOOK)))
    assert codes(book, other) == {str(book): [], str(other): ["BX004"]}


def test_archives_below_a_directory_are_not_opened(tmp_path: Path) -> None:
    shutil.copy(KOMPLETT, tmp_path / "a.xlsx")
    (tmp_path / "b.zip").write_bytes(packed(("c.xlsx", BOOK)))
    assert list(codes(tmp_path)) == [str(tmp_path / "a.xlsx")]


def test_a_file_that_is_named_in_several_ways_is_given_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inn" / "under").mkdir(parents=True)
    for name in ("inn/a.xlsx", "inn/under/b.xlsx", "inn.zip"):
        (tmp_path / name).write_bytes(packed(("c.xlsx", BOOK)) if name.endswith("zip") else BOOK)
    monkeypatch.chdir(tmp_path / "inn")
    places = [
        "under/../a.xlsx", "a.xlsx", "./a.xlsx", "../inn/a.xlsx", tmp_path / "inn" / "a.xlsx", "under", ".",
        tmp_path / "inn", "..", "under/b.xlsx", "../inn.zip", tmp_path / "inn.zip", "nix.xlsx", "./nix.xlsx",
    ]  # fmt: skip
    shown = [source.shown for source in sources.find(places)]
    assert shown == ["under/../a.xlsx", "under/b.xlsx", "../inn.zip!c.xlsx", "nix.xlsx"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_to_a_folder_is_that_folder_and_one_to_a_file_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "inn").mkdir()
    (tmp_path / "inn" / "b.xlsx").write_bytes(BOOK)
    (tmp_path / "inn" / "a.xlsx").symlink_to("b.xlsx")
    (tmp_path / "lenke").symlink_to("inn")
    places = [tmp_path / "inn", tmp_path / "lenke", tmp_path / "lenke" / "b.xlsx"]
    shown = [source.shown for source in sources.find(places)]
    assert shown == [str(tmp_path / "inn" / "a.xlsx"), str(tmp_path / "inn" / "b.xlsx")]


def test_two_files_of_the_same_content_are_two(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(BOOK)
    (tmp_path / "b.xlsx").hardlink_to(tmp_path / "a.xlsx")
    assert len(list(sources.find([tmp_path]))) == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (BOOK, {"-": []}),
        (packed(("a.xlsx", BOOK), ("b.xlsx", b"")), {"-!a.xlsx": [], "-!b.xlsx": ["BX003"]}),
        (packed(("b.zip", b"")), {"-!b.zip": ["BX050"]}),
        (b"", {"-": ["BX003"]}),
        (b"PK\x03\x04", {"-": ["BX006"]}),
    ],
)
def test_standard_input_is_a_workbook_or_an_archive(
    monkeypatch: pytest.MonkeyPatch, data: bytes, expected: dict[str, list[str]]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert codes("-") == expected


@pytest.mark.parametrize("place", ["/dev/stdin", Path("/dev/stdin"), "/dev/fd/0", "/proc/self/fd/0"])
def test_standard_input_may_be_named_by_a_path(monkeypatch: pytest.MonkeyPatch, place: Path | str) -> None:
    for data, inner in ((BOOK, ""), (packed(("a.xlsx", BOOK)), "!a.xlsx")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert codes(place) == {f"{place}{inner}": []}


@pytest.mark.skipif(sys.platform == "win32", reason="there are none")
def test_a_pipe_that_is_named_is_refused_with_what_to_do(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xlsx")
    for place in (tmp_path / "a.xlsx", "/dev/fd/63"):
        (report,) = validate([place]).workbooks
        assert report.findings[0].rule.code == "BX001"
        assert all("«-»" in message(report.findings[0], catalogue(lang)) for lang in ("nb", "nn", "en"))


def test_an_archive_that_arrives_as_a_stream_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(("a.xlsx", BOOK), method=zipfile.ZIP_STORED)
    monkeypatch.setattr(sources, "MAX_IN_MEMORY", len(data) - 1)
    for allowed, code in ((Limits(file_bytes=1), "BX007"), (Limits(file_bytes=len(data)), "")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        (report,) = validate(["-"], limits=allowed).workbooks
        assert "".join(one.rule.code for one in report.findings) == code


@pytest.fixture(params=["file", "located", "member", "stdin", "packed stdin", "address", "packed address"])
def one_place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Puts content where a source reads it, and tells with which code it is refused, within limits."""

    def refused(data: bytes, limits: Limits) -> str:
        kind = request.param
        whole = packed(("a.xlsx", data)) if kind in {"member", "packed stdin", "packed address"} else data
        path = tmp_path / ("inn.zip" if whole is not data else "inn.xlsx")
        path.write_bytes(whole)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(whole)))
        place = {"stdin": "-", "packed stdin": "-"}.get(kind, path.as_uri() if "address" in kind else path)
        (source,) = sources.find([place], limits)
        if kind == "located":
            source = sources.located(source)
        return _tried(lambda: source.read(limits))[1]

    return refused


def test_a_configured_size_holds_wherever_a_workbook_comes_from(one_place: Callable[..., str]) -> None:
    assert one_place(b"x" * 1_000, Limits(file_bytes=1_000)) == ""
    assert one_place(b"x" * 1_001, Limits(file_bytes=1_000)) == "BX007"
    large = bytes(Limits().file_bytes + 1)
    assert one_place(large, Limits()) == "BX007"
    assert one_place(large, Limits(file_bytes=10**18)) == ""


# ------------------------------------------------------------------------------------------- addresses


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    system = fsspec.filesystem("memory")
    system.pipe({"/fylke/inn/a.xlsx": BOOK, "/fylke/inn/b.txt": b"x", "/fylke/alle.zip": packed(("c.xlsx", BOOK))})
    yield system
    system.rm("/fylke", recursive=True)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("memory://fylke/inn/a.xlsx", {"memory://fylke/inn/a.xlsx": []}),
        ("memory://fylke/inn", {"memory:///fylke/inn/a.xlsx": []}),
        ("memory://fylke/inn/*.xlsx", {"memory:///fylke/inn/a.xlsx": []}),
        ("memory://fylke/alle.zip", {"memory://fylke/alle.zip!c.xlsx": []}),
        ("memory://fylke/nix.xlsx", {"memory://fylke/nix.xlsx": ["BX001"]}),
        ("memory://fylke/*.xlsx", {"memory://fylke/*.xlsx": ["BX002"]}),
        ("finnesikke://a/b.xlsx", {"finnesikke://a/b.xlsx": ["BX001"]}),
    ],
)
def test_an_address_names_a_workbook_a_folder_a_pattern_or_an_archive(
    memory: fsspec.AbstractFileSystem, address: str, expected: dict[str, list[str]]
) -> None:
    assert codes(address) == expected


def test_a_folder_at_an_address_is_searched_as_one_given_by_path(
    memory: fsspec.AbstractFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.xlsx", "~$a.xlsx", ".a.xlsx", "b.txt"):
        (tmp_path / name).write_bytes(BOOK)
        memory.pipe(f"/fylke/inn/{name}", BOOK)
    (tmp_path / "lukket").mkdir()
    scandir = os.scandir

    def guarded(path: str) -> Any:
        if path.endswith("lukket"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert list(codes(tmp_path.as_uri()).values()) == [[], ["BX001"]]
    assert list(codes(f"{tmp_path.as_uri()}/*.xlsx")) == [f"{tmp_path.as_uri()}/a.xlsx"]
    assert codes("memory://fylke/inn") == {"memory:///fylke/inn/a.xlsx": []}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / "innsendt.zip").write_bytes(packed(("a.xlsx", BOOK)))
    (tmp_path / "examples").mkdir()
    shutil.copy(KOMPLETT, tmp_path / "examples")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_workbook_on_the_web_is_validated_and_keys_in_its_address_are_not_shown(web: str) -> None:
    address = f"http://kari:hemmelig@{web}/examples/komplett_2026.xlsx?sig=hemmelig"
    assert codes(address) == {f"http://{web}/examples/komplett_2026.xlsx": []}
    (missing,) = validate([f"http://kari:hemmelig@{web}/nix.xlsx?sig=hemmelig"]).workbooks
    assert missing.path == f"http://{web}/nix.xlsx"
    assert "hemmelig" not in message(missing.findings[0], catalogue("nb"))


@pytest.mark.parametrize("query", ["", "?sv=1&sig=hemmelig", "#a.xlsx"])
def test_an_archive_on_the_web_is_one_whatever_its_query(web: str, query: str) -> None:
    assert codes(f"http://{web}/innsendt.zip{query}") == {f"http://{web}/innsendt.zip!a.xlsx": []}


@pytest.mark.parametrize(
    "address", ["dir://x", "reference://x.xlsx", "generic://x", "github://x", "zip://x", "data:,x"]
)
def test_an_address_that_fsspec_cannot_use_leaves_the_others_to_be_checked(address: str) -> None:
    found = validate([address, KOMPLETT]).workbooks
    assert [[one.rule.code for one in report.findings] for report in found] == [["BX001"], []]
    for lang in ("nb", "nn", "en"):
        assert "{" not in message(found[0].findings[0], catalogue(lang))


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("http://{web}/nix.xlsx", "404 Not Found"),
        ("http://kari:hemmelig@127.0.0.1:9/a.xlsx", "Connection refused"),
        ("http://kari:hemmelig@127.0.0.1:99999/a.xlsx?sig=hemmelig", "Port out of range 0-65535"),
        ("https://kari:hemmelig@{web}/a.xlsx?sig=hemmelig", "SSL"),
        ("memory://fylke/nix.xlsx", "No such file or directory"),
        ("finnesikke://kari:hemmelig@a/b.xlsx", "finnesikke"),
    ],
)
def test_why_an_address_cannot_be_read_is_said_in_words_and_without_keys(web: str, address: str, cause: str) -> None:
    (report,) = validate([address.format(web=web)]).workbooks
    assert [one.rule.code for one in report.findings] == ["BX001"]
    for lang in ("nb", "nn", "en"):
        said = message(report.findings[0], catalogue(lang))
        assert cause in said
        assert not {"hemmelig", "Error", "{"} & set(re.findall(r"hemmelig|Error|{", said))


@pytest.mark.parametrize("error", [TimeoutError(), OSError(-2, "Name or service not known"), ConnectionError(104, "x")])
def test_a_cause_is_told_of_the_exception_that_led_to_another(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise FileNotFoundError("memory://fylke/inn/a.xlsx") from error

    monkeypatch.setattr(type(memory), "open", fail)
    (report,) = validate(["memory://fylke/inn/a.xlsx"]).workbooks
    said = message(report.findings[0], catalogue("en"))
    assert (error.strerror or "the server took too long") in said


def test_a_download_has_a_limit(memory: fsspec.AbstractFileSystem) -> None:
    (found,) = sources.find(["memory://fylke/inn/a.xlsx"])
    assert isinstance(found, remote.Remote)
    with pytest.raises(sources.Refused) as refused:
        found.read(Limits(file_bytes=len(BOOK) - 1))
    assert refused.value.rule.code == "BX007"


def test_without_fsspec_the_finding_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    (report,) = validate(["s3://fylke/a.xlsx"]).workbooks
    assert "behov-xl[remote]" in message(report.findings[0], catalogue("en"))


def test_a_path_is_a_path_whatever_it_looks_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(KOMPLETT, "-")
    assert codes(Path("-")) == {"-": []}
    assert not remote.is_address("C:/inn/a.xlsx")
    assert sources.is_local("inn/a.xlsx")
    assert codes("x" * 5_000) == {"x" * 5_000: ["BX001"]}


@pytest.mark.parametrize("name", ["a.xlsx", "../å b/c.xlsx", "/tmp/a.xlsx", os.fsdecode(b"\xff.xlsx")])
def test_a_file_is_the_same_in_another_process(name: str) -> None:
    assert pickle.loads(pickle.dumps(sources.File(Path(name)), 5)) == sources.File(Path(name))
