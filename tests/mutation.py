"""Mutation testing of the rules: how many small faults put into the code do the cases and tests see?

    pip install -c constraints.txt -e '.[test,mutation]'
    python tests/mutation.py [MODULE …] [--jobs N]        # behov_xl.values behov_xl.rules.sums …; without: all of them

cosmic-ray makes the mutants; each is judged in a forked process in which only the module's code is replaced: first by
all cases of ``tests/cases`` in one chunk (their workbooks are read once, before the forks), then by the module's own
tests. What survives is printed with its line: a test is missing, or the change changes nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "rules")]

import test_cases  # noqa: E402

from behov_xl.findings import RULES  # noqa: E402
from behov_xl.form import Form, current  # noqa: E402
from behov_xl.rules import catalogue  # noqa: E402
from behov_xl.validate import validate_grids  # noqa: E402
from behov_xl.workbook.files import open_grid  # noqa: E402
from behov_xl.workbook.grid import Grid  # noqa: E402
from conftest import short  # noqa: E402

COMPARISONS = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
OPERATORS = [
    *("AddNot", "NumberReplacer", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse"),
    *("ReplaceFalseWithTrue", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"),
    *("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd"),
    *(f"ReplaceComparisonOperator_{a}_{b}" for a in COMPARISONS for b in COMPARISONS if a != b),
    *("ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "Mod_Mul")),
]
OWN_TESTS = {
    "behov_xl.values": ["test_values.py"],
    "behov_xl.years": ["test_values.py"],
    "behov_xl.phrases": ["test_phrases.py"],
    "behov_xl.acknowledgements": ["test_acknowledgements.py"],
    "behov_xl.rules.slips": ["rules/test_slips.py"],
    "behov_xl.rules.sums": ["rules/test_slips.py"],
    "behov_xl.rules.amounts": ["rules/test_amounts.py"],
    "behov_xl.rules.across": ["rules/test_across.py"],
    "behov_xl.rules.formulas": ["rules/test_formulas.py"],
    "behov_xl.rules.formula_values": ["rules/test_formulas.py"],
    "behov_xl.rules.reference": ["test_messages.py"],
}
"""Tests beside the cases that a module's mutants are shown."""
TIMEOUT = 60
"""Seconds; a mutant that takes longer hangs, which is seen too."""


Cases = list[tuple[Form, list[Grid], list[tuple[str, dict[str, Any]]]]]


def chunks() -> Cases:
    """Form, grids and cases, for the cases with each kind of settings."""
    form, made = current(), {}
    folder = Path(tempfile.mkdtemp())
    for number, (code, case) in enumerate(one.values for one in test_cases._cases()):
        path = folder / f"{number}.xlsx"
        test_cases.write_case(form, case, path)
        settings = case.get("settings", {})
        its_form = form.model_copy(update={"settings": form.settings.model_copy(update=settings)}) if settings else form
        grids, expected = made.setdefault(repr(settings), (its_form, [], []))[1:]
        grids.append(open_grid(path, [table.name for table in form.tables]))
        expected.append((code, case))
    return list(made.values())


