"""Streams that are closed or full: what the command does with its results, and what with its messages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from test_cli import COMMAND, FEIL, KOMPLETT

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="for systems with shells and such a device")


def through_shell(line: str, **paths: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "BEHOV_XL_LANG": "en", "PROGRAM": str(COMMAND), "KOMPLETT": KOMPLETT, "FEIL": FEIL, **paths}
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=env, timeout=60)


@pytest.mark.parametrize("messages", ["2>&-", "2>/dev/full"])
def test_messages_that_nobody_hears_change_nothing(tmp_path: Path, messages: str) -> None:
    done = through_shell(f'"$PROGRAM" validate "$KOMPLETT" {messages}')
    assert (done.returncode, done.stdout.splitlines()[-1].startswith("Workbooks: 1")) == (0, True)
    target = tmp_path / "a.csv"
    done = through_shell(f'"$PROGRAM" validate "$FEIL" --format csv="$TARGET" {messages}', TARGET=str(target))
    assert (done.returncode, done.stdout, target.exists()) == (1, "", True)
    assert through_shell(f'"$PROGRAM" validate "$FEIL" --jobs -1 {messages}').returncode == 2


@pytest.mark.parametrize("command", ['validate "$KOMPLETT"', "rules", "explain BX301", "template -o -"])
@pytest.mark.parametrize("results", [">&-", ">/dev/full"])
def test_results_that_go_nowhere_are_a_failure(command: str, results: str) -> None:
    done = through_shell(f'"$PROGRAM" {command} {results}')
    assert done.returncode == 2
    assert " stdout: " in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_closed_output_does_not_matter_where_nothing_is_written_to_it(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    done = through_shell('"$PROGRAM" validate "$FEIL" --format csv="$TARGET" >&-', TARGET=str(target))
    assert (done.returncode, target.read_bytes()[:3]) == (1, b"\xef\xbb\xbf")


def test_a_closed_input_is_an_empty_one() -> None:
    done = through_shell('"$PROGRAM" validate - <&-')
    assert (done.returncode, done.stderr) == (2, "")
    assert "BX0" in done.stdout


def test_a_process_without_any_stream_ends_as_it_would() -> None:
    assert through_shell('"$PROGRAM" validate "$KOMPLETT" --format csv=/dev/null <&- >&- 2>&-').returncode == 0
