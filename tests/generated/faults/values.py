"""BX2: what stands in a single cell."""

from __future__ import annotations

import datetime

from generated.drafts import Draft, typed_columns, user_tables
from generated.faults.registry import Places, fault

AMOUNTS = [("measures", "owner_sum"), ("measures", "uh_sum"), ("measures", "coordinator_sum"), ("budget", "amount")]
HOURS = [("activities", "hours_each"), ("activities", "stated_hours")]


def _put(d: Draft, cells: list[tuple[str, str]], *values: object) -> str:
    """One of the values into one of the columns, in a row that has something there."""
    table, column = d.one(cells)
    index, row = d.row(table, lambda row: row.get(column) not in (None, ""))
    row[column] = d.one(values)
    return d.at(table, index, column)


@fault("BX201", "no amount")
def _no_amount(d: Draft) -> Places:
    return _put(d, AMOUNTS, "etter avtale", "?", "se vedlegg", "avklares", "hundre tusen")


@fault("BX202", "an amount that can be read in two ways")
def _two_amounts(d: Draft) -> Places:
    return _put(d, AMOUNTS, "500.00", "40-50 000", "ca. 130 000,-", "120 tusen", "90,000")


@fault("BX203", "no number")
def _no_number(d: Draft) -> Places:
    return _put(d, [*HOURS, ("activities", "times")], "noen", "mange", "etter behov")


@fault("BX203", "no count")
def _no_count(d: Draft) -> Places:
    counts = [("units", column.id) for column in d.form.by_id["units"].columns if column.type == "count"]
    return _put(d, counts, "alle", 8.5, "noen")


@fault("BX203", "no year")
def _no_year(d: Draft) -> Places:
    d.fields("head")["year"] = d.one([26, "i år", 2026.5])
    return d.field("head", "year")


@fault("BX204", "hours that can be read in two ways")
def _two_numbers(d: Draft) -> Places:
    return _put(d, HOURS, "10-12 timer", "1.500", "ca 12 timer")


@fault("BX205", "neither ticked nor empty")
def _no_tick(d: Draft) -> Places:
    boxes = [("ticks", column.id) for column in d.form.by_id["ticks"].columns if column.type == "tick"]
    return _put(d, boxes, "kanskje", 2, "delvis", "ja, fra høsten")


@fault("BX205", "an answer in words")
def _no_answer(d: Draft) -> Places:
    column = d.one(d.form.by_id["questions"].columns).id
    d.fields("questions")[column] = d.one(["Ja, fra 2025", "vet ikke", 3])
    return d.field("questions", column)


@fault("BX206", "a choice that is none")
def _no_choice(d: Draft) -> Places:
    choices = [(t.id, c.id) for t in user_tables(d.form) for c in t.columns if c.type == "choice"]
    return _put(d, choices, "Universitet", "2026", "etter avtale", "4a")


@fault("BX207", "below nothing", also=["BX303", "BX304", "BX307", "BX512"])
def _negative(d: Draft) -> Places:
    return _put(d, [*AMOUNTS, ("units", "ppt"), ("units", "public_schools")], -9, -120_000)


@fault("BX207", "far too large", also=["BX303", "BX304", "BX401", "BX402"])
def _too_large(d: Draft) -> Places:
    return _put(d, [*AMOUNTS, *HOURS], 2_100_000_000, 1e308)


@fault("BX207", "three semesters", also=["BX402"])
def _three_semesters(d: Draft) -> Places:
    return _put(d, [("activities", "semesters")], 3, 12)


@fault("BX207", "a year before there were such forms")
def _early(d: Draft) -> Places:
    d.fields("head")["year"] = d.one([2015, 1999, 2019])
    return d.field("head", "year")


@fault("BX208", "a required cell emptied")
def _cell_emptied(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if d.rows(t.id))
    column = d.one(c.id for c in typed_columns(table) if c.required)
    index, row = d.row(table.id)
    row[column] = d.one(["", "   "])
    return d.at(table.id, index, column)


