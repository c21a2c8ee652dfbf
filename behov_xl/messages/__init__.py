"""What users read, in bokmål, nynorsk and English: one catalogue per language, and how Norwegians write numbers."""

from __future__ import annotations

import os
import string
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from behov_xl.findings import Phrase
from behov_xl.years import Term

LANGUAGES = ("nb", "nn", "en")
DEFAULT = "nb"
NO_BREAK = "\N{NO-BREAK SPACE}"


def preferred_language() -> str:
    """The language that the environment asks for in ``BEHOV_XL_LANG``, or bokmål."""
    asked = os.environ.get("BEHOV_XL_LANG", DEFAULT)
    return asked if asked in LANGUAGES else DEFAULT


def number(value: float, decimals: int = 2) -> str:
    """1234567.5 → ``1 234 567,5``: no-break spaces between thousands, a comma before decimals, no trailing zeros."""
    if abs(value) >= 1e15:
        return f"{value:.3g}".replace(".", ",")
    text = f"{value:,.{decimals}f}".replace(",", NO_BREAK).replace("-", "\N{MINUS SIGN}")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole},{fraction}" if fraction else whole


class _Formatter(string.Formatter):
    """``str.format`` with the field's own formats: ``{x:kr}`` kroner, ``{x:t}`` hours, ``{x:?… %s …}`` only if any."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def format_field(self, value: Any, spec: str) -> str:
        if spec.startswith("?"):
            return spec[1:].replace("%s", self._catalogue.words(value)) if value else ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            if spec == "kr":
                return f"{number(value)}{NO_BREAK}kr"
            if spec == "t":
                return f"{number(value)}{NO_BREAK}{self._catalogue.text('hour' if value == 1 else 'hours')}"
        return self._catalogue.words(value)


class Catalogue:
    """The words of one language. Keys are dotted paths into the catalogue file."""

    def __init__(self, lang: str, words: Mapping[str, Any]) -> None:
        self.lang = lang
        self._words = words
        self._formatter = _Formatter(self)

    def text(self, key: str, **params: Any) -> str:
        """The text under ``key`` with its fields filled in. Raises ``KeyError`` for a key the catalogue lacks."""
        return self._formatter.vformat(self.raw(key), (), params)

    def words(self, value: Any) -> str:
        """A parameter as a reader sees it: labels in this language, lists in guillemets, numbers the Norwegian way."""
        if hasattr(value, "words"):  # a label of the form, which this module must not cost the import of
            return str(value.words(self.lang))
        if isinstance(value, Phrase):
            return self.text(value.key, **value.params)
        if isinstance(value, Term):
            return self.text("autumn" if value.autumn else "spring", year=str(value.year))
        if isinstance(value, tuple):
            return " ".join(self.words(one) for one in value)
        if isinstance(value, list):
            return ", ".join(self.words(one) if isinstance(one, tuple) else f"«{self.words(one)}»" for one in value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number(value)
        return "" if value is None else str(value)

    def raw(self, key: str) -> str:
        """As :meth:`text`, with the fields left as they are."""
        found: Any = self._words
        for step in key.split("."):
            found = found[step]
        if not isinstance(found, str):
            raise KeyError(key)
        return found


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(lang: str = DEFAULT) -> Catalogue:
    """The catalogue of ``lang`` (nb, nn or en). Raises ``ValueError`` for another language."""
    if lang not in LANGUAGES:
        raise ValueError(f"no catalogue for language {lang!r}")
    text = (files("behov_xl.messages") / f"{lang}.toml").read_text(encoding="utf-8")
    return Catalogue(lang, tomllib.loads(text))
