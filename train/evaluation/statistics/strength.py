"""Bradley-Terry: how strong each of several rivals is, by who beat whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import log

_ROUNDS = 10_000
_STILL = 1e-10
_PRIOR = 0.1
"""Half ties of each pair that met with an imagined rival, so that one who never lost stays finite."""


def bradley_terry(duels: Iterable[tuple[str, str, float]], *, prior: float = _PRIOR) -> dict[str, float]:
    """Return the log strength of each rival, their mean 0: `a` beats `b` with odds of `exp(a - b)`.

    `duels` are `(a, b, points of a)`, 1 for a win, ½ for a tie. Each rival also plays `prior` ties
    against one of average strength (0: none, and the likelihood alone decides). The algorithm is that
    of D. R. Hunter, "MM Algorithms for Generalized Bradley-Terry Models", Annals of Statistics 32 (2004).
    """
    points: defaultdict[str, float] = defaultdict(float)
    met: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for a, b, of_a in duels:
        points[a] += of_a
        points[b] += 1 - of_a
        met[a][b] += 1
        met[b][a] += 1
    strength = dict.fromkeys(sorted(met), 1.0)
    for _ in range(_ROUNDS):
        stronger = {
            name: (points[name] + prior / 2)
            / (
                sum(count / (own + strength[rival]) for rival, count in met[name].items())
                + prior / (own + 1.0)
            )
            for name, own in strength.items()
        }
        stronger = _centred(stronger) if not prior else stronger
        moved = max(
            (abs(stronger[name] / strength[name] - 1) for name in strength if strength[name]), default=0
        )
        strength = stronger
        if moved < _STILL:
            break
    logs = {name: log(max(value, 1e-300)) for name, value in strength.items()}
    mean = sum(logs.values()) / max(1, len(logs))
    return {name: value - mean for name, value in logs.items()}


def _centred(strength: dict[str, float]) -> dict[str, float]:
    total = sum(strength.values()) / len(strength)
    return {name: value / total for name, value in strength.items()}
