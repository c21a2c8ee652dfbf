"""The typed form: sheets, tables, columns, checkbox groups, choices and settings of one year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from behov_xl.form.naming import Named, Phrase
from behov_xl.headings import normal

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
ColumnId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_/]+)?$")]
TableName = Annotated[str, Field(pattern=r"^[A-Za-zÆØÅæøå_][\wÆØÅæøå]*$", max_length=255)]
SheetName = Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]
Share = Annotated[float, Field(gt=0, le=1)]
Kroner = Annotated[float, Field(gt=0)]
Characters = Annotated[int, Field(gt=0)]
Wording = Annotated[re.Pattern[str], AfterValidator(lambda pattern: re.compile(pattern.pattern, re.IGNORECASE))]
"""A regular expression that ignores case."""

ColumnType = Literal[
    "text",
    "longtext",
    "amount",
    "hours",
    "number",
    "count",
    "choice",
    "reference",
    "tick",
    "year",
    "organisation_number",
]
NUMERIC = frozenset({"amount", "hours", "number", "count", "year"})


class FormError(ValueError):
    """A form file that is wrong itself: says which file, which key, and why."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Model):
    """What the user reads, in bokmål and nynorsk."""

    nb: Annotated[str, Field(min_length=1)]
    nn: Annotated[str, Field(min_length=1)]

    @property
    def both(self) -> tuple[str, str]:
        return self.nb, self.nn

    def words(self, lang: str) -> str:
        """The text in ``lang``; the form itself exists in nb and nn only, so anything else reads bokmål."""
        return self.nn if lang == "nn" else self.nb


class Settings(_Model):
    """Rules that a county or a year may set. ``False`` means off."""

    minimum_owner_share: Share | Literal[False] = False
    maximum_coordinator_share: Share | Literal[False] = False
    maximum_measure_total: Kroner | Literal[False] = False
    maximum_submission_total: Kroner | Literal[False] = False
    minimum_text_length: Characters | Literal[False] = False
    minimum_text_length_in: dict[str, Characters] = {}
    """The sections whose texts may be shorter."""


class Groups(_Model):
    """Groups that lead or plan the work, as people write them: a kind ("styrings") and a noun ("gruppe")."""

    kinds: tuple[tuple[str, ...], ...] = ()
    """Those in one list mean the same."""
    stem: str = ""
    """What all nouns begin with; a text without it names no group."""
    nouns: tuple[str, ...] = ()
    definite: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    """What a text says of a group that it gives responsibility."""
    meetings: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    """What stands between a meeting and whose it is."""


class Leftover(_Model):
    """What shows that a text is not finished."""

    marks: tuple[str, ...]
    """One of them, in lower case, stands in every text that the pattern finds something in: looked for first."""
    pattern: Wording


class Vocabulary(_Model):
    """The words that rules look for in what people write."""

    joining: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    """What a text begins with that only says where to look."""
    nobody: tuple[str, ...] = ()
    """What stands in a table instead of a name."""
    leftovers: tuple[Leftover, ...] = ()
    headings: dict[str, tuple[str, ...]] = {}
    """Section → its headings where the sections' labels are shorter."""
    groups: Groups = Groups()


class Choice(_Model):
    """One option of a checkbox group."""

    id: Identifier
    label: Label
    institutions: tuple[str, ...] = ()
    school_years: tuple[str, ...] = ()
    denies: bool = False
    """This answer says that the group's question does not apply: its texts should not speak of it then."""
    named: Named | None = None
    """How texts say what this option means."""


class Group(_Model):
    """Checkboxes that belong together, and how many of them may be ticked."""

    id: Identifier
    pick: Literal["exactly-one", "at-least-one", "any"]
    label: Label
    options: Annotated[tuple[Choice, ...], Field(min_length=1)]
    named: Named | None = None
    """How texts speak of what is asked."""
    not_in: tuple[str, ...] = ()
    """Sections whose texts speak of it for another reason."""


