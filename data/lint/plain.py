"""Text stripped of what does not count when two wordings are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"\w+")
_LOWER = bytes(ord(chr(code).lower()) if code < 128 else code for code in range(256))
_NO_ASCII_WORD = bytes(code for code in range(128) if not chr(code).isalnum())


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """Return `text` in lower case and compatible forms, without spaces, punctuation and marks."""
    # Bytes are much the fastest way through ASCII, of which most texts are made.
    text = (
        text.encode(errors="surrogatepass").translate(_LOWER, _NO_ASCII_WORD).decode(errors="surrogatepass")
    )
    if text.isascii():
        return text
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> list[str]:
    """Return the words and numbers of `text` in lower case."""
    return _WORD.findall(text.casefold())


def lines(text: str) -> list[str]:
    """Return the lines of `text` that hold anything, stripped."""
    return [line for line in (line.strip() for line in text.splitlines()) if line]
