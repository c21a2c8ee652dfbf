"""Hypothesis strategies for valid submissions: distinct, realistic content that agrees with itself everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

from behov_xl.values import organisation_number
from behov_xl.workbook.content import Content, Row
from generated import words

T = TypeVar("T")
Draw = Callable[..., Any]

DURATION = ["spring_2026", "autumn_2026", "spring_2027", "later"]
STEP = 500
"""Kroner: amounts are multiples of it."""


@dataclass(slots=True)
class Sample:
    """A valid submission, and how its workbook is written."""

    content: Content
    lang: str
    native: bool

    def __repr__(self) -> str:
        """Short: hypothesis shows it, and the whole would be pages."""
        return f"<{self.lang}, rows: { ({table: len(rows) for table, rows in self.content.rows.items()}) }>"


def _one(draw: Draw, options: Sequence[T]) -> T:
    return options[draw(st.integers(0, len(options) - 1))]


def _some(draw: Draw, options: Sequence[T], count: int) -> list[T]:
    """``count`` different ones."""
    left = list(options)
    return [left.pop(draw(st.integers(0, len(left) - 1))) for _ in range(count)]


@st.composite
def submissions(draw: Draw, measures: int = 1, uh: int = 1) -> Sample:
    """A submission with at least so many measures and UH partners (at most 8 and 4)."""
    lang, native = _one(draw, ["nb", "nn"]), draw(st.booleans())
    count = draw(st.integers(measures, 8))
    partners = _partners(draw, min(draw(st.integers(uh, 4)), count))
    made = _Measures(draw, lang, [row for row in partners if row["kind"] == "uh"], count)
    content = Content(
        rows={
            "partners": partners,
            "measures": made.measures,
            "ticks": made.ticks,
            "activities": made.activities,
            "budget": made.budget,
            "units": made.units,
            "roles": made.roles,
            "texts": made.texts,
        },
        spare_rows=_one(draw, [1, 0, 2, 3, None]),
    )
    discussed = draw(st.booleans())
    content.rows["co_determination"] = _unions(draw) if discussed else []
    content.fields = {"head": _head(draw, partners), "questions": _questions(draw, partners, discussed)}
    return Sample(content, lang, native)


# ------------------------------------------------------------------------------------------- head


def _partners(draw: Draw, uh: int) -> list[Row]:
    owners = _some(draw, words.OWNERS, _one(draw, [1, 1, 1, 2, 3]))
    universities = _some(draw, list(words.UH), uh)
    contacts = _some(draw, words.PERSONS, len(owners) + uh)
    rows: list[Row] = [{"name": name, "kind": "owner"} for name in owners]
    rows += [{"name": name, "short": words.UH[name], "kind": "uh"} for name in universities]
    return [row | {"contact": contact} for row, contact in zip(rows, contacts, strict=True)]


def _head(draw: Draw, partners: list[Row]) -> Row:
    first_uh = next(row for row in partners if row["kind"] == "uh")
    head = {
        "owner": partners[0]["name"],
        "network": _one(draw, words.NETWORKS),
        "year": 2026,
        "owner_contact": partners[0]["contact"],
        "owner_contact_role": _one(draw, words.TITLES),
        "uh_contact": first_uh["contact"],
        "uh_contact_role": _one(draw, words.TITLES),
        "comment": _one(draw, words.COMMENTS),
    }
    if draw(st.booleans()):
        head["organisation_number"] = _organisation_number(draw(st.integers(900_000_00, 999_999_99)))
    return head


def _organisation_number(digits: int) -> str:
    """The number with its control digit; the next one up where the digits have none."""
    found = [f"{digits}{digit}" for digit in range(10) if organisation_number(f"{digits}{digit}").value]
    return found[0] if found else _organisation_number(digits + 1)


def _questions(draw: Draw, partners: list[Row], discussed: bool) -> Row:
    kinds = [row["kind"] for row in partners]
    answers = {
        "continues": draw(st.booleans()),
        "several_owners": kinds.count("owner") > 1,
        "several_uh": kinds.count("uh") > 1,
        "co_determination": discussed,
    }
    return {f"{question}.{box}": yes == (box == "yes") for question, yes in answers.items() for box in ("yes", "no")}


def _unions(draw: Draw) -> list[Row]:
    roles = _some(draw, words.UNIONS, draw(st.integers(1, 4)))
    names = _some(draw, words.PERSONS, len(roles))
    return [{"role": role, "name": name} for role, name in zip(roles, names, strict=True)]


# --------------------------------------------------------------------------------------- measures


class _Measures:
    """All that is said of the measures, table by table."""

    def __init__(self, draw: Draw, lang: str, uh: list[Row], count: int) -> None:
        self.draw, self.lang = draw, lang
        self.measures: list[Row] = []
        self.ticks: list[Row] = []
        self.activities: list[Row] = []
        self.budget: list[Row] = []
        self.units: list[Row] = []
        self.roles: list[Row] = []
        self.texts: list[Row] = []
        # One scale for the whole submission: no amount is out of line with the others of its column.
        self.scale = draw(st.integers(60, 250)) * 1_000
        topics = _some(draw, words.TOPICS, count)
        numbers: dict[str, int] = {}
        for index, topic in enumerate(topics):
            # Every UH on the list has a measure.
            partner = uh[index] if index < len(uh) else _one(draw, uh)
            numbers[partner["name"]] = numbers.get(partner["name"], 0) + 1
            self._add(f"T{index + 1}", numbers[partner["name"]], topic, partner)

    def _add(self, id_: str, number: int, topic: str, partner: Row) -> None:
        draw = self.draw
        fill = {"topic": topic[0].lower() + topic[1:], "uh": partner["short"]}
        scope = _one(draw, ["kindergarten", "school", "both"])
        coordinated, attached = _one(draw, [False, False, True]), _one(draw, [False, False, False, True])
        sums = {party: self._sum() for party in ("owner", "uh")}
        measure: Row = {
            "measure": id_,
            "number": number,
            "name": topic,
            "uh": _one(draw, [partner["short"], partner["name"]]),
            "owner_sum": sums["owner"],
            "uh_sum": sums["uh"],
        }
        first = draw(st.integers(0, 3))
        duration = DURATION[first : draw(st.integers(first, 3)) + 1]
        if coordinated:
            measure["coordinator_sum"] = _rounded(self.scale * 0.4)
        if not attached:
            for party, amount in sums.items():
                coordinator = measure.get("coordinator_sum", 0) if party == "owner" else 0
                self._budget(id_, party, amount, coordinator, _periods(duration), fill)
        self.measures.append(measure)
        self._ticks(id_, scope, duration, attached)
        ppt = self._units(id_, scope)
        groups = self._roles(id_, scope, fill)
        self._activities(id_, duration, groups, fill)
        self._texts(id_, scope, ppt, coordinated, fill)

    def _sum(self) -> int:
        return _rounded(self.scale * self.draw(st.integers(100, 300)) / 100)

    def _budget(
        self, id_: str, party: str, amount: int, coordinator: int, periods: list[str], fill: dict[str, str]
    ) -> None:
        draw = self.draw
        lines: list[Row] = []
        if coordinator:
            lines.append({"cost_type": "coordination", "description": words.COORDINATION, "amount": coordinator})
            amount -= coordinator
        least = _rounded(self.scale * 0.4)
        kinds = _some(draw, list(words.COSTS[party]), min(draw(st.integers(1, 3)), max(amount // least, 1)))
        for left, kind in zip(range(len(kinds), 0, -1), kinds, strict=True):
            spare = amount - left * least
            part = amount if left == 1 else least + _rounded(spare * draw(st.integers(0, 90)) / 100)
            lines.append({"cost_type": kind, "description": words.COSTS[party][kind], "amount": part})
            amount -= part
        for line in lines:
            text = line["description"].format(**fill)
            self.budget.append(
                {"measure": id_, "party": party, **line, "description": text, "period": _one(draw, periods)}
            )

    def _ticks(self, id_: str, scope: str, duration: list[str], attached: bool) -> None:
        draw = self.draw
        phases = _some(draw, ["analysis", "planning", "implementation"], draw(st.integers(1, 3)))
        self.ticks.append({
            "measure": id_,
            **{f"scope.{one}": one == scope for one in ("kindergarten", "school", "both")},
            **{f"phase.{one}": one in phases for one in ("analysis", "planning", "implementation")},
            **{f"duration.{one}": one in duration for one in DURATION},
            "budget_attached.yes": attached,
            "budget_attached.no": not attached,
            **_exactly_one(draw, "further_education", ["yes", "no", "unknown"]),
            **_exactly_one(draw, "sami", ["yes", "no", "irrelevant"]),
        })  # fmt: skip

    def _units(self, id_: str, scope: str) -> int:
        draw = self.draw
        ppt = draw(st.integers(0, 2))
        kindergartens, schools = scope != "school", scope != "kindergarten"
        self.units.append({
            "measure": id_,
            "municipal_kindergartens": draw(st.integers(4, 20)) if kindergartens else 0,
            "private_kindergartens": _one(draw, [0, 2, 3, 5]) if kindergartens else 0,
            "public_schools": draw(st.integers(4, 20)) if schools else 0,
            "private_schools": _one(draw, [0, 2, 3]) if schools else 0,
            "ppt": ppt,
        })  # fmt: skip
        return ppt

    def _roles(self, id_: str, scope: str, fill: dict[str, str]) -> list[str]:
        draw = self.draw
        groups = _some(draw, words.GROUPS, draw(st.integers(1, 3)))
        duties = _some(draw, words.DUTIES, len(groups))
        for group, duty in zip(groups, duties, strict=True):
            members = words.MEMBERS[scope].format(n=_one(draw, ["to", "tre", "fire"]), **fill)
            self.roles.append(
                {"measure": id_, "group": group, "members": members, "responsibility": duty.format(**fill)}
            )
        return groups

    def _texts(self, id_: str, scope: str, ppt: int, coordinated: bool, fill: dict[str, str]) -> None:
        for section, leads in words.SECTIONS.items():
            text = _one(self.draw, leads).format(**fill) + _one(self.draw, words.TAILS)
            if coordinated and section == "own_contribution":
                text += f" {words.JUSTIFICATION}"
            self.texts.append({"measure": id_, "section": section, "text": text})
        target = words.TARGETS[scope].format(ppt=words.PPT if ppt else "", **fill)
        self.texts.append({"measure": id_, "section": "target_group", "text": target})

    # ------------------------------------------------------------------------------- activities

    def _activities(self, id_: str, duration: list[str], groups: list[str], fill: dict[str, str]) -> None:
        draw = self.draw
        used: dict[str, set[Any]] = {}
        for year, terms in _years(draw, duration).items():
            names = [*groups, *(name.format(**fill) for name in words.ACTIVITIES)]
            for what in _some(draw, names, draw(st.integers(1, 6))):
                size = self._size(len(terms), used.setdefault(what, set()))
                used[what].add(size)
                self.activities.append({"measure": id_, "school_year": year, **self._activity(what, terms, size, fill)})

    def _size(self, terms: int, taken: set[Any]) -> tuple[int, int, float]:
        """Semesters, times and hours each; never as the same activity has them in another year."""
        fitting = [size for size in SIZES if size[0] <= terms and size not in taken]
        return _one(self.draw, fitting)

    def _activity(self, what: str, terms: list[str], size: tuple[int, int, float], fill: dict[str, str]) -> Row:
        draw = self.draw
        semesters, times, each = size
        total = semesters * times * each
        row: Row = {"what": what, "stated_hours": _plain(total)}
        numbers = {"semesters": semesters, "times": times, "hours_each": _plain(each)}
        said = in_words(draw, self.lang, semesters, times, each)
        if semesters == 1 and draw(st.booleans()):
            row["what"] = f"{what} ({_one(draw, terms)})"
        kind = _one(draw, ["both", "numbers", "words"])
        row["description"] = _one(draw, words.VAGUE).format(**fill) if kind == "numbers" else said
        return row if kind == "words" else row | numbers


SIZES = [
    (semesters, times, each)
    for semesters in (1, 2)
    for times in (1, 2, 3, 4)
    for each in (1.0, 1.5, 2.0, 0.75, 2.5, 3.0, 4.0, 6.0)
    if 4 <= semesters * times * each <= 24
]


def _exactly_one(draw: Draw, group: str, options: list[str]) -> Row:
    ticked = _one(draw, options)
    return {f"{group}.{option}": option == ticked for option in options}


def _rounded(kroner: float) -> int:
    return round(kroner / STEP) * STEP


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _years(draw: Draw, duration: list[str]) -> dict[str, list[str]]:
    """The school years with activities, and the terms of each in which the measure runs."""
    terms = {
        "2025/2026": ["vår 2026"] * ("spring_2026" in duration),
        "2026/2027": ["høst 2026"] * ("autumn_2026" in duration) + ["vår 2027"] * ("spring_2027" in duration),
    }
    if "later" in duration:
        terms["2027/2028"] = ["høst 2027", "vår 2028"]
        if draw(st.booleans()):
            terms["2028/2029"] = ["høst 2028", "vår 2029"]
    return {year: found for year, found in terms.items() if found}


def _periods(duration: list[str]) -> list[str]:
    """How a budget line may name its period."""
    names = {"spring_2026": "Vår 2026", "autumn_2026": "Høst 2026", "spring_2027": "Vår 2027", "later": "2027/2028"}
    both = ["2026/2027"] if {"autumn_2026", "spring_2027"} <= set(duration) else []
    return ["", *both, *(names[one] for one in duration)]


# ---------------------------------------------------------------------------------- hours in words

_NUMBER = {1: "en", 2: "to", 3: "tre", 4: "fire"}
_EACH = {
    0.75: ["45 minutter"],
    1.0: ["1 time", "en time"],
    1.5: ["1,5 time", "90 minutter", "halvannen time"],
    2.0: ["2 timer", "to timer", "2 t"],
    2.5: ["2,5 timer", "to og en halv time"],
    3.0: ["3 timer", "tre timer"],
    4.0: ["4 timer", "fire timer"],
    6.0: ["6 timer", "seks timer"],
}
_EACH_TERM = [
    "{n} {events} hvert semester med {each} per {event}",
    "{n} {events} per semester à {each}",
    "{n} {events} per semester, {each} per {event}",
    "{each} per gang, {n} {times} i semesteret",
    "{n} {events} i hvert semester, hver på {each}",
]
_ONE_TERM = [
    "{n} {events} à {each}",
    "{n} {events}, {each} per {event}",
    "{n} {events} med {each} per {event}",
    "{each} per gang, {n} {times}",
]
_EVENTS = [("møte", "møter"), ("samling", "samlinger"), ("kveld", "kvelder"), ("fagmøte", "fagmøter")]
_NYNORSK = {
    "møter": "møte", "fagmøter": "fagmøte", "samlinger": "samlingar", "kvelder": "kveldar", "timer": "timar", "minutter": "minutt",
    "hvert": "kvart", "hver": "kvar", "gang": "gong", "ganger": "gonger", "halvannen": "halvannan", "en": "ein",
}  # fmt: skip


def in_words(draw: Draw, lang: str, semesters: int, times: int, each: float) -> str:
    """The hours of an activity as an adviser writes them."""
    event, events = _one(draw, _EVENTS)
    pattern = _one(draw, _EACH_TERM if semesters == 2 else _ONE_TERM)
    text = pattern.format(
        n=_one(draw, [str(times), _NUMBER[times]]),
        event=event,
        events=event if times == 1 else events,
        times="gang" if times == 1 else "ganger",
        each=_one(draw, _EACH[each]),
    )
    if lang == "nn":
        text = " ".join(
            _NYNORSK.get(word.rstrip(","), word.rstrip(",")) + "," * word.endswith(",") for word in text.split()
        )
    return text
