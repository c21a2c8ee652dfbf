"""A run of the command ``validate``: an engine is started, workbooks go through it, reports come out.

Up to some hundred workbooks, or where a report must see all of them, the whole is held and written at the end. Else
each workbook is written when it is done, and what shows only when all are seen together comes last.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

import click

from behov_xl import collector, profiling
from behov_xl.batch import Incoming, Together, incoming, run
from behov_xl.console import colours, print_text, say, write_file, writing_to
from behov_xl.engines import Engine, EngineError, cores, here, local
from behov_xl.messages import Catalogue
from behov_xl.profiling import stage
from behov_xl.report import Output, encoded
from behov_xl.rules.across import whole
from behov_xl.selection import arranged
from behov_xl.tasks import Rendering, Setup

if TYPE_CHECKING:
    from behov_xl.findings import Finding, Report, Severity, Tally, WorkbookReport

DASK = "dask"
_AT_A_GLANCE = 20
"""Workbooks that are done before a progress bar says anything."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a run is carried out, whatever it validates."""

    unordered: bool = False
    progress: bool = False
    fail_on: Severity | None = None
    whole: bool = False
    """Whether somebody needs the whole report at the end."""


@contextmanager
def engine(name: str, jobs: int | None, words: Catalogue) -> Iterator[Engine]:
    """The engine of this name, for as long as it is needed; what it cannot do is wrong usage."""
    try:
        chosen = _engine(name, jobs)
        try:
            yield chosen
        finally:
            chosen.close()
    except EngineError as error:
        raise click.UsageError(words.words(error.said)) from error


def _engine(name: str, jobs: int | None) -> Engine:
    kind, _, address = name.partition("=")
    if kind == DASK:
        from behov_xl import cluster

        return cluster.connected(address) if address else cluster.started(jobs or cores())
    return here() if jobs == 0 else local(jobs or cores())


_Seen = Callable[[Together], None]
_Keep = Callable[[Sequence["WorkbookReport"]], None]


@dataclass(frozen=True, slots=True)
class Run:
    """All that a run needs to know; :meth:`validated` carries it out."""

    setup: Setup
    outputs: Sequence[Output]
    conduct: Conduct
    engine: Engine
    words: Catalogue
    keep: _Keep | None = None
    """What takes all reports in their order, as often as there are some."""
    unwritten: list[click.UsageError] = field(default_factory=list)
    """What went wrong with outputs; it has been told."""

    def validated(self, places: Sequence[str]) -> tuple[Tally, Report | None]:
        """Validates and writes the reports. How it came out, and the whole report where it was held."""
        with collector.paused():
            return self._validated(places)

    def _validated(self, places: Sequence[str]) -> tuple[Tally, Report | None]:
        from behov_xl.workbook.sources import find, is_local

        found = incoming(find(places, self.setup.limits), listed=self.conduct.progress and all(map(is_local, places)))
        if found.many and not self.conduct.whole and all(one.format.streams for one in self.outputs):
            return self._streamed(found), None
        report = self._held(found)
        if self.keep is not None:
            self.keep(report.workbooks)
        with stage("report"):
            for output in self.outputs:
                with self._others_go_on():
                    self._write(output, report)
        return report.tally(), report

    @contextmanager
    def _others_go_on(self) -> Iterator[None]:
        """What cannot be written costs none of the other results."""
        try:
            yield
        except click.UsageError as error:
            say(error.message)
            self.unwritten.append(error)

    def _held(self, found: Incoming) -> Report:
        together, reports = Together(), list["WorkbookReport"]()
        with self._progress(found) as seen:
            for piece in run(found, self.setup, self.engine, unordered=self.conduct.unordered):
                together.add(piece)
                reports += piece.reports
                seen(together)
                collector.look_through_new()
        return whole(reports, self.setup.form, self.setup.selection)

    def _streamed(self, found: Incoming) -> Tally:
        """Writes each workbook when it is done. It was rendered where it was validated; its findings stay there."""
        takes = [self._takes(one) for one in self.outputs]
        streams = [one.format.stream() for one in self.outputs]
        renderings = tuple(
            Rendering(one.format.name, self.words.lang, bool(taken.get("colour")))
            for one, taken in zip(self.outputs, takes, strict=True)
        )
        setup = replace(self.setup, whole=self.keep is not None, renderings=renderings)
        together = Together()
        with ExitStack() as files:
            spool = files.enter_context(_Spool())
            outlets = [files.enter_context(_Outlet(one, self.words)) for one in self.outputs]
            _each(outlets, [stream.written(stream.begin(self.words)) for stream in streams])
            with self._progress(found) as seen:
                for piece in run(found, setup, self.engine, unordered=self.conduct.unordered):
                    together.add(piece)
                    with stage("report"):
                        _each(outlets, piece.texts)
                    self._give_up_without(outlets)
                    if self.keep is not None:
                        spool.add(piece.reports)
                    seen(together)
                    collector.look_through_new()
            found_late = together.across(setup.form, setup.selection)
            late = [replace(together.said[number], findings=one) for number, one in sorted(found_late.items())]
            with stage("report"):
                for outlet, stream, taken in zip(outlets, streams, takes, strict=True):
                    for one in late:
                        outlet.write(stream.written(stream.part(one, setup.form.id, self.words, **taken)))
                    outlet.write(stream.written(stream.end(together.tally(), together.said, self.words, **taken)))
            if self.keep is not None:
                for reports in spool.with_late(found_late, setup):
                    self.keep(reports)
        self.unwritten.extend(outlet.failure for outlet in outlets if outlet.failure)
        return together.tally()

    def _give_up_without(self, outlets: Sequence[_Outlet]) -> None:
        """Nobody waits for a run that leaves no result."""
        if self.keep is None and all(outlet.failure for outlet in outlets):
            raise click.exceptions.Exit(click.UsageError.exit_code)

    def _write(self, output: Output, report: Report) -> None:
        text = output.format.renderer()(report, self.words, **self._takes(output))
        if output.file is None:
            print_text(text, self.words)
        else:
            write_file(output.file, encoded(text), self.words)

    def _takes(self, output: Output) -> dict[str, object]:
        """What a format wants to know besides the report."""
        known = {"colour": output.file is None and colours(), "fail_on": self.conduct.fail_on}
        return {name: known[name] for name in output.format.takes}

    def _progress(self, found: Incoming) -> AbstractContextManager[_Seen]:
        if self.conduct.progress and (found.many or (found.total or 0) > _AT_A_GLANCE):
            from behov_xl.progress import shown

            return shown(found.total, self.words)
        return _unseen()


