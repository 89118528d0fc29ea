"""The sentences before a sentence, for prompts that show some."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from data.records import sentence_id

if TYPE_CHECKING:
    from data.records import Sentence
    from data.store import Dataset


class Preceding:
    """Finds the sentences before a sentence.

    They are those that it brought along from a running text, or else those of its document or file,
    in import order. They end at a held-out one, which no prompt may show.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    @cached_property
    def _ids(self) -> list[str]:
        return list(self._dataset.ids())

    @cached_property
    def _place(self) -> dict[str, int]:
        return {sentence: place for place, sentence in enumerate(self._ids)}

    def of(self, sentence: Sentence, count: int) -> tuple[str, ...]:
        """Return the sources of up to `count` sentences before it, oldest first."""
        if sentence.before is not None:
            return self._brought_along(sentence.before[-count:] if count else ())
        found: list[str] = []
        place = self._place.get(sentence.id, 0) if count else 0
        while len(found) < count and place > 0:
            place -= 1
            before = self._dataset.sentence(self._ids[place])
            if self._dataset.row(before.id).is_held_out:
                break
            if _text_of(before) != _text_of(sentence):
                break
            found.append(before.source)
        return tuple(reversed(found))

    def _brought_along(self, before: tuple[str, ...]) -> tuple[str, ...]:
        found: list[str] = []
        for text in reversed(before):
            known = sentence_id(text)
            if known in self._dataset and self._dataset.row(known).is_held_out:
                break
            found.append(text)
        return tuple(reversed(found))


def _text_of(sentence: Sentence) -> str | None:
    """What ties sentences to one running text; `None` where nothing says that they follow each other."""
    if sentence.document is not None:
        return sentence.document
    return sentence.origin.file if sentence.origin is not None else None
