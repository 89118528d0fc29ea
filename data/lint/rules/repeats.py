"""Sentences that a thought says twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_BREAK = re.compile(r"[.!?。！？\n]+| {2,}")
"""The end of a sentence, or a quotation that was blanked."""
_ASCII_MARKS = ("!", "?", "\n", "  ")
_MARKS = (*_ASCII_MARKS, "。", "！", "？")
_SHORT = 28
"""Letters (half as many, if not of an alphabet) below which a sentence may well come twice: "I try again.\""""


def _look(facts: Facts) -> Iterator[Hit]:
    shortest = _SHORT / 2 if facts.is_thought_east_asian else _SHORT
    if not _may_repeat(facts.told):
        return
    seen: set[str] = set()
    for start, end in _sentences(facts.prose):
        sentence = facts.prose[start:end].strip()
        if len(sentence) < shortest:
            continue
        lowered = sentence.lower()
        if lowered in seen and plain(sentence) not in facts.plain_output:
            yield Hit(f"The thought says twice: {sentence[:80]!r}.", (start, end))
            return
        seen.add(lowered)


def _may_repeat(told: str) -> bool:
    """Tell, at little cost, whether anything between two marks or quotations can come twice."""
    for mark in _ASCII_MARKS if told.isascii() else _MARKS:
        told = told.replace(mark, ".")
    pieces = [piece.strip() for piece in told.split(".") if len(piece) >= _SHORT / 2]
    pieces = [piece for piece in pieces if len(piece) >= _SHORT / 2]
    return len(set(pieces)) < len(pieces)


def _sentences(prose: str) -> Iterator[tuple[int, int]]:
    """Yield what ends with a mark, and begins behind one or with a capital: no piece around a quotation."""
    start, is_behind_mark = 0, True
    for pause in _BREAK.finditer(prose):
        is_mark = not pause.group().startswith(" ")
        if is_mark and (is_behind_mark or prose[start : start + 1].isupper()):
            yield start, pause.start()
        start, is_behind_mark = pause.end(), is_mark


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
