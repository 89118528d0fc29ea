"""What a trained model lost goes back to a person: its sentence stands in the review queue again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from data.ids import new_id, stable_id
from data.records import Candidate, Decision, Sentence, sentence_id
from data.store import Dataset
from train.evaluation.votes import Vote

FLAG = "lost"
"""Marks what came back: held-out sentences are never pending, and are found in the flagged queue."""


def send_back(dataset: Dataset, votes: Sequence[Vote], loser: str) -> int:
    """Put the sentences of lost votes back among those to be judged, and return how many there were.

    Each decision is journalled, and `Dataset.undo` takes all of them back at once. Where a sentence
    has no candidate, the losing answer becomes one, so that there is something to judge.

    Raises:
        NotSaved: the disk refused; what was saved stays.
    """
    decisions = []
    for vote in votes:
        shown = vote.of(loser)
        if vote.item not in dataset:
            dataset.add_sentences([Sentence(id=sentence_id(vote.source), source=vote.source)])
        if not dataset.row(vote.item).candidates and shown.output:
            dataset.add_candidate(
                Candidate(
                    id=stable_id("lost", vote.item, shown.identity, shown.output),
                    sentence=vote.item,
                    thought=shown.thought,
                    output=shown.output,
                    workflow="compared",
                    made_by=loser,
                    at=vote.at,
                )
            )
        dataset.set_flag(vote.item, FLAG, True)
        decisions.append(_reopened(dataset, vote, loser))
    dataset.decide_all(decisions)
    return len(decisions)


def take_back(dataset: Dataset, votes: Sequence[Vote]) -> None:
    """Take back the last `send_back`: its decisions and its marks. A candidate that it made stays.

    Raises:
        NotSaved: the disk refused.
    """
    dataset.undo()
    for vote in votes:
        dataset.set_flag(vote.item, FLAG, False)


def _reopened(dataset: Dataset, vote: Vote, loser: str) -> Decision:
    told = "all were bad" if vote.winner is None else f"{vote.winner} was better"
    row = dataset.row(vote.item)
    return Decision(
        id=new_id(),
        sentence=vote.item,
        candidate=row.candidates[-1] if row.candidates else None,
        kind="reopen",
        by=dataset.annotator,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        reasons=vote.of(loser).errors,
        note=f"{loser} lost blind: {told}",
    )
