"""What a number in a text is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
"""Pattern for digits with thousands separators and a decimal point."""

NOT_IN_A_NAME = r"(?![A-Za-z\d])|(?=(?:km|kg|cm|mm|ml|mg|m|g|t|l|ha|[KMGT]B|[kMG]?W|[kMG]Hz|won|KRW|USD|usd|krw)(?![A-Za-z\d]))"
"""Pattern for the end of a number that is not part of a name such as 5G or A380."""


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
