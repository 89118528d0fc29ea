"""Which sentences of a thought still argue for an output that a person has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data.lint import quoted
from data.lint.plain import plain, words
from drt_tui.review.diff import changes
from drt_tui.review.folding import sentences

_QUOTED = 4
"""Letters from which a quotation is taken for one of the output."""
_STEM = 4
"""Letters that words of one family share."""
_COMMON = frozenset(
    """a an the of to in on at by for from with and or but so as is are was were be been it its he his him
    she her they them their this that these those i my me we us our you your not no do did does has have
    had will would can could there then than when what which who how all one only more most some any into
    onto up down out""".split()  # noqa: SIM905 - a list of words reads best as words
)
"""Words too common for a sentence to be about them."""

Span = tuple[int, int]


def stale_sentences(thought: str, old: str, new: str, *, drafts: Sequence[str] = ()) -> tuple[Span, ...]:
    """Return the spans of the sentences that argue for `old` where `new` says something else.

    They are the last sentence that gives the old output whole, and those behind the last earlier
    attempt that quote, or speak in words of the same families as, what the change took away and no
    earlier attempt had: what is said before is history, and stays true.
    """
    told = plain(old)
    if not told or told == plain(new):
        return ()
    earlier = [plain(draft) for draft in drafts if plain(draft) != told]
    others = (plain(new), *earlier)
    spans = list(sentences(thought))
    texts = [_without(plain(new), plain(thought[start:end]), old=told) for start, end in spans]
    history = max((place for place, text in enumerate(texts) if _has_any(text, earlier)), default=-1)
    final = max((place for place, text in enumerate(texts) if told in text), default=-1)
    gone = _gone(old, new, drafts)

    def is_stale(place: int) -> bool:
        sentence = thought[slice(*spans[place])]
        return told not in texts[place] and (
            not gone.isdisjoint(_families(sentence)) or _quotes_what_is_gone(sentence, told, others)
        )

    return tuple(
        span for place, span in enumerate(spans) if place == final or (place > history and is_stale(place))
    )


def _without(new: str, text: str, *, old: str) -> str:
    """Return `text` without the new output where that holds the old one: "she has" holds "he has"."""
    return text.replace(new, "") if old in new else text


def _has_any(text: str, attempts: Sequence[str]) -> bool:
    return any(attempt and attempt in text for attempt in attempts)


def _gone(old: str, new: str, drafts: Sequence[str]) -> frozenset[str]:
    """Return the word families that the change took away and that no earlier attempt had."""
    known = {
        _family(word)
        for text in (new, *(draft for draft in drafts if plain(draft) != plain(old)))
        for word in words(text)
    }
    told = (word for change in changes(old, new, bridge=0) for word in words(change.old))
    return frozenset(_family(word) for word in told if word not in _COMMON) - known


def _quotes_what_is_gone(sentence: str, told: str, others: Sequence[str]) -> bool:
    quotations = (plain(sentence[start:end]) for start, end in quoted.pieces(sentence))
    return any(
        len(quotation) >= _QUOTED and quotation in told and not any(quotation in text for text in others)
        for quotation in quotations
    )


def _families(text: str) -> Iterator[str]:
    return (_family(word) for word in words(text))


def _family(word: str) -> str:
    return word[:_STEM] if word.isascii() else word[:2]
