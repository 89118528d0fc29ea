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


def keyed(markers: Iterable[str]) -> tuple[tuple[str, str | None], ...]:
    """Return each marker with its longest Latin word of four letters or more, if it has one.

    By that word the marker's absence is told at once.
    """
    return tuple((marker, max(re.findall("[a-z]{4,}", marker), key=len, default=None)) for marker in markers)
