"""The rules. One module per family, one decorated function per rule; a rule looks at all workbooks of a chunk at once.

Columns are lists; only where a column does not fit its schema are pandas and pandera asked, which take long to start.
"""

from behov_xl.findings import RULES, Rule


def catalogue() -> dict[str, Rule]:
    """Every rule by code, in order of code."""
    from behov_xl import acknowledgements  # noqa: F401
    from behov_xl.rules import (  # noqa: F401
        across,
        amounts,
        answers,
        budget,
        checkboxes,
        copies,
        duration,
        formulas,
        hours,
        named_units,
        people,
        references,
        roles,
        scope,
        sums,
        tables,
        terms,
        texts,
        workbook,
    )
    from behov_xl.workbook import bundle, cells, files, sheet_faults, structure  # noqa: F401

    return dict(sorted(RULES.items()))
