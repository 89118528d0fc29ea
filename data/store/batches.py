"""Many changes at once, cut to a size that fits a line of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from data.records import Candidate, Decision

BATCH = 500
"""Sentences, candidates or decisions in one line of the journal."""
_Item = TypeVar("_Item")
_Made = TypeVar("_Made", Candidate, Decision)


def first_of_each(items: Iterable[_Made]) -> list[_Made]:
    """Return the items without those whose id another had before them."""
    first: dict[str, _Made] = {}
    for item in items:
        first.setdefault(item.id, item)
    return list(first.values())


def batches(
    items: Iterable[_Item], of_sentence: Callable[[_Item], str] | None = None
) -> Iterator[list[_Item]]:
    """Yield lists of a size that fits a line of the journal; no two items of one are of one sentence."""
    batch: list[_Item] = []
    sentences: set[str] = set()
    for item in items:
        if len(batch) == BATCH or (of_sentence is not None and of_sentence(item) in sentences):
            yield batch
            batch, sentences = [], set()
        batch.append(item)
        if of_sentence is not None:
            sentences.add(of_sentence(item))
    if batch:
        yield batch
