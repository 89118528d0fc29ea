"""Which sentences of a thought still argue for an output that a person has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from data.lint import quoted
from data.lint.plain import plain, words
from drt_tui.diff import changes
from drt_tui.folding import sentences

_ALIKE = 88
"""A wording this like one that is gone (0-100) is that wording."""
_COMMON = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "and",
        "or",
        "but",
        "so",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "he",
        "his",
        "him",
        "she",
        "her",
        "they",
        "them",
        "their",
        "this",
        "that",
        "these",
        "those",
        "i",
        "my",
        "me",
        "we",
        "us",
        "our",
        "you",
        "your",
        "not",
        "no",
        "do",
        "did",
        "does",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
    ]
)


def stale_sentences(
    thought: str, old: str, new: str, *, drafts: Sequence[str] = ()
) -> tuple[tuple[int, int], ...]:
    """Return the spans of the sentences that argue for `old` where `new` says something else.

    Such a sentence gives the old output as the final one, or quotes, or speaks in words of, a
    stretch of it that is gone. A sentence that puts forward an earlier attempt is history and
    stays true; so is one that speaks of a wording which an earlier attempt had as well.
    """
    if plain(old) == plain(new):
        return ()
    gone = tuple(_gone(old, new))
    earlier = [plain(draft) for draft in drafts if plain(draft) != plain(old)]
    told = plain(old)
    last = _last_mention(thought, told)
    found = []
    for start, end in sentences(thought):
        sentence = thought[start:end]
        if told and told in plain(sentence):
            if start == last:
                found.append((start, end))
        elif any(text and text in plain(sentence) for text in earlier):
            continue
        elif _argues_for(sentence, gone, earlier):
            found.append((start, end))
    return tuple(found)


def _gone(old: str, new: str) -> Iterator[str]:
    """Yield the wordings of `old` that `new` does not have, without what is too common to be one."""
    kept = set(words(new))
    for change in changes(old, new, bridge=0):
        meant = [word for word in words(change.old) if word not in kept and word not in _COMMON]
        if meant:
            yield change.old


def _argues_for(sentence: str, gone: Sequence[str], earlier: Sequence[str]) -> bool:
    for wording in gone:
        told = plain(wording)
        for start, end in quoted.pieces(sentence):
            quotation = plain(sentence[start:end])
            if (
                quotation
                and (quotation in told or told in quotation or fuzz.ratio(quotation, told) >= _ALIKE)
                and not any(quotation in text for text in earlier)
            ):
                return True
    return False


def _last_mention(thought: str, told: str) -> int:
    places = [start for start, end in sentences(thought) if told and told in plain(thought[start:end])]
    return places[-1] if places else -1