def right(cases: Cases) -> bool:
    """Whether all cases are judged as they say."""
    for form, grids, wanted in cases:
        for report, (code, case) in zip(validate_grids(grids, form), wanted, strict=True):
            expected = sorted(test_cases._each([*case["expect"], *case.get("others", [])]))
            if sorted(short(one) for one in report.findings) != expected:
                return False
            if not test_cases.says(report.findings, code, case):
                return False
    return True


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Mutated sources, each with what was changed."""
    lines = source.splitlines()
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        for occurrence in range(10_000):
            mutated = mutate_code(source, operator, occurrence)
            if mutated is None:
                break
            changed = [
                (number, new.strip())
                for number, (old, new) in enumerate(zip(lines, mutated.splitlines(), strict=False), start=1)
                if old != new
            ]
            # Lists that are equally long are so with and without being asked; type hints are not run.
            if changed and not re.search(r"strict=False|TYPE_CHECKING|lru_cache", changed[0][1]):
                yield mutated, f"{changed[0][0]}: {changed[0][1]}   [{name}]"


def replace_code(name: str, source: str) -> set[str]:
    """Runs a module's mutated source in place of its own, wherever its functions have been imported to.

    Returns the codes of the rules that the module declares.
    """
    module = importlib.import_module(name)
    before = dict(vars(module))
    others = set(RULES)
    for code in [code for code, rule in RULES.items() if getattr(rule.check, "__module__", None) == name]:
        del RULES[code]
    declared = {code: rule for code, rule in RULES.items() if rule in before.values()}
    for code in declared:
        del RULES[code]
    own = others - set(RULES)
    exec(compile(source, str(module.__file__), "exec"), vars(module))  # the mutant itself
    moved = {id(old): vars(module)[key] for key, old in before.items() if _replaceable(old) and key in vars(module)}
    for other in [
        one for key, one in sys.modules.items() if key.startswith("behov_xl") and isinstance(one, types.ModuleType)
    ]:
        for key, value in list(vars(other).items()):
            if id(value) in moved and other is not module:
                setattr(other, key, moved[id(value)])
    catalogue()
    return own


def _replaceable(value: Any) -> bool:
    return callable(value) and getattr(value, "__module__", "").startswith("behov_xl")


def _of(codes: set[str], cases: Cases) -> Cases:
    """The cases of these rules only."""
    kept = [
        (form, [(g, one) for g, one in zip(grids, wanted, strict=True) if one[0] in codes])
        for form, grids, wanted in cases
    ]
    return [(form, [g for g, _ in pairs], [one for _, one in pairs]) for form, pairs in kept if pairs]


def judge(name: str, source: str, cases: Cases) -> bool:
    """Whether a mutant is seen. Runs in a process of its own."""
    codes = replace_code(name, source)
    own = [str(HERE / test) for test in OWN_TESTS.get(name, [])]
    # What sees most of them comes first: the cases of the module's own rules, which are few, and its own tests.
    return (
        not right(_of(codes, cases))
        or (bool(own) and pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *own]) != 0)
        or not right(cases)
    )


def _child(name: str, source: str, cases: Cases) -> None:
    signal.alarm(TIMEOUT)
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        try:
            seen = judge(name, source, cases)
        except BaseException:  # noqa: BLE001 - whatever a mutant raises, it is seen
            seen = True
    os._exit(1 if seen else 0)


def survives(name: str, source: str, cases: Cases) -> bool:
    """Whether nothing sees a mutant."""
    process = multiprocessing.get_context("fork").Process(target=_child, args=(name, source, cases))
    process.start()
    process.join(TIMEOUT + 5)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode == 0


def modules() -> list[str]:
    """All that rules are made of."""
    rules = (HERE.parent / "behov_xl" / "rules").glob("[!_]*.py")
    return ["behov_xl.values", *(f"behov_xl.rules.{path.stem}" for path in sorted(rules))]


def main() -> None:
    """Judges every mutant of the modules given, prints the survivors and the score."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", default=modules())
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    cases = chunks()
    assert right(cases), "the cases must pass before mutants are judged"
    total = seen = 0
    for name in options.modules:
        source = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
        made = list(mutants(source))
        with ThreadPoolExecutor(options.jobs) as pool:
            alive = list(pool.map(lambda one, name=name: survives(name, one[0], cases), made))
        total, seen = total + len(made), seen + alive.count(False)
        print(f"{name}: {alive.count(False)} of {len(made)} seen", flush=True)
        for (_, change), survived in zip(made, alive, strict=True):
            if survived:
                print(f"    {change}", flush=True)
    print(f"score: {seen} of {total} ({100 * seen / max(total, 1):.1f} %)")


if __name__ == "__main__":
    main()
