"""BX4: hours, and the years they stand under."""

from __future__ import annotations

from hypothesis import assume

from behov_xl.phrases import hours_in_words
from behov_xl.workbook.content import Row
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


@fault("BX406", "how often in words is not how often in numbers")
def _other_times(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: row.get("semesters") == 2)
    row["description"] = f"{row['times'] + d.one([1, 2])} møter per semester"
    return d.at("activities", index, "times")


@fault("BX407", "an activity twice", also=["BX408"])
def _twice(d: Draft) -> Places:
    _, row = d.row("activities")
    d.rows("activities").append(dict(row))
    return d.at("activities", len(d.rows("activities")) - 1, "what")


@fault("BX408", "a school year that repeats another", also=["BX410"])
def _copied_year(d: Draft) -> Places:
    rows = d.rows("activities")
    busy: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        busy.setdefault((row["measure"], row["school_year"]), []).append(row)
    pairs = [
        (measure, year, other)
        for (measure, year), found in busy.items()
        for of, other in busy
        if of == measure and other != year and len(found) > 1 and not any("(" in row["what"] for row in found)
    ]
    assume(pairs)
    measure, year, other = d.one(pairs)
    d.remove("activities", lambda row: row["measure"] == measure and row["school_year"] == other)
    d.rows("activities").extend({**row, "school_year": other} for row in busy[measure, year])
    later = max(year, other)
    ours = [row["measure"] == measure and row["school_year"] == later for row in d.rows("activities")]
    return d.at("activities", ours.index(True), "school_year")


def _one_term(d: Draft) -> tuple[int, Row, str]:
    """An activity of 2026/2027 whose measure runs in one of its terms only, and the term it does not run in."""
    spans = {row["measure"]: (row["duration.autumn_2026"], row["duration.spring_2027"]) for row in d.rows("ticks")}
    index, row = d.row("activities", lambda row: row["school_year"] == "2026/2027" and sum(spans[row["measure"]]) == 1)
    return index, row, "vår 2027" if spans[row["measure"]][0] else "høst 2026"


@fault("BX409", "a term in which the measure does not run", measures=2)
def _term_outside(d: Draft) -> Places:
    index, row, term = _one_term(d)
    row["what"] = f"{row['what'].partition(' (')[0]} ({term})"
    return d.at("activities", index, "what")


@fault("BX410", "one term named, two semesters counted")
def _one_of_two(d: Draft) -> Places:
    # "Oppstartsmøte (høst 2026)" says when something begins.
    index, row = d.row("activities", lambda row: row.get("semesters") == 2 and "Oppstart" not in row["what"])
    first = int(row["school_year"][:4])
    row["what"] += f" ({d.one([f'høst {first}', f'vår {first + 1}'])})"
    return d.at("activities", index, "semesters")


@fault("BX411", "a plan for longer than the duration", measures=2)
def _plan_too_long(d: Draft) -> Places:
    short = {row["measure"] for row in d.rows("ticks") if not row["duration.later"]}
    index, row = d.row("texts", lambda row: row["section"] == "partnership" and row["measure"] in short)
    row["text"] += d.one([" Arbeidet pågår i 2026/2027 og 2027/2028.", " Vi møtes siste gang høsten 2027."])
    return d.at("texts", index, "text")
