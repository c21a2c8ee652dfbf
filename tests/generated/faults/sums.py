"""BX3: what must add up."""

from __future__ import annotations

import math

from generated.drafts import Draft
from generated.faults.registry import Places, fault

OFF = [1_000, 500, -500, 9_000, -27_000, 90]


def _whole(row: dict[str, int]) -> int:
    return row["owner_sum"] + row["uh_sum"]


@fault("BX301", "a wrong total typed over the formula", also=["BX110"])
def _wrong_total(d: Draft) -> Places:
    index, row = d.row("measures")
    row["total"] = _whole(row) + d.one(OFF)
    return d.at("measures", index, "total")


@fault("BX302", "a wrong sum typed over the sum row", also=["BX110"])
def _wrong_sum(d: Draft) -> Places:
    column = d.one(["owner_sum", "uh_sum", "total", "coordinator_sum"])
    right = sum(_whole(row) if column == "total" else row.get(column, 0) for row in d.rows("measures"))
    d.content.totals["measures"] = {column: right + abs(d.one(OFF))}
    return d.total("measures", column)


@fault("BX303", "a budget line with another amount")
def _wrong_line(d: Draft) -> Places:
    _, row = d.row("budget", lambda row: row["cost_type"] != "coordination")
    row["amount"] += abs(d.one(OFF))
    return _sum_of(d, row["measure"], row["party"])


@fault("BX303", "a budget line on the other party")
def _wrong_party(d: Draft) -> Places:
    _, row = d.row("budget", lambda row: row["cost_type"] != "coordination")
    row["party"] = "uh" if row["party"] == "owner" else "owner"
    return [_sum_of(d, row["measure"], party) for party in ("owner", "uh")]


@fault("BX303", "a budget line left out")
def _missing_line(d: Draft) -> Places:
    _, row = d.row("budget", lambda row: row["cost_type"] != "coordination")
    d.remove("budget", lambda one: one is row)
    return _sum_of(d, row["measure"], row["party"])


@fault("BX303", "a sum that its budget lines do not give")
def _wrong_party_sum(d: Draft) -> Places:
    index, row = d.row("measures", lambda row: d.of_measure("budget", row["measure"]))
    party = d.one(["owner", "uh"])
    row[f"{party}_sum"] += abs(d.one(OFF))
    return d.at("measures", index, f"{party}_sum")


def _sum_of(d: Draft, measure: str, party: str) -> str:
    index = next(index for index, row in enumerate(d.rows("measures")) if row["measure"] == measure)
    return d.at("measures", index, f"{party}_sum")


@fault("BX304", "more for the coordinator than for the measure")
def _large_coordinator(d: Draft) -> Places:
    index, row = d.row("measures")
    d.attach_budget(index)
    d.justify_coordinator(index)
    row["coordinator_sum"] = _whole(row) + d.one([500, 1_000, 20_000])
    return d.at("measures", index, "coordinator_sum")


@fault("BX305", "the owner carries less than the county requires")
def _small_share(d: Draft) -> Places:
    index, row = d.row("measures")
    d.settings["minimum_owner_share"] = (
        math.floor(100 * min(o["owner_sum"] / _whole(o) for o in d.rows("measures"))) / 100
    )
    d.attach_budget(index)
    whole, part = _whole(row), d.settings["minimum_owner_share"] * _whole(row)
    row["owner_sum"] = int(part - d.one([2_000, 500, 1]) - 1)
    row["uh_sum"] = whole - row["owner_sum"]
    return d.at("measures", index, "owner_sum")


@fault("BX306", "a measure above the cap")
def _above_cap(d: Draft) -> Places:
    d.settings["maximum_measure_total"] = max(_whole(row) for row in d.rows("measures"))
    index, row = d.row("measures")
    d.attach_budget(index)
    row["uh_sum"] = d.settings["maximum_measure_total"] - row["owner_sum"] + d.one([500, 1, 10_000])
    return d.at("measures", index, "total")


@fault("BX306", "the submission above the cap")
def _submission_above_cap(d: Draft) -> Places:
    d.settings["maximum_submission_total"] = sum(_whole(row) for row in d.rows("measures"))
    index, row = d.row("measures")
    d.attach_budget(index)
    row["uh_sum"] += d.one([500, 1, 10_000])
    return d.total("measures", "total")


@fault("BX307", "lines for coordination that do not give the coordinator's sum")
def _coordinator_lines(d: Draft) -> Places:
    index, row = d.row("measures", lambda row: d.of_measure("budget", row["measure"]))
    d.justify_coordinator(index)
    line = next(one for one in d.of_measure("budget", row["measure"]) if one["party"] == "owner")
    line["cost_type"] = "coordination"
    row["coordinator_sum"] = line["amount"] + d.one([500, -500, 10_000])
    return d.at("measures", index, "coordinator_sum")


@fault("BX308", "a budget line twice", also=["BX303", "BX307"])
def _line_twice(d: Draft) -> Places:
    d.rows("budget").append(dict(d.rows("budget")[d.pick("budget")]))
    return d.at("budget", len(d.rows("budget")) - 1, "amount")


@fault("BX309", "more for the coordinator than the county allows")
def _coordinator_share(d: Draft) -> Places:
    index, row = d.row("measures")
    d.attach_budget(index)
    d.justify_coordinator(index)
    shares = [one.get("coordinator_sum", 0) / _whole(one) for one in d.rows("measures")]
    d.settings["maximum_coordinator_share"] = math.ceil(100 * max([*shares, 0.1])) / 100
    row["coordinator_sum"] = int(d.settings["maximum_coordinator_share"] * _whole(row)) + d.one([500, 2, 5_000])
    return d.at("measures", index, "coordinator_sum")


@fault("BX310", "a measure that asks for nothing")
def _nothing(d: Draft) -> Places:
    index, row = d.row("measures")
    d.attach_budget(index)
    row.pop("coordinator_sum", None)
    row |= {"owner_sum": 0, "uh_sum": 0}
    return d.at("measures", index, "uh_sum")
