"""Who beats whom: by people's votes, and by a judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from train.evaluation.judging import Duel
from train.evaluation.results import Strength
from train.evaluation.statistics.resampling import Estimate
from train.evaluation.statistics.shares import wilson
from train.evaluation.statistics.strength import bradley_terry


def strength_of(duels: Iterable[tuple[str, str, float]]) -> Strength | None:
    """Return how rivals stand by their duels, `None` without any; a tie is half a win for both."""
    fought = list(duels)
    if not fought:
        return None
    points: defaultdict[str, list[float]] = defaultdict(list)
    pairs: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for a, b, of_a in fought:
        points[a].append(of_a)
        points[b].append(1 - of_a)
        pairs[a, b].append(of_a)
    return Strength(
        wins={name: wilson(sum(of), len(of)) for name, of in sorted(points.items())},
        pairs={pair: wilson(sum(of), len(of)) for pair, of in sorted(pairs.items())},
        bradley_terry=bradley_terry(fought),
        duels=len(fought),
    )


def agreement(judged: Sequence[tuple[Duel, float]]) -> Estimate | None:
    """Return how often a judge and people preferred the same of two; ties of people are left out.

    A judge that cannot decide agrees by half.
    """
    sure = [(duel.points, voted) for duel, voted in judged if duel.points is not None and voted != 0.5]
    hits = sum(0.5 if points == 0.5 else float(points == voted) for points, voted in sure)
    return wilson(hits, len(sure)) if sure else None
