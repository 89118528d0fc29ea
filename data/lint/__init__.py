"""The linter: what can be said of a row, and of a whole set, without a model.

Names are imported when first used, so that the settings can be read without compiling any rule.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.lint.explanations import Explanation, codes, explain
    from data.lint.facts import FindIdiom
    from data.lint.linter import fix, lint_row, lint_set
    from data.lint.reading import BrokenRow, read_rows
    from data.lint.report import LintReport, RowFindings
    from data.lint.row import LintRow, row_of_candidate, row_of_example
    from data.lint.settings import LintSettings

_PLACES = {
    "BrokenRow": "reading",
    "Explanation": "explanations",
    "FindIdiom": "facts",
    "LintReport": "report",
    "LintRow": "row",
    "LintSettings": "settings",
    "RowFindings": "report",
    "codes": "explanations",
    "explain": "explanations",
    "fix": "linter",
    "lint_row": "linter",
    "lint_set": "linter",
    "read_rows": "reading",
    "row_of_candidate": "row",
    "row_of_example": "row",
}

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


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
