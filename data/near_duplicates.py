"""Texts that are nearly the same, found without comparing all pairs.

Two texts are compared if they share one of their rarest stretches of characters: near-duplicates do,
since a stretch that occurs in both and hardly anywhere else is among the rarest of each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from rapidfuzz import fuzz, utils

_STRETCHES = 16
"""How many of its rarest stretches a text is found by."""
_LARGEST_BLOCK = 100
"""How many texts a text is compared with because of one stretch: the first that have it."""
_DENSE, _LATIN = 3, 6
"""Length of a stretch in a script of syllables or ideograms, and in an alphabet."""
_REPORT_EVERY = 500
_ALPHABET_BYTES = 1.5
"""Bytes a character, in UTF-8, below which a text is in an alphabet."""

Progress = Callable[[int, int], None]
"""Called with the number of texts that are done and the number of all."""


def clusters(texts: Sequence[str], threshold: float, progress: Progress | None = None) -> list[list[int]]:
    """Return groups of at least two places in `texts` that hold nearly the same text.

    Two texts belong together if `rapidfuzz.fuzz.ratio` of them, without case, punctuation and double
    spaces, is at least `threshold` (0 to 100), or if a chain of such pairs ties them. Groups and
    their members are in the order of `texts`.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[" ".join(utils.default_process(text).split()) or text.strip()].append(place)
    distinct = list(places)
    together = _Clusters(len(distinct))
    number_of = together.numbers
    for done, (one, others) in enumerate(_candidates(distinct)):
        text = distinct[one]
        for other in others:
            if number_of[other] != number_of[one] and fuzz.ratio(
                text, distinct[other], score_cutoff=threshold
            ):
                together.join(one, other)
        if progress is not None and done % _REPORT_EVERY == 0:
            progress(done, len(distinct))
    if progress is not None:
        progress(len(distinct), len(distinct))
    grouped: dict[int, list[int]] = defaultdict(list)
    for number, text in enumerate(distinct):
        grouped[number_of[number]] += places[text]
    return sorted(sorted(group) for group in grouped.values() if len(group) > 1)


def _candidates(texts: Sequence[str]) -> Iterator[tuple[int, Iterable[int]]]:
    """Yield each text's number with the numbers of earlier texts that may be nearly the same."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_stretches(text))
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        shared = [stretch for stretch in _stretches(text) if counts[stretch] > 1]
        shared.sort()
        shared.sort(key=counts.__getitem__)
        own = [blocks[stretch] for stretch in shared[:_STRETCHES]]
        yield number, set().union(*own)
        for block in own:
            if len(block) < _LARGEST_BLOCK:
                block.append(number)


def _stretches(text: str) -> set[str]:
    length = _LATIN if len(text.encode()) < _ALPHABET_BYTES * len(text) else _DENSE
    return {text[at : at + length] for at in range(max(1, len(text) - length + 1))}


class _Clusters:
    """Which texts are tied together so far."""

    def __init__(self, size: int) -> None:
        self.numbers = list(range(size))
        """The cluster of each text."""
        self._members = [[number] for number in range(size)]

    def join(self, one: int, other: int) -> None:
        """Make one cluster of two; the smaller is renumbered, so that no text is so often."""
        into, out_of = self.numbers[one], self.numbers[other]
        if len(self._members[into]) < len(self._members[out_of]):
            into, out_of = out_of, into
        for number in self._members[out_of]:
            self.numbers[number] = into
        self._members[into] += self._members[out_of]
        self._members[out_of] = []
