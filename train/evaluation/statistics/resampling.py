"""Intervals by drawing groups anew, then sentences within them.

Sentences of one group (idiom) are no independent witnesses: a model that knows the idiom has them all
right. So groups are drawn with replacement, and of each drawn group its sentences are. That alone
would count the scatter inside a group twice, since a group's mean holds it already (A. C. Davison and
D. V. Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8). The drawing of groups is
therefore damped by as much as the second one adds, and never so far that the interval would be narrower
than that of sentences which have nothing to do with each other.

Of fewer than six groups nothing is said: the least and the greatest of five hold the middle of what
they were drawn from in 94 of 100 cases, and no draws of them can reach beyond.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isclose, isfinite, sqrt
from statistics import NormalDist
from typing import Any

from train.evaluation.statistics import student

Array = Any
"""An array of numpy, which is loaded when the first interval is asked for."""

LEVEL = 0.95
FEWEST_GROUPS = 6
"""Groups from which an interval is given."""
_ALIKE = 1e-9
"""Bounds so near each other differ by rounding alone."""
_DRAWS = 2000
_FEWEST_DRAWS = 400
_MOST_CELLS = 8_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval in which the true one lies nineteen times out of twenty.

    Without an interval (`None`) there were too few groups to tell.
    """

    value: float
    low: float | None = None
    high: float | None = None
    error: float | None = None
    """Standard error."""
    freedom: int = 0
    """Degrees of freedom of the standard error: the groups, less one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as a function of sums over items: a mean, a ratio, a score of a whole corpus.

    `rows` has a line an item; `of` turns sums of lines, a line a draw, into values. It must not
    change when all sums are multiplied by the same number.
    """

    rows: Array
    of: Callable[[Array], Array]
    bounds: tuple[float, float] | None = None
    """Of a share, or of the difference of two: no value lies beyond, and where all groups agree the
    draws have no scatter and say nothing of what else there may be."""

    @classmethod
    def share(cls, values: Sequence[float | None], bounds: tuple[float, float] = (0.0, 1.0)) -> Figure:
        """Return the mean of values that are 0 or 1, or of others with bounds; an item without one is left out."""
        return replace(cls.mean(values), bounds=bounds)

    @classmethod
    def mean(cls, values: Sequence[float | None]) -> Figure:
        """Return the mean of values; an item without one is left out."""
        import numpy as np

        known = np.array([[0.0, 0.0] if value is None else [value, 1.0] for value in values])
        return cls(known.reshape(-1, 2), _mean)

    @property
    def known(self) -> Array:
        """Which items have a value."""
        return self.rows.any(axis=1)

    def among(self, places: Sequence[int]) -> Figure:
        """Return the same figure of some of the items."""
        return replace(self, rows=self.rows[list(places)])

    def minus(self, other: Figure) -> Figure:
        """Return the difference of two figures of the same items, over those that both know."""
        import numpy as np

        width = self.rows.shape[1]
        both = self.known & other.known
        return Figure(
            np.hstack([self.rows, other.rows]) * both[:, None],
            lambda sums: self.of(sums[:, :width]) - other.of(sums[:, width:]),
            (-1.0, 1.0) if self.bounds and other.bounds else None,
        )


