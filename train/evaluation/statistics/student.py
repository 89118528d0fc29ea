"""Student's t by its nearness to the normal distribution.

D. L. Wallace, "Bounds on Normal Approximations to Student's and the Chi-Square Distributions", Annals
of Mathematical Statistics 30 (1959): the error is below 0.3 % from 5 degrees of freedom on. Below, the
quantiles come out too large, which makes a verdict more careful.
"""

from __future__ import annotations

from math import copysign, exp, log1p, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_LARGEST_EXPONENT = 700.0


def quantile(share: float, freedom: int) -> float:
    """Return the value that a t variable stays below with probability `share`, above a half."""
    z = _NORMAL.inv_cdf(share)
    exponent = (z * (8 * freedom + 3) / (8 * freedom + 1)) ** 2 / freedom
    return sqrt(freedom * (exp(min(exponent, _LARGEST_EXPONENT)) - 1))


def two_sided(t: float, freedom: int) -> float:
    """Return how likely a t variable is at least so far from 0, in either direction."""
    z = sqrt(freedom * log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return 2 * _NORMAL.cdf(-z)


def stretched(level: float, freedom: int) -> float:
    """Return the share of draws to leave out on each side for an interval of `level` from few groups.

    The "expanded percentile interval" of T. Hesterberg, "What Teachers Should Know about the Bootstrap",
    The American Statistician 69 (2015), section 4.3.1: a bootstrap of few groups is too narrow.
    """
    groups = freedom + 1
    t = quantile((1 + level) / 2, freedom)
    return _NORMAL.cdf(-copysign(sqrt(groups / freedom) * t, 1.0))
