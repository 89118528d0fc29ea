"""Fields that hold nothing."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule


def _empty_source(facts: Facts) -> Iterator[Hit]:
    if not facts.plain_source:
        yield Hit("The source is empty.")


def _empty_output(facts: Facts) -> Iterator[Hit]:
    if not facts.plain_output and facts.plain_source:
        yield Hit("The output is empty." if not facts.row.output.strip() else "The output has no words.")


def _empty_thought(facts: Facts) -> Iterator[Hit]:
    if facts.row.thought is not None and not facts.has_thought:
        yield Hit("The thought is empty.")


EMPTY_SOURCE = Rule(
    code="empty-source",
    meaning="The source holds no letter and no digit, so there is nothing to translate.",
    severity="error",
    field="source",
    look=_empty_source,
    bad=LintRow(source=" ", output="He left."),
    good=LintRow(source="그는 떠났다.", output="He left."),
)

EMPTY_OUTPUT = Rule(
    code="empty-output",
    meaning="The output holds no letter and no digit, although its source does.",
    severity="error",
    field="output",
    look=_empty_output,
    bad=LintRow(source="그는 떠났다.", output=" "),
    good=LintRow(source="……!", output="…!"),
)

EMPTY_THOUGHT = Rule(
    code="empty-thought",
    meaning="The row has no thought, although its set has thoughts.",
    severity="error",
    field="thought",
    look=_empty_thought,
    bad=LintRow(source="그는 떠났다.", output="He left.", thought=""),
    good=LintRow(source="그는 떠났다.", output="He left.", thought='"떠났다" is plain: "He left."'),
)