def _around(value: float, bounds: tuple[float, float], groups: int) -> tuple[float, float]:
    """Return where a share may lie of which all groups agree: as far as Wilson's interval goes from 0 of so many."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    reach = z * z / (groups + z * z)
    return max(bounds[0], value - reach), min(bounds[1], value + reach)


def _mean(sums: Array) -> Array:
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[:, 0] / sums[:, 1]


class Resampling:
    """The draws of one set of items; all figures share them, which makes differences paired ones."""

    def __init__(self, groups: Sequence[Hashable | None], *, draws: int = _DRAWS, seed: int = 0) -> None:
        """Prepare; an item whose group is `None` stands alone."""
        named = [("alone", place) if group is None else group for place, group in enumerate(groups)]
        numbers = {group: number for number, group in enumerate(dict.fromkeys(named))}
        self.items = len(named)
        self.groups = len(numbers)
        self._group_of = [numbers[group] for group in named]
        self._draws = max(_FEWEST_DRAWS, min(draws, _MOST_CELLS // max(1, self.items)))
        self._seed = seed
        self._of_some: dict[bytes, Resampling] = {}

    def estimate(self, figure: Figure) -> Estimate:
        """Return a figure with its interval; items without a value take no part, nor do groups of such items."""
        import numpy as np

        known = figure.known
        if self.items and not known.all():
            return self._among(known).estimate(replace(figure, rows=figure.rows[known]))
        value = float(figure.of(figure.rows.sum(axis=0, keepdims=True))[0]) if self.items else float("nan")
        if self.groups < FEWEST_GROUPS or not isfinite(value):
            return Estimate(value)
        drawn = figure.of(self._weights(self._damping(figure)) @ figure.rows)
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn) < 2:
            return Estimate(value)
        freedom = self.groups - 1
        out = student.stretched(LEVEL, freedom)
        low: float = np.quantile(drawn, out).item()
        high: float = np.quantile(drawn, 1 - out).item()
        error = float(drawn.std(ddof=1)) * sqrt(self.groups / freedom)
        if isclose(low, high, rel_tol=_ALIKE, abs_tol=_ALIKE):
            error = 0.0
            if figure.bounds is not None:
                low, high = _around(value, figure.bounds, self.groups)
        return Estimate(value, low, high, error, freedom)

    def _among(self, known: Array) -> Resampling:
        """Return the draws of some of the items; figures that know the same ones share them."""
        key = known.tobytes()
        if key not in self._of_some:
            groups = [group for group, is_known in zip(self._group_of, known, strict=True) if is_known]
            self._of_some[key] = Resampling(groups, draws=self._draws, seed=self._seed)
        return self._of_some[key]

    def _damping(self, figure: Figure) -> float:
        """Return by how much the drawing of groups counts, from 0 to 1.

        What each item contributes is told by leaving it out.
        """
        import numpy as np

        total = figure.rows.sum(axis=0, keepdims=True)
        pull = np.nan_to_num(figure.of(total) - figure.of(total - figure.rows))
        of_group = np.bincount(self._places, weights=pull, minlength=self.groups)
        inside = float(((pull - (of_group / self._sizes)[self._places]) ** 2).sum())
        between = float((of_group**2).sum())
        if between + inside == 0:
            return 1.0
        alone = float((pull**2).sum())
        wanted = max(between * self.groups / (self.groups - 1), alone) - inside
        return sqrt(min(1.0, max(0.0, wanted / (between + inside))))

    def _weights(self, damping: float) -> Array:
        """Return how often each item counts in each draw."""
        groups, sentences = self._drawn
        return (1 + damping * (groups - 1))[:, self._places] * sentences

    @cached_property
    def _drawn(self) -> tuple[Array, Array]:
        """How often each group, and each sentence of its group, is drawn: a line a draw."""
        import numpy as np

        chance = np.random.default_rng(self._seed)
        even = np.full(self.groups, 1 / self.groups)
        groups = chance.multinomial(self.groups, even, size=self._draws).astype(np.float32)
        order = np.argsort(self._places, kind="stable")
        sizes = self._sizes[self._places[order]]
        starts = (np.cumsum(self._sizes) - self._sizes)[self._places[order]]
        picked = starts + (chance.random((self._draws, self.items)) * sizes).astype(np.int64)
        cells = picked + np.arange(self._draws)[:, None] * self.items
        counts = np.bincount(cells.ravel(), minlength=self._draws * self.items).reshape(self._draws, -1)
        sentences: Array = np.empty((self._draws, self.items), dtype=np.float32)
        sentences[:, order] = counts
        return groups, sentences

    @cached_property
    def _places(self) -> Array:
        import numpy as np

        return np.array(self._group_of, dtype=np.int64)

    @cached_property
    def _sizes(self) -> Array:
        import numpy as np

        return np.bincount(self._places, minlength=self.groups).astype(np.int64)
