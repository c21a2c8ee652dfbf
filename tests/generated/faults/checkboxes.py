"""BX5: how many boxes are ticked, and what else must agree with them."""

from __future__ import annotations

from generated.drafts import Draft
from generated.faults.registry import Places, fault


def _group(d: Draft, pick: str) -> tuple[str, list[str]]:
    """A group of the table of ticks with this rule, and its boxes."""
    groups = [group for group in d.form.tick_groups(d.form.by_id["ticks"]) if group.pick == pick]
    group = d.one(groups)
    return group.id, [option.id for option in group.options]


def _question(d: Draft) -> str:
    return d.one(dict.fromkeys(column.id.partition(".")[0] for column in d.form.by_id["questions"].columns))


@fault("BX501", "no box ticked", also=["BX513"])
def _none_ticked(d: Draft) -> Places:
    group, boxes = _group(d, "exactly-one")
    index = d.pick("ticks")
    d.tick("ticks", index, group)
    return d.at("ticks", index, f"{group}.{boxes[0]}")


@fault("BX501", "a question not answered")
def _not_answered(d: Draft) -> Places:
    question = _question(d)
    d.fields("questions").update({f"{question}.yes": False, f"{question}.no": False})
    return d.field("questions", f"{question}.yes")


@fault("BX502", "two boxes ticked")
def _two_ticked(d: Draft) -> Places:
    group, boxes = _group(d, "exactly-one")
    index, row = d.row("ticks")
    ticked = [box for box in boxes if row[f"{group}.{box}"]] + [d.one(b for b in boxes if not row[f"{group}.{b}"])]
    d.tick("ticks", index, group, *ticked)
    return d.at("ticks", index, f"{group}.{min(ticked, key=boxes.index)}")


@fault("BX502", "yes and no")
def _yes_and_no(d: Draft) -> Places:
    question = _question(d)
    d.fields("questions").update({f"{question}.yes": True, f"{question}.no": True})
    return d.field("questions", f"{question}.yes")


@fault("BX503", "nothing ticked")
def _nothing_ticked(d: Draft) -> Places:
    group, boxes = _group(d, "at-least-one")
    index = d.pick("ticks")
    d.tick("ticks", index, group)
    return d.at("ticks", index, f"{group}.{boxes[0]}")


@fault("BX510", "several owners answered wrongly")
def _owners_answered_wrongly(d: Draft) -> Places:
    return _answered_wrongly(d, "several_owners")


@fault("BX511", "several UH answered wrongly")
def _uh_answered_wrongly(d: Draft) -> Places:
    return _answered_wrongly(d, "several_uh")


@fault("BX517", "co-determination answered wrongly")
def _discussion_answered_wrongly(d: Draft) -> Places:
    return _answered_wrongly(d, "co_determination")


def _answered_wrongly(d: Draft, question: str) -> str:
    said = bool(d.fields("questions")[f"{question}.yes"])
    d.answer(question, yes=not said)
    return d.field("questions", f"{question}.{'no' if said else 'yes'}")


@fault("BX512", "the scope of other units")
def _wrong_scope(d: Draft) -> Places:
    index, row = d.row("ticks")
    scope = d.one(one for one in ("kindergarten", "school", "both") if not row[f"scope.{one}"])
    d.tick("ticks", index, "scope", scope)
    return d.at("ticks", index, f"scope.{scope}")


@fault("BX513", "no budget, neither here nor in an attachment")
def _no_budget(d: Draft) -> Places:
    index, row = d.row("ticks", lambda row: row["budget_attached.no"])
    d.remove("budget", lambda line: line["measure"] == row["measure"])
    return d.at("ticks", index, "budget_attached.no")


@fault("BX514", "a budget here and in an attachment")
def _two_budgets(d: Draft) -> Places:
    index = d.pick("ticks", lambda row: row["budget_attached.no"])
    d.tick("ticks", index, "budget_attached", "yes")
    return d.at("ticks", index, "budget_attached.yes")


@fault("BX515", "an activity in a year in which the measure does not run", also=["BX516"])
def _outside_duration(d: Draft) -> Places:
    runs = {row["measure"]: _years(d, row) for row in d.rows("ticks")}
    years = d.form.school_years

    def may_move(row: dict[str, object]) -> bool:
        return "(" not in str(row["what"]) and len(runs[str(row["measure"])]) < len(years)

    index, row = d.row("activities", may_move)
    row["school_year"] = d.one(year for year in years if year not in runs[row["measure"]])
    return d.at("activities", index, "school_year")


def _years(d: Draft, ticks: dict[str, object]) -> set[str]:
    options = d.form.group_by_id["duration"].options
    return {year for option in options if ticks[f"duration.{option.id}"] for year in option.school_years}


@fault("BX516", "a part of the duration without activities")
def _idle_duration(d: Draft) -> Places:
    def idle(row: dict[str, object]) -> list[str]:
        busy = {one["school_year"] for one in d.of_measure("activities", str(row["measure"]))}
        options = d.form.group_by_id["duration"].options
        return [o.id for o in options if not row[f"duration.{o.id}"] and not busy & set(o.school_years)]

    index, row = d.row("ticks", idle)
    option = d.one(idle(row))
    row[f"duration.{option}"] = True
    return d.at("ticks", index, f"duration.{option}")


@fault("BX518", "a coordinator that nothing explains")
def _unexplained_coordinator(d: Draft) -> Places:
    index, row = d.row("measures", lambda row: "coordinator_sum" not in row)
    row["coordinator_sum"] = round(row["owner_sum"] * 0.3, -3)
    d.attach_budget(index)
    return d.at("measures", index, "coordinator_sum")
