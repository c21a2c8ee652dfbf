"""Which owners are partners: one of them has the other on its list. Found by words, since a run may have thousands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from behov_xl.findings import Submission
from behov_xl.headings import normal
from behov_xl.rules.lookups import words


class Partnerships:
    """The owners of a run, and whom each of their statements lists."""

    def __init__(self, said: Iterable[Submission]) -> None:
        said = list(said)
        names = {normal(one.owner): words(one.owner) for one in said if one.owner}
        self._names = {owner: found for owner, found in names.items() if found}
        self._common = Counter(word for found in self._names.values() for word in found)
        self._with: dict[str, list[str]] = {}
        self._rarest: dict[str, list[str]] = {}
        for owner, found in self._names.items():
            self._rarest.setdefault(self._rare(found), []).append(owner)
            for word in found:
                self._with.setdefault(word, []).append(owner)
        self._alike: dict[str, frozenset[str]] = {}

    def listed(self, one: Submission) -> frozenset[str]:
        """The owners, as they are compared, that a statement may mean by the names on its list; not its own."""
        found: frozenset[str] = frozenset().union(*(self._meant(name) for name in one.other_owners))
        return found - {normal(one.owner)}

    def _meant(self, name: str) -> frozenset[str]:
        """The owners whose names have all the words of ``name``, or none but those: see ``lookups.alike``."""
        if name not in self._alike:
            asked = words(name)
            longer = self._with.get(self._rare(asked), ()) if asked else ()
            shorter = (owner for word in asked for owner in self._rarest.get(word, ()))
            self._alike[name] = frozenset(
                [owner for owner in longer if asked <= self._names[owner]]
                + [owner for owner in shorter if self._names[owner] <= asked]
            )
        return self._alike[name]

    def _rare(self, found: frozenset[str]) -> str:
        return min(found, key=lambda word: (self._common[word], word))
