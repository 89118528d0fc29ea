"""What the loop says while it runs: small frozen values, the same for screen, autogen and tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.records import Call, Candidate, Mined, Stage, Usage
from pipeline.progress import Progress


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; `sentence` is the id of the sentence they are about."""

    sentence: str


@dataclass(frozen=True, slots=True)
class StageStarted(Event):
    """A stage begins. `round` counts drafts from 0: the literal draft is 0, its refinement 1."""

    stage: Stage
    round: int


@dataclass(frozen=True, slots=True)
class TextDelta(Event):
    """More text of the running stage arrived; only streamed runs say this."""

    stage: Stage
    round: int
    text: str


@dataclass(frozen=True, slots=True)
class StageRetried(Event):
    """The running stage is tried again: text shown so far is void. `why` is for people."""

    stage: Stage
    round: int
    model: str
    why: str


@dataclass(frozen=True, slots=True)
class StageFinished(Event):
    """A stage is done: its call as recorded (`None` where a person or a tokenizer did the work)."""

    stage: Stage
    round: int
    call: Call | None
    progress: Progress
    """All that is known of the sentence now."""


@dataclass(frozen=True, slots=True)
class StageGivenUp(Event):
    """A repair or a further sample gave nothing usable; what the stage had before is kept."""

    stage: Stage
    round: int
    why: str
    usage: Usage = field(default_factory=Usage)
    """What it took all the same."""


@dataclass(frozen=True, slots=True)
class CandidateReady(Event):
    """The pass over the sentence is complete."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class SentenceDropped(Event):
    """The sentence was too easy: fewer refinements than `min_refinements`. Not a failure."""

    why: str


@dataclass(frozen=True, slots=True)
class SentenceMined(Event):
    """A sentence of a running text was answered; `answer` says whether it is kept."""

    answer: Mined


@dataclass(frozen=True, slots=True)
class SentencePostponed(Event):
    """A stage gave nothing usable; the sentence is tried once more when all others are done."""

    stage: Stage
    why: str
    usage: Usage = field(default_factory=Usage)
    """What the failed stage took all the same."""


@dataclass(frozen=True, slots=True)
class SentenceFailed(Event):
    """A stage gave nothing usable after all retries and fallbacks."""

    stage: Stage
    why: str
    usage: Usage = field(default_factory=Usage)
    """What the failed stage took all the same."""
    is_outage: bool = False
    """No model wrote anything: it was their endpoints."""
