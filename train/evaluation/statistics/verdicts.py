"""Whether one is better than another, and what a test set of this size could tell at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist
from typing import Literal

from train.evaluation.statistics import student
from train.evaluation.statistics.resampling import FEWEST_GROUPS, Estimate

Verdict = Literal["better", "worse", "cannot tell at this size"]

RISK = 0.05
"""How often, at most, a difference is claimed anywhere in a family of comparisons where there is none."""
POWER = 0.8
"""How often the smallest difference is found where it is there."""
_WORST_DEVIATION = 0.5
"""Of a share: that of a coin."""
_MOST_TO_WIN = 0.5
"""From an even win rate to one of 100 %."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better `a` is than `b`, oriented so that more is better for `a`."""

    estimate: Estimate
    p: float
    """After Holm's correction for all comparisons of the family; 1 where nothing can be told."""
    verdict: Verdict
    smallest: float | None
    """The smallest difference that would be found four times out of five."""


def compare(differences: Sequence[Estimate]) -> tuple[Difference, ...]:
    """Judge a family of paired differences, each oriented so that more is better."""
    adjusted = holm([_p(each) for each in differences])
    return tuple(
        Difference(each, p, _verdict(each.value, p), smallest_difference(each, len(differences)))
        for each, p in zip(differences, adjusted, strict=True)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number (S. Holm, Scandinavian Journal of Statistics 6, 1979)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [1.0] * len(p_values)
    worst = 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = worst
    return adjusted


def smallest_difference(difference: Estimate, comparisons: int = 1) -> float | None:
    """Return the true difference that would be found four times out of five, by the scatter that there is."""
    if not difference.error or not isfinite(difference.error):
        return None
    return _reach(difference.freedom, comparisons) * difference.error


def smallest_before(
    items: int, groups: int, comparisons: int = 1
) -> tuple[float | None, float | None] | None:
    """Return between what the smallest difference of a win rate to ½ lies, before anything is asked.

    The first is that of sentences which are independent, the second of groups whose sentences agree;
    `None` in its place where not even a win rate of 100 % would be found. `None` for all: too few groups.
    """
    if groups < FEWEST_GROUPS:
        return None
    alone = _reach(items - 1, comparisons) * _WORST_DEVIATION / sqrt(items)
    alike = _reach(groups - 1, comparisons) * _WORST_DEVIATION / sqrt(groups)
    return (alone if alone <= _MOST_TO_WIN else None, alike if alike <= _MOST_TO_WIN else None)


def _reach(freedom: int, comparisons: int) -> float:
    sure = student.quantile(1 - RISK / (2 * max(1, comparisons)), freedom)
    return sure + NormalDist().inv_cdf(POWER)


def _p(difference: Estimate) -> float:
    if difference.error is None or not isfinite(difference.value):
        return 1.0
    if difference.error == 0:  # all groups agree: as likely as that many coins that fall alike
        return 1.0 if difference.value == 0 else 2.0**-difference.freedom
    return student.two_sided(difference.value / difference.error, difference.freedom)


def _verdict(value: float, p: float) -> Verdict:
    if p > RISK:
        return "cannot tell at this size"
    return "better" if value > 0 else "worse"
