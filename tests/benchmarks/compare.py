"""What a full validation costs beside other ways, as one Markdown table: time, memory, growth with rows.

From the top folder: ``PYTHONPATH=tests .venv/bin/python -m benchmarks.compare [--quick] [--workbooks N] [--select WAY]``

Every way runs in a process of its own, start included, over the same workbooks; the ways take turns (A B A B), and the
best of its runs counts. Processor time is that of the process and all it started, peak memory that of its largest one.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- compare: begin -->", "<!-- compare: end -->"
COMMAND = str(Path(sys.executable).with_name("behov-xl"))
CHECK = "import sys; from pathlib import Path; from benchmarks.{} import check; check(sorted(Path(sys.argv[1]).glob('*.xlsx')))"
SLOW = frozenset({"openpyxl + pandera", "frictionless"})
PACKAGES = ("pandas", "pandera", "python-calamine", "openpyxl", "frictionless", "dask")
FLOOR, ONE = "reading only (python-calamine)", "behov-xl, 1 process"


def module(name: str) -> list[str]:
    return [sys.executable, "-c", CHECK.format(name)]


def ours(*options: str) -> list[str]:
    return [COMMAND, "validate", "--no-config", "--format", "jsonl", "-o", os.devnull, *options]


WAYS = {
    FLOOR: module("read_only"),
    "openpyxl + pandera": module("openpyxl_pandera"),
    "frictionless": module("frictionless_tables"),
    ONE: ours("--jobs", "1"),
    "behov-xl, 2 processes": ours("--jobs", "2"),
    "behov-xl, 2 Dask workers": ours("--engine", "dask", "--jobs", "2"),
    "behov-xl, no options": ours(),
}
"""The last one is not among those that run unless it is selected."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run: processor and wall time in seconds, peak memory of its largest process in MB."""

    cpu: float
    wall: float
    peak: float


def run(command: Sequence[str], folder: Path) -> Cost:
    """Runs a command over a folder. Raises ``RuntimeError`` with what it said if it did not come to an end."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen([*command, str(folder)], stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code not in (0, 1) or (code == 1 and command[0] == sys.executable):
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {code}\n{said.read().decode()[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def best(runs: Sequence[Cost]) -> Cost:
    return Cost(min(one.cpu for one in runs), min(one.wall for one in runs), min(one.peak for one in runs))


def in_turns(ways: Sequence[str], folder: Path, times: int) -> dict[str, Cost]:
    runs: dict[str, list[Cost]] = {way: [] for way in ways}
    for _ in range(times):
        for way in ways:
            runs[way].append(run(WAYS[way], folder))
    return {way: best(found) for way, found in runs.items()}


def made(maker: str, target: Path, count: int) -> Path:
    """What a function of ``corpus`` writes into the folder.

    In another process: what this one has ever held would count as the peak of those that it starts.
    """
    code = f"import sys; from pathlib import Path; from benchmarks.corpus import {maker} as make"
    code = f"{code}; make(Path(sys.argv[1]), int(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", code, str(target), str(count)], check=True)
    return target


def workbooks(folder: Path, count: int) -> Path:
    return made("corpus", folder / str(count), count)


def compared(folder: Path, ways: Sequence[str], sizes: Sequence[int], sample: int, times: int) -> Iterator[str]:
    """A line per size and way. Slow ways run over a sample of a large size, which the line says."""
    yield "| workbooks | way | wall s | processor s | processor ms per workbook | beside reading only | peak MB |"
    yield "|---:|---|---:|---:|---:|---:|---:|"
    for count in sizes:
        costs = {}
        for size, chosen in ((count, [w for w in ways if w not in SLOW or count <= sample]),
                             (sample, [w for w in ways if w in SLOW and count > sample])):  # fmt: skip
            costs |= (
                {w: (size, c) for w, c in in_turns(chosen, workbooks(folder, size), times).items()} if chosen else {}
            )
        floor = costs[FLOOR][1].cpu / count if FLOOR in costs else None
        for way in ways:
            size, cost = costs[way]
            each = cost.cpu / size
            ratio = f"{each / floor:.2f}" if floor else "–"
            name = way if size == count else f"{way}, the first {size}"
            yield f"| {count} | {name} | {cost.wall:.2f} | {cost.cpu:.2f} | {1000 * each:.2f} | {ratio} | {cost.peak:.0f} |"


def memory(folder: Path, way: str, sizes: Sequence[int]) -> Iterator[str]:
    yield f"| workbooks ({way}) | peak MB | beside the first |"
    yield "|---:|---:|---:|"
    peaks = [run(WAYS[way], workbooks(folder, count)).peak for count in sizes]
    for count, peak in zip(sizes, peaks, strict=True):
        yield f"| {count} | {peak:.0f} | {peak / peaks[0]:.2f} |"


def growth(folder: Path, way: str, sizes: Sequence[int], times: int) -> Iterator[str]:
    """One workbook with more and more budget lines."""
    yield f"| budget lines ({way}) | processor s | beside the line above | peak MB |"
    yield "|---:|---:|---:|---:|"
    before = None
    for count in sizes:
        target = made("long_workbook", folder / f"rows-{count}", count)
        cost = best([run(WAYS[way], target) for _ in range(times)])
        yield f"| {count} | {cost.cpu:.2f} | {f'{cost.cpu / before:.2f}' if before else ''} | {cost.peak:.0f} |"
        before = cost.cpu


def machine() -> str:
    """What it ran on: processor, cores, memory, Python, packages."""
    cpu = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        names = [line.partition(":")[2].strip() for line in about.read_text().splitlines() if "model name" in line]
        cpu = names[0] if names else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.python_implementation()} {platform.python_version()}, {', '.join(packages)}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workbooks", type=int, default=10_000, help="the largest number of them")
    parser.add_argument("--sample", type=int, default=500, help="how many of them the slow ways get at most")
    parser.add_argument("--quick", action="store_true", help="40 workbooks and 1 000 lines at most, each way once")
    parser.add_argument("--times", type=int, default=2, help="how often each way runs")
    parser.add_argument(
        "--select", action="append", choices=list(WAYS), help="only these ways; the first of ours is measured alone"
    )
    parser.add_argument("--folder", type=Path, help="keep the workbooks here for the next time")
    parser.add_argument("--readme", action="store_true", help="write the tables into README.md too")
    asked = parser.parse_args()
    largest, times = (40, 1) if asked.quick else (asked.workbooks, asked.times)
    ways = asked.select or list(WAYS)[:-1]
    sizes = [count for count in (1, 200) if count < largest] + [largest]
    if asked.quick:
        sizes = [1, largest]
    own = next((way for way in ways if way.startswith("behov-xl")), None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        parts = [iter([machine()]), compared(folder, ways, sizes, asked.sample, times)]
        if own:
            parts.append(memory(folder, own, [min(500, largest), largest]))
            lines = [100, 1_000] if asked.quick else [100, 1_000, 10_000, 100_000]
            parts.append(growth(folder, own, lines, times))
        told = []
        for part in parts:
            told.append("\n".join(part))
            print(told[-1], end="\n\n", flush=True)
    if asked.readme:
        before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        tables = "\n\n".join(told)
        README.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
