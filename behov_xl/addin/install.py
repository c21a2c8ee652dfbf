"""Puts the add-in where Excel loads it, takes it away again, and tells how it stands with it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from behov_xl.addin.build import NAME, addin_bytes, xlwings_file
from behov_xl.addin.machine import DEFENDER_RULES, MACOS, POLICIES, WINDOWS, Machine, is_hidden, is_passing
from behov_xl.addin.settings import Found, Settings, read_settings
from behov_xl.findings import Phrase
from behov_xl.messages import Catalogue
from behov_xl.writing import write_atomically

_PROBE = "import behov_xl.addin, xlwings;from importlib.metadata import version as v;print(v('behov-xl'), v('xlwings'))"
_PATIENCE = 120
"""Seconds that a Python may take to start: the first time, with a virus scanner, it is slow."""


class Refused(Exception):
    """The add-in cannot be installed or removed; ``reason`` is a phrase of the catalogue."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.reason = Phrase(f"addin_file.{key}", params)


@dataclass(frozen=True, slots=True)
class Installed:
    """What was done."""

    path: Path
    interpreter: Path
    warm: bool
    script: Path | None


@dataclass(frozen=True, slots=True)
class Removed:
    """What was done, and what was not."""

    path: Path
    script: Path | None
    """The AppleScript, which stays: every add-in that is built on the same xlwings uses this one file."""


@dataclass(slots=True)
class Status:
    """How it stands with the add-in."""

    path: Path
    found: Found | None
    problems: list[Phrase] = field(default_factory=list)
    notes: list[Phrase] = field(default_factory=list)
    """What may matter but stops nothing."""


def install(machine: Machine, words: Catalogue) -> Installed:
    """Installs the add-in with the machine's interpreter in it, over an older one.

    Raises :class:`Refused` with what to do about it, and then leaves what was there; :class:`CannotBuild`.
    """
    folder = _startup(machine)
    if is_passing(machine.interpreter):
        raise Refused("passing_python", interpreter=machine.interpreter)
    if machine.platform == MACOS and any(one in str(machine.interpreter) for one in " '\"\\|;&$"):
        raise Refused("mac_path", path=machine.interpreter)  # xlwings' AppleScript gives it to a shell as it is
    if not folder.parent.is_dir():
        raise Refused("no_startup", path=folder)
    path = _not_open(folder / NAME)
    warm = machine.platform == WINDOWS and _has_dll(machine.interpreter)
    data = addin_bytes(words, Settings(str(machine.interpreter), warm))
    _write(path, data)
    if is_hidden(path):
        with _explained(path):
            path.unlink()
        raise Refused("store_python", path=path)
    return Installed(path, machine.interpreter, warm, _install_script(machine))


def remove(machine: Machine) -> Removed | None:
    """Removes the add-in. Returns what was there, or ``None`` when there was nothing. Raises :class:`Refused`."""
    path = _startup(machine) / NAME
    data = _content(path)
    if data is None:
        return None
    _not_open(path)
    with _explained(path):
        path.unlink()
    found = read_settings(data)
    script = _script(machine.scripts, found.xlwings) if machine.scripts and found else None
    return Removed(path, script if script and script.exists() else None)


def status(machine: Machine) -> Status:
    """Whether the add-in is there and would work. Raises :class:`Refused` on a machine that can have none."""
    path = _startup(machine) / NAME
    data = _content(path)
    found = read_settings(data) if data else None
    said = Status(path, found)
    if data is None:
        said.problems.append(Phrase("addin_file.not_installed"))
    elif is_hidden(path):
        said.problems.append(Phrase("addin_file.store_python", {"path": path}))
    elif found is None:
        said.problems.append(Phrase("addin_file.foreign", {"path": path}))
    else:
        said.problems += _interpreter_problems(found)
        if machine.platform == MACOS and machine.scripts and not _script(machine.scripts, found.xlwings).exists():
            said.problems.append(Phrase("addin_file.no_script", {"path": _script(machine.scripts, found.xlwings)}))
        if found.warm and not _has_dll(Path(found.python), found.xlwings):
            said.problems.append(Phrase("addin_file.no_dll", {"interpreter": found.python}))
    for policy in (*POLICIES, *DEFENDER_RULES):
        if policy.found(machine.registry):
            phrase = Phrase(f"addin_file.policy.{policy.name}", {"policy": policy.place})
            (said.problems if policy.blocks else said.notes).append(phrase)
    return said


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.exists() else None
    except OSError as error:
        raise Refused("cannot_read", path=path, reason=error.strerror or error) from error


def _interpreter_problems(found: Found) -> list[Phrase]:
    interpreter = found.python
    if not interpreter:
        return [Phrase("addin_file.no_interpreter")]
    try:
        done = subprocess.run(  # noqa: S603 - it is what the button starts
            [interpreter, "-B", "-c", _PROBE], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return [Phrase("addin_file.slow_python", {"interpreter": interpreter})]
    except OSError:
        return [Phrase("addin_file.no_python", {"interpreter": interpreter})]
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return [Phrase("addin_file.python_without", {"interpreter": interpreter, "reason": last})]
    ours, xlwings = ["?", "?", *done.stdout.split()][-2:]
    if (ours, xlwings) != (found.version, found.xlwings):
        built, here = f"behov-xl {found.version}, xlwings {found.xlwings}", f"behov-xl {ours}, xlwings {xlwings}"
        return [Phrase("addin_file.other_version", {"built": built, "here": here})]
    return []


def _startup(machine: Machine) -> Path:
    if not machine.has_excel:
        raise Refused("no_excel")
    if machine.startup is None:
        raise Refused("no_appdata")
    return machine.startup


def _not_open(path: Path) -> Path:
    """Excel puts a lock file beside what it has open; on Windows it refuses the writing as well."""
    lock = path.with_name(f"~${path.name}")
    if lock.exists():
        raise Refused("excel_running", path=path, lock=lock.name)
    return path


def _has_dll(interpreter: Path, xlwings: str | None = None) -> bool:
    """Whether xlwings' DLL lies where its VBA looks for it: beside the interpreter, or in the folder above (venv)."""
    name = f"xlwings64-{xlwings or version('xlwings')}.dll"
    return any((folder / name).is_file() for folder in (interpreter.parent, interpreter.parent.parent))


def _script(scripts: Path, xlwings: str) -> Path:
    return scripts / f"xlwings-{xlwings}.applescript"


def _install_script(machine: Machine) -> Path | None:
    """Excel for Mac lets macros start programs only through a script in this folder; ``xlwings runpython install``."""
    if machine.scripts is None:
        return None
    script = _script(machine.scripts, version("xlwings"))
    _write(script, xlwings_file(script.name).read_bytes())
    return script


def _write(path: Path, data: bytes) -> None:
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the system refuses, in words. On Windows a file that Excel has open is a matter of permission."""
    try:
        yield
    except PermissionError as error:
        raise Refused("not_allowed", path=path) from error
    except OSError as error:
        raise Refused("cannot_write", path=path, reason=error.strerror or error) from error
