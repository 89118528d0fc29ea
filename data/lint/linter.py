"""Linting one row, and the fixes that are safe."""

from __future__ import annotations

from data.lint.facts import Facts, FindIdiom
from data.lint.row import LintRow
from data.lint.rules import ROW_RULES
from data.lint.settings import LintSettings
from data.records import Finding

DEFAULTS = LintSettings()
_BY_CODE = {rule.code: rule for rule in ROW_RULES}


def lint_row(
    row: LintRow, settings: LintSettings = DEFAULTS, *, find_idiom: FindIdiom | None = None
) -> tuple[Finding, ...]:
    """Return what the rules object to in one row, in the order of the rules.

    `find_idiom(source, idiom)` is a tokenizer's search by lemmas, where one is at hand; without it a
    plain rule looks for the idiom's words.
    """
    facts = Facts(row, settings, find_idiom)
    return tuple(
        finding for rule in ROW_RULES if rule.code not in settings.off for finding in rule.findings(facts)
    )


def fix(row: LintRow, finding: Finding) -> LintRow:
    """Return `row` without the fault, or `row` itself where no fix of it is safe."""
    rule = _BY_CODE.get(finding.code)
    return row if rule is None or rule.fix is None else rule.fix(row)
