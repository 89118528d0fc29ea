"""All that a judge is asked in an evaluation, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any

from data.records import Usage
from pipeline.errors import StageFailed
from pipeline.llm.request import Request
from train.evaluation.crew import Crew, Job
from train.evaluation.judge import Choice, Judge
from train.evaluation.kept import Kept
from train.evaluation.outages import Outages
from train.evaluation.votes import Vote, duels

_ONE_NUMBER_FROM = 5
"""Judgements from which a judge that never varies is noticed."""
_MIRRORED: Mapping[Choice, Choice] = {"first": "second", "second": "first", "tie": "tie"}


@dataclass(frozen=True, slots=True)
class Duel:
    """Two translations of one source, judged in both orders. `None`: the judge gave no usable answer."""

    a: str
    b: str
    item: str
    straight: Choice | None
    """With `a` first; `first` means `a` is better."""
    turned: Choice | None
    """With `b` first, said as if `a` came first."""
    is_judged: bool = True
    """A judge was asked: the texts differ, and neither is empty."""

    @property
    def points(self) -> float | None:
        """Of `a`: 1 or 0 where both orders agree, half a win where they do not."""
        if self.straight is None or self.turned is None:
            return None
        if self.straight != self.turned:
            return 0.5
        return {"first": 1.0, "second": 0.0, "tie": 0.5}[self.straight]


@dataclass(slots=True)
class Judgements:
    """What a judge said."""

    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    """By contender and item."""
    given: list[float] = field(default_factory=list)
    """The numbers that the judge gave; an empty output is worth 0 without asking."""
    duels: list[Duel] = field(default_factory=list)
    votes: list[tuple[Duel, float]] = field(default_factory=list)
    """Duels that people voted on, and their points for `a`."""
    unusable: int = 0
    """Questions that the judge gave no usable answer to."""
    usage: Usage = field(default_factory=Usage)
    """Of this run; what was kept is not counted again."""

    @property
    def one_number(self) -> float | None:
        """The number that the judge gave to everything; `None` for one that tells things apart."""
        is_one = len(self.given) >= _ONE_NUMBER_FROM and len(set(self.given)) == 1
        return self.given[0] if is_one else None

    @property
    def calls_all_ties(self) -> bool:
        """The judge found no difference anywhere."""
        said = [choice for duel in self._judged for choice in (duel.straight, duel.turned)]
        return len(said) >= _ONE_NUMBER_FROM and set(said) == {"tie"}

    @property
    def disagrees_with_itself(self) -> float | None:
        """Share of duels that came out otherwise in the other order; `None` without any."""
        judged = self._judged
        return sum(duel.straight != duel.turned for duel in judged) / len(judged) if judged else None

    @property
    def _judged(self) -> list[Duel]:
        return [duel for duel in self.duels if duel.is_judged and duel.points is not None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A translation to judge; an empty one is the worst there is, and nobody is asked."""

    contender: str
    item: str
    source: str
    output: str


async def judge_all(
    judge: Judge,
    entries: Sequence[Entry],
    votes: Sequence[Vote],
    kept: Kept,
    crew: Crew,
    *,
    at_once: int,
    on_judgement: Callable[[int, int], None] = lambda done, of: None,
) -> Judgements:
    """Score every translation, and compare every two of the same item, in both orders.

    The duels of blind votes are judged as well, on the very texts that people saw.

    Raises:
        PipelineError: no retry can help: key, model, budget. What was judged is kept.
        EndpointsFailed: most questions get no answer; likewise.
        NotSaved: the disk refused a judgement.
    """
    asked = _Questions(judge, kept)
    for entry in entries:
        if entry.output:
            asked.add(judge.score(entry.item, entry.source, entry.output), entry.source, entry.output)
    fights = [*_fights(entries), *_voted(votes)]
    for source, one, other, item in {(f.source, f.one, f.other, f.item) for f in fights if f.is_open}:
        asked.add(judge.choice(item, source, one, other), source, one, other)
        asked.add(judge.choice(item, source, other, one), source, other, one)
    await asked.answer(crew, at_once, on_judgement)
    return _collected(asked, entries, fights)


