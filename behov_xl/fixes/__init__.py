"""Findings → edits of the workbook's own package, and nothing else of it."""

from behov_xl.fixes.run import Fixed, fix_workbook

__all__ = ["Fixed", "fix_workbook"]
