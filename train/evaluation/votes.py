"""Blind votes: which of several translations a person preferred, not knowing whose they were.

A vote names what was shown in the order of the names, never in that of the screen, so that the file
says nothing of the sides. Votes are only ever added: a vote taken back is a line as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from data.records import Record, Text
from train.evaluation.lines import LineFile

Verdict = Literal["better", "tie", "both-bad"]


class Shown(Record):
    """A translation as it stood on the screen."""

    contender: str
    thought: Text
    output: Text
    identity: str = ""
    """Of the contender (`About.identity`): a model trained anew under the old name is another one."""
    errors: tuple[str, ...] = ()
    """Codes of `data.reasons` that the person marked."""


def _by_name(shown: tuple[Shown, ...]) -> tuple[Shown, ...]:
    return tuple(sorted(shown, key=lambda each: each.contender))


class Vote(Record):
    """One judgement of one item; `winner` is a contender's name, with the verdict `better` only."""

    id: str
    """A ULID."""
    item: str
    """Id of the sentence."""
    source: Text
    shown: Annotated[tuple[Shown, ...], AfterValidator(_by_name)] = Field(min_length=2)
    """In the order of the names."""
    verdict: Verdict
    winner: str | None = None
    before: tuple[Text, ...] = ()
    """Sentences before it that the contenders were given, oldest first."""
    seconds: float = 0.0
    """Active seconds until the vote."""
    by: str
    at: str = ""
    """UTC, ISO 8601. For people; order never depends on it."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [each.contender for each in self.shown]
        if len(set(names)) < len(names):
            raise ValueError("a contender was shown twice")
        if (self.verdict == "better") != (self.winner is not None):
            raise ValueError("a winner goes with the verdict better, and with no other")
        if self.winner is not None and self.winner not in names:
            raise ValueError("the winner was not shown")
        return self

    @property
    def contenders(self) -> tuple[str, ...]:
        """Names of those that were shown, sorted."""
        return tuple(each.contender for each in self.shown)

    def of(self, contender: str) -> Shown:
        """Return what a contender showed."""
        return next(each for each in self.shown if each.contender == contender)


class VoteFile:
    """The votes of a project. Each is on the disk when `add` returns."""

    def __init__(self, path: Path) -> None:
        self._lines = LineFile(path)

    def add(self, vote: Vote) -> None:
        """Append a vote.

        Raises:
            NotSaved: the disk refused; the vote may be given again.
        """
        self._lines.append({"vote": vote.model_dump(mode="json")}, durable=True)

    def take_back(self, vote_id: str) -> None:
        """Make a vote count no longer.

        Raises:
            NotSaved: the disk refused.
        """
        self._lines.append({"taken_back": vote_id}, durable=True)

    def standing(self) -> tuple[Vote, ...]:
        """Return the votes that count: of one person on the same item and contenders the last one.

        Lines that cannot be read are passed over.
        """
        votes: dict[str, Vote] = {}
        for line in self._lines.read():
            if "taken_back" in line:
                votes.pop(str(line["taken_back"]), None)
            elif (vote := _vote(line.get("vote"))) is not None:
                votes[vote.id] = vote
        return tuple({(vote.by, vote.item, vote.contenders): vote for vote in votes.values()}.values())

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def duels(votes: Iterable[Vote]) -> Iterator[tuple[str, str, float, Vote]]:
    """Yield `(a, b, points of a, vote)` for each pair that a vote says something of, `a` before `b` by name.

    A winner among several beat each of the others; who of these is better, nobody said. A tie gives
    half a point, and so does "both bad".
    """
    for vote in votes:
        for place, a in enumerate(vote.contenders):
            for b in vote.contenders[place + 1 :]:
                if vote.winner is None or vote.winner in (a, b):
                    yield a, b, 0.5 if vote.winner is None else float(vote.winner == a), vote


def _vote(value: object) -> Vote | None:
    try:
        return Vote.model_validate(value)
    except ValidationError:
        return None
