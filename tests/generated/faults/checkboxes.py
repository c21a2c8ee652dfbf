"""BX5: how many boxes are ticked, and what else must agree with them."""

from __future__ import annotations

from behov_xl.workbook.content import Row
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


def _measure_of(d: Draft, scope: str) -> tuple[int, str]:
    index, row = d.row("ticks", lambda row: row[f"scope.{scope}"])
    return index, row["measure"]


def _text(d: Draft, measure: str, section: str) -> tuple[int, Row]:
    index, row = d.row("texts", lambda row: row["measure"] == measure and row["section"] == section)
    return index, row


@fault("BX519", "a budget line of a term in which the measure does not run")
def _period_outside(d: Draft) -> Places:
    names = {"spring_2026": "Vår 2026", "autumn_2026": "Høst 2026", "spring_2027": "Vår 2027"}
    ticked = {row["measure"]: row for row in d.rows("ticks")}
    missing = {m: [name for box, name in names.items() if not row[f"duration.{box}"]] for m, row in ticked.items()}
    index, row = d.row("budget", lambda row: missing[row["measure"]])
    row["period"] = d.one(missing[row["measure"]])
    return d.at("budget", index, "period")


@fault("BX520", "not continued, and a text that says so")
def _continued_after_all(d: Draft) -> Places:
    d.answer("continues", yes=False)
    _, row = d.row("texts")
    row["text"] += " Tiltaket er en videreføring av forrige behovsmelding."
    return d.field("questions", "continues.no")


@fault("BX521", "kindergartens only, and schools in the target group")
def _schools_named(d: Draft) -> Places:
    _, measure = _measure_of(d, "kindergarten")
    index, row = _text(d, measure, "target_group")
    row["text"] = "Alle ansatte i barnehagene, og lærere og rektorer på skolene i kommunen."
    return d.at("texts", index, "text")


@fault("BX521", "schools only, and kindergartens in an activity")
def _kindergartens_named(d: Draft) -> Places:
    _, measure = _measure_of(d, "school")
    index, row = d.row("activities", lambda row: row["measure"] == measure)
    row["what"] = "Samling for styrere i barnehagene"
    return d.at("activities", index, "what")


@fault("BX522", "both ticked, one named")
def _one_named(d: Draft) -> Places:
    index, measure = _measure_of(d, "both")
    for row in d.of_measure("activities", measure):  # "alle ansatte" may be those of both
        row["what"] = row["what"].replace("alle ansatte", "kollegiet")
    _, row = _text(d, measure, "target_group")
    row["text"] = "Ansatte i barnehagene som er med i tiltaket, og styrerne deres."
    return d.at("ticks", index, "scope.both")


@fault("BX523", "a service in the target group that is not counted")
def _not_counted(d: Draft) -> Places:
    index, units = d.row("units", lambda row: row["ppt"] == 0)
    _, row = _text(d, units["measure"], "target_group")
    row["text"] += " PP-tjenesten deltar også."
    return d.at("units", index, "ppt")


@fault("BX524", "Sámi perspectives denied and described")
def _sami_described(d: Draft) -> Places:
    index, ticks = d.row("ticks", lambda row: not row["sami.yes"])
    _, row = _text(d, ticks["measure"], "partnership")
    row["text"] += " Samisk språk og kultur er en del av arbeidet."
    return d.at("ticks", index, "sami.no" if ticks["sami.no"] else "sami.irrelevant")
