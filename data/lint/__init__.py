"""The linter: what can be said of a row, and of a whole set, without a model."""

from data.lint.facts import FindIdiom
from data.lint.linter import fix, lint_row
from data.lint.row import LintRow, row_of_candidate, row_of_example
from data.lint.settings import LintSettings

__all__ = ["FindIdiom", "LintRow", "LintSettings", "fix", "lint_row", "row_of_candidate", "row_of_example"]
