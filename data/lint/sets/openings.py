"""How many thoughts open with the same words."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from data.lint.facts import Facts
from data.lint.settings import LintSettings

_WORDS = 4
_LETTERS = 8
"""An opening where words are not set apart by spaces."""
_FEWEST_THOUGHTS = 20
_LISTED = 5


class Openings:
    """The share of thoughts with the commonest first four words."""

    code: ClassVar[str] = "openings"
    meaning: ClassVar[str] = (
        "Many thoughts open with the same four words (eight letters of Chinese or Japanese): they were written after "
        "one pattern, and a model trained on them will think after it."
    )

    def __init__(self, settings: LintSettings) -> None:
        self._threshold = settings.openings
        self._counts: Counter[str] = Counter()

    def see(self, number: int, facts: Facts) -> None:
        """Count the opening of a row's thought."""
        if facts.has_thought:
            self._counts[_opening(facts.thought)] += 1

    def finding(self) -> dict[str, Any] | None:
        """Return share and wording of the commonest opening, and the commonest few with their counts."""
        thoughts = self._counts.total()
        if thoughts < _FEWEST_THOUGHTS:
            return None
        commonest = self._counts.most_common(_LISTED)
        opening, count = commonest[0]
        if count / thoughts < self._threshold:
            return None
        return {
            "share": round(count / thoughts, 4),
            "opening": opening,
            "thoughts": thoughts,
            "commonest": [{"opening": words, "rows": rows} for words, rows in commonest if rows > 1],
        }


def _opening(thought: str) -> str:
    words = thought[:200].split(maxsplit=_WORDS)[:_WORDS]
    spaced = " ".join(words).casefold().strip(".,:;!?\"'“”‘’*# ")
    return spaced if len(words) == _WORDS or thought.isascii() else thought.lstrip()[:_LETTERS]
