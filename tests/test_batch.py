"""Many workbooks: the same reports whatever does the work, in order, with memory for some of them."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from pyarrow.dataset import dataset
from test_cli import COMMAND, run

from behov_xl import batch, engines
from behov_xl.dataset.schema import TABLES
from behov_xl.engines import Engine
from behov_xl.form import Form
from behov_xl.selection import Selection
from behov_xl.tasks import Outcome, Setup, Task, directly
from behov_xl.validate import validate
from behov_xl.workbook.limits import CHUNK
from behov_xl.workbook.sources import File, Source, Unreadable, find
from conftest import EXAMPLES, report_on
from poison import ALONE, GOOD, OTHER, alive, children_of, greedy, setup

ALL = [EXAMPLES / f"{name}_2026.xlsx" for name in ("feil", "komplett", "bodo")]


@pytest.fixture(params=[0, 1, 2])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = engines.local(request.param) if request.param else engines.here()
    yield made
    made.close()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More workbooks than are held at once."""
    folder = tmp_path_factory.mktemp("inbox")
    for number in range(batch.FEW + 20):
        (folder / f"{number:04}.xlsx").symlink_to(ALL[number % 3])
    return folder


def test_reports_are_those_of_one_process(engine: Engine, form: Form, tmp_path: Path) -> None:
    copies = [Path(shutil.copy(path, tmp_path / f"{number}.xlsx")) for number, path in enumerate(ALL * 40)]
    paths = [*copies, Path("finnes-ikke.xlsx")]
    assert report_on(engine, paths, Setup(form)) == validate(paths, form)


def test_a_selection_and_limits_go_along(engine: Engine, form: Form, tmp_path: Path) -> None:
    chosen = Selection(select=("BX3",), ignore=("BX302",))
    report = report_on(engine, [ALL[0]], Setup(form, chosen))
    assert report == validate([ALL[0]], form, chosen)


def test_more_workbooks_than_are_held_come_in_their_order(engine: Engine, form: Form, inbox: Path) -> None:
    found = batch.incoming(find([inbox]))
    assert (found.many, found.total, len(found.known)) == (True, None, batch.FEW + 1)
    pieces = list(batch.run(found, setup(form), engine))
    paths = [report.path for piece in pieces for report in piece.reports]
    assert paths == [str(inbox / f"{number:04}.xlsx") for number in range(batch.FEW + 20)]
    assert [piece.first for piece in pieces] == list(range(0, batch.FEW + 20, CHUNK))


def test_unordered_gives_the_same_workbooks(form: Form, inbox: Path) -> None:
    made = engines.local(2)
    try:
        pieces = list(batch.run(batch.incoming(find([inbox])), setup(form), made, unordered=True))
    finally:
        made.close()
    assert sorted(piece.first for piece in pieces) == list(range(0, batch.FEW + 20, CHUNK))
    paths = {report.path for piece in pieces for report in piece.reports}
    assert len(paths) == batch.FEW + 20


def test_no_more_tasks_are_under_way_than_memory_is_for(form: Form) -> None:
    """Sources are looked at, and tasks handed out, only as results are taken."""
    looked, handed = [], []

    def sources() -> Iterator[Source]:
        for number in range(20 * CHUNK):
            looked.append(number)
            yield File(Path(f"finnes-ikke-{number}.xlsx"))

    class Lazy(engines._Here):
        def submit(self, function, /, *arguments, **named) -> Future[Outcome]:  # type: ignore[no-untyped-def]
            handed.append(arguments[1])
            return super().submit(function, *arguments, **named)

    made = Engine(Lazy(), directly, 2, lambda: None)
    found = batch.run(batch.incoming(sources()), setup(form), made)
    taken = 0
    for piece in found:
        taken += len(piece.reports)
        assert sum(len(task.sources) for task in handed) - taken <= 8 * CHUNK
        assert len(looked) - taken <= 9 * CHUNK
    assert taken == 20 * CHUNK


def tasks_of(sources: list[Source], workers: int) -> list[Task]:
    return list(batch.tasks(batch.incoming(sources), workers))


def test_few_workbooks_are_shared_out_and_large_ones_keep_apart(tmp_path: Path) -> None:
    small: list[Source] = [File(GOOD)] * 400
    assert [len(task.sources) for task in tasks_of(small, 2)] == [100] * 4
    assert [task.first for task in tasks_of(small, 2)] == [0, 100, 200, 300]
    assert [len(task.sources) for task in tasks_of(small[:30], 8)] == [30]
    large = tmp_path / "stor.xlsx"
    large.write_bytes(bytes(10_000_000))
    sizes = [len(task.sources) for task in tasks_of([File(large), *small[:5], File(large), File(large)], 4)]
    assert sizes == [1, 5, 1, 1]
    assert sum(len(task.sources) for task in tasks_of([*small, Unreadable("x", None, {})], 3)) == 401  # type: ignore[arg-type]


