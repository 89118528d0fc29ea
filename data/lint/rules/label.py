"""A label line left in the output."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.lint.wrapping import DOUBTFUL_LABEL, HEADING, LABEL, SPEAKS_OF_TRANSLATION, unwrapped

_MARK = re.compile(r"[:：–—]| - ")
"""Without one of these there is no label."""


def _look(facts: Facts) -> Iterator[Hit]:
    source, output = facts.row.source, facts.row.output
    if SPEAKS_OF_TRANSLATION.search(source):
        return
    match = LABEL.search(output) if _MARK.search(output) else None
    match = match or (HEADING.match(output) if "\n" in output else None)
    if not match and ":" not in source and "：" not in source:
        match = DOUBTFUL_LABEL.search(output)
    if match:
        yield Hit(f"A label was left in the output: {match.group().strip()!r}.", match.span())


def strip_wrapping(row: LintRow) -> LintRow:
    """Return the row with its output less what it was wrapped in."""
    return replace(row, output=unwrapped(row.output))


RULE = Rule(
    code="label-in-output",
    meaning=(
        'A label such as "Revised English Translation:" was left in the output (English, Korean, Chinese, '
        "Japanese, larger European languages). Sources that speak of translations are let pass."
    ),
    severity="error",
    field="output",
    look=_look,
    bad=LintRow(source="그는 떠났다.", output="Revised English Translation:\nHe left."),
    good=LintRow(source="그의 결론: 떠나자.", output="His conclusion: let us leave."),
    fix=strip_wrapping,
)
