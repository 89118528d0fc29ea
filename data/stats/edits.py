"""How much people change: HTER without shifts, the edits that turn a model's output into the accepted one."""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein

from data.scripts import main_script


def hter(output: str, accepted: str) -> float:
    """Return the word edits (insert, delete, replace) per word of the accepted output.

    Chinese and Japanese, which set no spaces, are counted in characters. Moving a word counts as two
    edits, since shifts are not searched for.
    """
    unspaced = main_script(accepted) in {"han", "kana"}
    before, after = (list(text) if unspaced else text.split() for text in (output, accepted))
    return Levenshtein.distance(before, after) / max(1, len(after))
