"""Quotation marks around the whole output that the source does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_PAIRS = {
    '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "「": "」", "『": "』", "„": "“", "`": "`", "《": "》", "〈": "〉",
}  # fmt: skip
_MARKS = tuple(set(_PAIRS) | set(_PAIRS.values()) | {"—", "–", "-"})
"""A source that opens or closes with one of these is speech, or part of it."""


def _is_wrapped(text: str) -> bool:
    """Tell whether one pair of quotation marks holds the whole text."""
    opening, closing = text[:1], text[-1:]
    if len(text) < 3 or _PAIRS.get(opening) != closing:
        return False
    inside = text[1:-1]
    if opening == closing == "'":
        inside = (
            inside.replace("n't", "")
            .replace("'s", "")
            .replace("'m", "")
            .replace("'ll", "")
            .replace("'re", "")
        )
    return opening not in inside and (closing not in inside or closing == "’")


def _look(facts: Facts) -> Iterator[Hit]:
    source, output = facts.row.source.strip(), facts.row.output.strip()
    if _is_wrapped(output) and not source.startswith(_MARKS) and not source.endswith(_MARKS):
        yield Hit(
            "Quotation marks stand around the whole output; the source has none.", (0, len(facts.row.output))
        )


def _strip(row: LintRow) -> LintRow:
    return replace(row, output=row.output.strip()[1:-1].strip())


RULE = Rule(
    code="quoted-output",
    meaning="Quotation marks were put around the whole output, as when it was cut out of a sentence about it.",
    severity="warning",
    field="output",
    look=_look,
    bad=LintRow(source="그는 떠났다.", output='"He left."'),
    good=LintRow(source='"갈게." 그가 말했다. "내일 봐."', output='"I am off," he said. "See you tomorrow."'),
    fix=_strip,
)
