"""How the arms of an experiment compare: by what people decided, and what it cost."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import fmean, quantiles
from typing import TYPE_CHECKING, TypeVar

from data.edit_rate import hter
from data.reasons import BY_CODE

if TYPE_CHECKING:
    from data.records import Candidate, Decision
    from data.store import Dataset

Item = TypeVar("Item")

_Z = 1.96
_RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, and the interval in which the true one lies nineteen times out of twenty."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One line of the table. What nothing is known of is `None`."""

    name: str
    candidates: int
    judged: int
    """Accepted, edited or rejected; what was wrong with the source itself does not count."""
    accepted: int
    """As it was or with changes."""
    accept_rate: Estimate | None
    hter: Estimate | None
    """Share of an accepted output's words that a person changed."""
    active_seconds: Estimate | None
    """Time in front of a judged candidate."""
    cost_per_accepted: Estimate | None
    """US dollars that all judged candidates cost, for each accepted one."""


@dataclass(slots=True)
class _Judged:
    accepted: list[bool] = field(default_factory=list)
    hter: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    costs: list[float | None] = field(default_factory=list)
    candidates: int = 0


def compare_arms(dataset: Dataset) -> tuple[ArmResult, ...]:
    """Return a line for each arm, sorted by name; candidates without an arm are left out."""
    arms: defaultdict[str, _Judged] = defaultdict(_Judged)
    for row in dataset.rows():
        candidates = {each: dataset.candidate(each) for each in row.candidates}
        for candidate in candidates.values():
            if candidate.arm:
                arms[candidate.arm].candidates += 1
        decision = dataset.ruling(row.id) if candidates else None
        judged = candidates.get(decision.candidate or "") if decision is not None else None
        if decision is not None and judged is not None and judged.arm and _counts(decision):
            _take(arms[judged.arm], judged, decision)
    return tuple(_result(name, arms[name]) for name in sorted(arms))


def _counts(decision: Decision) -> bool:
    if decision.kind == "reject":
        reasons = [BY_CODE[code] for code in decision.reasons if code in BY_CODE]
        return not reasons or any(reason.counts_against_model for reason in reasons)
    return decision.kind in {"accept", "edit"}


def _take(arm: _Judged, candidate: Candidate, decision: Decision) -> None:
    accepted = decision.kind in {"accept", "edit"}
    arm.accepted.append(accepted)
    arm.costs.append(candidate.usage.cost_usd)
    if decision.seen.seconds > 0:
        arm.seconds.append(decision.seen.seconds)
    if accepted:
        arm.hter.append(hter(candidate.output, decision.output or candidate.output))


def _result(name: str, arm: _Judged) -> ArmResult:
    costs = [cost for cost in arm.costs if cost is not None]
    return ArmResult(
        name=name,
        candidates=arm.candidates,
        judged=len(arm.accepted),
        accepted=sum(arm.accepted),
        accept_rate=_share(sum(arm.accepted), len(arm.accepted)),
        hter=_resampled(arm.hter, fmean),
        active_seconds=_resampled(arm.seconds, fmean),
        cost_per_accepted=(
            _resampled(list(zip(costs, arm.accepted, strict=True)), _cost_of_one)
            if len(costs) == len(arm.accepted) and any(arm.accepted)
            else None
        ),
    )


def _cost_of_one(judged: Sequence[tuple[float, bool]]) -> float:
    return sum(cost for cost, _ in judged) / max(sum(accepted for _, accepted in judged), 1)


def _share(hits: int, of: int) -> Estimate | None:
    """Wilson's interval, which holds for few and for extreme shares too."""
    if of == 0:
        return None
    share, scale = hits / of, 1 + _Z**2 / of
    middle = (share + _Z**2 / (2 * of)) / scale
    width = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2)) / scale
    return Estimate(share, max(0.0, middle - width), min(1.0, middle + width))


def _resampled(values: Sequence[Item], statistic: Callable[[Sequence[Item]], float]) -> Estimate | None:
    """A bootstrap interval; its seed is fixed, so that a table reads the same twice."""
    if not values:
        return None
    chance = random.Random(0)
    drawn = [statistic(chance.choices(values, k=len(values))) for _ in range(_RESAMPLES)]
    cuts = quantiles(drawn, n=40)
    return Estimate(statistic(values), cuts[0], cuts[-1])
