"""Guess the two languages of a set of sentences from their scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from data.records import Sentence
from data.scripts import main_script

_LANGUAGES = {
    "hangul": "ko", "kana": "ja", "han": "zh", "latin": "en", "cyrillic": "ru", "arabic": "ar", "thai": "th",
    "greek": "el", "hebrew": "he", "devanagari": "hi",
}  # fmt: skip
_ENOUGH = 2000


def guess_languages(sentences: Iterable[Sentence]) -> tuple[str, str]:
    """Return the codes of source and target language, as most sentences and references suggest.

    A script stands for its commonest language (Latin letters for English). Where no reference tells
    the target, it is English, and Korean for sentences that are English themselves.
    """
    sources: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    for sentence in islice(sentences, _ENOUGH):
        sources.update(_language(sentence.source))
        for reference in sentence.references:
            targets.update(_language(reference.text))
    source = _commonest(sources, "ko")
    del targets[source]
    return source, _commonest(targets, "ko" if source == "en" else "en")


def _language(text: str) -> list[str]:
    script = main_script(text)
    return [_LANGUAGES[script]] if script in _LANGUAGES else []


def _commonest(counts: Counter[str], otherwise: str) -> str:
    return counts.most_common(1)[0][0] if counts else otherwise
