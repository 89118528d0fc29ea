"""A thought in which somebody else is heard."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.phrases import Markers
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.lint.voices import EAST_ASIAN_MARKERS, MARKERS, SOMEBODY, SOMEBODY_EAST_ASIAN

_WESTERN = (SOMEBODY, Markers(MARKERS), MARKERS)
_EAST_ASIAN = (SOMEBODY_EAST_ASIAN, Markers(EAST_ASIAN_MARKERS), EAST_ASIAN_MARKERS)


def _look(facts: Facts) -> Iterator[Hit]:
    somebody, markers, about = _EAST_ASIAN if facts.is_thought_east_asian else _WESTERN
    for marker, start, end in facts.near(markers):
        match = somebody.search(facts.lower_prose, start, end)
        if not match or marker.strip() not in match.group():
            continue
        if not facts.licensed(marker.strip(), *about[marker].split()):
            yield Hit(f"Somebody else is heard in the thought: {match.group().strip()!r}.", match.span())
            return


RULE = Rule(
    code="outside-voice",
    meaning=(
        "A thought is one person's. Here an advisor, an evaluator, a student, a score or somebody's feedback is "
        "heard, or the reader is told what to do. Such persons in the source or the output are let pass."
    ),
    severity="warning",
    field="thought",
    look=_look,
    bad=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='The feedback suggests a plainer verb: "He left."',
    ),
    good=LintRow(
        source="그 학생은 떠났다.",
        output="The student left.",
        thought='I ask what the student decides here, and write "The student left."',
    ),
)
