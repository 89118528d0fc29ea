"""An output of more lines than its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.plain import lines
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.lint.wrapping import unwrapped

_VERSE_BREAK = re.compile(r"\s[/／]\s")

_SPEECH = ('"', "“", "„", "«", "「", "『", "‘", "—", "–", "- ")
_OPENING_QUOTE = re.compile(r'[“„«「『‘]|(?<!\w)["\'](?=\w)')
"""Speeches that stand in one line may be set one below the other."""
_RUN_ON_VERSE = re.compile(r"[a-z][,;:]? (?=[A-HJ-Z][a-z]+ [a-z])")
"""A capital amid a sentence, as at the start of each verse of a poem that was put on one line."""
_FEWEST_VERSES = 3


def _look(facts: Facts) -> Iterator[Hit]:
    written = lines(facts.row.output)
    if len(written) <= 1:
        return
    source = facts.row.source
    expected = max(len(lines(source)), len(_VERSE_BREAK.findall(source)) + 1)
    if all(line.startswith(_SPEECH) for line in written):
        expected = max(expected, len(_OPENING_QUOTE.findall(source)))
    if len(written) > expected and len(_RUN_ON_VERSE.findall(source)) < _FEWEST_VERSES:
        yield Hit(f"The output has {len(written)} lines, its source {expected}.")


def _join(row: LintRow) -> LintRow:
    """Join the lines where they are one text: nothing in front of it, no blank line, no label."""
    output = unwrapped(row.output)
    if "\n\n" in output.strip() or len(lines(row.source)) > 1:
        return row
    space = "" if _is_unspaced(output) else " "
    return replace(row, output=space.join(lines(output)))


def _is_unspaced(text: str) -> bool:
    return bool(re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text))


RULE = Rule(
    code="several-lines",
    meaning=(
        "The output has more lines than its source: a label, an alternative or a note came along, or the "
        "model broke the text up. Verse, speeches and other sources of several lines may have as many."
    ),
    severity="warning",
    field="output",
    look=_look,
    bad=LintRow(source="밤은 길었고 아무도 오지 않았다.", output="The night was long,\nand nobody came."),
    good=LintRow(source="밤은 길었고\n아무도 오지 않았다.", output="The night was long,\nand nobody came."),
    fix=_join,
)