class Institution(_Model):
    """A kind of institution: how texts name it, and the ways of working that are its own."""

    label: Label
    named: Named
    method: Named
    attended_by: tuple[Phrase, ...] = ()
    """Words by which the name of an activity says that it is for these people: a school may also be the venue."""

    @cached_property
    def attending(self) -> Named:
        """Finds whom the name of an activity says that it is for."""
        return Named(words=self.attended_by or self.named.words, but=self.named.but, unless=self.named.unless)


class Sheet(_Model):
    """One tab. ``kind`` says who writes what is on it besides its tables."""

    id: SheetName
    kind: Literal["tables", "guide", "overview", "findings"] = "tables"
    label: Label
    title: Label
    intro: Label

    @model_validator(mode="after")
    def _names_fit_excel(self) -> Self:
        for name in (self.label.nb, self.label.nn):
            if len(name) > 31 or set(name) & set("[]:*?/\\'"):
                raise ValueError(f"sheet name {name!r} is not allowed in Excel")
        return self


class Column(_Model):
    """One column of a table, or one field of a table with layout "fields"."""

    id: ColumnId
    type: ColumnType
    label: Label
    help: Label | None = None
    required: bool = False
    width: float = 14
    hidden: bool = False
    choices: str | None = None
    every: str | None = None
    """A choice column: a measure must have this column filled in for every one of its options."""
    refers: str | None = None
    key: bool = False
    """Rows are told apart or referred to by it; set for every column that is a reference or is referred to."""
    maximum: float | None = None
    prefill: str | None = None
    total: bool = False
    formula: str | None = None
    total_formula: str | None = None
    words: dict[str, Label] = {}
    group: str | None = None
    option: str | None = None
    institution: str | None = None
    school_year: str | None = None
    named: Named | None = None
    """How texts name what is counted or asked."""

    @property
    def numeric(self) -> bool:
        return self.type in NUMERIC

    @property
    def typed_by_user(self) -> bool:
        """Whether something in it shows that the user wrote in the row: neither computed nor filled in beforehand."""
        return self.formula is None and self.prefill is None


class Table(_Model):
    """One Excel table. Its columns include those made from checkbox groups and the note column."""

    id: Identifier
    name: TableName
    sheet: str
    layout: Literal["rows", "fields"] = "rows"
    rows: Annotated[int, Field(ge=1, le=500)] = 1
    notes: bool = True
    unique: tuple[str, ...] = ()
    per_measure: Literal["error", "warning"] | None = None
    groups: tuple[str, ...] = ()
    group: str | None = None
    header: dict[str, tuple[str, ...]] | None = None
    label_width: float = 44
    value_width: float = 52
    total_label: Label | None = None
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]

    @cached_property
    def by_id(self) -> dict[str, Column]:
        return {column.id: column for column in self.columns}

    @cached_property
    def headings(self) -> dict[str, str]:
        """Heading as it is compared, in either language → column id."""
        return {normal(label): column.id for column in self.columns for label in column.label.both}

    @cached_property
    def field_labels(self) -> dict[str, tuple[str, ...]]:
        """Label as it is compared, in either language → ids of the fields in its row; for a table of fields."""
        found: dict[str, tuple[str, ...]] = {}
        for column in self.columns:
            for label in {normal(one) for one in column.label.both}:
                found[label] = (*found.get(label, ()), column.id)
        return found

    @cached_property
    def typed(self) -> tuple[str, ...]:
        """The columns in which something shows that the adviser wrote in the row."""
        return tuple(column.id for column in self.columns if column.typed_by_user)

    @cached_property
    def computed(self) -> tuple[str, ...]:
        """The columns that the template computes."""
        return tuple(column.id for column in self.columns if column.formula is not None)

    @cached_property
    def totals(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.total)


