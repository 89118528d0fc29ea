"""The output does not occur in the thought that is said to lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from data.lint.facts import Facts
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_SENTENCE_END = re.compile(r"(?<=[.!?。！？…])[\"'”’」』)]*\s*")
_CLOSE = 90.0
"""From this closeness on (percent of letters) the message speaks of a difference, not of absence."""


def _look(facts: Facts) -> Iterator[Hit]:
    if not facts.has_thought or not facts.plain_output or facts.row.output.strip() in facts.thought:
        return
    if facts.plain_output in facts.plain_thought:
        return
    output = facts.bare_output
    if _told_in_pieces(output, facts.plain_thought):
        return
    closeness = fuzz.partial_ratio(plain(output), facts.plain_thought)
    if closeness >= _CLOSE:
        yield Hit(f"The thought never arrives at this output: its closest passage matches {closeness:.0f} %.")
    else:
        yield Hit(f"The output does not occur in the thought: the best match is {closeness:.0f} %.")


def _told_in_pieces(output: str, plain_thought: str) -> bool:
    """Tell whether each sentence of the output occurs, one after the other."""
    position = 0
    for sentence in filter(None, map(plain, _SENTENCE_END.split(output))):
        position = plain_thought.find(sentence, position)
        if position < 0:
            return False
        position += len(sentence)
    return True


RULE = Rule(
    code="output-missing",
    meaning=(
        "The output does not occur in its thought, so the reasoning ends somewhere else than the answer. Case, "
        "spaces, punctuation and Markdown do not count; an output of several sentences may be told "
        "sentence by sentence."
    ),
    severity="error",
    field="output",
    look=_look,
    bad=LintRow(
        source="그는 발이 넓다.",
        output="He has friends everywhere.",
        thought='발이 넓다 is about knowing people. "He has wide feet" is absurd. I settle on "He is well connected."',
    ),
    good=LintRow(
        source="그는 발이 넓다.",
        output="He is well connected.",
        thought="발이 넓다 is about knowing people. So I settle on: **he is well-connected**",
    ),
)
