"""A note on the translation left behind it."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.lint.rules.label import strip_wrapping
from data.lint.wrapping import NOTE


def _look(facts: Facts) -> Iterator[Hit]:
    if facts.bare_output == facts.row.output:
        return
    match = NOTE.search(facts.row.output)
    if match and match.start() and ":" not in facts.row.source and "：" not in facts.row.source:
        yield Hit("A note on the translation was left behind the output.", match.span())


RULE = Rule(
    code="note-in-output",
    meaning="A note or an explanation of the translation was left behind the output.",
    severity="error",
    field="output",
    look=_look,
    bad=LintRow(source="그는 떠났다.", output="He left.\n\nNote: the subject is made explicit."),
    good=LintRow(source="그는 (아무 말 없이) 떠났다.", output="He left (without a word)."),
    fix=strip_wrapping,
)