def test_a_report_is_small_when_it_travels(form: Form) -> None:
    """The labels and rules that findings name do not drag the form along: measured, 2.0 kB for 24 findings."""
    packed = pickle.dumps(directly(Setup(form).packed(), Task(0, tuple([File(OTHER)] * 50))), 5)
    assert len(packed) / 50 < 3_000
    again = pickle.loads(pickle.dumps(validate([OTHER], form)))
    assert again == validate([OTHER], form)
    lean = pickle.dumps(directly(Setup(form, whole=False).packed(), Task(0, tuple([File(OTHER)] * 50))), 5)
    assert len(lean) < len(packed) / 2


# --------------------------------------------------------------------------------------- the command


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_stream_says_of_each_workbook_what_the_whole_report_says(inbox: Path) -> None:
    streamed = run("validate", inbox.name, "--format", "jsonl", "--jobs", "2", "--ignore", "BX8", cwd=inbox.parent)
    held = run(
        "validate", inbox.name, "--format", "jsonl", "--format", "json=/dev/null", "--ignore", "BX8", cwd=inbox.parent
    )
    assert streamed.returncode == held.returncode == 1
    assert streamed.stdout == held.stdout
    unordered = run("validate", inbox.name, "--format", "jsonl", "--unordered", "--ignore", "BX8", cwd=inbox.parent)
    assert sorted(unordered.stdout.splitlines()) == sorted(streamed.stdout.splitlines())


@pytest.mark.parametrize("format_", ["text", "csv", "github"])
def test_every_format_that_is_written_as_results_come_is_the_whole_report(inbox: Path, format_: str) -> None:
    both = [
        run("validate", inbox.name, "--format", format_, *more, "--ignore", "BX8", cwd=inbox.parent).stdout
        for more in ([], ["--format", "json=/dev/null"])
    ]
    if format_ == "github":  # which has the most severe of all workbooks first, where it sees all
        both = [sorted(one.splitlines()) for one in both]  # type: ignore[misc]
    assert both[0] == both[1]


def test_what_shows_in_all_workbooks_together_comes_last(inbox: Path) -> None:
    done = lines(run("validate", inbox.name, "--format", "jsonl", cwd=inbox.parent).stdout)
    size = batch.FEW + 20
    late = done[size:]
    assert [one["path"] for one in done[:size]] == [f"{inbox.name}/{number:04}.xlsx" for number in range(size)]
    assert {code["code"] for one in late for code in one["findings"]} == {"BX801"}  # type: ignore[attr-defined]
    assert len(late) == size
    held = json.loads(run("validate", inbox.name, "--format", "json", cwd=inbox.parent).stdout)
    assert held["summary"]["warnings"] == sum(
        finding["severity"] == "warning" and finding["acknowledged"] is None
        for one in done
        for finding in one["findings"]  # type: ignore[attr-defined]
    )


def rows(folder: Path) -> list[dict[str, object]]:
    return dataset(folder).to_table().to_pylist()  # type: ignore[no-any-return]


def test_the_dataset_of_a_stream_is_that_of_the_whole_report(inbox: Path, tmp_path: Path) -> None:
    both = []
    for name, formats in {"strøm": ["jsonl=a"], "hel": ["jsonl=a", "json=b"]}.items():
        arguments = [part for one in formats for part in ("--format", one)]
        assert run("validate", str(inbox), *arguments, "--dataset", name, cwd=tmp_path).returncode == 1
        both.append({table: sorted(map(repr, rows(tmp_path / name / table))) for table in TABLES})
    assert any("'BX801'" in row for row in both[0]["findings"])
    assert both[0] == both[1]


