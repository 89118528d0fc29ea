"""Voting without knowing whose translation is whose: the sides, the votes, and what they come to."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from data.ids import new_id
from drt_tui.comparing.comparison import Column
from train.evaluation.contender import Question
from train.evaluation.votes import Shown, Vote, duels

MOST_SIDES = 8
"""The digit after the last side says that all are bad."""
BOTH_BAD, TIE = 9, 0


@dataclass(slots=True)
class Ballot:
    """One item's sides: which column stands where, what was marked in it, whether it was revealed."""

    order: tuple[int, ...]
    """The column at each place of the screen."""
    marks: dict[int, set[str]] = field(default_factory=dict)
    """By place: codes of the errors that the person marked."""
    is_revealed: bool = False

    @classmethod
    def draw(cls, columns: int, chance: random.Random) -> Ballot:
        """Draw the sides of an item."""
        order = list(range(columns))
        chance.shuffle(order)
        return cls(tuple(order))

    def toggle(self, place: int, code: str) -> None:
        """Mark an error, or take the mark away."""
        self.marks.setdefault(place, set()).symmetric_difference_update({code})

    def vote(
        self, digit: int, columns: Sequence[Column], question: Question, *, by: str, seconds: float
    ) -> Vote:
        """Return the vote that a digit means: a place, 0 for a tie, 9 for all bad.

        Raises:
            ValueError: no side has this digit.
        """
        if digit not in (TIE, BOTH_BAD) and digit > len(self.order):
            raise ValueError(f"there is no side {digit}")
        decided = digit not in (TIE, BOTH_BAD)
        shown = [
            Shown(
                contender=columns[number].name,
                thought=columns[number].thought,
                output=columns[number].reads_as,
                identity=columns[number].contender.about.identity,
                errors=tuple(sorted(self.marks.get(place, ()))),
            )
            for place, number in enumerate(self.order)
        ]
        return Vote(
            id=new_id(),
            item=question.id,
            source=question.source,
            before=question.before,
            shown=tuple(shown),
            verdict="better" if decided else "both-bad" if digit == BOTH_BAD else "tie",
            winner=shown[digit - 1].contender if decided else None,
            seconds=seconds,
            by=by,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one contender was preferred to another, a tie counted as half, with its Wilson interval."""

    name: str
    rival: str
    points: float
    votes: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Share of the votes won."""
        return self.points / self.votes


@dataclass(frozen=True, slots=True)
class Standing:
    """What all votes on these contenders come to."""

    pairs: tuple[Tally, ...] = ()
    strengths: tuple[tuple[str, float], ...] = ()
    """Bradley-Terry log strengths, the strongest first; only where more than two met."""


def standing(votes: Iterable[Vote], names: Sequence[str]) -> Standing:
    """Count the votes in which any two of `names` met; of two the one that won more is named first."""
    from train.evaluation.statistics.shares import wilson
    from train.evaluation.statistics.strength import bradley_terry

    met = [(a, b, points) for a, b, points, _ in duels(votes) if a in names and b in names]
    pairs: dict[tuple[str, str], list[float]] = {}
    for a, b, points in met:
        first, second = sorted((a, b), key=names.index)
        pairs.setdefault((second, first), []).append(1 - points if first == a else points)
    tallies = []
    for (name, rival), won in pairs.items():
        points = sum(won)
        if 2 * points < len(won):
            name, rival, points = rival, name, len(won) - points
        share = wilson(points, len(won))
        tallies.append(Tally(name, rival, points, len(won), share.low or 0.0, share.high or 1.0))
    rivals = {name for a, b, _ in met for name in (a, b)}
    strengths = bradley_terry(met) if len(rivals) > 2 else {}
    ranked = sorted(strengths.items(), key=lambda each: -each[1])
    return Standing(tuple(tallies), tuple(ranked))


def lost_by(vote: Vote, name: str) -> bool:
    """Whether a contender was shown and another one was better, or all were bad."""
    return name in vote.contenders and (vote.verdict == "both-bad" or vote.winner not in (None, name))
