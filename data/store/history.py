"""Who decided what, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.records import Decision
from data.store.dataset import Dataset
from data.store.standing import taken_back


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One decision, undos and redos among them."""

    decision: Decision
    source: str
    """Text of the sentence; empty where the project no longer has it."""
    is_taken_back: bool
    """An undo took it back, and no redo put it back."""


def history(
    dataset: Dataset, *, by: str | None = None, sentence: str | None = None, last: int | None = None
) -> Iterator[HistoryEntry]:
    """Yield decisions in journal order.

    Args:
        dataset: An open project.
        by: Only decisions of this person.
        sentence: Only decisions on the sentence with this id.
        last: Only the last so many of those.
    """
    heads = dataset.decision_heads()
    out = taken_back(heads)
    wanted = [head.id for head in heads if by in {None, head.by} and sentence in {None, head.sentence}]
    for decision_id in wanted[-last:] if last else wanted:
        decision = dataset.decision(decision_id)
        source = dataset.sentence(decision.sentence).source if decision.sentence in dataset else ""
        yield HistoryEntry(decision, source, decision_id in out)
