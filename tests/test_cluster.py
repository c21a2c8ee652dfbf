"""A real Dask scheduler and its workers, as processes: the same results as here, whatever happens to them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread

import pytest
from test_cli import COMMAND, run

from behov_xl import batch, cluster
from behov_xl.engines import EngineError
from behov_xl.form import Form
from behov_xl.messages import catalogue
from behov_xl.validate import validate
from behov_xl.workbook.limits import DEFAULT
from behov_xl.workbook.sources import Content, File
from conftest import EXAMPLES
from poison import GOOD, OTHER, SHORT_OF_MEMORY, alive, children_of, greedy, setup

ALL = [EXAMPLES / f"{name}_2026.xlsx" for name in ("feil", "komplett", "bodo")]

HIDDEN = ("--dashboard-address", "127.0.0.1:0")
"""Dask's own page, on any free port."""


def started(stack: ExitStack, *command: str) -> subprocess.Popen[bytes]:
    # Elsewhere: a worker's directory is not the one of those who ask.
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", *command], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    )
    stack.callback(process.kill)
    return process


def worker(stack: ExitStack, address: str) -> subprocess.Popen[bytes]:
    options = ["--nthreads", "1", "--no-nanny", *HIDDEN, "--memory-limit", "0", "--death-timeout", "60"]
    return started(stack, "distributed.cli.dask_worker", address, *options)


