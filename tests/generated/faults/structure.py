"""BX1: what is wrong with the workbook itself."""

from __future__ import annotations

from conftest import copy_sheet
from generated.drafts import Draft, Parts, typed_columns, user_tables
from generated.faults.registry import Places, fault


@fault("BX101", "another workbook", package=True)
def _another_workbook(d: Draft) -> Places:
    d.replace_in_workbook(r'<sheet name="(?!Veiledning|Rettleiing)[^>]*/>', "")
    return None


@fault("BX102", "a sheet deleted", package=True)
def _sheet_deleted(d: Draft) -> Places:
    table = d.one(table for table in d.form.tables if table.notes)
    d.replace_in_workbook(f'<sheet name="{d.sheet(table.id)}"[^>]*/>', "")
    return [""] * len(d.form.on_sheet(table.sheet))


@fault("BX103", "the overview or the list of findings deleted", package=True)
def _helper_deleted(d: Draft) -> Places:
    d.replace_in_workbook(f'<sheet name="{d.sheet(d.one(["hours", "findings"]))}"[^>]*/>', "")
    return None


@fault("BX104", "a heading changed", package=True)
def _heading_changed(d: Draft) -> Places:
    table = d.one(user_tables(d.form))
    place = d.heading(table.id, d.one(table.columns).id)
    d.type_into(place, d.one(["Egenandel", "Se vedlegg", "Kolonne1"]))
    return place


@fault("BX105", "a label changed", package=True)
def _label_changed(d: Draft) -> Places:
    table = d.one(table for table in d.form.tables if table.layout == "fields")
    d.type_into(d.label(table.id, d.one(table.columns).id), "Hva gjelder det?")
    return d.top_left(table.id)


@fault("BX106", "a row below the table", package=True)
def _row_below(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if t.id != "co_determination" and d.rows(t.id))
    row = d.one(d.rows(table.id))
    below = d.length(table.id) + bool(table.total_label) + d.one([0, 1, 5])
    for column in typed_columns(table):
        value = row.get(column.id)
        if isinstance(value, bool):
            value = "☒" if value else ""
        elif column.type == "choice" and value in d.form.options(column):
            value = d.form.options(column)[value].words(d.lang)
        if value not in (None, ""):
            d.type_into(d.at(table.id, below, column.id), value)
    return d.at(table.id, below, table.columns[0].id)


@fault("BX107", "a table given another name", package=True)
def _table_renamed(d: Draft) -> Places:
    table = d.one(table for table in d.form.tables if table.notes)
    d.replace_in_table(table.id, f'displayName="{table.name}"', 'displayName="Tabell99"')
    return d.top_left(table.id)


@fault("BX108", "a sheet given another name", package=True)
def _sheet_renamed(d: Draft) -> Places:
    name = d.one(["Ark1", "Vårt ark", "Kopi av T1"])
    d.replace_in_workbook(f'<sheet name="{d.sheet(d.one(d.form.tables).id)}"', f'<sheet name="{name}"')
    return f"{name}!A1"


@fault("BX109", "two thousand rows")
def _long(d: Draft) -> Places:
    d.content.rows["co_determination"] = [{"role": f"Klubb {n}", "name": f"Kari Nordmann {n}"} for n in range(2001)]
    d.answer("co_determination", yes=True)
    return d.heading("co_determination", "role")


@fault("BX110", "a right total typed over the formula")
def _total_typed(d: Draft) -> Places:
    index, row = d.row("measures")
    row["total"] = row["owner_sum"] + row["uh_sum"]
    return d.at("measures", index, "total")


@fault("BX110", "the control typed over the formula")
def _check_typed(d: Draft) -> Places:
    index, row = d.row("measures")
    row["check"] = "OK"
    return d.at("measures", index, "check")


