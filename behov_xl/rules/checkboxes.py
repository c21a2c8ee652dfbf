"""Checkboxes: how many are ticked, and whether what is ticked agrees with what is filled in elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from behov_xl.findings import Severity, rule
from behov_xl.rules.hits import Each, Hits, hits, keys

if TYPE_CHECKING:
    import pandas as pd

    from behov_xl.form import TickGroup
    from behov_xl.workbook.frames import Submissions

_TICKS = "Avkryssing"
_LIST = "Liste over andre eiere og kompetansemiljø"


def _groups(s: Submissions, pick: str) -> Iterator[tuple[str, pd.DataFrame, TickGroup, pd.Series[float]]]:
    """Table, frame and group of every group with this rule, and each row's number of ticks (NaN: unreadable)."""
    for table in s.form.tables:
        frame = s[table.id]
        for group in s.form.tick_groups(table) if len(frame) else ():
            if group.pick == pick:
                ticked = frame[group.columns[0]].copy()
                for column in group.columns[1:]:
                    ticked += frame[column]
                yield table.id, frame, group, ticked


def _options(group: TickGroup) -> list[Any]:
    return [option.label for option in group.options]


@rule("BX501", "none-ticked", Severity.ERROR, section=_TICKS)
def none_ticked(s: Submissions) -> Iterator[Hits]:
    """Exactly one box of the group must be ticked, and none is.

    Wrong: ja ☐ nei ☐.
    Right: ja ☐ nei ☒.
    """
    for table, frame, group, ticked in _groups(s, "exactly-one"):
        yield hits(table, frame[ticked == 0], group.columns[0], group=group.label, expected=_options(group))


@rule("BX502", "several-ticked", Severity.ERROR, section=_TICKS)
def several_ticked(s: Submissions) -> Iterator[Hits]:
    """Exactly one box of the group must be ticked, and several are.

    Wrong: ja ☒ nei ☒.
    Right: ja ☒ nei ☐.
    """
    for table, frame, group, ticked in _groups(s, "exactly-one"):
        found = frame[ticked > 1]
        if len(found):
            at = [next(column for column in group.columns if row[column] == 1.0) for _, row in found.iterrows()]
            yield hits(table, found, at, group=group.label, expected=_options(group), actual=ticked[found.index])


@rule("BX503", "nothing-ticked", Severity.ERROR, section=_TICKS)
def nothing_ticked(s: Submissions) -> Iterator[Hits]:
    """At least one box of the group must be ticked, and none is.

    Wrong: no phase is ticked.
    Right: Planlegging av tiltak ☒, Gjennomføring av tiltak ☒.
    """
    for table, frame, group, ticked in _groups(s, "at-least-one"):
        yield hits(table, frame[ticked == 0], group.columns[0], group=group.label, expected=_options(group))


def answers(s: Submissions, question: str) -> dict[int, bool]:
    """Workbook → the answer to a yes/no question; left out where not exactly one box is ticked."""
    frame = s["questions"]
    yes, no = frame[f"{question}.yes"].tolist(), frame[f"{question}.no"].tolist()
    return {
        workbook: one == 1.0
        for workbook, one, other in zip(frame["workbook"].tolist(), yes, no, strict=True)
        if one + other == 1.0
    }


def _at_answer(s: Submissions, question: str, wrong: dict[int, dict[str, Any]]) -> Hits:
    """Hits at the ticked box of a question, for the workbooks in ``wrong``."""
    answer = answers(s, question)
    books = list(wrong)
    columns = [f"{question}.{'yes' if answer[book] else 'no'}" for book in books]
    names = next(iter(wrong.values()), {})
    params = {name: [wrong[book][name] for book in books] for name in names}
    return Hits("questions", books, [0] * len(books), columns, [""] * len(books), params)


@rule("BX510", "several-owners", Severity.WARNING, section=_LIST)
def several_owners(s: Submissions) -> Iterator[Hits]:
    """The box "flere eiere" is ticked but the list names one, or the other way round.

    Wrong: flere eiere ☒ ja, and only the sender is on the list.
    Right: flere eiere ☒ ja, and the list names both owners.
    """
    owners = _partners(s, "owner")
    head = s["head"]
    for workbook, owner in zip(head["workbook"].tolist(), head["owner"].tolist(), strict=True):
        if owner:
            owners.setdefault(workbook, {}).setdefault(owner.casefold(), owner)
    yield _against_list(s, "several_owners", owners)