@pytest.fixture(scope="module")
def dask() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler, and its two workers."""
    with ExitStack() as stack:
        address, _ = scheduler(stack)
        workers = [worker(stack, address), worker(stack, address)]
        wait_for(lambda: len(threads(address)) == 2)
        yield address, workers


def scheduler(stack: ExitStack) -> tuple[str, subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = started(stack, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port, *HIDDEN)
    return f"tcp://127.0.0.1:{port}", process


def threads(address: str) -> dict[str, int]:
    from distributed import Client

    try:
        with Client(address, timeout=5, set_as_default=False) as client:
            return dict(client.nthreads())
    except OSError:  # it is not there yet
        return {}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_cluster_says_what_this_machine_says(dask: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path) -> None:
    for path in ALL:
        shutil.copy(path, tmp_path)
    (tmp_path / "tom.xlsx").write_bytes(b"")
    here = run("validate", ".", "--format", "json", cwd=tmp_path)
    there = run("validate", ".", "--format", "json", "--engine", f"dask={dask[0]}", cwd=tmp_path)
    assert (there.returncode, there.stderr) == (here.returncode, here.stderr)
    assert there.stdout == here.stdout
    assert len(json.loads(there.stdout)["workbooks"]) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process's memory this way")
def test_poison_costs_one_finding_and_no_worker(
    dask: tuple[str, list[subprocess.Popen[bytes]]], form: Form, tmp_path: Path
) -> None:
    address, workers = dask
    sources = [File(OTHER)] * 30
    sources[7] = File(greedy(tmp_path / "grisk.xlsx"))
    engine = cluster.connected(address)
    try:
        found = batch.run(
            batch.incoming([*sources, Content("-", GOOD.read_bytes())]), setup(form, SHORT_OF_MEMORY), engine
        )
        reports = [report for piece in found for report in piece.reports]
    finally:
        engine.close()
    codes = [one.findings[0].rule.code if one.status == "unreadable" else one.status for one in reports]
    assert codes == ["findings"] * 7 + ["BX022"] + ["findings"] * 22 + ["ok"]
    assert all(one == validate([OTHER], form).workbooks[0] for one in (*reports[:7], *reports[8:30]))
    assert [one.poll() for one in workers] == [None, None]


def test_a_worker_that_is_lost_loses_nothing(dask: tuple[str, list[subprocess.Popen[bytes]]], form: Form) -> None:
    address, workers = dask
    paths = [ALL[number % 3] for number in range(2_000)]
    engine = cluster.connected(address)
    children: set[int] = set()
    try:
        reports = []
        for piece in batch.run(batch.incoming(map(File, paths)), setup(form, DEFAULT), engine):
            if not reports:
                children = children_of(workers[1].pid)
                os.kill(workers[1].pid, signal.SIGKILL)
            reports += piece.reports
    finally:
        engine.close()
    assert workers[1].wait(timeout=10) == -signal.SIGKILL
    alone = [validate([path], form).workbooks[0] for path in ALL]
    assert reports == [alone[number % 3] for number in range(2_000)]
    assert children
    wait_for(lambda: not any(map(alive, children)))


@pytest.mark.parametrize("while_waiting", [False, True])
def test_a_scheduler_that_is_lost_ends_the_run(tmp_path: Path, while_waiting: bool) -> None:
    for number in range(6_000):
        (tmp_path / f"{number:04}.xlsx").symlink_to(OTHER)
    with ExitStack() as stack:
        address, lost = scheduler(stack)
        worker(stack, address)
        wait_for(lambda: len(threads(address)) == 1)
        process = subprocess.Popen(
            [str(COMMAND), "validate", str(tmp_path), "--format", "jsonl", "--engine", f"dask={address}", "--lang", "en"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline()
        if while_waiting:  # the pipe fills, and the run stands still
            time.sleep(1)
        lost.kill()
        _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Traceback" not in told
    assert told.splitlines()[-1] == "Error: The connection with the cluster is lost."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_an_interrupt_that_reaches_all_processes_ends_the_run_quietly(tmp_path: Path) -> None:
    for number in range(6_000):
        (tmp_path / f"{number:04}.xlsx").symlink_to(OTHER)
    process = subprocess.Popen(
        [str(COMMAND), "validate", str(tmp_path), "--format", "jsonl", "--engine", "dask", "--jobs", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, "")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64])
def test_something_else_that_listens_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    monkeypatch.setattr(cluster, "_CONNECTING", 1)

    def listen() -> None:
        with suppress(OSError):  # it is closed
            while True:
                calls.append(other.accept()[0])
                calls[-1].sendall(answer)

    calls: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as other:
        Thread(target=listen, daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(EngineError, match="unreachable") as raised:
            cluster.connected(f"tcp://127.0.0.1:{other.getsockname()[1]}")
    assert time.monotonic() - begun < 5
    assert "Dask" in catalogue("en").words(raised.value.said)
    for one in calls:
        one.close()


def test_a_worker_is_no_scheduler(dask: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    with pytest.raises(EngineError, match="unreachable"):
        cluster.connected(next(iter(threads(dask[0]))))


@pytest.mark.parametrize(
    "address", ["tls://127.0.0.1:1", "http://127.0.0.1:1", "ws://127.0.0.1:1", "ucx://127.0.0.1:1"]
)
def test_what_dask_cannot_speak_is_said_at_once(address: str) -> None:
    done = run("validate", str(GOOD), "--engine", f"dask={address}", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 4
    assert "certificates" in done.stderr if address.startswith("tls") else "«tcp»" in done.stderr


def test_a_cluster_may_be_started_for_a_run(tmp_path: Path) -> None:
    for path in ALL:
        shutil.copy(path, tmp_path)
    here = run("validate", ".", "--format", "json", cwd=tmp_path)
    started = subprocess.Popen(
        [str(COMMAND), "validate", ".", "--format", "json", "--engine", "dask", "--jobs", "2"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    children: set[int] = set()
    while started.poll() is None and not len(children) > 3:
        children |= children_of(started.pid)
        time.sleep(0.02)
    said, told = started.communicate(timeout=60)
    assert (started.returncode, told, said) == (here.returncode, here.stderr, here.stdout)
    assert children
    wait_for(lambda: not any(map(alive, children)))


def test_what_is_wrong_with_a_cluster_is_said(
    dask: tuple[str, list[subprocess.Popen[bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as deaf:  # bound, and nobody listens
        deaf.bind(("127.0.0.1", 0))
        done = run("validate", str(GOOD), "--engine", f"dask=tcp://127.0.0.1:{deaf.getsockname()[1]}", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr
    with monkeypatch.context() as patch:
        patch.setattr(cluster.behov_xl, "__version__", "99")
        with pytest.raises(EngineError, match="other_version") as raised:
            cluster.connected(dask[0])
        assert raised.value.said.params["ours"].startswith("behov-xl 99, python 3.")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "distributed", None)
        with pytest.raises(EngineError, match="not_installed"):
            cluster.connected(dask[0])
