"""What a check of the doctor says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["pass", "warn", "fail"]

_WORSE: tuple[Level, ...] = ("pass", "warn", "fail")


@dataclass(frozen=True, slots=True)
class Check:
    """One verdict. `fix` says what to do; it is empty where nothing is wrong."""

    id: str
    level: Level
    message: str
    fix: str = ""


def passed(id: str, message: str) -> Check:
    """Return a verdict that asks for nothing."""
    return Check(id, "pass", message)


def failed(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return the checks that failed."""
    return tuple(check for check in checks if check.level == "fail")


def levels(checks: Iterable[Check]) -> dict[str, Level]:
    """Return the worst level of each id."""
    worst: dict[str, Level] = {}
    for check in checks:
        worst[check.id] = max(worst.get(check.id, "pass"), check.level, key=_WORSE.index)
    return worst