@rule("BX511", "several-uh", Severity.WARNING, section=_LIST)
def several_uh(s: Submissions) -> Iterator[Hits]:
    """The box "flere kompetansemiljø" is ticked but the list and the measures name one, or the other way round.

    Wrong: flere kompetansemiljø ☒ nei, and the measures name LMS and Nord.
    Right: flere kompetansemiljø ☒ ja, and both are on the list.
    """
    named = _partners(s, "uh")
    measures = s["measures"]
    listed = short_names(s)
    for (workbook, key), uh in zip(keys(measures, "uh"), measures["uh"].tolist(), strict=True):
        if uh:
            named.setdefault(workbook, {}).setdefault(listed.get((workbook, key), key), uh)
    yield _against_list(s, "several_uh", named)


def _partners(s: Submissions, kind: str) -> dict[int, dict[str, str]]:
    """Workbook → name in lower case → name, of the partners on the list that are of this kind."""
    found: dict[int, dict[str, str]] = {}
    partners = s["partners"]
    of_kind = partners[partners["kind"] == kind]
    for (workbook, key), name in zip(keys(of_kind, "name"), of_kind["name"].tolist(), strict=True):
        if name:
            found.setdefault(workbook, {})[key] = name
    return found


def short_names(s: Submissions) -> dict[tuple[int, str], str]:
    """(workbook, short or full name) → full name, in lower case, of the UHs on the list."""
    partners = s["partners"]
    of_kind = partners[partners["kind"] == "uh"]
    names = keys(of_kind, "name")
    found = {(workbook, name): name for workbook, name in names if name}
    for (workbook, short), (_, name) in zip(keys(of_kind, "short"), names, strict=True):
        if short:
            found.setdefault((workbook, short), name or short)
    return found


def _against_list(s: Submissions, question: str, named: dict[int, dict[str, str]]) -> Hits:
    wrong = {}
    for workbook, yes in answers(s, question).items():
        names = list(named.get(workbook, {}).values())
        if names and yes != (len(names) > 1):
            wrong[workbook] = {"actual": names, "count": len(names)}
    return _at_answer(s, question, wrong)


@rule("BX512", "scope-against-units", Severity.WARNING, section="Behovsmeldingen gjelder")
def scope_against_units(s: Submissions) -> Iterator[Hits]:
    """The box under "Gjelder" and the units that are counted name different kinds of institution.

    Wrong: Begge deler ☒, 19 kindergartens and 0 schools.
    Right: Barnehage ☒, 19 kindergartens and 0 schools.
    """
    units, ticks = s["units"], s["ticks"]
    columns = [column for column in s.form.by_id["units"].columns if column.institution]
    counted: dict[tuple[int, str], dict[str, float]] = {}
    for column in columns:
        for key, count in zip(keys(units), units[column.id].tolist(), strict=True):
            kinds = counted.setdefault(key, {})
            kinds[str(column.institution)] = kinds.get(str(column.institution), 0.0) + count
    scope = next(group for group in s.form.tick_groups(s.form.by_id["ticks"]) if group.id == "scope")
    alone = sum(ticks[column].fillna(2.0) for column in scope.columns) == 1.0
    for option, column_id in zip(scope.options, scope.columns, strict=True):
        ticked = ticks[alone & (ticks[column_id] == 1.0)]
        wrong = []
        for key in keys(ticked):
            kinds = counted.get(key, {})
            known = kinds and all(count == count for count in kinds.values())
            wrong.append(bool(known) and {kind for kind, count in kinds.items() if count} != set(option.institutions))
        found = ticked.loc[wrong]
        shown = Each([_counts(columns, units, key) for key in keys(found)])
        yield hits("ticks", found, column_id, expected=option.label, actual=shown)


def _counts(columns: list[Any], units: pd.DataFrame, key: tuple[int, str]) -> list[Any]:
    """What is counted for a measure, as the message lists it: number and column label."""
    row = keys(units).index(key)
    return [(int(units[column.id].iloc[row]), column.label) for column in columns]


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
    ticks = s["ticks"]
    other = "no" if answer == "yes" else "yes"
    said = ticks[(ticks[f"budget_attached.{answer}"] == 1.0) & (ticks[f"budget_attached.{other}"] == 0.0)]
    lines = set(keys(s["budget"]))
    there = {workbook for workbook, layouts in enumerate(s.layouts) if "budget" in layouts}
    wrong = [workbook in there and ((workbook, key) in lines) == has_lines for workbook, key in keys(said)]
    yield hits("ticks", said.loc[wrong], f"budget_attached.{answer}")


