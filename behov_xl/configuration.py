"""What a county or a project has settled once: ``behov-xl.toml``, or ``[tool.behov-xl]`` in ``pyproject.toml``.

The nearest file from the working directory upwards counts, alone; what is said on the command line counts over it.

    select = ["BX3", "BX4"]
    fail-on = "warning"
    format = ["text", "sarif=behov-xl.sarif"]

    [settings]                  # of the form: what the county requires
    minimum_owner_share = 0.3

    [limits]                    # what a file may cost
    seconds = 60
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Phrase
from behov_xl.messages import LANGUAGES

if TYPE_CHECKING:
    from behov_xl.form import Form
    from behov_xl.workbook.limits import Limits

NAME = "behov-xl.toml"
PROJECT = "pyproject.toml"
FAIL_ON = ("error", "warning", "never")
_CHOICES = {"fail-on": FAIL_ON, "lang": LANGUAGES}
_LISTS = ("select", "ignore", "format")
MAX_JOBS = 1024
"""Processes, or workers, at once: no machine has as many processors, and thousands would bring it to its knees."""
_EXPECTED = {
    "jobs": f"0, 1, 2 … {MAX_JOBS}",
    "engine": "local | dask | dask=…",
    "format": "[text | json | … | csv=funn.csv, …]",
}
_LARGEST, _DOTS = 200_000, 500
"""Characters of a file, and dots in a line of it. It may lie among uploads, and be no configuration at all; the time
that keys within keys take to read grows with the square of their number."""
_SHOWN = 100
"""Characters of a value that an error message has room for."""
_TABLES = ("settings", "limits")
KEYS = (*_LISTS, *_CHOICES, "jobs", "engine", *_TABLES)


class ConfigurationError(ValueError):
    """A configuration that cannot be used; ``said`` is why, for the reader."""

    def __init__(self, problem: str, /, **params: Any) -> None:
        super().__init__(problem)
        self.said = Phrase(f"config.{problem}", params)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file says. ``options`` are those of the command line, by name, lists always as lists."""

    path: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the form, as they stand in the file; see :func:`with_settings`."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """Of files, as they stand in the file; see :func:`limits`."""
    found: bool = False
    """Whether it was only found, perhaps among uploads, and named by nobody: see :func:`may_write`."""


def find(start: Path) -> Configuration:
    """The nearest configuration from a directory upwards, or an empty one. Raises :class:`ConfigurationError`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        for name in (NAME, PROJECT):
            path = folder / name
            if path.is_file() and (name == NAME or _section(_parsed(path), path) is not None):
                return replace(read(path), found=True)
    return Configuration()


def read(path: Path) -> Configuration:
    """One file, whatever its name; a ``pyproject.toml`` by its section. Raises :class:`ConfigurationError`."""
    said = _parsed(path)
    if path.name == PROJECT:
        said = _section(said, path) or {}
    problem = next(_problems(said, path), None)
    if problem is not None:
        raise problem
    options = {
        key: [value] if key in _LISTS and isinstance(value, str) else value
        for key, value in said.items()
        if key not in _TABLES
    }
    return Configuration(path, options, *(said.get(name, {}) for name in _TABLES))


def may_write(file: Path) -> bool:
    """Whether a configuration that was only found may have this file written: in the working directory, not hidden.

    The working directory is in that of the configuration. Links are followed; no repository's hook, no shell's
    settings are named this way.
    """
    here = Path.cwd().resolve()
    target = file.resolve()
    named = target.relative_to(here).parts if target.is_relative_to(here) else ()
    return bool(named) and not any(part.startswith(".") for part in named)


def with_settings(form: Form, configuration: Configuration) -> Form:
    """The form with the settings of a configuration over its own. Raises :class:`ConfigurationError`."""
    if not configuration.settings:
        return form
    from pydantic import ValidationError

    from behov_xl.form.model import Settings

    own = form.settings.model_dump()
    _known(configuration.settings, tuple(own), configuration.path, "settings.")
    for name, value in configuration.settings.items():
        if value is True:  # which would be read as 1
            raise ConfigurationError(
                "wrong_value",
                path=configuration.path,
                name=f"settings.{name}",
                actual="true",
                expected="false | 0.3",
            )
    try:
        settings = Settings.model_validate({**own, **configuration.settings})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in ("settings", *first["loc"][:1]))
        raise ConfigurationError("bad_value", path=configuration.path, name=key, reason=first["msg"]) from error
    return form.model_copy(update={"settings": settings})


def limits(configuration: Configuration) -> Limits:
    """The limits of a configuration over the usual ones. Raises :class:`ConfigurationError`."""
    from behov_xl.workbook.limits import BadLimits, Limits

    try:
        return Limits.from_mapping(configuration.limits)
    except BadLimits as error:
        if error.name not in error.known:
            _known([error.name], error.known, configuration.path, "limits.")
        expected = f"1, 2, 3 … {error.most}"
        params = {"path": configuration.path, "name": f"limits.{error.name}", "expected": expected}
        raise ConfigurationError("wrong_value", actual=_quoted(error.value), **params) from error


def _parsed(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no TOML; a number of endless digits; brackets within brackets
        raise ConfigurationError("unreadable", path=path, reason=str(error)) from error


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError("unreadable", path=path, reason=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("unreadable", path=path, reason=str(error)) from error
    if len(text) > _LARGEST or any(line.count(".") > _DOTS for line in text.splitlines()):
        raise ConfigurationError("too_large", path=path, limit=_LARGEST // 1_000)
    return text


def _section(project: dict[str, Any], path: Path) -> dict[str, Any] | None:
    tools = project.get("tool", {})
    section = tools.get("behov-xl") if isinstance(tools, dict) else None
    if section is not None and not isinstance(section, dict):
        raise ConfigurationError("bad_value", path=path, name="tool.behov-xl", reason=_quoted(section))
    return section


def _problems(said: Mapping[str, Any], path: Path) -> Iterator[ConfigurationError]:
    _known(said, KEYS, path)
    for key, value in said.items():
        if not _right(key, value):
            expected = _EXPECTED.get(key) or " | ".join(_CHOICES.get(key, ("[…]",)))
            yield ConfigurationError("wrong_value", path=path, name=key, actual=_quoted(value), expected=expected)


def _right(key: str, value: Any) -> bool:
    if key in _LISTS:
        texts = [value] if isinstance(value, str) else value
        return isinstance(texts, list) and all(isinstance(one, str) and "\0" not in one for one in texts)
    if key in _CHOICES:
        return value in _CHOICES[key]
    if key == "jobs":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_JOBS
    return isinstance(value, str if key == "engine" else dict)


def _quoted(value: Any) -> str:
    """A value as a message may hold it, one line of bearable length."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of endless digits; tables within tables
        return "…"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _known(said: Iterable[str], known: tuple[str, ...], path: Path | None, prefix: str = "") -> None:
    for key in said:
        if key not in known:
            guess = next(iter(get_close_matches(key.lower(), known, n=1)), "")
            params = {"name": f"{prefix}{key[:_SHOWN]}", "guess": guess and f"{prefix}{guess}", "known": list(known)}
            raise ConfigurationError("unknown_key", path=path, **params)
