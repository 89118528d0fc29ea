"""How a quantity is spread over rows, from counts of its values."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from math import ceil

_BINS = 24


@dataclass(frozen=True, slots=True)
class Bin:
    """How many rows lie from `low` to `high`, both included."""

    low: int
    high: int
    rows: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and percentiles of whole numbers, and their histogram up to the 99th percentile."""

    rows: int = 0
    mean: float = 0.0
    p5: int = 0
    median: int = 0
    p95: int = 0
    largest: int = 0
    bins: tuple[Bin, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the figures without the histogram."""
        return {name: value for name, value in asdict(self).items() if name != "bins"}


def spread(values: Counter[int]) -> Spread:
    """Return the spread of values that occur so many times each."""
    rows = values.total()
    if not rows:
        return Spread()
    ordered = sorted(values.items())
    mean = sum(value * count for value, count in ordered) / rows
    p5, median, p95, p99 = (_percentile(ordered, rows, share) for share in (0.05, 0.5, 0.95, 0.99))
    return Spread(rows, round(mean, 1), p5, median, p95, ordered[-1][0], _bins(ordered, p99))


def _percentile(ordered: list[tuple[int, int]], rows: int, share: float) -> int:
    wanted = ceil(rows * share)
    seen = 0
    for value, count in ordered:
        seen += count
        if seen >= wanted:
            return value
    return ordered[-1][0]


def _bins(ordered: list[tuple[int, int]], most: int) -> tuple[Bin, ...]:
    low = ordered[0][0]
    width = max(1, ceil((most - low + 1) / _BINS))
    counts: Counter[int] = Counter()
    for value, count in ordered:
        if value <= most:
            counts[(value - low) // width] += count
    return tuple(
        Bin(low + place * width, low + (place + 1) * width - 1, counts[place])
        for place in range(max(counts) + 1)
    )
