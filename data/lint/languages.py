"""Scripts and languages of a text, told by its letters alone.

A guess is only as good as a script can make it: Hangul is Korean, kana Japanese, Han without kana
Chinese. Among Latin alphabets the commonest function words decide.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Script(StrEnum):
    """The writing systems that are told apart."""

    HANGUL = "Hangul"
    KANA = "kana"
    HAN = "Han"
    LATIN = "Latin"
    CYRILLIC = "Cyrillic"
    GREEK = "Greek"
    ARABIC = "Arabic"
    HEBREW = "Hebrew"
    THAI = "Thai"
    DEVANAGARI = "Devanagari"


LETTERS = {
    Script.HANGUL: r"가-힣ㄱ-ㆎᄀ-ᇿ",
    Script.KANA: r"ぁ-ゖァ-ヺー",
    Script.HAN: r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々",
    Script.LATIN: r"A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ",
    Script.CYRILLIC: r"\u0400-\u052f",
    Script.GREEK: r"\u0370-\u03ff",
    Script.ARABIC: r"\u0620-\u065f\u066e-\u06ef\u0750-\u077f",
    Script.HEBREW: r"\u05d0-\u05ea",
    Script.THAI: r"\u0e01-\u0e3a\u0e40-\u0e4e",
    Script.DEVANAGARI: r"\u0900-\u097f",
}
"""The letters of each script, as the inside of a regular expression's character class."""

LETTER = {script: re.compile(f"[{letters}]") for script, letters in LETTERS.items()}
RUN = {script: re.compile(f"[{letters}]+") for script, letters in LETTERS.items()}

SCRIPT_OF_LANGUAGE = {
    "ko": Script.HANGUL, "ja": Script.KANA, "zh": Script.HAN, "ru": Script.CYRILLIC, "uk": Script.CYRILLIC,
    "el": Script.GREEK, "ar": Script.ARABIC, "fa": Script.ARABIC, "he": Script.HEBREW, "th": Script.THAI,
    "hi": Script.DEVANAGARI,
}  # fmt: skip
"""The script that sets a language apart; every other language is taken to be written in Latin letters."""

_LANGUAGE_OF_SCRIPT = {
    Script.CYRILLIC: "ru", Script.GREEK: "el", Script.ARABIC: "ar", Script.HEBREW: "he", Script.THAI: "th",
    Script.DEVANAGARI: "hi",
}  # fmt: skip

_FUNCTION_WORDS = {
    "en": "the of and to in is was that it he she his her with for as on not at by but they this from are have",
    "de": "der die das und ist nicht ein eine ich er sie es mit den dem zu auf für sich war hat im auch wie",
    "fr": "le la les des et est une un dans que qui il elle ne pas pour sur au avec ce se son sa plus était",
    "es": "el la los las de y es una un en que no se por con su para lo del al como más pero estaba había",
    "it": "il la le di e è una un in che non si per con suo del della al come più ma era gli lo sono",
    "pt": "o a os as de e é uma um em que não se por com seu para do da ao como mais mas era ele ela",
    "nl": "de het een en van is dat niet ik hij zij met voor op te was zijn er maar ook als aan bij",
    "vi": "và là của có không một người cho được những trong với đã này anh tôi như khi đến ông",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga ke karena ada dia saya telah",
    "tr": "ve bir bu da de için ile çok ne gibi daha ama var olan o kadar değil mi sonra ben",
    "pl": "i w nie na się z do to że jest jak ale po co tak za od był jego jej dla przez",
}
_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")


def letter_counts(text: str) -> dict[Script, int]:
    """Return how many letters of each script `text` has, scripts without any left out."""
    if text.isascii():
        latin = len(LETTER[Script.LATIN].findall(text))
        return {Script.LATIN: latin} if latin else {}
    counts = {script: len(letter.findall(text)) for script, letter in LETTER.items()}
    return {script: count for script, count in counts.items() if count}


def language_of(text: str) -> str | None:
    """Return the code of the language `text` seems to be in; `None` where it has no letters to tell by.

    Letters that stand for whole syllables or words weigh as much as three of an alphabet. Latin text
    without a function word that is known is `"latin"`.
    """
    counts = letter_counts(text)
    hangul = counts.get(Script.HANGUL, 0)
    kana, han = counts.get(Script.KANA, 0), counts.get(Script.HAN, 0)
    alphabets = {s: n for s, n in counts.items() if s not in {Script.HANGUL, Script.KANA, Script.HAN}}
    main = max(alphabets, key=lambda script: alphabets[script]) if alphabets else None
    east_asian = 3 * (hangul + kana + han)
    if main is not None and alphabets[main] > east_asian:
        return _latin_language(text) if main is Script.LATIN else _LANGUAGE_OF_SCRIPT[main]
    if not east_asian:
        return None
    if hangul >= kana + han // 2:
        return "ko"
    return "ja" if kana * 12 >= han else "zh"


@lru_cache(maxsize=4096)
def _latin_language(text: str) -> str:
    words = [word.casefold() for word in _WORD.findall(text)]
    hits = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    best = max(hits, key=lambda language: hits[language])
    return best if hits[best] else "latin"


def script_of(language: str | None) -> Script | None:
    """Return the script that sets `language` apart; `None` for an unknown language."""
    if language is None:
        return None
    return SCRIPT_OF_LANGUAGE.get(language.lower().split("-")[0], Script.LATIN)


def same_language(one: str, other: str) -> bool:
    """Tell whether two codes may name the same language; unknown Latin text may be any Latin language."""
    one, other = one.lower().split("-")[0], other.lower().split("-")[0]
    if "latin" in (one, other):
        return script_of(one) is script_of(other)
    return one == other
