"""A chain of drafts that got worse, of which the last was kept."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.records import Draft


def _look(facts: Facts) -> Iterator[Hit]:
    drafts = facts.row.drafts
    if len(drafts) < 2 or drafts[-1].text.strip() != facts.row.output.strip():
        return
    earlier = [draft.score for draft in drafts[:-1] if draft.score is not None]
    last = drafts[-1].score
    if earlier and last is not None and max(earlier) > last:
        yield Hit(f"The last draft was kept with score {last}, although an earlier one has {max(earlier)}.")


RULE = Rule(
    code="scores-fall",
    meaning="The scores fall along the chain of drafts, and the last draft was kept instead of the best.",
    severity="warning",
    field="trace",
    look=_look,
    bad=LintRow(
        source="그는 발이 넓다.",
        output="He is a person of wide acquaintance.",
        drafts=(
            Draft(text="He knows everybody.", score=91),
            Draft(text="He is a person of wide acquaintance.", score=74),
        ),
    ),
    good=LintRow(
        source="그는 발이 넓다.",
        output="He knows everybody.",
        drafts=(
            Draft(text="He knows everybody.", score=91),
            Draft(text="He is of wide acquaintance.", score=74),
        ),
    ),
)
