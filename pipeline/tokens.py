"""Words of a sentence as a tokenizer sees them: which to choose as keywords, where an idiom stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from data.records import Span

MOST_KEYWORDS = 8


class Token(NamedTuple):
    """A morpheme or word: as written, its dictionary form, its part of speech, and where it stands."""

    form: str
    lemma: str
    tag: str
    start: int
    end: int


_CONTENT = ("NNG", "NNP", "NR", "NP", "VV", "VA", "VX", "MM", "MAG", "XR", "XPN", "NNB", "SN", "SL", "SH")
"""Korean parts of speech that tell idioms apart; particles and endings come and go."""
_KEYWORD = ("NNG", "NNP", "VV", "VA", "MAG", "XR", "SL", "SH")
_COMMON = frozenset({
    "것", "수", "때", "등", "말", "일", "중", "더", "또", "다", "잘", "안", "못", "그", "이", "저", "나", "너",
    "우리", "하다", "되다", "있다", "없다", "같다", "이다", "아니다", "않다", "보다", "주다", "가다", "오다", "나다",
    "알다", "모르다", "들다", "좋다", "많다", "크다", "그렇다", "이렇다", "어떻다", "만들다", "위하다", "대하다",
    "통하다", "인하다", "때문", "정도", "경우",
})  # fmt: skip
_WIDEST_GAP = 3
"""Content words that may stand between two words of an idiom."""
_EOJEOL_END = re.compile(r"[\s.,!?…:;\"'“”‘’()\[\]「」『』]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LONG_WORD = 4


def find_idiom(source: str, sentence: Sequence[Token], idiom: Sequence[Token]) -> Span | None:
    """Return where an idiom stands in a sentence: its content words in order, by dictionary form.

    Particles, endings and a few words in between may differ. The span reaches to the end of the
    last word as written, without punctuation.
    """
    wanted = [token for token in idiom if _is_content(token)]
    words = [token for token in sentence if _is_content(token)]
    found = min(_windows(words, wanted), key=lambda window: window[1] - window[0], default=None)
    if found is None:
        return None
    start, last = words[found[0]].start, words[found[1]]
    after = _EOJEOL_END.search(source, last.end)
    return Span(start=start, end=after.start() if after else len(source))


def _windows(words: Sequence[Token], wanted: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield first and last place of each stretch of `words` that holds `wanted` in order."""
    if not wanted:
        return
    for first, word in enumerate(words):
        if not _same(word, wanted[0]):
            continue
        place = first
        for target in wanted[1:]:
            near = range(place + 1, min(place + 2 + _WIDEST_GAP, len(words)))
            place = next((at for at in near if _same(words[at], target)), -1)
            if place < 0:
                break
        if place >= 0:
            yield first, place


def _is_content(token: Token) -> bool:
    return token.tag.partition("-")[0] in _CONTENT


def _same(word: Token, target: Token) -> bool:
    return word.lemma == target.lemma or word.form == target.form


def korean_keywords(tokens: Sequence[Token]) -> list[str]:
    """Return the words that carry a Korean sentence, in its order; names before the rest if too many."""
    words = {token.lemma: token.tag for token in tokens if token.tag.partition("-")[0] in _KEYWORD}
    chosen = [word for word in words if word not in _COMMON and (len(word) > 1 or words[word] == "NNP")]
    names = [word for word in chosen if words[word] == "NNP"]
    kept = {*names[:MOST_KEYWORDS], *chosen[: MOST_KEYWORDS - len(names[:MOST_KEYWORDS])]}
    return [word for word in chosen if word in kept][:MOST_KEYWORDS]


def rule_keywords(source: str) -> list[str]:
    """Return the longest words of a sentence in its order, and names: for languages without a tokenizer."""
    words = list(dict.fromkeys(_WORD.findall(source)))
    names = {word for word in words[1:] if word[:1].isupper()}
    weighty = [word for word in words if len(word) >= _LONG_WORD or word in names]
    kept = sorted(weighty, key=lambda word: (word not in names, -len(word)))[:MOST_KEYWORDS]
    return [word for word in weighty if word in kept]