@dataclass(slots=True)
class _Spool:
    """Reports that wait, outside of memory, for what shows only when all are seen together."""

    _file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, reports: list[WorkbookReport]) -> None:
        """Puts the next reports away."""
        pickle.dump(reports, self._file, 5)

    def with_late(self, late: dict[int, tuple[Finding, ...]], setup: Setup) -> Iterator[list[WorkbookReport]]:
        """All reports again, each with what was found late in its place."""
        self._file.seek(0)
        number = 0
        while True:
            try:
                reports: list[WorkbookReport] = pickle.load(self._file)  # noqa: S301 - we have just written it
            except EOFError:
                return
            for index, one in enumerate(reports):
                if number + index in late:
                    both = [*one.findings, *late[number + index]]
                    reports[index] = replace(one, findings=arranged(both, setup.form, setup.selection))
            number += len(reports)
            yield reports


@dataclass(slots=True)
class _Outlet:
    """Where an output goes bit by bit. A file appears when all is written; of one that failed, no more is written."""

    output: Output
    words: Catalogue
    failure: click.UsageError | None = None
    _file: IO[bytes] | None = None
    _opened: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> _Outlet:
        from behov_xl.writing import opened_atomically

        if self.output.file is not None:
            with self._noted(self.output.file):
                self._file = self._opened.enter_context(opened_atomically(self.output.file))
        return self

    def write(self, text: bytes) -> None:
        """Writes some more."""
        if self.failure is not None or not text:
            return
        with self._noted(self.output.file):
            if self._file is None:
                print_text(text.decode(), self.words)
            else:
                self._file.write(text)

    @contextmanager
    def _noted(self, path: Path | None) -> Iterator[None]:
        try:
            with writing_to(path or "stdout", self.words):
                yield
        except click.UsageError as error:
            say(error.message)
            self.failure = error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        path, ended = self.output.file, error or self.failure
        if path is None:
            return
        with self._noted(path):
            if ended is not None:
                self._opened.__exit__(type(ended), ended, trace)
            else:
                self._opened.close()
        if error is None and self.failure is None:
            say(self.words.text("cli.written", path=path))


def _each(outlets: Sequence[_Outlet], texts: Sequence[bytes]) -> None:
    for outlet, text in zip(outlets, texts, strict=True):
        outlet.write(text)


@contextmanager
def _unseen() -> Iterator[_Seen]:
    yield lambda together: None  # noqa: ARG005


def on_terminal() -> bool:
    """Whether somebody watches: progress is for people, and stands on stderr."""
    return sys.stderr.isatty()


@contextmanager
def profiled(words: Catalogue, *, wanted: bool) -> Iterator[None]:
    """Tells at the end where the time went, on stderr, where that is wanted."""
    if not wanted:
        yield
        return
    profile, started = profiling.Profile(), time.perf_counter()
    with profiling.profiled(profile):
        yield
    from behov_xl.report.profile import render

    say(render(profile, time.perf_counter() - started, words))
