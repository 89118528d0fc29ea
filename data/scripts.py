"""Which writing system a text is in, told by its letters alone."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from string import ascii_lowercase

LETTERS = {
    "hangul": re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]"),
    "kana": re.compile(r"[\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff]"),
    "han": re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003ffff]"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "hebrew": re.compile(r"[\u05d0-\u05ea]"),
    "arabic": re.compile(r"[\u0620-\u065f\u066e-\u06ef\u0750-\u077f]"),
    "devanagari": re.compile(r"[\u0900-\u0963\u0970-\u097f]"),
    "thai": re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e]"),
}
"""A pattern for one letter of each script; punctuation and digits are of no script."""
_NO_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_DENSE = {"hangul": 2, "han": 3, "kana": 2}
"""Letters that a Latin text would take for one of these: a Korean sentence with a few English names
in it is still Korean."""


class _Codes(dict[int, str | None]):
    """A table for `str.translate`: every letter as one letter that stands for its script, all else left out."""

    _MOST = 1 << 16
    """Characters remembered, of texts that we did not write."""

    def __missing__(self, character: int) -> str | None:
        code = next((code for code, name in _SCRIPTS.items() if LETTERS[name].match(chr(character))), None)
        if len(self) < self._MOST:
            self[character] = code
        return code


_SCRIPTS = dict(zip(ascii_lowercase, LETTERS, strict=False))
_CODES = _Codes()


def letters_by_script(text: str) -> Counter[str]:
    """Return how many letters of each script `text` holds, scripts without any left out."""
    if text.isascii():
        latin = len(text.encode().translate(None, _NO_ASCII_LETTERS))
        return Counter({"latin": latin}) if latin else Counter()
    codes = text.translate(_CODES)
    return Counter({_SCRIPTS[code]: codes.count(code) for code in dict.fromkeys(codes)})


def has_script(text: str, script: str) -> bool:
    """Whether `text` holds at least one letter of `script`."""
    return LETTERS[script].search(text) is not None


@lru_cache(maxsize=256)
def main_script(text: str) -> str | None:
    """Return the script that most of `text` is in, `None` without a letter of a known script.

    Kana decides against Han, since Japanese has both.
    """
    letters = letters_by_script(text)
    if letters["kana"]:
        letters["kana"] += letters.pop("han", 0)
    if not letters:
        return None
    return max(letters, key=lambda script: letters[script] * _DENSE.get(script, 1))
