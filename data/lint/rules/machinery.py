"""Words of the pipeline in a thought."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.phrases import Markers
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_WORD = re.compile(
    r"\bself[- ]reflection\b|\bfeedback\b|\btranslation process\b|\bevaluator\b|\biteration \d"
    r"|\b(?:score[sd]?|rating) of \d|자기 ?성찰|피드백|自我反思|反馈|フィードバック"
)
_MARKERS = Markers((
    "reflection", "feedback", "translation process", "evaluator", "iteration", "score", "rating", "성찰", "피드백", "反思",
    "反馈", "フィードバック",
))  # fmt: skip


def _look(facts: Facts) -> Iterator[Hit]:
    for _, start, end in facts.near(_MARKERS):
        match = _WORD.search(facts.lower_prose, start, end)
        if match and not facts.licensed(match.group().casefold()):
            yield Hit(f"The thought speaks of the machinery: {match.group()!r}.", match.span())
            return


RULE = Rule(
    code="machinery-word",
    meaning="The thought names feedback, scores, iterations or self-reflection; some of these uses are natural.",
    severity="info",
    field="thought",
    look=_look,
    bad=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='In this self-reflection I look at 떠났다: "He left."',
    ),
    good=LintRow(source="그는 떠났다.", output="He left.", thought='I look at 떠났다: "He left."'),
)
