"""Which sentence comes next."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from data.records import PENDING, Status

if TYPE_CHECKING:
    from data.store import Dataset


def counts_for_people(dataset: Dataset) -> dict[Status, int]:
    """Return how many sentences have each status, the held-out ones not among the pending."""
    held_out = dataset.held_out()
    return {
        status: count - held_out[status] if status in PENDING else count
        for status, count in dataset.counts().items()
    }


class ReviewQueue:
    """Sentences in the order in which a person meets them, and where that person is.

    Of the pending sentences those that have a candidate come first, so that nobody waits for a model
    while something can be judged; other queues keep their order. Sentences whose status no longer belongs here are passed over
    when they are reached: a step costs the same at any size of the dataset. Held-out sentences are
    never pending.
    """

    def __init__(
        self,
        dataset: Dataset,
        sentences: Sequence[str],
        *,
        statuses: Collection[Status] = PENDING,
        name: str = "pending",
    ) -> None:
        self.name = name
        self._dataset = dataset
        self._statuses = frozenset(statuses)
        self._is_pending = self._statuses == PENDING
        self._in_passing = frozenset({Status.NEW}) if self._is_pending else self._statuses
        held_out = self._held_out() if self._is_pending else frozenset()
        self._sentences = [sentence for sentence in sentences if sentence not in held_out]
        self._place = {sentence: place for place, sentence in enumerate(self._sentences)}
        self._base = 0
        self._turn = len(self._sentences)
        """Places below it are met from `_base` on, and then those before `_base`."""
        self._passed = 0
        """How many steps were made."""
        self._ready: list[tuple[int, str]] = []
        """Heap of sentences that have a candidate, by the step at which their turn comes."""
        if self._is_pending:
            self._ready = self._all_ready()

    def __len__(self) -> int:
        return len(self._sentences)

    def __contains__(self, sentence: object) -> bool:
        return sentence in self._place

    def note_ready(self, sentence: str) -> None:
        """Take note that a sentence has a candidate now."""
        if sentence in self._place and self._is_pending:
            heapq.heappush(self._ready, (self._step_of(sentence), sentence))

    def append(self, sentences: Sequence[str]) -> None:
        """Put sentences that came later at the end."""
        for sentence in sentences:
            if sentence not in self._place and self._belongs(sentence):
                self._place[sentence] = len(self._sentences)
                self._sentences.append(sentence)
                if self._dataset.row(sentence).status is Status.GENERATED:
                    self.note_ready(sentence)

    def advance(self) -> str | None:
        """Return the next sentence and leave it behind; `None` at the end."""
        while self._ready:
            _, sentence = heapq.heappop(self._ready)
            if self._dataset.row(sentence).status is Status.GENERATED:
                return sentence
        while self._passed < len(self._sentences):
            sentence = self._at(self._passed)
            self._passed += 1
            if self._dataset.row(sentence).status in self._in_passing:
                return sentence
        return None

    def upcoming(self, count: int) -> list[str]:
        """Return the next sentences that have no candidate yet, nearest first, without moving."""
        found: list[str] = []
        if Status.NEW not in self._statuses:
            return found
        for sentence in self._ahead():
            if len(found) == count:
                break
            row = self._dataset.row(sentence)
            if row.status is Status.NEW and not row.is_held_out:
                found.append(sentence)
        return found

    def ahead(self, count: int) -> list[str]:
        """Return the sentences that are met next, with a candidate or without, without moving."""
        ready = [one for _, one in heapq.nsmallest(count, self._ready)]
        return [*ready, *self.upcoming(count - len(ready))][:count]

    def ready_ahead(self, most: int) -> int:
        """Return how many sentences ahead have a candidate, counted up to `most`."""
        ready = (1 for _, one in self._ready if self._dataset.row(one).status is Status.GENERATED)
        return sum(islice(ready, most))

    def go_to(self, sentence: str) -> None:
        """Go on behind `sentence`, and at the end from the beginning up to it."""
        if sentence in self._place:
            self._base, self._turn = self._place[sentence], len(self._sentences)
            self._passed = 1
            if self._is_pending:
                self._ready = [one for one in self._all_ready() if one[1] != sentence]

    def put_back(self, sentence: str) -> None:
        """Meet `sentence` again as soon as its turn comes."""
        if sentence not in self._place:
            return
        if self._is_pending and self._dataset.row(sentence).status is Status.GENERATED:
            self.note_ready(sentence)
        else:
            self._passed = min(self._passed, self._step_of(sentence))

    def _held_out(self) -> frozenset[str]:
        if not any(self._dataset.held_out().values()):
            return frozenset()
        return frozenset(row.id for row in self._dataset.rows() if row.is_held_out)

    def _belongs(self, sentence: str) -> bool:
        return not (self._is_pending and self._dataset.row(sentence).is_held_out)

    def _all_ready(self) -> list[tuple[int, str]]:
        ready = set(self._dataset.ids({Status.GENERATED}))
        known, base, turn = self._sentences, self._base, self._turn
        in_turn = chain(known[base:turn], known[:base], known[turn:])
        return [(step, sentence) for step, sentence in enumerate(in_turn) if sentence in ready]

    def _at(self, step: int) -> str:
        return self._sentences[(self._base + step) % self._turn if step < self._turn else step]

    def _step_of(self, sentence: str) -> int:
        place = self._place[sentence]
        return (place - self._base) % self._turn if place < self._turn else place

    def _ahead(self) -> Iterator[str]:
        return (self._at(step) for step in range(self._passed, len(self._sentences)))
