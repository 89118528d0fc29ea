"""What an endpoint's `x-ratelimit-*` headers still allow."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_PREFIX = "x-ratelimit-"
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST_S = 120.0
"""A longer wait is not believed: the next call finds out by itself."""
_EPOCH_S = 1_000_000_000
"""A larger number of seconds is a date."""


@dataclass(slots=True)
class Allowance:
    """What remains of one kind of limit, counted on from the last answer that said so.

    Everything is counted from the start of the process: `launched` calls or tokens, of which the
    endpoint allows `horizon` before the moment `reset`.
    """

    kind: Literal["requests", "tokens"]
    launched: int = 0
    horizon: float = math.inf
    reset: float = 0.0

    def wait(self, now: float, amount: int) -> float:
        """Return the seconds until `amount` more may be launched."""
        if self.launched + amount <= self.horizon or now >= self.reset:
            return 0.0
        return self.reset - now

    def note(self, headers: Mapping[str, str], launched_with_it: int, now: float) -> None:
        """Take in the headers of an answer; `launched_with_it`: `launched`, that call included."""
        remaining = headers.get(f"{_PREFIX}remaining-{self.kind}")
        if remaining is None and self.kind == "requests":
            remaining = headers.get(f"{_PREFIX}remaining")
        if remaining is None or not remaining.isdecimal() or len(remaining) > 12:
            return
        reset = headers.get(f"{_PREFIX}reset-{self.kind}") or headers.get(f"{_PREFIX}reset")
        seconds = read_duration(reset) if reset else None
        if seconds is None:
            return
        self.horizon = launched_with_it + int(remaining)
        self.reset = now + min(seconds, _LONGEST_S)


def read_duration(text: str) -> float | None:
    """Return the seconds of `6m0s`, `120ms`, `1.5`, or of a date in Unix seconds or milliseconds."""
    text = text.strip().lower()
    if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", text, re.ASCII):
        number = float(text)
        if number > _EPOCH_S:
            number = number / 1000 if number > _EPOCH_S * 100 else number
            return max(0.0, number - time.time())
        return number
    parts = _PART.findall(text)
    if not parts or "".join(f"{number}{unit}" for number, unit in parts) != text or len(text) > 40:
        return None
    return sum(float(number) * _UNIT_S[unit] for number, unit in parts)