@rule("BX515", "activity-outside-duration", Severity.WARNING, section="6 Økonomi og varighet")
def activity_outside_duration(s: Submissions) -> Iterator[Hits]:
    """An activity stands under a school year in which the measure, by its ticked duration, does not run.

    Wrong: varighet Høst 2026 ☒ only, and an activity under 2027/2028.
    Right: Videre ☒ as well.
    """
    years = _duration_years(s)
    activities = s["activities"]
    wrong = []
    for key, year in zip(keys(activities), activities["school_year"].tolist(), strict=True):
        wrong.append(bool(year) and bool(years.get(key)) and year not in years[key])
    found = activities.loc[wrong]
    expected = Each([sorted(years[key]) for key in keys(found)])
    yield hits("activities", found, "school_year", actual=found["school_year"], expected=expected)


@rule("BX516", "duration-without-activities", Severity.INFO, section="6 Økonomi og varighet")
def duration_without_activities(s: Submissions) -> Iterator[Hits]:
    """A ticked part of the duration has no activities, though the measure has activities in other years.

    Wrong: Videre ☒, and all activities under 2026/2027.
    Right: Videre ☐, or activities under 2027/2028.
    """
    activities, ticks = s["activities"], s["ticks"]
    busy: dict[tuple[int, str], set[str]] = {}
    for key, year in zip(keys(activities), activities["school_year"].tolist(), strict=True):
        busy.setdefault(key, set()).add(year)
    for option in s.form.group_by_id["duration"].options:
        column = f"duration.{option.id}"
        ticked = ticks[ticks[column] == 1.0]
        years = set(option.school_years)
        wrong = [key in busy and "" not in busy[key] and not busy[key] & years for key in keys(ticked)]
        yield hits("ticks", ticked.loc[wrong], column, label=option.label, expected=list(option.school_years))


def _duration_years(s: Submissions) -> dict[tuple[int, str], set[str]]:
    """(workbook, measure) → the school years its ticked duration reaches into."""
    ticks = s["ticks"]
    years: dict[tuple[int, str], set[str]] = {}
    for option in s.form.group_by_id["duration"].options:
        for key, ticked in zip(keys(ticks), ticks[f"duration.{option.id}"].tolist(), strict=True):
            if ticked == 1.0:
                years.setdefault(key, set()).update(option.school_years)
    return years


@rule("BX517", "co-determination", Severity.WARNING, section="Medbestemmelse")
def co_determination(s: Submissions) -> Iterator[Hits]:
    """The statement was discussed with the unions and nobody is named, or somebody is named and it was not.

    Wrong: drøftet i medbestemmelse ☒ ja, and nobody in the table.
    Right: drøftet i medbestemmelse ☒ ja, and those who took part.
    """
    named: dict[int, int] = {}
    for workbook in s["co_determination"]["workbook"].tolist():
        named[workbook] = named.get(workbook, 0) + 1
    wrong = {}
    for workbook, yes in answers(s, "co_determination").items():
        if "co_determination" in s.layouts[workbook] and yes != (workbook in named):
            wrong[workbook] = {"count": named.get(workbook, 0)}
    yield _at_answer(s, "co_determination", wrong)


@rule("BX518", "coordinator-justification", Severity.WARNING, section="6 Økonomi og varighet")
def coordinator_justification(s: Submissions) -> Iterator[Hits]:
    """A coordinator sum must be justified, and no text or budget line of the measure mentions a coordinator.

    Wrong: sum koordinator 50 000, and texts that do not say what for.
    Right: sum koordinator 50 000, and "Koordinator i 10 % stilling følger opp …" under 3.
    """
    justified = set()
    for table, column in (
        ("texts", "text"),
        ("budget", "description"),
        ("roles", "responsibility"),
        ("roles", "group"),
    ):
        frame = s[table]
        for key, text in zip(keys(frame), frame[column].tolist(), strict=True):
            if "koordin" in text.casefold():
                justified.add(key)
    measures = s["measures"]
    paid = measures[measures["coordinator_sum"] > 0]
    wrong = [key not in justified for key in keys(paid)]
    found = paid.loc[wrong]
    yield hits("measures", found, "coordinator_sum", actual=found["coordinator_sum"])
