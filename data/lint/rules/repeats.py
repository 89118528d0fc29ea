"""Sentences that a thought says twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_SENTENCE = re.compile(r"[^.!?。！？\n]+")
_SHORT = 28
"""Letters (an East Asian one counts as two) below which a sentence may well come twice: "Let me try again.\""""


def _look(facts: Facts) -> Iterator[Hit]:
    seen: set[str] = set()
    for match in _SENTENCE.finditer(facts.prose):
        sentence = match.group().strip().lower()
        if len(sentence) < (_SHORT if sentence.isascii() else _SHORT / 2):
            continue
        if sentence in seen and not _quotes_something(sentence) and plain(sentence) not in facts.plain_output:
            yield Hit(f"The thought says twice: {match.group().strip()[:80]!r}.", match.span())
            return
        seen.add(sentence)


def _quotes_something(sentence: str) -> bool:
    """Tell whether a blanked quotation stands in the sentence: then it may say something else each time."""
    return "  " in sentence


RULE = Rule(
    code="repeated-sentence",
    meaning=(
        "A sentence of some length stands twice in the thought, outside what it quotes: the model went in "
        "circles. Short sentences and such around a quotation are let pass."
    ),
    severity="warning",
    field="thought",
    look=_look,
    bad=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere.",
        thought=(
            "I want the reach of his acquaintance to be felt here. Feet will not do. "
            'I want the reach of his acquaintance to be felt here. "He knows people everywhere."'
        ),
    ),
    good=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere.",
        thought='Let me try. "He has wide feet." Let me try again. "He knows people everywhere."',
    ),
)
