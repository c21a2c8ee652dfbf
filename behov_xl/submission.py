"""What each workbook says it is and asks for, with totals recomputed from the inputs; and totals over many of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import isnan, nan
from operator import itemgetter
from typing import TYPE_CHECKING

from behov_xl.findings import Ask, Place, Submission, WorkbookReport
from behov_xl.rules.lookups import partners, uh_list
from behov_xl.rules.shared import cells
from behov_xl.workbook.grid import address

if TYPE_CHECKING:
    from behov_xl.workbook.columns import Submissions
    from behov_xl.workbook.structure import Layout


def submissions_of(chunk: Submissions) -> list[Submission | None]:
    """One per workbook of the chunk; ``None`` for a workbook that holds no table of the form."""
    columns = ("owner", "network", "year", "organisation_number")
    rows = zip(*(cells(chunk, "head", one) for one in columns), strict=True)
    heads = dict(zip(cells(chunk, "head", "workbook"), rows, strict=True))
    asks, hours, owners = _asks(chunk), _hours(chunk), partners(chunk, "owner")
    found: list[Submission | None] = []
    for index, layouts in enumerate(chunk.layouts):
        if not layouts:
            found.append(None)
            continue
        owner, network, year, number = heads.get(index, ("", "", nan, ""))
        asked = tuple(asks.get(index, ()))
        listed = dict.fromkeys(owners.get(index, {}).values())
        found.append(
            Submission(
                owner=owner,
                network=network,
                year=int(year) if year == year else None,
                measures=len(asked),
                owner_total=sum(ask.owner_sum for ask in asked),
                uh_total=sum(ask.uh_sum for ask in asked),
                hours=hours.get(index, {}),
                asks=asked,
                organisation_number=number,
                other_owners=tuple(name for name in listed if name.casefold() != owner.casefold()),
                place=_place(layouts.get("head"), "owner", 0),
            )
        )
    return found


def _asks(chunk: Submissions) -> dict[int, list[Ask]]:
    """Workbook → its measures. A sum that is missing or cannot be read counts as 0."""
    listed = partners(chunk, "uh", "")
    found: dict[int, list[Ask]] = {}
    columns = ("workbook", "row", "measure", "name", "uh", "owner_sum", "uh_sum")
    rows = zip(*(cells(chunk, "measures", one) for one in columns), strict=True)
    for workbook, of_workbook in groupby(rows, itemgetter(0)):
        layout, names = chunk.layouts[workbook]["measures"], listed.get(workbook, {})
        where = layout.columns.get("uh_sum")
        full: dict[str, str] = {}
        asks = found[workbook] = []
        for _, row, measure, name, uh, owner_sum, uh_sum in of_workbook:
            if uh not in full:
                full[uh] = names.get(uh.casefold()) or _full_name(chunk, workbook, uh)
            if where is None:  # the column is gone, which is a finding of its own
                place = Place(layout.sheet, "", "", row, 0)
            else:
                place = Place(layout.sheet, address(row, where), layout.anchor, row, where)
            sums = 0.0 if isnan(owner_sum) else owner_sum, 0.0 if isnan(uh_sum) else uh_sum
            asks.append(Ask(measure, name, full[uh], *sums, place))
    return found


def _full_name(chunk: Submissions, workbook: int, uh: str) -> str:
    """The name on the workbook's list of partners of a UH that is not on it, where that is clear."""
    meant = uh_list(chunk, workbook).meant(uh, chunk.form.vocabulary.joining) if uh else []
    return meant[0] if len(meant) == 1 else uh


def _place(layout: Layout | None, column: str, row: int) -> Place | None:
    where = layout.locate(column, row) if layout else None
    if layout is None or where is None:
        return None
    return Place(layout.sheet, address(*where), layout.anchor, *where)


def _hours(chunk: Submissions) -> dict[int, dict[str, float]]:
    """Workbook → school year → stated hours."""
    found: dict[int, dict[str, float]] = {}
    columns = (cells(chunk, "activities", one) for one in ("workbook", "school_year", "stated_hours"))
    for workbook, year, value in zip(*columns, strict=True):
        if year:
            of_workbook = found.setdefault(workbook, {})
            of_workbook[year] = of_workbook.get(year, 0.0) + (value if value == value else 0.0)
    return found


@dataclass(slots=True)
class Total:
    """What several submissions ask for together, in kroner."""

    name: str
    submissions: int = 0
    measures: int = 0
    owner_total: float = 0.0
    uh_total: float = 0.0

    def add(self, owner_sum: float, uh_sum: float, measures: int) -> None:
        self.measures += measures
        self.owner_total += owner_sum
        self.uh_total += uh_sum


def totals_per_uh(reports: Iterable[WorkbookReport]) -> list[Total]:
    """Per UH, in order of name."""
    found: dict[str, Total] = {}
    for report in reports:
        asked: set[str] = set()
        for ask in report.submission.asks if report.submission else ():
            key = ask.uh.casefold()
            total = found.setdefault(key, Total(ask.uh))
            total.add(ask.owner_sum, ask.uh_sum, 1)
            asked.add(key)
        for key in asked:
            found[key].submissions += 1
    return [found[key] for key in sorted(found)]


def totals_per_network(reports: Iterable[WorkbookReport]) -> list[Total]:
    """Per network, in order of name."""
    found: dict[str, Total] = {}
    for report in reports:
        one = report.submission
        if one is not None:
            total = found.setdefault(one.network.casefold(), Total(one.network))
            total.add(one.owner_total, one.uh_total, one.measures)
            total.submissions += 1
    return [found[key] for key in sorted(found)]


def hours_per_year(reports: Iterable[WorkbookReport]) -> dict[str, float]:
    """School year → stated hours of all submissions together, in order of the years."""
    found: dict[str, float] = {}
    for report in reports:
        for year, hours in report.submission.hours.items() if report.submission else ():
            found[year] = found.get(year, 0.0) + hours
    return dict(sorted(found.items()))
