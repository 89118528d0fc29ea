"""An output that opens with words about itself."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.lint.rules.label import strip_wrapping
from data.lint.wrapping import PREAMBLE, SPEAKS_OF_TRANSLATION


def _look(facts: Facts) -> Iterator[Hit]:
    match = PREAMBLE.match(facts.row.output)
    if match and not SPEAKS_OF_TRANSLATION.search(facts.row.source):
        yield Hit(f"The output opens with words about itself: {match.group().strip()!r}.", match.span())


RULE = Rule(
    code="preamble-in-output",
    meaning='The output opens with words about itself, such as "Here is the refined translation:".',
    severity="error",
    field="output",
    look=_look,
    bad=LintRow(source="그는 떠났다.", output="Here is the refined translation: He left."),
    good=LintRow(source="문제는 이렇다: 그가 떠났다.", output="Here is the problem: he left."),
    fix=strip_wrapping,
)
