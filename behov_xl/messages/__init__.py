"""What users read, in bokmål, nynorsk and English: one catalogue per language, and how Norwegians write numbers."""

from __future__ import annotations

import os
import string
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from importlib.resources import files
from operator import methodcaller
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
    if value % 1 == 0:  # most are
        return f"{value:,.0f}".replace(",", NO_BREAK).replace("-", "\N{MINUS SIGN}")
    text = f"{value:,.{decimals}f}".replace(",", NO_BREAK).replace("-", "\N{MINUS SIGN}")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole},{fraction}" if fraction else whole


def _nothing(value: None) -> str:
    del value
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_Write = Callable[[Any], str]
_Template = tuple[tuple[tuple[str, str, _Write], ...], str]
"""A text taken apart once: literal text, the name of a field and what writes its value, again and again; the rest."""


class Catalogue:
    """The words of one language. Keys are dotted paths into the catalogue file.

    Texts are written as for ``str.format``, with the field's own formats: ``{x:kr}`` kroner, ``{x:t}`` hours,
    ``{x:?… %s …}`` only if there is any.
    """

    def __init__(self, lang: str, words: Mapping[str, Any]) -> None:
        self.lang = lang
        self._words = words
        self._templates: dict[tuple[str, ...], _Template] = {}
        self._kinds: dict[type, _Write] = {
            Phrase: self._filled_phrase,
            Term: self._term,
            tuple: self._together,
            list: self._listed,
            type(None): _nothing,
        }
        self._writers: dict[type, _Write] = {}

    def text(self, key: str, **params: Any) -> str:
        """The text under ``key`` with its fields filled in. Raises ``KeyError`` for a key the catalogue lacks."""
        return self.filled((key,), params)

    def filled(self, keys: tuple[str, ...], params: Mapping[str, Any]) -> str:
        """As :meth:`text`, of several keys with spaces between: reports have hundreds of thousands of these."""
        fields, rest = self._templates.get(keys) or self._template(keys)
        if not fields:
            return rest
        text = ""
        for literal, name, write in fields:
            text += literal + write(params[name])
        return text + rest

    def _template(self, keys: tuple[str, ...]) -> _Template:
        fields: list[tuple[str, str, _Write]] = []
        rest = ""
        for literal, name, spec, conversion in string.Formatter().parse(" ".join(map(self.raw, keys))):
            rest += literal
            if name is None:
                continue
            if not name.isidentifier() or conversion is not None:
                raise ValueError(f"{keys[0]}: no plain field: {name!r}")
            fields.append((rest, name, self._writer(spec or "")))
            rest = ""
        self._templates[keys] = tuple(fields), rest
        return self._templates[keys]

    def _writer(self, spec: str) -> _Write:
        if spec.startswith("?"):
            return partial(self._if_any, spec[1:])
        return {"kr": self._kroner, "t": self._hours}.get(spec, self.words)

    def _if_any(self, text: str, value: Any) -> str:
        return text.replace("%s", self.words(value)) if value else ""

    def _kroner(self, value: Any) -> str:
        return f"{number(value)}{NO_BREAK}kr" if _is_number(value) else self.words(value)

    def _hours(self, value: Any) -> str:
        if not _is_number(value):
            return self.words(value)
        return f"{number(value)}{NO_BREAK}{self.filled(('hour' if value == 1 else 'hours',), {})}"

    def words(self, value: Any) -> str:
        """A parameter as a reader sees it: labels in this language, lists in guillemets, numbers the Norwegian way."""
        write = self._writers.get(type(value)) or self._writer_of(value)
        return write(value)

    def _writer_of(self, value: Any) -> _Write:
        """How values of this kind are written; it need not be found out again."""
        if hasattr(value, "words"):  # a label of the form, which this module must not cost the import of
            write: _Write = methodcaller("words", self.lang)
        elif _is_number(value):
            write = number
        else:
            write = next((write for kind, write in self._kinds.items() if isinstance(value, kind)), str)
        self._writers[type(value)] = write
        return write

    def _filled_phrase(self, phrase: Phrase) -> str:
        return self.filled((phrase.key,), phrase.params)

    def _term(self, term: Term) -> str:
        return self.text("autumn" if term.autumn else "spring", year=str(term.year))

    def _together(self, values: tuple[Any, ...]) -> str:
        return " ".join([self.words(one) for one in values])

    def _listed(self, values: list[Any]) -> str:
        texts = list(map(self.words, values))
        if values and isinstance(values[0], tuple):  # then all are
            return ", ".join(texts)
        return f"«{'», «'.join(texts)}»" if texts else ""

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
