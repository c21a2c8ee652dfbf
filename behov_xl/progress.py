"""How far a run has come, for somebody who watches: a bar on stderr that is gone when the run is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from behov_xl.batch import Together
from behov_xl.findings import Severity
from behov_xl.messages import Catalogue, number


@contextmanager
def shown(total: int | None, words: Catalogue) -> Iterator[Callable[[Together], None]]:
    """Shows a bar, and gives what moves it. ``total`` is the number of workbooks, where it is known."""
    columns = (TextColumn("{task.fields[told]}", markup=False), BarColumn(bar_width=20), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total, told=words.text("progress.started"))

        def seen(together: Together) -> None:
            progress.update(task, completed=len(together.said), told=told(together, total, words))

        yield seen


def told(together: Together, total: int | None, words: Catalogue) -> str:
    """The numbers beside the bar: done, of how many, how many a second, what was found."""
    tally = together.tally()
    return words.text(
        "progress.told",
        done=tally.workbooks,
        total=number(total) if total is not None else "",
        rate=round(together.rate()),
        errors=tally.counts.get(Severity.ERROR, 0),
        warnings=tally.counts.get(Severity.WARNING, 0),
    )
