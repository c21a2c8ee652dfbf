"""Checkboxes: how many are ticked, and whether what is ticked agrees with what is filled in elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, at_fields, each, hits
from behov_xl.rules.lookups import Listed, having, measure_ids, partners, strays, unclear_partners, unplaced
from behov_xl.rules.shared import cells, folded, keys_of, per_chunk

if TYPE_CHECKING:
    from behov_xl.form import TickGroup
    from behov_xl.workbook.columns import Submissions

_TICKS = "Avkryssing"
_LIST = "Liste over andre eiere og kompetansemiljø"


def _groups(
    s: Submissions, pick: str, wrong: Callable[[float], bool]
) -> Iterator[tuple[str, TickGroup, dict[int, float]]]:
    """Table and group, and row and number of ticks where that number is wrong, of every group with this rule.

    Rows of measures that do not exist (BX601) are left out, and workbooks that lack a heading of the group (BX104).
    """
    for table in s.form.tables:
        for group in s.form.tick_groups(table):
            if group.pick != pick:
                continue
            ticked = map(sum, zip(*(cells(s, table.id, column) for column in group.columns), strict=True))
            found = {index: count for index, count in enumerate(ticked) if wrong(count)}
            if found:
                known, books = having(s, table.id, *group.columns), cells(s, table.id, "workbook")
                stray = strays(s, table.id) if "measure" in s.columns[table.id] else None
                at = [index for index in found if books[index] in known and not (stray and stray[index])]
                yield table.id, group, {index: found[index] for index in at}


def _options(group: TickGroup) -> list[Any]:
    return [option.label for option in group.options]


@rule("BX501", "none-ticked", Severity.ERROR, section=_TICKS)
def none_ticked(s: Submissions) -> Iterator[Hits]:
    """Exactly one box of the group must be ticked, and none is.

    Wrong: ja ☐ nei ☐.
    Right: ja ☐ nei ☒.
    """
    for table, group, found in _groups(s, "exactly-one", lambda count: count == 0):
        yield hits(s, table, list(found), group.columns[0], group=group.label, expected=_options(group))


@rule("BX502", "several-ticked", Severity.ERROR, section=_TICKS)
def several_ticked(s: Submissions) -> Iterator[Hits]:
    """Exactly one box of the group must be ticked, and several are.

    Wrong: ja ☒ nei ☒.
    Right: ja ☒ nei ☐.
    """
    for table, group, found in _groups(s, "exactly-one", lambda count: count > 1):
        at = [next(one for one in group.columns if cells(s, table, one)[index] == 1.0) for index in found]
        counts = Each(list(found.values()))
        yield hits(s, table, list(found), at, group=group.label, expected=_options(group), actual=counts)


@rule("BX503", "nothing-ticked", Severity.ERROR, section=_TICKS)
def nothing_ticked(s: Submissions) -> Iterator[Hits]:
    """At least one box of the group must be ticked, and none is.

    Wrong: no phase is ticked.
    Right: Planlegging av tiltak ☒, Gjennomføring av tiltak ☒.
    """
    for table, group, found in _groups(s, "at-least-one", lambda count: count == 0):
        yield hits(s, table, list(found), group.columns[0], group=group.label, expected=_options(group))


@per_chunk
def answers(s: Submissions, question: str) -> dict[int, bool]:
    """Workbook → the answer to a yes/no question; left out where not exactly one box is ticked."""
    books, yes, no = (cells(s, "questions", one) for one in ("workbook", f"{question}.yes", f"{question}.no"))
    return {workbook: one == 1.0 for workbook, one, other in zip(books, yes, no, strict=True) if one + other == 1.0}


def _at_answer(s: Submissions, question: str, wrong: dict[int, dict[str, Any]]) -> Hits:
    """Hits at the ticked box of a question, for the workbooks in ``wrong``; the messages tell question and answer."""
    answer = answers(s, question)
    books = list(wrong)
    boxes = ["yes" if answer[book] else "no" for book in books]
    columns = [f"{question}.{box}" for box in boxes]
    names = next(iter(wrong.values()), {})
    params: dict[str, list[Any]] = {name: [wrong[book][name] for book in books] for name in names}
    table = s.form.by_id["questions"]
    group = next(one for one in s.form.tick_groups(table) if one.id == question)
    labels = {option.id: option.label for option in group.options}
    params |= {"label": [group.label] * len(books), "answer": [labels[box] for box in boxes]}
    return at_fields("questions", books, columns, **params)


@rule("BX510", "several-owners", Severity.WARNING, section=_LIST)
def several_owners(s: Submissions) -> Iterator[Hits]:
    """The box "flere eiere" is ticked but the list names one, or the other way round.

    Wrong: flere eiere ☒ ja, and only the sender is on the list.
    Right: flere eiere ☒ ja, and the list names both owners.
    """
    senders = [[owner] if owner else [] for owner in cells(s, "head", "owner")]
    yield _against_list(s, "several_owners", "owner", dict(zip(cells(s, "head", "workbook"), senders, strict=True)))


@rule("BX511", "several-uh", Severity.WARNING, section=_LIST)
def several_uh(s: Submissions) -> Iterator[Hits]:
    """The box "flere kompetansemiljø" is ticked but the list and the measures name one, or the other way round.

    Wrong: flere kompetansemiljø ☒ nei, and the measures name LMS and Nord.
    Right: flere kompetansemiljø ☒ ja, and both are on the list.
    """
    named: dict[int, list[str]] = {}
    for workbook, uh in zip(cells(s, "measures", "workbook"), cells(s, "measures", "uh"), strict=True):
        named.setdefault(workbook, []).extend([uh] if uh else [])
    yield _against_list(s, "several_uh", "uh", named)


def _against_list(s: Submissions, question: str, kind: str, elsewhere: dict[int, list[str]]) -> Hits:
    """Where the answer fits neither the list alone nor the list with the names that stand elsewhere in the form."""
    listed, possible, partial = partners(s, kind), partners(s, kind, ""), _partial_lists(s)
    wrong: dict[int, dict[str, Any]] = {}
    for workbook, yes in answers(s, question).items():
        spellings, known = listed.get(workbook, {}), possible.get(workbook, {})
        if yes and len(set(spellings.values())) > 1:
            continue  # whatever stands elsewhere
        named = [known.get(name.casefold(), name) for name in elsewhere.get(workbook, ())]
        others = {name.casefold(): name for name in named if name.casefold() not in spellings}
        # "Bodø" may be "Bodø kommune" and may not: it makes no second one, but it may be what several means.
        unlike = Listed(spellings).unlike(others.values()) if others else []
        names = [*dict.fromkeys(spellings.values()), *(others.values() if yes else unlike)]
        if names and yes != (len(names) > 1) and not (yes and workbook in partial):
            wrong[workbook] = {"actual": names, "count": len(names)}
    for workbook in unclear_partners(s) & wrong.keys() if wrong else ():
        names = _surely_different(wrong[workbook]["actual"])
        wrong[workbook] = {"actual": names, "count": len(names)}
        if len(names) < 2:  # also where several is the answer: the names that cannot be read may be the others
            del wrong[workbook]
    return _at_answer(s, question, wrong)


@per_chunk
def _partial_lists(s: Submissions) -> set[int]:
    """The workbooks whose list of partners may name more than can be read: a name or kind in it is gone."""
    rows = zip(*(cells(s, "partners", one) for one in ("workbook", "name", "kind")), strict=True)
    return {workbook for workbook, name, kind in rows if not (name and kind)}


def _surely_different(names: list[str]) -> list[str]:
    """Where the list does not say it, "LMS" may be any of the long names: only names of one sort are sure to differ."""
    short, long = [name for name in names if " " not in name], [name for name in names if " " in name]
    return max(short, long, key=len)


@rule("BX513", "budget-missing", Severity.ERROR, section="6 Økonomi og varighet")
def budget_missing(s: Submissions) -> Iterator[Hits]:
    """The measure says that its budget is not in an attachment, and has no budget lines either.

    Wrong: budsjett i vedlegg ☒ nei, and no line in Budsjett.
    Right: budsjett i vedlegg ☒ nei, and lines that add up to the measure's sums.
    """
    yield from _budget(s, "no", has_lines=False)


@rule("BX514", "budget-twice", Severity.INFO, section="6 Økonomi og varighet")
def budget_twice(s: Submissions) -> Iterator[Hits]:
    """The budget is said to be in an attachment, and there are budget lines too.

    Only one of them can be the budget; the lines are not compared with the measure's sums then.

    Wrong: budsjett i vedlegg ☒ ja, and three lines in Budsjett.
    Right: one of the two.
    """
    yield from _budget(s, "yes", has_lines=True)


def _budget(s: Submissions, answer: str, *, has_lines: bool) -> Iterator[Hits]:
    other = "no" if answer == "yes" else "yes"
    rows, lines, there = keys_of(s, "ticks"), set(keys_of(s, "budget")), having(s, "budget", "measure")
    boxes = (cells(s, "ticks", f"budget_attached.{one}") for one in (answer, other))
    wrong = [
        index
        for index, (key, said, denied, stray) in enumerate(zip(rows, *boxes, strays(s, "ticks"), strict=True))
        # A row without an id (BX208) may be any measure's.
        if said == 1.0 and denied == 0.0 and not stray and key[0] in there and key[1] and (key in lines) == has_lines
    ]
    if wrong and not has_lines:
        there -= unplaced(s, "budget")
        wrong = [index for index in wrong if rows[index][0] in there]
    yield hits(s, "ticks", wrong, f"budget_attached.{answer}")


@rule("BX517", "co-determination", Severity.WARNING, section="Medbestemmelse")
def co_determination(s: Submissions) -> Iterator[Hits]:
    """The statement was discussed with the unions and nobody is named, or somebody is named and it was not.

    "–" or "ikke avklart" is no name.

    Wrong: drøftet i medbestemmelse ☒ ja, and nobody in the table.
    Right: drøftet i medbestemmelse ☒ ja, and those who took part.
    """
    rows = zip(*(cells(s, "co_determination", one) for one in ("workbook", "role", "name")), strict=True)
    named = Counter(book for book, role, name in rows if _is_somebody(name or role, s.form.vocabulary.nobody))
    wrong = {}
    for workbook, yes in answers(s, "co_determination").items():
        if "co_determination" in s.layouts[workbook] and yes != (workbook in named):
            wrong[workbook] = {"count": named[workbook]}
    yield _at_answer(s, "co_determination", wrong)


def _is_somebody(name: str, nobody: tuple[str, ...]) -> bool:
    """Whether this names somebody: not "–", "?" or "ikke avklart"."""
    there = name[:1].isalnum() or any(character.isalnum() for character in name)
    return there and name.casefold().strip(" .()") not in nobody


@rule("BX518", "coordinator-justification", Severity.WARNING, section="6 Økonomi og varighet")
def coordinator_justification(s: Submissions) -> Iterator[Hits]:
    """A coordinator sum must be justified, and no text or budget line of the measure mentions a coordinator.

    Wrong: sum koordinator 50 000, and texts that do not say what for.
    Right: sum koordinator 50 000, and "Koordinator i 10 % stilling følger opp …" under 3.
    """
    rows, sums = keys_of(s, "measures"), cells(s, "measures", "coordinator_sum")
    paid = [index for index, paid in enumerate(sums) if paid > 0]
    wanted = {rows[index] for index in paid}
    kinds = zip(keys_of(s, "budget"), cells(s, "budget", "cost_type"), strict=True)
    justified = {key for key, kind in kinds if kind == "coordination"}
    for table, column in (
        ("texts", "text"),
        ("budget", "description"),
        ("roles", "responsibility"),
        ("roles", "group"),
    ):
        for key, text in zip(keys_of(s, table), folded(s, table, column), strict=True):
            if key in wanted and "koordin" in text:
                justified.add(key)
    known = having(s, "texts", "measure", "text") & measure_ids(s).keys()
    described = set(keys_of(s, "texts"))  # a measure without any text is BX604's
    lacking = {key for key in wanted - justified if key[0] in known and key in described}
    wrong = [index for index in paid if rows[index] in lacking]
    yield hits(s, "measures", wrong, "coordinator_sum", actual=each(s, "measures", "coordinator_sum", wrong))
