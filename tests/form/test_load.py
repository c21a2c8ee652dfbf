from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from behov_xl.form import Form, FormError, load
from behov_xl.form.load import DEFAULT

SHIPPED = Path(load.__code__.co_filename).parent / DEFAULT


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """The shipped form file with one text replaced."""

    def make(before: str, after: str) -> Path:
        text = SHIPPED.read_text(encoding="utf-8")
        assert before in text
        path = tmp_path / "form.toml"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        return path

    return make


def test_the_shipped_form_has_the_sheets_in_their_order(form: Form) -> None:
    assert [sheet.label.nb for sheet in form.sheets] == [
        "Veiledning", "Behovsmelding", "Partnere", "Tiltak", "Avkryssing", "Aktiviteter", "Budsjett", "Enheter",
        "Roller", "Beskrivelse", "Medbestemmelse", "Oversikt", "Validering",
    ]  # fmt: skip


def test_every_label_exists_in_both_written_languages(form: Form) -> None:
    for table in form.tables:
        for column in table.columns:
            assert all(column.label.both)


def test_checkbox_columns_come_from_the_groups(form: Form) -> None:
    ticks = form.by_id["ticks"]
    assert [group.id for group in form.tick_groups(ticks)] == list(ticks.groups)
    assert sum(len(group.columns) for group in form.tick_groups(ticks)) == 18


def test_a_question_is_a_group_of_its_own(form: Form) -> None:
    groups = {group.id: group for group in form.tick_groups(form.by_id["questions"])}
    assert groups["several_uh"].columns == ("several_uh.yes", "several_uh.no")
    assert groups["several_uh"].label.nb == "Består partnerskapet av flere kompetansemiljø?"


WRONG = {
    "not TOML": ('id = "behovsmelding-2026"', "id = ", ["not valid TOML"]),
    "unknown type": ('type = "organisation_number"', 'type = "orgnr"', ["tables.head.columns.organisation_number.type"]),
    "unknown key": ("year = 2026", "year = 2026\nyeer = 2026", ["yeer", "Extra inputs"]),
    "missing nynorsk": ('{ nb = "Tiltak-ID", nn = "Tiltak-ID" }', '{ nb = "Tiltak-ID" }', ["label.nn", "required"]),
    "duplicate column id": ('id = "organisation_number"', 'id = "owner"', ["tables.head.columns", "duplicate", "owner"]),
    "duplicate option id": ('id = "planning"', 'id = "analysis"', ["groups.phase.options", "duplicate", "analysis"]),
    "duplicate label": ('label = { nb = "Nr", nn = "Nr" }', 'label = { nb = "Navn", nn = "Nr" }', ["measures", "navn"]),
    "unknown sheet": ('sheet = "Budsjett"', 'sheet = "Budsjet"', ["tables.budget.sheet", "Budsjet"]),
    "unknown choices": ('choices = "cost_type"', 'choices = "kind"', ["tables.budget.columns.cost_type.choices", "kind"]),
    "unknown group": ('groups = ["scope"', 'groups = ["skope"', ["tables.ticks.groups", "skope"]),
    "dangling reference": ('refers = "measures.measure"', 'refers = "measures.id"', ["refers", "measures.id"]),
    "sheet name Excel refuses": ('label = { nb = "Roller"', 'label = { nb = "Rol/ler"', ["sheets.Roller", "Excel"]),
    "parentheses in words": ('words = ["(skole|skule)basert*"]', 'words = ["((skole|skule)basert*"]', ["institutions.school.method.words", "parentheses"]),
    "unknown institution": ('institution = "school"', 'institution = "skole"', ["units.columns.public_schools.institution", "skole"]),
    "unknown institution of an option": ('institutions = ["school"]', 'institutions = ["skole"]', ["groups.scope.options.school.institutions", "skole"]),
    "share above one": ("minimum_owner_share = false", "minimum_owner_share = 30", ["settings.minimum_owner_share"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_form_file_fails_with_file_key_and_reason(name: str, changed: Callable[[str, str], Path]) -> None:
    before, after, parts = WRONG[name]
    with pytest.raises(FormError) as raised:
        load(changed(before, after))
    assert str(raised.value).startswith("form.toml: ")
    for part in parts:
        assert part in str(raised.value)


def test_a_group_without_options_fails(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace(
        "[[groups]]",
        '[[groups]]\nid = "empty"\npick = "any"\nlabel = { nb = "a", nn = "a" }\noptions = []\n\n[[groups]]',
        1,
    )
    path = tmp_path / "form.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormError, match=r"form.toml: groups.empty.options: .*at least 1"):
        load(path)
