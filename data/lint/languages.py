"""The language of a text, told by its letters and, among Latin alphabets, by its function words.

A guess is only as good as a script can make it: Hangul is Korean, kana Japanese, Han without kana
Chinese.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from data.scripts import letters_by_script

_SCRIPT_OF_LANGUAGE = {
    "ko": "hangul", "ja": "kana", "zh": "han", "ru": "cyrillic", "uk": "cyrillic", "bg": "cyrillic",
    "el": "greek", "ar": "arabic", "fa": "arabic", "ur": "arabic", "he": "hebrew", "th": "thai",
    "hi": "devanagari",
}  # fmt: skip
_LANGUAGE_OF_SCRIPT = {
    "cyrillic": "ru", "greek": "el", "arabic": "ar", "hebrew": "he", "thai": "th", "devanagari": "hi",
}  # fmt: skip
_EAST_ASIAN = ("hangul", "kana", "han")
_WEIGHT = {"hangul": 2.5, "han": 2.85, "kana": 1.8}
"""Letters of a translation into an alphabet for one letter; medians over Korean news and Chinese novels."""
_LATIN_LETTERS_OF_ONE = 3
"""Letters a Latin text would take for one letter of an East Asian one."""

_FUNCTION_WORDS = {
    "en": "the of and to in is was that it he she his her with for as on not at by but they this from are",
    "de": "der die das und ist nicht ein eine ich er sie es mit den dem zu auf für sich war hat im auch",
    "fr": "le la les des et est une un dans que qui il elle ne pas pour sur au avec ce se son sa plus",
    "es": "el la los las de y es una un en que no se por con su para lo del al como más pero estaba",
    "it": "il la le di e è una un in che non si per con suo del della al come più ma era gli lo sono",
    "pt": "o a os as de e é uma um em que não se por com seu para do da ao como mais mas era ele ela",
    "nl": "de het een en van is dat niet ik hij zij met voor op te was zijn er maar ook als aan bij",
    "vi": "và là của có không một người cho được những trong với đã này anh tôi như khi đến ông",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga ke karena ada dia saya",
    "tr": "ve bir bu da de için ile çok ne gibi daha ama var olan o kadar değil mi sonra ben",
    "pl": "i w nie na się z do to że jest jak ale po co tak za od był jego jej dla przez",
}
_KNOWN_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_CLEAR_WORDS, _CLEAR_SHARE = 3, 0.25
"""Different function words, and their share of all words, that show a Latin text's language beyond doubt."""


@lru_cache(maxsize=1024)
def language_of(text: str) -> str | None:
    """Return the code of the language `text` seems to be in, `None` where it has no letter.

    Latin text without a function word that is known is `"latin"`.
    """
    letters = letters_by_script(text)
    hangul, kana, han = (letters.pop(script, 0) for script in _EAST_ASIAN)
    alphabet, count = max(letters.items(), key=lambda item: item[1], default=("latin", 0))
    if count > _LATIN_LETTERS_OF_ONE * (hangul + kana + han):
        return _latin_language(text) if alphabet == "latin" else _LANGUAGE_OF_SCRIPT[alphabet]
    if not hangul + kana + han:
        return None
    if hangul >= kana + han / 2:
        return "ko"
    return "ja" if kana * 12 >= han else "zh"


def _latin_language(text: str) -> str:
    words = [word.casefold() for word in _WORD.findall(text)]
    hits = {language: sum(word in known for word in words) for language, known in _KNOWN_WORDS.items()}
    best = max(hits, key=lambda language: hits[language])
    return best if hits[best] else "latin"


def other_latin_language(text: str, target: str) -> str | None:
    """Return the language of one alphabet with `target` that a text is clearly in, `None` where that is open.

    Clear are several function words of the one, which make up a good part of the text, and none of the other.
    """
    known, lowered = _KNOWN_WORDS.get(_base(target)), text.casefold()
    if known is None or not known.isdisjoint(lowered.split()):  # the cheap look suffices for most
        return None
    words = _WORD.findall(lowered)
    if not known.isdisjoint(words):
        return None
    found = _latin_language(text)
    told = [word for word in words if len(word) > 1 and word in _KNOWN_WORDS.get(found, ())]
    is_clear = len(set(told)) >= _CLEAR_WORDS and len(told) >= _CLEAR_SHARE * len(words)
    return found if is_clear else None


def commonest_language(texts: Iterable[str]) -> str | None:
    """Return the language that most of `texts` seem to be in, `None` where none has a letter."""
    votes = Counter(filter(None, map(language_of, texts)))
    if len(votes) > 1:
        del votes["latin"]
    return votes.most_common(1)[0][0] if votes else None


def may_be_in(letters: Mapping[str, int], language: str) -> bool:
    """Tell whether a text with these letters by script may be in `language`; one without letters may."""
    script = script_of(language) or "latin"
    hangul, kana, han = (letters.get(name, 0) for name in _EAST_ASIAN)
    others = sum(letters.values()) - hangul - kana - han
    if not letters:
        return True
    if script == "latin":
        return others >= hangul + kana + han
    if script == "han":
        return han > 0 and han >= max(hangul, kana)
    return letters.get(script, 0) > 0 or (script == "kana" and han > hangul)


def script_of(language: str | None) -> str | None:
    """Return the script that sets `language` apart, `None` for an unknown language.

    Japanese is set apart by kana, Chinese by Han; a code that is not known is taken to be Latin.
    """
    return None if language is None else _SCRIPT_OF_LANGUAGE.get(_base(language), "latin")


def same_language(one: str, other: str) -> bool:
    """Tell whether two codes may name one language: `zh` and `zh-TW`, or `latin` and any Latin one."""
    one, other = _base(one), _base(other)
    return one == other or ("latin" in (one, other) and script_of(one) == script_of(other))


def _base(language: str) -> str:
    return language.lower().split("-")[0].split("_")[0]


def letter_weight(letters: Mapping[str, int]) -> float:
    """Return how many letters of an alphabet a text says as much in as in its `letters` by script."""
    return sum(count * _WEIGHT.get(script, 1.0) for script, count in letters.items())