@dataclass(frozen=True, slots=True)
class _Fight:
    a: str
    b: str
    item: str
    source: str
    one: str
    other: str
    voted: float | None = None
    """What a person said, in points for `a`."""

    @property
    def is_open(self) -> bool:
        """The texts differ, and both are there: there is something to ask."""
        return bool(self.one and self.other) and self.one != self.other


class _Questions:
    """Questions to a judge by the texts they are about: each is asked once."""

    def __init__(self, judge: Judge, kept: Kept) -> None:
        self._judge = judge
        self._kept = kept
        self._open: dict[str, Request[Any]] = {}
        self._said: dict[str, Any] = {}
        self.usage = Usage()
        self.unusable = 0

    def add(self, request: Request[Any], *texts: str) -> None:
        key = self._judge.key(*texts)
        value = self._kept.find(key)
        if value is not None and "said" in value:
            self._said[key] = value["said"]
        else:
            self._open.setdefault(key, request)

    def said(self, *texts: str) -> Any:
        return self._said.get(self._judge.key(*texts))

    async def answer(self, crew: Crew, at_once: int, on_judgement: Callable[[int, int], None]) -> None:
        done, outages = len(self._said), Outages()
        of = done + len(self._open)

        def jobs() -> Iterator[Job]:
            for key, request in self._open.items():
                yield partial(one, key, request)

        async def one(key: str, request: Request[Any]) -> None:
            nonlocal done
            try:
                reply = await self._judge.models.complete(request)
            except StageFailed as failure:
                self.unusable += 1
                self.usage += failure.usage or Usage()
                outages.note(failure.message if failure.is_outage else "")
            else:
                self.usage += reply.usage
                self._said[key] = reply.value
                about = {"item": request.sentence, "judge": self._judge.model}
                self._kept.keep(key, {"said": reply.value, "text": reply.text}, **about)
                outages.note()
            done += 1
            on_judgement(done, of)

        await crew.work([(jobs(), at_once)])


def _fights(entries: Sequence[Entry]) -> Iterator[_Fight]:
    by_item: dict[str, list[Entry]] = {}
    for entry in entries:
        by_item.setdefault(entry.item, []).append(entry)
    for item, rivals in by_item.items():
        for one, other in combinations(rivals, 2):
            yield _Fight(one.contender, other.contender, item, one.source, one.output, other.output)


def _voted(votes: Sequence[Vote]) -> Iterator[_Fight]:
    for a, b, points, vote in duels(votes):
        yield _Fight(a, b, vote.item, vote.source, vote.of(a).output, vote.of(b).output, points)


def _collected(asked: _Questions, entries: Sequence[Entry], fights: Sequence[_Fight]) -> Judgements:
    found = Judgements(unusable=asked.unusable, usage=asked.usage)
    for entry in entries:
        said = asked.said(entry.source, entry.output) if entry.output else 0
        if isinstance(said, int | float):
            found.given += [float(said)] if entry.output else []
            found.scores.setdefault(entry.contender, {})[entry.item] = float(said)
    for fight in fights:
        duel = _duel(asked, fight)
        if fight.voted is None:
            found.duels.append(duel)
        else:
            found.votes.append((duel, fight.voted))
    return found


def _duel(asked: _Questions, fight: _Fight) -> Duel:
    if not fight.is_open:
        sure: Choice = "tie" if fight.one == fight.other else "first" if fight.one else "second"
        return Duel(fight.a, fight.b, fight.item, sure, sure, is_judged=False)
    straight: Choice | None = asked.said(fight.source, fight.one, fight.other)
    turned: Choice | None = asked.said(fight.source, fight.other, fight.one)
    return Duel(fight.a, fight.b, fight.item, straight, _MIRRORED[turned] if turned else None)
