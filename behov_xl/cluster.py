"""The same tasks on a Dask cluster: one that exists, or one that is started for a run. Needs the extra ``cluster``.

A worker of the cluster has each task done by a child process of its own (:func:`behov_xl.tasks.isolated`), so that a
poisonous file ends that child and no worker; a worker that is lost for another reason has its tasks done by others.
Workers read files themselves: they must see the same disks, or the addresses must be ones that they reach.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import platform
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import behov_xl
from behov_xl.engines import Engine, EngineError
from behov_xl.findings import Phrase
from behov_xl.isolation import Children
from behov_xl.tasks import Outcome, Task, isolated
from behov_xl.workbook.sources import located

_CONNECTING = 10
"""Seconds in which a scheduler must answer."""
_WORKERS = 30
"""Seconds in which a cluster must have a worker, at the start and whenever it has lost all."""

_PROTOCOLS = ("tcp", "tls")
_NO_SCHEDULER = Phrase("engine.no_scheduler", {})


def connected(address: str) -> Engine:
    """A cluster whose scheduler listens at an address. Raises :class:`EngineError`."""
    arguments = _arguments(address)
    _knock(address)
    _greet(address, arguments)
    client = _client(address, address)
    try:
        return _engine(client, client.close)
    except BaseException:
        client.close()
        raise


def started(workers: int) -> Engine:
    """A cluster on this machine, for as long as the engine is in use. Raises :class:`EngineError`."""
    distributed = _distributed()
    with ExitStack() as stack:
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=None,  # the memory is the children's, and limited there
                dashboard_address="127.0.0.1:0",  # any free port: another cluster may run here
                silence_logs=logging.CRITICAL,
                preload=[__name__],
            )
        )
        client = stack.enter_context(_client(cluster, cluster.scheduler_address))
        return _engine(client, stack.pop_all().close)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise EngineError("not_installed") from error
    # What it has to say is said by us; it logs every connection that ends. The client's log has a level of its own.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed


def _arguments(address: str) -> dict[str, Any]:
    """What Dask connects with. Of a protocol that it cannot speak it says little, and keeps half a client."""
    distributed = _distributed()
    protocol = address.partition("://")[0]
    if protocol not in _PROTOCOLS:
        raise EngineError("protocol", protocol=protocol, known=list(_PROTOCOLS))
    arguments: dict[str, Any] = distributed.Security().get_connection_args("client")
    if protocol == "tls" and arguments.get("ssl_context") is None:
        raise EngineError("no_certificate", address=address)
    return arguments


def _knock(address: str) -> None:
    """Sees to it that somebody listens: Dask would try for long, and say less."""
    host, _, port = address.partition("://")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECTING).close()
    except (OSError, OverflowError) as error:  # OverflowError: a port that is too large
        reason = getattr(error, "strerror", None) or str(error)
        raise EngineError("unreachable", address=address, reason=reason) from error


def _greet(address: str, arguments: dict[str, Any]) -> None:
    """Sees to it that a scheduler answers: Dask's client waits without end for others that listen."""
    try:
        answer = asyncio.run(asyncio.wait_for(_identity(address, arguments), _CONNECTING))
    except Exception as error:  # others may answer anything
        raise EngineError("unreachable", address=address, reason=_NO_SCHEDULER) from error
    if "workers" not in answer:
        raise EngineError("unreachable", address=address, reason=_NO_SCHEDULER)


async def _identity(address: str, arguments: dict[str, Any]) -> dict[str, Any]:
    async with _distributed().rpc(address, timeout=_CONNECTING, connection_args=arguments) as scheduler:
        answer: dict[str, Any] = await scheduler.identity()
        return answer


def _client(where: Any, address: str) -> Any:
    distributed = _distributed()
    try:
        client = distributed.Client(where, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ValueError, TimeoutError, ImportError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise EngineError("unreachable", address=address, reason=reason or _NO_SCHEDULER) from error
    return client


def _engine(client: Any, close: Callable[[], object]) -> Engine:
    try:
        client.wait_for_workers(1, timeout=_WORKERS)
    except TimeoutError as error:
        raise EngineError("no_workers", seconds=_WORKERS) from error
    _check_versions(client)
    executor = client.get_executor(pure=False)

    def end() -> None:
        executor.shutdown(wait=False)
        close()

    workers = sum(client.nthreads().values())
    return Engine(executor, on_worker, workers, end, _Watch(client).check, _everywhere, _explained)


def _check_versions(client: Any) -> None:
    """Results are the same only where the program is the same, and what is pickled must be understood."""
    ours = versions()
    try:
        found = client.run(versions)
    except ModuleNotFoundError as error:
        raise EngineError("not_there", module=error.name or "behov_xl") from error
    for worker, theirs in found.items():
        if theirs != ours:
            raise EngineError("other_version", worker=worker, theirs=_told(theirs), ours=_told(ours))


def versions() -> dict[str, str]:
    """What must be the same on all machines."""
    from importlib.metadata import version

    python = ".".join(platform.python_version_tuple()[:2])
    return {"behov-xl": behov_xl.__version__, "python": python, "pandas": version("pandas")}


def _told(found: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found.items())


@dataclass(slots=True)
class _Watch:
    """Sees to it that a cluster without workers is not waited for without end."""

    client: Any
    _alone_since: float | None = None

    def check(self) -> None:
        """Raises :class:`EngineError` when the scheduler is gone, or has had no worker for a while."""
        try:
            workers = self.client.status == "running" and self.client.nthreads()
        except (OSError, TimeoutError) as error:
            raise EngineError("lost") from error
        if workers is False:
            raise EngineError("lost")
        if workers:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > _WORKERS:
            raise EngineError("no_workers", seconds=_WORKERS)


def _explained(error: BaseException) -> BaseException:
    """What ends a task on a cluster, other than a fault of ours."""
    if isinstance(error, CancelledError):  # the scheduler is gone
        return EngineError("lost")
    if isinstance(error, ModuleNotFoundError):  # a worker that came later
        return EngineError("not_there", module=error.name or "behov_xl")
    if type(error).__name__ == "KilledWorker":
        return EngineError("killed")
    return error


def _everywhere(task: Task) -> Task:
    """A task whose files are found from any working directory."""
    return replace(task, sources=tuple(map(located, task.sources)))


# --------------------------------------------------------------------------------------- on a worker


def on_worker(common: bytes, task: Task) -> Outcome:
    """Has a child of this worker do a task."""
    return isolated(_children(), common, task)


def dask_setup(worker: Any) -> None:
    """What Dask calls in each worker that is started for a run: Ctrl-C reaches them all, and the run sees to them."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@cache
def _children() -> Children:
    """Those of this worker. They end when they have had nothing to do for a while."""
    children = Children()
    atexit.register(children.close)
    return children
