"""BX6: what rows refer to, and what must be there for every measure."""

from __future__ import annotations

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


@fault("BX603", "a UH that is not on the list", also=["BX511"])
def _unlisted(d: Draft) -> Places:
    index, row = d.row("measures")
    row["uh"] = d.one(["USN", "Høgskolen i Innlandet"])
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
