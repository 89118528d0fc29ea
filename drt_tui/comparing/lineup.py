"""Who is compared, what is to be said of them, and the sentences they are asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from data.records import Sentence, sentence_id
from data.store import Dataset
from data.text import nfc
from pipeline.context import Preceding
from train.evaluation.contender import Contender, Question

MOST_BEFORE = 8
"""Sentences before one that a question carries; a contender takes as many as its format asks for."""


@dataclass(frozen=True, slots=True)
class Lineup:
    """Contenders that are ready to be asked."""

    contenders: tuple[Contender, ...]
    warnings: tuple[str, ...] = ()
    """What makes the comparison unfair, e.g. a prompt that is not that of the training."""
    notes: tuple[str, ...] = ()
    """What a person should know, e.g. that the sides take turns."""

    @property
    def trained(self) -> str | None:
        """Name of the DRT model among them, whose losses go back to review."""
        names = (each.name for each in self.contenders if each.about.kind == "drt")
        return next(names, None)


OpenLineup = Callable[[Callable[[str], None]], AbstractAsyncContextManager[Lineup]]
"""Opens the contenders for as long as they are compared; is given who to tell what is waited for."""


def typed_question(text: str) -> Question:
    """Return the question of a text that somebody typed."""
    text = nfc(text).strip()
    return Question(sentence_id(text), text)


class Items:
    """The sentences of a project to step through: those held out for the test."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._before = Preceding(dataset)
        self._ids = [
            row.id for row in dataset.rows() if row.is_held_out and dataset.sentence(row.id).split == "test"
        ]

    def __len__(self) -> int:
        return len(self._ids)

    def sentence(self, place: int) -> Sentence:
        """Return the sentence at a place."""
        return self._dataset.sentence(self._ids[place])

    def question(self, place: int) -> Question:
        """Return it as a question."""
        sentence = self.sentence(place)
        return Question(sentence.id, sentence.source, self._before.of(sentence, MOST_BEFORE))
