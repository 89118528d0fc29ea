"""Intervals of shares."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from train.evaluation.statistics.resampling import LEVEL, Estimate


def wilson(hits: float, of: int, level: float = LEVEL) -> Estimate:
    """Return a share with the score interval of E. B. Wilson (1927), which holds for few and for extreme ones.

    A tie may count as half a hit.
    """
    if of == 0:
        return Estimate(float("nan"))
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, scale = hits / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / scale
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))
