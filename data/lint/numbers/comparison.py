"""Do two texts tell the same numbers?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from data.lint.numbers.value import Quantity

_ROUNDED = 0.05
"""Large numbers are often rounded in translation: this much of the value may differ."""
_SAME = 1e-6
_COUNTED_FROM = 2
"""Below this a number is often said without a number: "a", "once", "half"."""
_LARGE = 1e4


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A number of the source, the number of the output that stands in its place, and how they differ."""

    kind: Literal["scale", "month", "value"]
    source: Quantity
    output: Quantity


def mismatches(source: Sequence[Quantity], output: Sequence[Quantity]) -> Iterator[Mismatch]:
    """Yield numbers that both sides hold, but with different values.

    A number that has no counterpart at all is no mismatch: translations say things in other words.
    """
    elliptic = any(quantity.scaled for quantity in output)
    for kind in ("month", "number"):
        lost = [q for q in source if q.kind == kind and q.sure and not _told(q, output)]
        new = [q for q in output if q.kind == kind and q.sure and not _told(q, source)]
        for one in lost:
            for other in new:
                if kind == "month":
                    yield Mismatch("month", one, other)
                elif elliptic and _is_elliptic(one, other):
                    continue
                elif _scale_slipped(one, other):
                    yield Mismatch("scale", one, other)
                elif min(one.value, other.value) >= _COUNTED_FROM and _is_large(one) == _is_large(other):
                    yield Mismatch("value", one, other)


def _told(quantity: Quantity, others: Sequence[Quantity]) -> bool:
    return any(_equal(quantity, other) for other in others)


def _equal(one: Quantity, other: Quantity) -> bool:
    tolerance = _ROUNDED if one.scaled or other.scaled else _SAME
    if math.isclose(one.value, other.value, rel_tol=tolerance):
        return True
    low, high = sorted((one.value, other.value))
    if one.scaled or other.scaled:
        return False
    is_share = low < 1 and math.isclose(high, low * 100)
    is_hour, is_short_year = high == low + 12, 1900 <= high < 2100 and high % 100 == low
    return is_share or is_hour or is_short_year or high == 100 - low


def _is_elliptic(one: Quantity, other: Quantity) -> bool:
    """Tell whether the word of scale may have been said before: "thirty thousand, or twenty-five for you"."""
    return not other.scaled and any(math.isclose(one.value, other.value * scale) for scale in (1e3, 1e6, 1e9))


def _is_large(quantity: Quantity) -> bool:
    return quantity.scaled or quantity.value >= _LARGE


def _scale_slipped(one: Quantity, other: Quantity) -> bool:
    """Tell whether two large numbers are the same but for a power of ten."""
    if (
        not (one.scaled or other.scaled)
        or min(one.value, other.value) <= 0
        or max(one.value, other.value) < _LARGE
    ):
        return False
    exponent = math.log10(one.value / other.value)
    return abs(round(exponent)) >= 1 and abs(exponent - round(exponent)) < math.log10(1 + _ROUNDED)
