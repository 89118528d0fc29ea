"""The check of a thought against the drafts of its trace."""

from __future__ import annotations

from collections.abc import Iterator

from data import faithful
from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.records import Draft


def _look(facts: Facts) -> Iterator[Hit]:
    row = facts.row
    if row.drafts and facts.has_thought and facts.bare_output:
        for fault in faithful.untrue(facts, facts.bare_output):
            yield Hit(fault.message, fault.span)


_DRAFTS = (
    Draft(text="He has wide feet, so he knows many people.", score=55),
    Draft(text="He is so well connected that he knows everyone.", score=93),
)

RULE = Rule(
    code="unfaithful",
    meaning=(
        "The thought tells what did not happen: it quotes attempts that are no draft of the trace, or out of "
        "order, or does not arrive at the output. Only rows that come with their drafts are checked."
    ),
    severity="error",
    field="thought",
    look=_look,
    bad=LintRow(
        source="그는 발이 넓어서 아는 사람이 많다.",
        output=_DRAFTS[1].text,
        thought='I try "He has wide feet, so he knows many people." and then "He is a popular man with many friends."',
        drafts=_DRAFTS,
    ),
    good=LintRow(
        source="그는 발이 넓어서 아는 사람이 많다.",
        output=_DRAFTS[1].text,
        thought=(
            '발이 넓다 is no matter of feet. I try "He has wide feet, so he knows many people." That is absurd, '
            'so I say what it means: "He is so well connected that he knows everyone."'
        ),
        drafts=_DRAFTS,
    ),
)
