"""Building regular expressions out of word lists, so that the lists stay lists."""

from __future__ import annotations


def any_of(phrases: str) -> str:
    """Return a pattern for one of `phrases`, which are separated by commas.

    A space in a phrase stands for any white space; everything else is a regular expression's own.
    """
    alternatives = [r"\s+".join(phrase.split()) for phrase in phrases.split(",")]
    return f"(?:{'|'.join(sorted(filter(None, alternatives), key=len, reverse=True))})"
