"""Planted checks: known-bad rows put between the others, to see whether they are noticed.

A good row is spoilt in a way that reading finds out. What a person decides of it is counted, and is
never data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from data.records import Candidate

if TYPE_CHECKING:
    from data.store import Dataset

_WORDS = 8
"""Least words of an output that is cut."""
_KEPT = 2 / 3
_META = "checks"


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done to a candidate."""

    what: str
    in_output: bool = True


@dataclass(frozen=True, slots=True)
class CheckTally:
    """How many planted rows a person noticed, over all sessions."""

    caught: int = 0
    missed: int = 0


def spoilt(candidate: Candidate, other: Candidate, chance: Random) -> tuple[Candidate, Fault] | None:
    """Return the candidate with one grave fault, or `None` where none would show.

    `other` is that of another sentence; it may say the very same.
    """
    words = candidate.output.split()
    ways = [
        (_with_output(candidate, other.output), Fault("the output is that of another sentence")),
        (
            _with_thought_of(candidate, other),
            Fault("the thought is that of another sentence", in_output=False),
        ),
    ]
    if len(words) >= _WORDS:
        ways.append((_with_output(candidate, _cut(words)), Fault("the end of the output is left out")))
    shown = [way for way in ways if (way[0].output, way[0].thought) != (candidate.output, candidate.thought)]
    return chance.choice(shown) if shown else None


def _with_thought_of(candidate: Candidate, other: Candidate) -> Candidate:
    thought = other.thought.replace(other.output, candidate.output)
    return candidate.model_copy(update={"thought": thought, "findings": ()})


def _with_output(candidate: Candidate, output: str) -> Candidate:
    thought = candidate.thought.replace(candidate.output, output)
    return candidate.model_copy(update={"output": output, "thought": thought, "findings": ()})


def _cut(words: Sequence[str]) -> str:
    kept = " ".join(words[: round(_KEPT * len(words))]).rstrip(",;:—-")
    return f"{kept}{words[-1][-1]}" if not words[-1][-1].isalnum() else kept


class Checks:
    """Says when a check is due, and keeps count of what became of them."""

    def __init__(self, dataset: Dataset, share: float, chance: Random | None = None) -> None:
        self.chance = chance or Random()
        self._dataset = dataset
        self._share = share
        self._was_last = False

    def is_due(self) -> bool:
        """Whether the next row is to be a planted one; never twice in a row."""
        self._was_last = not self._was_last and self.chance.random() < self._share
        return self._was_last

    def note(self, *, caught: bool) -> None:
        """Count a check.

        Raises:
            NotSaved: the disk refused.
        """
        so_far = self.tally
        self._dataset.note_meta(
            self._key, {"caught": so_far.caught + caught, "missed": so_far.missed + (not caught)}
        )

    @property
    def tally(self) -> CheckTally:
        """What became of this person's checks."""
        told = self._dataset.meta(self._key)
        return CheckTally(**told) if isinstance(told, dict) else CheckTally()

    @property
    def _key(self) -> str:
        return f"{_META}/{self._dataset.annotator}"
