"""Keywords without a model: who can choose them, and the plainest way to."""

from __future__ import annotations

from typing import Protocol

from data.records import Sentence
from pipeline.tokens import rule_keywords


class KeywordChooser(Protocol):
    """Chooses keywords: the tokenizer, a word rule, a fake."""

    async def keywords(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the words that decide the translation of a sentence."""
        ...


class WordRule:
    """Takes the longest words and names; for languages without a tokenizer."""

    async def keywords(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the words that decide the translation of a sentence."""
        return tuple(rule_keywords(sentence.source))