@fault("BX208", "a required field emptied")
def _field_emptied(d: Draft) -> Places:
    column = d.one(column.id for column in d.form.by_id["head"].columns if column.required)
    d.fields("head")[column] = ""
    return d.field("head", column)


@fault("BX209", "a sum as in Word", also=["BX301"])
def _sum_as_text(d: Draft) -> Places:
    column = d.one(["owner_sum", "uh_sum"])
    index, row = d.row("measures")
    row[column] = d.one(["{:,},-", "kr {:,}", "{:,},- (LMS)"]).format(row[column]).replace(",", " ", 1)
    return d.at("measures", index, column)


@fault("BX209", "a budget line as in Word")
def _line_as_text(d: Draft) -> Places:
    index, row = d.row("budget")
    thousands = d.one([" ", ".", "\u00a0", "\u202f", ""])
    row["amount"] = d.one(["{},-", "kr {}", "{}", "{},00 kr"]).format(f"{row['amount']:,}".replace(",", thousands))
    return d.at("budget", index, "amount")


@fault("BX209", "hours as text")
def _hours_as_text(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" in row)
    column = d.one(["hours_each", "stated_hours"])
    row[column] = d.one(["{} timer", "{} t", "{}"]).format(str(row[column]).replace(".", ","))
    return d.at("activities", index, column)


@fault("BX209", "a count as text")
def _count_as_text(d: Draft) -> Places:
    column = d.one(["municipal_kindergartens", "public_schools", "ppt"])
    index, row = d.row("units")
    row[column] = d.one(["{}", "{} stk"]).format(row[column])
    return d.at("units", index, column)


@fault("BX210", "a wrong organisation number")
def _organisation_number(d: Draft) -> Places:
    d.fields("head")["organisation_number"] = d.one(["123456784", 12345678, "98765432", "ikke registrert"])
    return d.field("head", "organisation_number")


@fault("BX212", "the year of another form")
def _other_year(d: Draft) -> Places:
    d.fields("head")["year"] = d.one([2025, 2027, "2024"])
    return d.field("head", "year")


@fault("BX211", "spaces around a key or a choice", also=["BX403"])
def _stray_spaces(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if "measure" in t.by_id and d.rows(t.id))
    index, row = d.row(table.id)
    row["measure"] = d.one([f"{row['measure']} ", f" {row['measure']}", f"{row['measure']}\u00a0"])
    return d.at(table.id, index, "measure")


@fault("BX213", "a date where a number belongs")
def _date(d: Draft) -> Places:
    return _put(d, [*AMOUNTS, *HOURS, ("units", "ppt")], datetime.date(2026, 5, 1), datetime.date(2026, 12, 24))


@fault("BX214", "øre in an amount")
def _fractional(d: Draft) -> Places:
    index, row = d.row("measures")
    d.attach_budget(index)
    row["uh_sum"] += d.one([0.5, 0.67, 0.25])
    return d.at("measures", index, "uh_sum")


@fault("BX215", "an amount in thousands, or with a zero too many", measures=4)
def _slipped(d: Draft) -> Places:
    index, row = d.row("measures")
    d.attach_budget(index)
    row.pop("coordinator_sum", None)
    party = d.one(["owner_sum", "uh_sum"])
    others = [one[party] for one in d.rows("measures") if one is not row]
    # A little beside the largest, so that what is meant is like the others.
    row[party] = d.one([max(others) // 1_000, max(others) * 10])
    return d.at("measures", index, party)


@fault("BX216", "a school year that is none", also=["BX516"])
def _school_year(d: Draft) -> Places:
    index, row = d.row("activities")
    row["school_year"] = d.one(["2026/2028", "2027/2026", "2026/2026"])
    return d.at("activities", index, "school_year")


@fault("BX217", "a choice written otherwise", also=["BX403"])
def _choice_spelling(d: Draft) -> Places:
    index, row = d.row("activities")
    first, _, second = row["school_year"].partition("/")
    row["school_year"] = d.one([f"{first}/{second[2:]}", f"{first}-{second}", f"{first}–{second}"])
    return d.at("activities", index, "school_year")
