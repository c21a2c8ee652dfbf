"""``behov-xl live`` on a LibreOffice that somebody has open."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from behov_xl.libreoffice.engine import connect
from behov_xl.libreoffice.office import OfficeUnavailable
from conftest import EXAMPLES


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    where = f"pipe,name=behov-xl-test-{secrets.token_hex(4)}"
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    command = ["soffice", profile, "--headless", "--norestore", f"--accept={where};urp;"]
    office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            app = connect(where, headless=True)
            break
        except OfficeUnavailable:
            time.sleep(0.1)
    else:
        pytest.fail("LibreOffice did not start")
    desktop = app.api
    app.quit()  # only lets go of it: this process must not keep an app that will have ended
    yield where
    desktop.terminate()
    office.wait(timeout=60)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "behov_xl", "live", *arguments]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment)


def test_the_findings_stand_in_the_open_workbook_and_can_be_taken_out(address: str, tmp_path: Path) -> None:
    path = tmp_path / "bodo.xlsx"
    shutil.copy(EXAMPLES / "bodo_2026.xlsx", path)
    before = path.read_bytes()
    done = run(str(path), "--connect", address)
    assert done.stdout == "4 feil, 11 advarsler, 9 merknader – se arket Validering.\n", done.stderr
    app = connect(address, headless=True)
    (book,) = app.books
    assert book.sheets["Validering"].range("B5").value == "BX511"
    run(str(path), "--connect", address, "--clear")
    assert len(app.books) == 1
    assert book.sheets["Validering"].range("B5").value is None
    assert path.read_bytes() == before
    app.quit()


def test_what_cannot_be_done_is_said_without_a_traceback(tmp_path: Path) -> None:
    nobody = run(str(EXAMPLES / "bodo_2026.xlsx"), "--connect", "pipe,name=ingen-her")
    assert nobody.returncode == 2
    assert "svarte ikke" in nobody.stderr
    missing = run(str(tmp_path / "finnes_ikke.xlsx"))
    assert missing.returncode == 2
    assert "Traceback" not in nobody.stderr + missing.stderr
