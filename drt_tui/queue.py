"""Which sentence comes next."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from data.records import PENDING, Status

if TYPE_CHECKING:
    from data.store import Dataset

OrderName = Literal["balanced", "shuffled", "file", "doubtful"]


class ReviewQueue:
    """Sentences in the order in which a person meets them, and where that person is.

    Of pending sentences those that have a candidate come first, so that nobody waits for a model
    while something can be judged. Sentences whose status no longer belongs here are passed over
    when they are reached: a step costs the same at any size of the dataset.
    """

    def __init__(
        self,
        dataset: Dataset,
        sentences: Sequence[str],
        *,
        statuses: Collection[Status] = PENDING,
        matches: Callable[[str], bool] = lambda sentence: True,
        name: str = "pending",
    ) -> None:
        self.name = name
        self.statuses = frozenset(statuses)
        self._dataset = dataset
        self._matches = matches
        self._sentences = list(sentences)
        self._place = {sentence: place for place, sentence in enumerate(self._sentences)}
        self._next = 0
        """Everything before this place was passed."""
        self._ready: list[int] = []
        """Heap of places whose sentence has a candidate; only kept where sentences may have none."""
        if Status.NEW in self.statuses:
            ready = dataset.ids({Status.GENERATED})
            self._ready = sorted(self._place[sentence] for sentence in ready if sentence in self._place)

    def __len__(self) -> int:
        return len(self._sentences)

    def note_ready(self, sentence: str) -> None:
        """Take note that a sentence has a candidate now."""
        place = self._place.get(sentence)
        if place is not None and Status.NEW in self.statuses:
            heapq.heappush(self._ready, place)

    def append(self, sentences: Sequence[str]) -> None:
        """Put sentences that came later at the end."""
        for sentence in sentences:
            if sentence not in self._place:
                self._place[sentence] = len(self._sentences)
                self._sentences.append(sentence)

    def advance(self) -> str | None:
        """Return the next sentence and leave it behind; `None` at the end."""
        while self._ready:
            sentence = self._sentences[heapq.heappop(self._ready)]
            if self._dataset.row(sentence).status is Status.GENERATED and self._matches(sentence):
                return sentence
        while self._next < len(self._sentences):
            sentence = self._sentences[self._next]
            self._next += 1
            if self._belongs(sentence):
                return sentence
        return None

    def upcoming(self, count: int) -> list[str]:
        """Return the next sentences that have no candidate yet, nearest first, without moving."""
        found: list[str] = []
        for sentence in self._ahead():
            if len(found) == count:
                break
            if self._dataset.row(sentence).status is Status.NEW and self._matches(sentence):
                found.append(sentence)
        return found

    def ready_ahead(self) -> int:
        """Return how many of the next sentences have a candidate."""
        return len(self._ready)

    def go_to(self, sentence: str) -> None:
        """Make what follows `sentence` come next."""
        if sentence in self._place and not self._ready:
            self._next = self._place[sentence] + 1

    def put_back(self, sentence: str) -> None:
        """Meet `sentence` again, as soon as its turn comes."""
        place = self._place.get(sentence)
        if place is None:
            return
        if Status.NEW in self.statuses and self._dataset.row(sentence).status is Status.GENERATED:
            heapq.heappush(self._ready, place)
        else:
            self._next = min(self._next, place)

    def _ahead(self) -> Iterator[str]:
        return (self._sentences[place] for place in range(self._next, len(self._sentences)))

    def _belongs(self, sentence: str) -> bool:
        return self._dataset.row(sentence).status in self.statuses and self._matches(sentence)