@dataclass(frozen=True, slots=True)
class TickGroup:
    """A checkbox group where it stands: the columns (or cells of one question) that hold its options."""

    id: str
    label: Label
    pick: str
    options: tuple[Choice, ...]
    columns: tuple[str, ...]


class GuideChapter(_Model):
    """A heading and its lines on the guide sheet."""

    heading: Label
    lines: tuple[Label, ...]


class Form(_Model):
    """The whole form of one year. See ``behovsmelding_2026.toml`` for what each key means."""

    id: str
    year: Annotated[int, Field(ge=2000, le=2100)]
    template: str
    title: Label
    school_years: tuple[Annotated[str, Field(pattern=r"^20\d\d/20\d\d$")], ...]
    settings: Settings = Settings()
    vocabulary: Vocabulary = Vocabulary()
    choices: dict[str, dict[str, Label]]
    note_column: Column
    uncertain: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    """Words that make a sentence say nothing for certain; part of ``unless`` wherever words are looked for."""
    bounds: Named | None = None
    """Words by which a text says that something begins or ends in a term."""
    pointing: Named | None = None
    """Words by which a text speaks of another time than that of what it is about."""
    institutions: dict[Identifier, Institution] = {}
    groups: tuple[Group, ...]
    sheets: tuple[Sheet, ...]
    tables: tuple[Table, ...]
    guide: tuple[GuideChapter, ...] = ()

    @cached_property
    def doubt(self) -> Named:
        """Finds a word that makes a sentence say nothing for certain."""
        return Named(words=self.uncertain)

    @cached_property
    def by_id(self) -> dict[str, Table]:
        return {table.id: table for table in self.tables}

    @cached_property
    def group_by_id(self) -> dict[str, Group]:
        return {group.id: group for group in self.groups}

    @cached_property
    def sheet_by_id(self) -> dict[str, Sheet]:
        return {sheet.id: sheet for sheet in self.sheets}

    @cached_property
    def sheet_places(self) -> dict[str, int]:
        """Sheet id → its place among the sheets, from the left."""
        return {sheet.id: place for place, sheet in enumerate(self.sheets)}

    def tick_groups(self, table: Table) -> tuple[TickGroup, ...]:
        """The checkbox groups of a table, in the order of its columns."""
        made: dict[str, list[Column]] = {}
        for column in table.columns:
            if column.type == "tick" and column.group:
                made.setdefault(column.group, []).append(column)
        return tuple(self._tick_group(table, id_, columns) for id_, columns in made.items())

    def _tick_group(self, table: Table, id_: str, columns: list[Column]) -> TickGroup:
        group = self.group_by_id[table.group or id_]
        label = columns[0].label if table.group else group.label
        return TickGroup(id_, label, group.pick, group.options, tuple(column.id for column in columns))

    def on_sheet(self, sheet: str) -> tuple[Table, ...]:
        """The tables of a sheet, from top to bottom."""
        return tuple(table for table in self.tables if table.sheet == sheet)

    def value_headings(self, table: Table) -> dict[str, set[str]]:
        """For a table of fields: suffix of the field id ("" or ".yes") → headings its value column may have."""
        if table.group:
            options = self.group_by_id[table.group].options
            return {f".{option.id}": {normal(label) for label in option.label.both} for option in options}
        return {"": {normal(header[1]) for header in (table.header or {}).values()}}

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        choices = {**self.choices, "school_years": {year: Label(nb=year, nn=year) for year in self.school_years}}
        return {
            name: {normal(label): id_ for id_, one in options.items() for label in one.both}
            for name, options in choices.items()
        }

    def words_of(self, column: Column) -> dict[str, str]:
        """The choices of a column: label as it is compared, in either language → option id."""
        return self._words[column.choices or ""]

    def options(self, column: Column) -> dict[str, Label]:
        """The choices of a column: option id → label. School years are their own labels."""
        if column.choices == "school_years":
            return {year: Label(nb=year, nn=year) for year in self.school_years}
        return self.choices[column.choices or ""]
