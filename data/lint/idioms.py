"""Finding an idiom in a sentence without a tokenizer.

Only good enough to say "it is certainly not there": spaces, particles, endings and the vowels that
change in conjugation are let pass, so that what remains missing is missing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from data.scripts import LETTERS, main_script

_PARTICLES = (
    "에게서", "에서", "에게", "으로", "까지", "부터", "처럼", "을", "를", "이", "가", "은", "는", "에", "의", "로", "도", "만",
    "와", "과",
)  # fmt: skip
_OF_HADA = frozenset("하할한해함합")
"""Syllables of the verb 하다, before which a noun may take its particle: 말하다, 말을 하다."""
_FIRST_SYLLABLE, _SYLLABLES_OF_AN_ONSET = 0xAC00, 588
_LIGHT_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "and",
        "or",
        "one's",
        "ones",
        "your",
        "his",
        "her",
        "my",
        "be",
        "is",
        "do",
        "it",
        "up",
        "out",
        "off",
    ]
)
_PREFIX = 4
"""Letters by which a word of an alphabet is recognised through its endings."""


@lru_cache(maxsize=1024)
def is_idiom(group: str, script: str | None) -> bool:
    """Tell whether a group's name can be an idiom in `script`, and not a label or a number."""
    if script is None or script != main_script(group) or any(character.isdigit() for character in group):
        return False
    if script in {"han", "kana"}:
        return 3 <= len(group) <= 16
    return 2 <= len(group.split()) <= 8


def may_hold(source: str, idiom: str) -> bool:
    """Tell whether `source` holds what carries `idiom`, in whatever form."""
    match _script(idiom):
        case "hangul":
            return _holds_korean(source.replace(" ", ""), head_word(idiom))
        case "han" | "kana":
            return any(letter in source for letter in LETTERS["han"].findall(idiom) or idiom)
        case _:
            lowered = source.casefold()
            weighty = [
                word for word in re.findall(r"[^\W\d_]+", idiom.casefold()) if word not in _LIGHT_WORDS
            ]
            return not weighty or any(word[:_PREFIX] in lowered for word in weighty)


_script = lru_cache(maxsize=1024)(main_script)


def head_word(idiom: str) -> str:
    """Return the first word of a Korean idiom without its particle; as a rule the noun that carries it."""
    first = idiom.split()[0]
    return next(
        (first[: -len(end)] for end in _PARTICLES if first.endswith(end) and len(first) > len(end)), first
    )


def _holds_korean(unspaced_source: str, word: str) -> bool:
    if word in unspaced_source:
        return True
    if len(word) < 2:
        return False
    particle = "[을를]?" if word[-1] in _OF_HADA else ""
    return re.search(re.escape(word[:-1]) + particle + _same_onset(word[-1]), unspaced_source) is not None


def _same_onset(syllable: str) -> str:
    """Return a class of the syllables that begin alike, for a verb's last vowel changes: 오르다, 올라."""
    if not "가" <= syllable <= "힣":
        return re.escape(syllable)
    onset = (ord(syllable) - _FIRST_SYLLABLE) // _SYLLABLES_OF_AN_ONSET
    first = _FIRST_SYLLABLE + onset * _SYLLABLES_OF_AN_ONSET
    return f"[{chr(first)}-{chr(first + _SYLLABLES_OF_AN_ONSET - 1)}]"
