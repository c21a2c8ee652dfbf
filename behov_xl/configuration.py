"""What a county or a project has settled once: ``behov-xl.toml``, or ``[tool.behov-xl]`` in ``pyproject.toml``.

The nearest file from the working directory upwards counts, alone; what is said on the command line counts over it.

    select = ["BX3", "BX4"]
    fail-on = "warning"
    format = ["text", "sarif=behov-xl.sarif"]

    [settings]                  # of the form: what the county requires
    minimum_owner_share = 0.3
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Phrase
from behov_xl.messages import LANGUAGES

if TYPE_CHECKING:
    from behov_xl.form import Form

NAME = "behov-xl.toml"
PROJECT = "pyproject.toml"
FAIL_ON = ("error", "warning", "never")
_CHOICES = {"fail-on": FAIL_ON, "lang": LANGUAGES}
_LISTS = ("select", "ignore", "format")
KEYS = (*_LISTS, *_CHOICES, "settings")


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


def find(start: Path) -> Configuration:
    """The nearest configuration from a directory upwards, or an empty one. Raises :class:`ConfigurationError`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        for name in (NAME, PROJECT):
            path = folder / name
            if path.is_file() and (name == NAME or _section(_parsed(path), path) is not None):
                return read(path)
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
        if key != "settings"
    }
    return Configuration(path, options, said.get("settings", {}))


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


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError("unreadable", path=path, reason=error.strerror or "") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("unreadable", path=path, reason=str(error)) from error


def _section(project: dict[str, Any], path: Path) -> dict[str, Any] | None:
    tools = project.get("tool", {})
    section = tools.get("behov-xl") if isinstance(tools, dict) else None
    if section is not None and not isinstance(section, dict):
        raise ConfigurationError("bad_value", path=path, name="tool.behov-xl", reason=repr(section))
    return section


def _problems(said: Mapping[str, Any], path: Path) -> Iterator[ConfigurationError]:
    _known(said, KEYS, path)
    for key, value in said.items():
        if key in _LISTS:
            right = isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
        elif key in _CHOICES:
            right = value in _CHOICES[key]
        else:
            right = isinstance(value, dict)
        if not right:
            expected = " | ".join(_CHOICES.get(key, ("[…]",)))
            yield ConfigurationError("wrong_value", path=path, name=key, actual=repr(value), expected=expected)


def _known(said: Mapping[str, Any], known: tuple[str, ...], path: Path | None, prefix: str = "") -> None:
    for key in said:
        if key not in known:
            guess = next(iter(get_close_matches(key.lower(), known, n=1)), "")
            params = {"name": f"{prefix}{key}", "guess": guess and f"{prefix}{guess}", "known": list(known)}
            raise ConfigurationError("unknown_key", path=path, **params)