@fault("BX110", "right hours typed over the formula")
def _hours_typed(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" in row)
    row["computed_hours"] = row["stated_hours"]
    return d.at("activities", index, "computed_hours")


@fault("BX110", "a right sum typed over the sum row")
def _sum_typed(d: Draft) -> Places:
    column = d.one(["owner_sum", "uh_sum"])
    d.content.totals["measures"] = {column: sum(row[column] for row in d.rows("measures"))}
    return d.total("measures", column)


@fault("BX110", "a remark typed into the messages", package=True)
def _note_typed(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if d.rows(t.id))
    place = d.at(table.id, d.pick(table.id), "note")
    d.type_into(place, "Husk å spørre")
    return place


@fault("BX111", "an error value in a cell of a row")
def _error_in_row(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if d.rows(t.id))
    index, row = d.row(table.id)
    column = d.one(typed_columns(table)).id
    row[column] = d.one(["=X1 -> #REF!", "=1/0 -> #DIV/0!", "=OPPSLAG() -> #NAME?"])
    return d.at(table.id, index, column)


@fault("BX111", "an error value in a field")
def _error_in_field(d: Draft) -> Places:
    table = d.one(table for table in d.form.tables if table.layout == "fields")
    column = d.one(table.columns).id
    d.fields(table.id)[column] = "=X1 -> #REF!"
    return d.field(table.id, column)


@fault("BX111", "an error value in a formula of the template", also=["BX110"], package=True)
def _error_in_formula(d: Draft) -> Places:
    table = d.one(["measures", "activities"])
    place = d.at(table, d.pick(table), d.one(d.form.by_id[table].computed))
    d.type_into(place, "#REF!")
    return place


@fault("BX112", "more than a hundred faults of a kind", also=["BX601"])
def _many_faults(d: Draft) -> Places:
    before = len(d.rows("budget"))
    d.rows("budget").extend(
        {"measure": "T99", "party": "uh", "cost_type": "other", "description": f"Linje {n}", "amount": 40_000 + 500 * n}
        for n in range(101 + d.one([0, 1, 7]))
    )
    return d.at("budget", before + 99, "measure")


@fault("BX113", "an amount as a formula that nobody calculated", package=True)
def _uncalculated(d: Draft) -> Places:
    table, column = d.one([("budget", "amount"), ("activities", "stated_hours")])
    place = d.at(table, d.pick(table), column)
    cell = place.partition("!")[2]
    d.replace_in_sheet(table, rf'(<c r="{cell}" s="\d+")><v>[^<]*</v></c>', r"\1><f>100+20</f></c>")
    return place


def _custom(parts: Parts) -> str:
    return "docProps/custom.xml"


@fault("BX114", "made from another version of the template", package=True)
def _other_version(d: Draft) -> Places:
    d.replace(_custom, '(name="behov-xl template"><vt:lpwstr>)[^<]*', rf"\g<1>{d.one(['0.9', '9.1'])}")
    return None


@fault("BX115", "made from the form of another year", package=True)
def _other_year(d: Draft) -> Places:
    d.replace(_custom, '(name="behov-xl form"><vt:lpwstr>)[^<]*', r"\g<1>behovsmelding-2025")
    return None


@fault("BX116", "a sheet copied with its table", package=True)
def _sheet_copied(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if d.rows(t.id))
    sheet = d.sheet(table.id)
    d.changes.append(lambda parts: copy_sheet(parts, sheet, f"{sheet} (2)"))
    return f"{sheet} (2)!A4"


@fault("BX117", "a row hidden", package=True)
def _row_hidden(d: Draft) -> Places:
    table = d.one(t for t in user_tables(d.form) if d.rows(t.id))
    place = d.at(table.id, d.pick(table.id), table.columns[0].id)
    d.replace_in_sheet(table.id, f'<row r="{place.rpartition("!A")[2]}"', r'\g<0> hidden="1"')
    return place


@fault("BX118", "a formula that leaves out a number of its row")
def _formula_changed(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" in row and row["hours_each"] != 1)
    place = d.at("activities", index, "computed_hours")
    line = place.rpartition("!I")[2]
    row["computed_hours"] = f"=E{line}*F{line} -> {row['semesters'] * row['times']}"
    return place


@fault("BX119", "an old value of a formula", package=True)
def _stale(d: Draft) -> Places:
    index, row = d.row("activities", lambda row: "times" in row)
    place = d.at("activities", index, "computed_hours")
    cell = place.partition("!")[2]
    d.replace_in_sheet("activities", rf'(<c r="{cell}"[^>]*><f>[^<]*</f><v>)[^<]*', rf"\g<1>{row['stated_hours'] + 3}")
    return place


@fault("BX120", "cells of a table merged", package=True)
def _merged(d: Draft) -> Places:
    table = d.one(["budget", "activities", "roles"])
    index = d.pick(table)
    first = d.at(table, index, "description" if table != "roles" else "members")
    cell = first.partition("!")[2]
    merge = f'<mergeCells count="1"><mergeCell ref="{cell}:{cell[0]}{int(cell[1:]) + 1}"/></mergeCells>'
    d.replace_in_sheet(table, "</sheetData>", f"</sheetData>{merge}")
    return first


@fault("BX122", "the label of a field twice", also=["BX105"], package=True)
def _label_twice(d: Draft) -> Places:
    place = d.label("head", "comment")
    d.type_into(place, d.form.by_id["head"].by_id[d.one(["owner", "network", "uh_contact"])].label.words(d.lang))
    return place
