"""Contact persons: every partner that is used has one, and the head and the list name the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from behov_xl.findings import Severity, rule
from behov_xl.remembering import remembered
from behov_xl.rules.hits import Hits, at_fields
from behov_xl.rules.lookups import Partner, alike, having, partner_list, uh_named, words
from behov_xl.rules.shared import cells, per_chunk

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions

_LIST = "Liste over andre eiere og kompetansemiljø"


@rule("BX608", "contact-missing", Severity.WARNING, section=_LIST)
def contact_missing(s: Submissions) -> Iterator[Hits]:
    """An owner on the list, or a UH that a measure names, has no contact person.

    The contact person of the sender, and of one UH, may stand in the head only: the form asks for the others' here.

    Wrong: LMS and Nord in the measures, and no contact person for either on the list: the one in the head is LMS's.
    Right: the one in the head is LMS's, and Nord's is on the list.
    """
    listed = partner_list(s)
    if all(one.contact for rows in listed.values() for one in rows):
        return
    known, named, heads = having(s, "partners", "contact"), uh_named(s), _heads(s)
    joining = s.form.vocabulary.joining
    found: list[tuple[int, Partner]] = []
    for workbook in known.intersection(listed):
        rows, (sender, _, uh_contact) = listed[workbook], heads.get(workbook, ("", "", ""))
        # An empty name is alike to any: without the sender's, each may be the sender.
        owners = [one for one in rows if one.kind == "owner" and not alike(one.name or one.short, sender)]
        used = [one for one in rows if one.kind == "uh" and not named.get(workbook, set()).isdisjoint(one.spellings)]
        elsewhere = not _among(uh_contact, (one.contact for one in rows if one.kind != "owner"), joining)
        lacking = _lacking(owners) + _lacking(used)[int(elsewhere) :]
        found += [(workbook, one) for one in lacking if (workbook, "partners", one.row, "contact") not in s.faulty]
    books, at = [workbook for workbook, _ in found], [one.row for _, one in found]
    names = [one.name or one.short for _, one in found]
    yield Hits("partners", books, at, ["contact"] * len(found), [""] * len(found), {"name": names})


def _lacking(partners: list[Partner]) -> list[Partner]:
    """Those without a contact person; not where another row of the same partner has one (BX602, BX613)."""
    reached = {spelling for one in partners if one.contact for spelling in one.spellings}
    return [one for one in partners if not one.contact and one.spellings and reached.isdisjoint(one.spellings)]


@per_chunk
def _heads(s: Submissions) -> dict[int, tuple[str, str, str]]:
    """Workbook → the sender and the contact persons at the sender and at the UH."""
    columns = (cells(s, "head", one) for one in ("workbook", "owner", "owner_contact", "uh_contact"))
    return {workbook: (owner, contact, uh) for workbook, owner, contact, uh in zip(*columns, strict=True)}


@rule("BX609", "contacts-differ", Severity.INFO, section="Kontaktpersoner")
def contacts_differ(s: Submissions) -> Iterator[Hits]:
    """The head names a contact person who is not the contact person of that partner on the list.

    Said of the owner only where the sender is the one owner on the list, and of the UH only where each has a contact
    person: otherwise it may be somebody else's. "Kari M. Nordmann" and "Kari Nordmann, rådgiver" are one person.

    Wrong: Kari Nordmann in the head, and Ola Nordmann for Bodø kommune on the list.
    Right: the same person in both places; further ones may be on the list.
    """
    listed, heads, joining = partner_list(s), _heads(s), s.form.vocabulary.joining
    wrong: list[tuple[int, str, str, list[str]]] = []
    for workbook, rows in listed.items():
        sender, owner_contact, uh_contact = heads.get(workbook, ("", "", ""))
        if not all(one.kind for one in rows):
            continue
        owners, uhs = ([one for one in rows if one.kind == kind] for kind in ("owner", "uh"))
        if len(owners) > 1 or not all(alike(one.name or one.short, sender) for one in owners):
            owners = []
        for column, contact, there in (("owner_contact", owner_contact, owners), ("uh_contact", uh_contact, uhs)):
            names = [one.contact for one in there]
            if contact and names and all(names) and not _among(contact, names, joining):
                wrong.append((workbook, column, contact, names))
    if wrong:
        books, columns, actual, expected = zip(*wrong, strict=True)
        yield at_fields("head", books, columns, actual=actual, expected=expected)


_MOST, _MOST_LISTED = 50, 1_000
"""Persons of a cell, and of a list, at most who are compared: each is, with each, and a cell has room for thousands."""


class _Person(NamedTuple):
    """A name as names are compared: its words, and their first letters."""

    words: frozenset[str]
    initials: frozenset[str]


def _among(contact: str, others: Iterable[str], joining: tuple[str, ...]) -> bool:
    """Whether one of the persons that a cell names is one of those that other cells name."""
    listed = (person for other in others for person in _persons(other, joining))
    there = list(islice(listed, _MOST_LISTED))
    return any(_same(person, other) for person in _persons(contact, joining) for other in there)


@remembered(1024)
def _persons(contact: str, joining: tuple[str, ...]) -> tuple[_Person, ...]:
    """The persons that a cell names: "Ola Nordmann og Kari Nordmann" are two."""
    parts = re.split(rf"[,;/&+]|\b(?:{'|'.join(map(re.escape, joining)) or '(?!)'})\b", contact.casefold())
    named = (found for part in parts if (found := words(part)))
    return tuple(_Person(found, frozenset(word[0] for word in found)) for found in islice(named, _MOST))


def _same(one: _Person, other: _Person) -> bool:
    """Whether two names may be one person's: one has all the words of the other; an initial stands for a word."""
    return _within(one, other) or _within(other, one)


def _within(one: _Person, other: _Person) -> bool:
    return all(
        word in other.words or word[0] in other.words or (len(word) == 1 and word in other.initials)
        for word in one.words
    )
