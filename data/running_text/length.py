"""How long a sentence is, in words that mean the same for every script."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

_CHARACTERS_A_WORD = 1.5
"""Chinese characters and kana that carry what one English word does."""
_UNSPACED = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_BETWEEN_WORDS = re.compile(r"--+|[\s—–]+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


class Lengths(NamedTuple):
    """The fewest and the most words of a sentence that is worth translating on its own."""

    fewest: int = 10
    most: int = 100

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `FEWEST-MOST`.

        Raises:
            ValueError: it is no such thing.
        """
        match = re.fullmatch(r"\s*(\d{1,6})\s*[-–]\s*(\d{1,6})\s*", text)
        if match is None or int(match[1]) > int(match[2]):
            raise ValueError(f"{text!r} is no range of words such as 10-100")
        return cls(int(match[1]), int(match[2]))


def count_words(text: str) -> int:
    """Return how many words `text` has: what spaces and dashes part, in Korean an eojeol.

    Chinese and Japanese are not spaced; three characters count as two words there.
    """
    unspaced = len(_UNSPACED.findall(text))
    parts = _BETWEEN_WORDS.split(_UNSPACED.sub(" ", text) if unspaced else text)
    spaced = sum(_LETTER_OR_DIGIT.search(part) is not None for part in parts)
    return spaced + round(unspaced / _CHARACTERS_A_WORD)
