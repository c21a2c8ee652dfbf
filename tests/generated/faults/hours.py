"""BX4: hours, and the years they stand under."""

from __future__ import annotations

from behov_xl.phrases import hours_in_words
from generated.drafts import Draft
from generated.faults.registry import Places, fault


@fault("BX401", "the stated hours are not the product")
def _wrong_product(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" in row)
    row["stated_hours"] += d.one([1, 2, 0.5])
    return d.at("activities", index, "stated_hours")


@fault("BX402", "the words give other hours than the row")
def _wrong_words(d: Draft) -> Places:
    index, row = d.row("activities")
    row["description"] = d.one(
        ["1 samling på 3 timer", "3 møter med 1 time per møte", "en digital samling på 90 minutter"]
    )
    return d.at("activities", index, "stated_hours")


@fault("BX402", "the stated hours are not what the words give")
def _wrong_statement(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" not in row)
    row["stated_hours"] += d.one([1, 2, 0.5])
    return d.at("activities", index, "stated_hours")


@fault("BX403", "hours of a measure typed over in the overview", also=["BX110"], package=True)
def _wrong_overview(d: Draft) -> Places:
    index, row = d.row("measures")
    year = d.one(d.form.school_years)
    right = sum(a["stated_hours"] for a in d.of_measure("activities", row["measure"]) if a["school_year"] == year)
    place = d.at("hours", index, f"year.{year}")
    d.type_into(place, right + d.one([1, 4, 0.5]))
    return place


@fault("BX403", "the sum of a year typed over in the overview", also=["BX110"])
def _wrong_year(d: Draft) -> Places:
    year = d.one(d.form.school_years)
    right = sum(a["stated_hours"] for a in d.rows("activities") if a["school_year"] == year)
    d.content.totals["hours"] = {f"year.{year}": right + d.one([1, 4, 0.5])}
    return d.total("hours", f"year.{year}")


@fault("BX404", "how often, but not how long; or the reverse")
def _half(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" in row)
    column = d.one(["hours_each", "times", "semesters"])
    row |= {"description": d.one(["", "2 møter per semester", "Følger opp"]), column: ""}
    assert hours_in_words(row["description"]) is None
    return d.at("activities", index, column)


@fault("BX405", "a term of another year")
def _wrong_term(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" in row)
    first = int(row["school_year"][:4])
    column = d.one(["what", "description"])
    term = d.one([f"vår {first}", f"høst {first + 1}", f"vår {first + 2}"])
    row[column] = f"{d.one(['Fagkveld', 'Oppfølging av kollegiet'])} ({term})"
    return d.at("activities", index, column)


@fault("BX405", "another school year named")
def _wrong_named_year(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "(" not in row["what"])
    row["what"] += f" {d.one(year for year in d.form.school_years if year != row['school_year'])}"
    return d.at("activities", index, "what")