def test_a_stream_to_a_file_appears_when_it_is_whole(inbox: Path, tmp_path: Path) -> None:
    done = run("validate", str(inbox), "--format", "jsonl=a.jsonl", "--format", "csv=b.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "a.jsonl" in done.stderr
    assert len(lines((tmp_path / "a.jsonl").read_text(encoding="utf-8"))) == 2 * (batch.FEW + 20)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.jsonl", "b.csv"]
    done = run("validate", str(inbox), "--format", "jsonl=nei/a.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process's memory this way")
def test_poison_among_good_files_costs_the_command_one_finding(tmp_path: Path) -> None:
    for number in range(20):
        shutil.copy(OTHER, tmp_path / f"{number:02}.xlsx")
    greedy(tmp_path / "10.xlsx")
    (tmp_path / "behov-xl.toml").write_text("jobs = 2\n[limits]\nmemory_bytes = 150_000_000\n", encoding="utf-8")
    done = run("validate", ".", "--format", "jsonl", "--ignore", "BX8", cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    found = lines(done.stdout)
    assert [one["status"] for one in found] == ["findings"] * 10 + ["unreadable"] + ["findings"] * 9
    assert [one["code"] for one in found[10]["findings"]] == ["BX022"]  # type: ignore[attr-defined]
    assert len({json.dumps(one["findings"]) for number, one in enumerate(found) if number != 10}) == 1


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([str(COMMAND), "validate", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[bytes], children: set[int]) -> str:
    """What a process said on stderr; it must be gone soon, and all of its children with it."""
    assert process.stderr is not None
    assert process.stdout is not None
    with process.stderr:
        said = process.stderr.read().decode()
        process.wait(timeout=10)
    process.stdout.close()
    deadline = time.monotonic() + 10
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [one for one in children if alive(one)] == []
    assert "Traceback" not in said
    return said


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """Enough workbooks that nobody waits for the end."""
    for number in range(6_000):
        (tmp_path / f"{number:04}.xlsx").symlink_to(OTHER)
    return tmp_path


@pytest.mark.skipif(not Path("/proc").exists(), reason="children are looked up in /proc")
@pytest.mark.parametrize("how", ["pipe", "interrupt", "kill"])
def test_a_run_that_is_cut_off_ends_quietly_and_leaves_no_process(endless: Path, how: str) -> None:
    process = start(str(endless), "--format", "jsonl", "--jobs", "2")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b'{"path"')
    children = children_of(process.pid)
    assert children
    if how == "pipe":
        process.stdout.close()
    else:
        os.kill(process.pid, signal.SIGINT if how == "interrupt" else signal.SIGKILL)
    said = ended(process, children)
    assert process.returncode == {"pipe": 1, "interrupt": 130, "kill": -signal.SIGKILL}[how]
    assert said == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_run_that_is_ended_leaves_nothing_of_what_it_has_begun(
    endless: Path, tmp_path_factory: pytest.TempPathFactory, how: int
) -> None:
    made = tmp_path_factory.mktemp("ut")
    process = start(str(endless), "--format", f"jsonl={made}/a.jsonl", "--dataset", str(made / "b"), "--jobs", "1")
    deadline = time.monotonic() + 30
    while len(list(made.iterdir())) < 2 or not children_of(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    children = children_of(process.pid)
    os.kill(process.pid, how)
    assert ended(process, children) == ""
    assert process.returncode == 128 + how
    assert list(made.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_run_that_was_told_to_outlive_its_terminal_does(endless: Path) -> None:
    command = ["nohup", str(COMMAND), "validate", str(endless), "--format", "jsonl", "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        os.kill(process.pid, signal.SIGHUP)
        assert process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.kill()


def test_the_profile_says_where_the_time_went(tmp_path: Path) -> None:
    done = run("validate", str(OTHER), "--profile", "--lang", "en", "--jobs", "1")
    table = done.stderr.splitlines()
    assert table[0].startswith("Where the time went")
    for name in ("finding the workbooks", "reading them", "rules", "reports", "together"):
        assert any(line.startswith(name) for line in table)
    assert sum(line.startswith("  BX") for line in table) == 5
    assert done.stdout == run("validate", str(OTHER), "--lang", "en", "--jobs", "0").stdout


def test_nothing_moves_where_nobody_watches(inbox: Path) -> None:
    done = run("validate", str(inbox), "--format", "jsonl", "--fail-on", "never")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--engine", "spark"], "spark"),
        (["--engine", "dask="], "dask="),
        (["--engine", "dask=nowhere"], "dask=nowhere"),
        (["--jobs", "-1"], "--jobs"),
    ],
)
def test_what_cannot_be_done_is_wrong_usage(arguments: list[str], said: str) -> None:
    done = run("validate", str(GOOD), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_one_who_asks_needs_no_pandas(form: Form) -> None:
    script = (
        "import sys; from behov_xl.cli import main\n"
        f"try: main(['validate', {str(OTHER)!r}, '--jobs', '1', '--fail-on', 'never'])\n"
        "except SystemExit: pass\n"
        "sys.exit(','.join(one for one in ('pandas', 'pandera', 'numpy', 'rich', 'distributed') if one in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert ALONE.ignore == ("BX8",)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
@pytest.mark.parametrize(("wish", "moves"), [([], True), (["--no-progress"], False)])
def test_somebody_who_watches_sees_how_far_it_is(inbox: Path, wish: list[str], moves: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [str(COMMAND), "validate", str(inbox), "--format", "jsonl", "--lang", "en", *wish]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "COLUMNS": "120"})
    os.close(theirs)
    seen = b""
    with open(ours, "rb", buffering=0) as screen:  # noqa: PTH123 - it has no name
        try:
            while part := screen.read(4096):
                seen += part
        except OSError:  # how Linux says that the other side is closed
            pass
    assert process.wait(timeout=30) == 1
    assert (f"of {batch.FEW + 20} workbooks".encode() in seen) is moves
    assert bool(seen) is moves
