"""Blind votes as pairs for preference training: what a person preferred over what stood beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from data.format import Format
from train.evaluation.votes import Shown, Vote


@dataclass(slots=True)
class LeftOut:
    """Pairs that were not written."""

    held_out: int = 0
    """Of sentences that are kept from training."""
    unusable: int = 0
    """Equal texts, an empty one, or one with tags inside."""


def preference_rows(
    votes: Iterable[Vote], format: Format, held_out: Collection[str], left_out: LeftOut
) -> Iterator[dict[str, Any]]:
    """Yield a `dpo` row for each contender that a winner beat; `left_out` counts what is passed over.

    Where one of the two has no thought, the pair holds outputs alone: else the model would learn that
    a thought is what makes the difference.
    """
    for vote in votes:
        if vote.winner is None:
            continue
        chosen = vote.of(vote.winner)
        for rejected in vote.shown:
            if rejected.contender == vote.winner:
                continue
            if vote.item in held_out:
                left_out.held_out += 1
            elif (row := _row(vote, chosen, rejected, format)) is not None:
                yield row
            else:
                left_out.unusable += 1


def _row(vote: Vote, chosen: Shown, rejected: Shown, format: Format) -> dict[str, Any] | None:
    both_think = bool(chosen.thought.strip() and rejected.thought.strip())
    written = replace(format, with_thought=both_think and format.with_thought)
    fields = [text for shown in (chosen, rejected) for text in (shown.output, shown.thought * both_think)]
    if not (chosen.output.strip() and rejected.output.strip()) or any(map(format.tags_in, fields)):
        return None
    better = written.answer(chosen.thought, chosen.output)
    worse = written.answer(rejected.thought, rejected.output)
    if better == worse:
        return None
    return {
        "prompt": written.prompt(vote.source, vote.before),
        "chosen": [{"role": "assistant", "content": better}],
        "rejected": [{"role": "assistant", "content": worse}],
        "preferred_by": "people",
        "id": vote.item,
    }
