"""Throws mutated workbooks at the whole pipeline: ``PYTHONPATH=.:tests python -m hostile.fuzz --minutes 60``.

What breaks is written to ``--found`` as a workbook; cut it down to its one part and put that into ``corpus/``.
"""

from __future__ import annotations

import argparse
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from behov_xl.workbook.grid import Grid
from hostile.mutations import draw, mutated
from hostile.pipeline import edited, read, reported

BATCH = 40
SLOW = 10
"""Seconds of processor time that nothing may take."""


@dataclass
class Run:
    """What was tried and what broke."""

    seed: int
    folder: Path
    counts: Counter[str] = field(default_factory=Counter)

    def attempt(self, name: str, work: Callable[[], object], data: bytes) -> object:
        """The work's result; ``None`` where it broke, and then the workbook is kept."""
        start = time.process_time()
        try:
            return work()
        except Exception:
            self.keep(name, data, traceback.format_exc())
            return None
        finally:
            if time.process_time() - start > SLOW:
                self.keep(f"slow-{name}", data, "")

    def keep(self, name: str, data: bytes, why: str) -> None:
        self.counts["found"] += 1
        path = self.folder / f"{self.seed}-{self.counts['found']}-{name}.xlsx"
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(why)

    def batch(self, dice: random.Random) -> None:
        grids: list[tuple[Grid, bytes]] = []
        for number in range(BATCH):
            data = mutated(draw(dice))
            self.counts["inputs"] += 1
            result = self.attempt("read", lambda data=data: read(data), data)
            if isinstance(result, Grid):
                grids.append((result, data))
                if number % 10 == 0:
                    self.counts["edited"] += 1
                    self.attempt("edit", lambda data=data: edited(data), data)
            elif result is not None:
                self.counts[result.rule.code] += 1
        self.counts["read"] += len(grids)
        try:
            reported([grid for grid, _ in grids])
        except Exception:  # which of them it was
            for grid, data in grids:
                self.attempt("report", lambda grid=grid: reported([grid]), data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"))
    chosen = parser.parse_args()
    chosen.found.mkdir(exist_ok=True, parents=True)
    run, dice = Run(chosen.seed, chosen.found), random.Random(chosen.seed)
    end = time.monotonic() + chosen.minutes * 60
    while time.monotonic() < end:
        run.batch(dice)
    print(chosen.seed, dict(run.counts))


if __name__ == "__main__":
    main()
