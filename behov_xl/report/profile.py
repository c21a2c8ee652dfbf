"""Where the time of a run went, as a table for the screen."""

from __future__ import annotations

from behov_xl.messages import Catalogue, number
from behov_xl.profiling import STAGES, Profile, Spent

DEAREST = 5
"""Rules that are named; the others count among the rules together."""


def render(profile: Profile, clock: float, words: Catalogue) -> str:
    """The stages, the dearest rules, and all of it against the clock. Seconds are summed over all processes."""
    stages = {**profile.stages, "rules": _together(profile.rules)}
    lines = [(words.text(f"profile.{name}"), stages[name]) for name in STAGES if name in stages]
    total = _together(stages)
    at = next(index for index, (name, _) in enumerate(lines) if name == words.text("profile.rules")) + 1
    dearest = sorted(profile.rules.items(), key=lambda rule: -rule[1].processor)[:DEAREST]
    lines[at:at] = [(f"  {code} {words.text(f'{code}.title')}", spent) for code, spent in dearest]
    lines.append((words.text("profile.together"), total))
    rows = [
        (name, _seconds(spent.processor), _share(spent.processor, total.processor), _seconds(spent.clock))
        for name, spent in lines
    ]
    heads = (words.text("profile.heading"), words.text("profile.processor"), "%", words.text("profile.clock"))
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(4)]
    table = [
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in (heads, *rows))
    ]
    return "\n".join([*table, words.text("profile.run", seconds=_seconds(clock))])


def _together(spent: dict[str, Spent]) -> Spent:
    return Spent(sum(one.processor for one in spent.values()), sum(one.clock for one in spent.values()))


def _seconds(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")


def _share(part: float, whole: float) -> str:
    return number(100 * part / whole, 1) if whole else "–"
