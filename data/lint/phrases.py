"""Building regular expressions out of word lists, so that the lists stay lists."""

from __future__ import annotations

import re
from collections.abc import Iterable


def any_of(phrases: str) -> str:
    """Return a pattern for one of `phrases`, which are separated by commas.

    A space in a phrase stands for any white space; everything else is a regular expression's own.
    """
    alternatives = [r"\s+".join(phrase.split()) for phrase in phrases.split(",")]
    return f"(?:{'|'.join(sorted(filter(None, alternatives), key=len, reverse=True))})"


class Markers:
    """Wordings without which a pattern cannot match, in lower case.

    Those that hold a Latin word of three letters or more are found by it: whether any can be there is
    then told from the words of a text alone.
    """

    def __init__(self, wordings: Iterable[str]) -> None:
        self._words = {wording: _longest_word(wording) for wording in wordings}
        self._keys = frozenset(filter(None, self._words.values()))
        self._others = tuple(wording for wording, word in self._words.items() if not word)

    def within(self, text: str, words: frozenset[bytes]) -> list[str]:
        """Return those that `text`, of these `words`, may hold, in the order they were given."""
        there = self._keys & words
        if not there and not any(wording in text for wording in self._others):
            return []
        return [
            wording for wording, word in self._words.items() if (word in there if word else wording in text)
        ]


def _longest_word(wording: str) -> bytes:
    """Return the longest run of letters that is a whole word, `b""` without one of three letters."""
    return max(re.findall(r"(?<![a-z])[a-z]{3,}(?![a-z])", wording), key=len, default="").encode()
