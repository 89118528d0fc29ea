"""Keys pressed one after the other, and how long each takes to be seen."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.benchmarks._terminal import Screen
from tests.benchmarks.store import Measured

ESCAPE = b"\x1b"
ESCAPE_SECONDS = 0.1
"""So long a terminal's reader waits for what might follow an escape: that is not ours to time."""


@dataclass(frozen=True, slots=True)
class Press:
    """A key, and what appears only when it has done its work; its name is that of its line in the table."""

    name: str
    key: bytes
    shows: bytes


@dataclass(slots=True)
class Timings:
    """What was measured of each kind of key: seconds until it was seen, and of the processor meanwhile."""

    waited: dict[str, list[float]] = field(default_factory=dict)
    worked: dict[str, list[float]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(6))

    def press(self, screen: Screen, press: Press) -> None:
        """Press a key, wait for what it shows, and rest for as long as somebody who types fast."""
        before = screen.main_thread
        screen.press(press.key)
        seconds = screen.until(press.shows) - (ESCAPE_SECONDS if press.key == ESCAPE else 0.0)
        self.waited.setdefault(press.name, []).append(seconds)
        self.worked.setdefault(press.name, []).append(screen.main_thread - before)
        time.sleep(self.chance.uniform(0.02, 0.12))

    def told(self, what: str, reach: float) -> Iterator[Measured]:
        """Yield the line of all keys together, then one for each."""
        everything = sorted(seconds for times in self.waited.values() for seconds in times)
        yield Measured(what, _p95(everything), reach, f"{_middle(everything)}, load {os.getloadavg()[0]:.1f}")
        for name, times in self.waited.items():
            worked = statistics.median(self.worked[name]) * 1000
            yield Measured(
                f"  {name}, p95, ms",
                _p95(sorted(times)),
                reach,
                f"{_middle(times)}, {worked:.1f} of the processor",
            )


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * len(ordered))] * 1000


def _middle(times: list[float]) -> str:
    return f"p50 {statistics.median(times) * 1000:.1f} ms, worst {max(times) * 1000:.1f}, {len(times)} keys"
