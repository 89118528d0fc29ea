"""The linter: what can be said of a row, and of a whole set, without a model."""

from data.lint.explain import Explanation, codes, explain
from data.lint.facts import FindIdiom
from data.lint.linter import fix, lint_row, lint_set
from data.lint.reading import BrokenRow, read_rows
from data.lint.report import LintReport, RowFindings
from data.lint.row import LintRow, row_of_candidate, row_of_example
from data.lint.settings import LintSettings

__all__ = [
    "BrokenRow",
    "Explanation",
    "FindIdiom",
    "LintReport",
    "LintRow",
    "LintSettings",
    "RowFindings",
    "codes",
    "explain",
    "fix",
    "lint_row",
    "lint_set",
    "read_rows",
    "row_of_candidate",
    "row_of_example",
]
