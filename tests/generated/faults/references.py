"""BX6: what rows refer to, and what must be there for every measure."""

from __future__ import annotations

from hypothesis import assume

from generated.drafts import Draft
from generated.faults.registry import Places, fault


def _measure_tables(d: Draft) -> list[str]:
    """The tables with rows of measures."""
    return [t.id for t in d.form.tables if t.id != "measures" and t.notes and "measure" in t.by_id and d.rows(t.id)]


@fault("BX601", "a row more, of a measure that does not exist")
def _row_of_none(d: Draft) -> Places:
    table = d.one(_measure_tables(d))
    d.rows(table).append(d.one(d.rows(table)) | {"measure": d.one(["T9", "Tiltak 1", "T10"])})
    return d.at(table, len(d.rows(table)) - 1, "measure")


@fault("BX601", "a row with a mistyped id")
def _mistyped(d: Draft) -> Places:
    table = d.one(_measure_tables(d))
    index, row = d.row(table)
    row["measure"] = d.one(["T9", "TI", "1"])
    return d.at(table, index, "measure")


@fault("BX602", "two measures with one id", measures=2)
def _same_id(d: Draft) -> Places:
    index = d.one(range(1, len(d.rows("measures"))))
    d.rows("measures")[index]["measure"] = d.one(["T1", "t1"])
    return d.at("measures", index, "measure")


@fault("BX602", "ticks, units or a text of a measure twice")
def _same_row(d: Draft) -> Places:
    table = d.one(["ticks", "units", "texts"])
    d.rows(table).append(dict(d.one(d.rows(table))))
    return d.at(table, len(d.rows(table)) - 1, d.form.by_id[table].unique[-1])


@fault("BX602", "a partner twice")
def _same_partner(d: Draft) -> Places:
    d.rows("partners").append(dict(d.one(d.rows("partners"))))
    return d.at("partners", len(d.rows("partners")) - 1, "kind")


@fault("BX603", "a UH that is not on the list", also=["BX511", "BX607"])
def _unlisted(d: Draft) -> Places:
    index, row = d.row("measures")
    row["uh"] = d.one(["USN", "Høgskolen i Innlandet"])
    return d.at("measures", index, "uh")


@fault("BX614", "a UH by another name than the list's")
def _otherwise(d: Draft) -> Places:
    names = {one["short"]: one["name"] for one in d.rows("partners") if one["kind"] == "uh"}
    index, row = d.row("measures")
    row["uh"] = f"{names.get(row['uh'], row['uh'])}, {d.one(['Bodø', 'fagmiljøet'])}"
    return d.at("measures", index, "uh")


@fault("BX615", "two UH in one cell", also=["BX607", "BX511"], uh=2, measures=2)
def _two_uh(d: Draft) -> Places:
    first, second = [one for one in d.rows("partners") if one["kind"] == "uh"][:2]
    index, row = d.row("measures")
    row["uh"] = f"{first['short']}{d.one([' og ', ' / ', ', '])}{second['short']}"
    return d.at("measures", index, "uh")


@fault("BX604", "a measure that is described nowhere", also=["BX605"])
def _undescribed(d: Draft) -> Places:
    sample = d.rows("measures")[0]
    new = {"measure": "T9", "number": 9, "name": "Glemt tiltak", "uh": sample["uh"]}
    d.rows("measures").append(new | {"owner_sum": sample["owner_sum"] + 500, "uh_sum": sample["uh_sum"] + 500})
    return d.at("measures", len(d.rows("measures")) - 1, "measure")


@fault("BX604", "no ticks, units or texts of a measure")
def _part_missing(d: Draft) -> Places:
    index, row = d.row("measures")
    table = d.one(["ticks", "units", "texts"])
    d.remove(table, lambda one: one["measure"] == row["measure"])
    return d.at("measures", index, "measure")


@fault("BX605", "no roles or activities of a measure")
def _plan_missing(d: Draft) -> Places:
    index, row = d.row("measures")
    table = d.one(["roles", "activities"])
    d.remove(table, lambda one: one["measure"] == row["measure"])
    return d.at("measures", index, "measure")


@fault("BX606", "no measures")
def _no_measures(d: Draft) -> Places:
    for table in (*_measure_tables(d), "measures"):
        d.content.rows[table] = []
    return d.at("measures", 0, "name")


@fault("BX607", "a UH on the list that no measure names", also=["BX511"])
def _unused(d: Draft) -> Places:
    d.rows("partners").append({"name": "Høgskolen i Volda", "short": "HVO", "kind": "uh", "contact": "Kari Prøve"})
    return d.at("partners", len(d.rows("partners")) - 1, "name")


@fault("BX608", "a partner without a contact")
def _no_contact(d: Draft) -> Places:
    heads = {d.fields("head")["owner_contact"], d.fields("head")["uh_contact"]}
    index, row = d.row("partners", lambda row: row["contact"] not in heads)
    row["contact"] = ""
    return d.at("partners", index, "contact")


@fault("BX609", "another contact in the head than on the list")
def _other_contact(d: Draft) -> Places:
    column = "uh_contact"
    if [row["kind"] for row in d.rows("partners")].count("owner") == 1:
        column = d.one(["owner_contact", "uh_contact"])
    d.fields("head")[column] = "Trond Tvers"
    return d.field("head", column)


@fault("BX610", "a group that meets and is not described")
def _unknown_group(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "(" not in row["what"])
    row["what"] = "Koordineringsgruppe"
    return d.at("activities", index, "what")


@fault("BX611", "a group with neither members nor a duty")
def _empty_group(d: Draft) -> Places:
    index, row = d.row("roles")
    row |= {"members": "", "responsibility": ""}
    return d.at("roles", index, "group")


@fault("BX612", "a measure twice", measures=2)
def _measure_twice(d: Draft) -> Places:
    first, second = d.rows("measures")[:2]
    second |= {"name": first["name"], "uh": first["uh"], "number": 99}
    listed = {row["name"]: row["short"] for row in d.rows("partners") if row["kind"] == "uh"}
    used = {listed.get(row["uh"], row["uh"]) for row in d.rows("measures")}
    assume(used == set(listed.values()))
    return d.at("measures", 1, "name")


@fault("BX613", "a partner twice, under two names", also=["BX510", "BX511", "BX607"])
def _partner_twice(d: Draft) -> Places:
    _, row = d.row("partners", lambda row: row["kind"] == "uh")
    d.rows("partners").append({**row, "name": f"{row['name']} (avd. 2)"})
    return d.at("partners", len(d.rows("partners")) - 1, "short")
