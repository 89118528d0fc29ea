"""Text stripped of what does not count when two wordings are compared."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    """Return `text` in lower case and compatible forms, without spaces, punctuation and marks."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _NOT_WORD.sub("", text.casefold())


def words(text: str) -> list[str]:
    """Return the words and numbers of `text` in lower case."""
    return _WORD.findall(text.casefold())


def lines(text: str) -> list[str]:
    """Return the lines of `text` that hold anything, stripped."""
    return [line for line in (line.strip() for line in text.splitlines()) if line]
