"""LibreOffice is started, found, let go and ended; and where it cannot be, that is said."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path

import pytest
import xlwings

from behov_xl.libreoffice import engine, office
from behov_xl.libreoffice.office import OfficeUnavailable
from behov_xl.messages import LANGUAGES, catalogue


def _said(error: OfficeUnavailable) -> str:
    """The words for it, which every language has."""
    texts = [catalogue(lang).text(error.key, **error.params) for lang in LANGUAGES]
    return texts[0]


def test_one_that_runs_already_is_used_and_left_running(program: xlwings.App, tmp_path: Path) -> None:
    first = engine.start(tmp_path / "profil", headless=True)
    try:
        book = first.books.add()
        second = engine.start(tmp_path / "profil", headless=True)
        assert second.impl.office.process is None
        assert [one.name for one in second.books] == [book.name]
        second.quit()
        assert first.books.active.name == book.name
        assert second not in xlwings.apps
    finally:
        first.quit()
    assert program in xlwings.apps


def test_xlwings_own_app_starts_one(program: xlwings.App, tmp_path: Path) -> None:
    with xlwings.App(visible=False, spec=str(tmp_path / "profil")) as app:
        assert app != program
        assert xlwings.apps.active == app
        assert [len(one.books) for one in xlwings.apps] == [1, 0]
        book = program.books.add()
        book.activate()
        assert xlwings.apps.active == program
        book.close()
        with pytest.raises(NotImplementedError):
            app.visible = True
    assert list(xlwings.apps) == [program]


def test_one_that_is_let_go_stays_with_its_books(program: xlwings.App, tmp_path: Path) -> None:
    app = engine.start(tmp_path / "profil", headless=True)
    process: subprocess.Popen[bytes] = app.impl.office.process
    app.books.add()
    app.screen_updating = False
    app.impl.release()
    assert app not in xlwings.apps
    again = engine.start(tmp_path / "profil", headless=True)
    try:
        assert len(again.books) == 1
        assert not again.books[0].api.hasControllersLocked()
    finally:
        process.returncode = None
        again.impl.office.process = process
        again.quit()


def test_one_that_has_died_can_be_quit(program: xlwings.App, tmp_path: Path) -> None:
    app = engine.start(tmp_path / "profil", headless=True)
    app.books.add()
    app.screen_updating = False
    office._kill(app.impl.office.process)
    app.quit()
    assert list(xlwings.apps) == [program]


def test_a_book_that_another_program_has_open_is_not_opened(program: xlwings.App, sample: Path, tmp_path: Path) -> None:
    book = program.books.open(sample)
    other = engine.start(tmp_path / "profil", headless=True)
    try:
        other.books.add()
        with pytest.raises(OSError, match="could not load"):
            other.books.open(sample)
    finally:
        other.quit()
        book.close()


def test_where_there_is_no_libreoffice_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OfficeUnavailable) as refused:
        office.start()
    assert _said(refused.value).startswith("LibreOffice er ikke installert")


def test_one_that_cannot_start_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OfficeUnavailable) as refused:
        office.start()
    assert f"({program})" in _said(refused.value)


def test_one_that_does_not_answer_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec /bin/sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OfficeUnavailable, match="no-answer"):
        office.start(timeout=0.5)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_where_the_bridge_is_missing_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_SYSTEM_PACKAGES", ())
    monkeypatch.delitem(sys.modules, "uno", raising=False)
    with pytest.raises(OfficeUnavailable) as refused:
        office.load_uno()
    assert "python3-uno" in _said(refused.value)


def test_a_bridge_for_another_python_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "uno.py").write_text("import pyuno_of_another_python")
    monkeypatch.setattr(office, "_SYSTEM_PACKAGES", (str(tmp_path),))
    monkeypatch.delitem(sys.modules, "uno", raising=False)
    with pytest.raises(OfficeUnavailable) as refused:
        office.load_uno()
    text = _said(refused.value)
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in text
    assert "pyuno_of_another_python" in text


def test_the_bridge_changes_neither_the_path_nor_the_import(program: xlwings.App) -> None:
    before = (builtins.__import__, list(sys.path))
    sys.modules.pop("uno")
    office.load_uno()
    assert (builtins.__import__, sys.path) == before


def test_what_uno_raises_comes_out_of_a_block_unchanged(program: xlwings.App) -> None:
    outside = program.impl.office.uno.getClass("com.sun.star.lang.IndexOutOfBoundsException")
    book = program.books.add()
    try:
        with pytest.raises(outside), program.properties(status_bar="Validerer …"):
            book.api.Sheets.getByIndex(99)
        assert program.status_bar is False
    finally:
        book.close()
