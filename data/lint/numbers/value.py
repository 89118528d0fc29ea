"""What a number in a text is worth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
"""Pattern for digits with thousands separators and a decimal point."""

_GOES_ON = re.compile(r"(?!(?:km|kg|cm|mm|ml|mg|m|g|t|l|ha|[KMGT]B|[kMG]?W|[kMG]Hz)(?![A-Za-z\d]))[A-Za-z\d]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text.

    `sure` says that a translation should hold the same value; the others only count when the other
    side's numbers look for a counterpart ("a dozen", "first", 수십만).
    """

    value: float
    text: str
    span: tuple[int, int]
    kind: Literal["number", "month"] = "number"
    sure: bool = False
    scaled: bool = False
    """Written with a word of scale: 만, 억, million."""


def value_of_digits(text: str) -> float:
    """Return the value of what `DIGITS` matches; full-width digits are read too."""
    return float(text.replace(",", ""))


def is_in_a_name(text: str, end: int) -> bool:
    """Tell whether letters that are no unit follow a number that ends at `end`, as in 5G."""
    return _GOES_ON.match(text, end) is not None
