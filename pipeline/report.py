"""What a headless run came to, while it runs and at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import Literal

from data.records import Call, Candidate, Mined, Usage

Ending = Literal["running", "done", "interrupted", "budget", "failure-rate"]

_T_95 = (
    6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86, 1.83, 1.81,
    1.80, 1.78, 1.77, 1.76, 1.75, 1.75, 1.74, 1.73, 1.73, 1.72,
)  # fmt: skip
"""Student's t, 95th percentile, for 1 to 20 degrees of freedom."""
_Z_95 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Counts of one call, of autogen or of mining. Money is `None` where a price is unknown."""

    failed: int = 0
    skipped: int = 0
    """Was done before under these settings, belonged to another process, or was not to be done."""
    remaining: int = 0
    """Chosen, and nothing has become of it."""
    calls: int = 0
    cached: int = 0
    """Stages answered from the stage log, not paid again."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    utilisation: float | None = None
    """Mean calls in flight / ceiling, from the first full moment until nothing waits."""
    fallbacks: int = 0
    """Stages that were not answered by the first model of their list."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Failures by reason."""
    ended: Ending = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationReport(RunReport):
    """Counts of one call of autogen."""

    generated: int = 0
    dropped: int = 0
    """Of `skipped`, those that needed fewer refinements than `min_refinements`."""
    with_findings: int = 0
    """Of `generated`, candidates with a finding."""
    by_arm: dict[str, int] = field(default_factory=dict)
    """Candidates by arm, where there are arms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningReport(RunReport):
    """Counts of one call of mining."""

    asked: int = 0
    """Sentences that a model was asked about: `mined + rejected + failed`."""
    mined: int = 0
    """Sentences that hold a figure which a literal translation would spoil."""
    rejected: int = 0
    added: int = 0
    """Of `mined`, those that the dataset did not hold yet."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What something will come to, and the range in which it will lie nine times out of ten."""

    low: float
    likely: float
    high: float


@dataclass(slots=True)
class Spread:
    """Mean and variance of numbers that come one by one; keeps none of them."""

    count: int = 0
    mean: float = 0.0
    _squares: float = 0.0

    def add(self, value: float) -> None:
        """Take in one more number."""
        self.count += 1
        apart = value - self.mean
        self.mean += apart / self.count
        self._squares += apart * (value - self.mean)

    def project(self, more: int) -> Projection | None:
        """Return what the sum of `more` further numbers will be; `None` with fewer than two so far."""
        if self.count < 2:
            return None
        degrees = self.count - 1
        t = _T_95[degrees - 1] if degrees <= len(_T_95) else _Z_95
        deviation = sqrt(self._squares / degrees * (more + more**2 / self.count))
        likely = self.mean * more
        return Projection(max(0.0, likely - t * deviation), likely, likely + t * deviation)


class Tally:
    """Adds up a run."""

    def __init__(self) -> None:
        self.failed = self.skipped = self.cached = self.fallbacks = 0
        self.usage = Usage()
        self.reasons: dict[str, int] = {}
        self.cost_of_one = Spread()
        """US dollars a sentence; stays empty where a price is unknown."""

    def call(self, call: Call) -> None:
        """Take in an answered stage."""
        self.usage += call.usage
        self.cached += call.cached
        self.fallbacks += bool(call.fallbacks)

    def waste(self, usage: Usage) -> None:
        """Take in what a stage took that gave nothing usable."""
        self.usage += usage

    def failure(self, why: str) -> None:
        """Take in a sentence that failed for good."""
        self.failed += 1
        reason = why[:120]
        if reason in self.reasons or len(self.reasons) < _MOST_REASONS:
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        else:
            self.reasons[_OTHER] = self.reasons.get(_OTHER, 0) + 1


class GenerationTally(Tally):
    """Adds up a run of autogen."""

    def __init__(self) -> None:
        super().__init__()
        self.generated = self.dropped = self.with_findings = 0
        self.by_arm: dict[str, int] = {}

    def candidate(self, candidate: Candidate) -> None:
        """Take in a candidate that is saved."""
        self.generated += 1
        self.with_findings += bool(candidate.findings)
        if candidate.arm:
            self.by_arm[candidate.arm] = self.by_arm.get(candidate.arm, 0) + 1
        if candidate.usage.cost_usd is not None:
            self.cost_of_one.add(candidate.usage.cost_usd)


class MiningTally(Tally):
    """Adds up a run of mining."""

    def __init__(self) -> None:
        super().__init__()
        self.mined = self.rejected = self.added = 0

    def answer(self, answer: Mined, *, is_new: bool, paid: Usage) -> None:
        """Take in an answer that is kept."""
        self.mined += answer.is_worth_translating
        self.rejected += not answer.is_worth_translating
        self.added += is_new
        if paid.cost_usd is not None:
            self.cost_of_one.add(paid.cost_usd)


_MOST_REASONS = 50
_OTHER = "other reasons"
