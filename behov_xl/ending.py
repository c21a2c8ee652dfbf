"""How the command line ends when it is told to: as after Ctrl-C, with what it has begun taken away."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def tidily() -> None:
    """From now on a signal that ends the process lets it tidy up first. One that is ignored, as by nohup, stays so."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may say what signals do
    for number in _SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    del frame
    for one in _SIGNALS:  # a terminal that is closed says so more than once
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)
