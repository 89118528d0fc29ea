"""How much people change: HTER without shifts, the edits that turn a model's output into the accepted one."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

_UNIT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]")
"""A character of Chinese or Japanese, which set no spaces; a word of other languages; a sign."""


def hter(output: str, accepted: str) -> float:
    """Return the edits (insert, delete, replace) per word, or sign, of the accepted output.

    Moving a word counts as two edits, since shifts are not searched for.
    """
    before, after = _UNIT.findall(output), _UNIT.findall(accepted)
    return Levenshtein.distance(before, after) / max(1, len(after))
