"""Money: what a project has spent, and a limit that it never crosses.

Before a call is sent, its worst case is set aside; when it has been answered, what it cost takes
its place. A call whose outcome nobody knows (it was lost, or its process died) keeps what was set
aside. So the sum only errs upwards, with many calls in flight, in many processes, over restarts.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BudgetReached
from pipeline.llm.cells import Cells

_PICO = 10**12
_COMMITTED, _SPENT = 0, 1


@dataclass(slots=True)
class Hold:
    """Money set aside for one call."""

    budget: Budget
    aside: int
    """In 10^-12 dollars."""

    @property
    def aside_usd(self) -> float:
        """The same in dollars."""
        return self.aside / _PICO

    def settle(self, cost_usd: float) -> None:
        """The call cost this much."""
        self.budget.change(self, math.ceil(cost_usd * _PICO), known=True)

    def release(self) -> None:
        """The call cost nothing."""
        self.budget.change(self, 0, known=True)

    def keep(self) -> None:
        """Nobody knows what the call cost."""
        self.budget.change(self, self.aside, known=False)


class Budget:
    """The project's purse. Without a limit it only counts."""

    def __init__(
        self, limit_usd: float | None, *, spent_before: float = 0.0, path: Path | None = None
    ) -> None:
        """`spent_before`: what the project's records say was spent; the ledger may know of more.

        `path` is the ledger that all processes of the project share.
        """
        self.limit_usd = limit_usd
        self._cells = Cells(path, 2)
        self._open = 0
        self._settled = asyncio.Event()
        with self._cells.changing() as sums:
            missing = max(0, round(spent_before * _PICO) - sums[_SPENT])
            sums[_COMMITTED] += missing
            sums[_SPENT] += missing

    @property
    def spent_usd(self) -> float:
        """What the project's answered calls cost, in all processes and runs."""
        with self._cells.changing() as sums:
            return sums[_SPENT] / _PICO

    @property
    def uncertain_usd(self) -> float:
        """What is set aside for calls in flight, and for calls whose outcome nobody knows."""
        with self._cells.changing() as sums:
            return (sums[_COMMITTED] - sums[_SPENT]) / _PICO

    async def reserve(self, worst_usd: float) -> Hold:
        """Set the worst case of a call aside, waiting for calls in flight if only they stand in the way.

        Raises:
            BudgetReached: it would cross the limit.
        """
        aside = math.ceil(worst_usd * _PICO)
        while not self._set_aside(aside):
            if not self._open:
                raise BudgetReached(
                    f"the budget of ${self.limit_usd:.2f} is reached: ${self.spent_usd:.4f} spent, and the next "
                    f"call may cost ${worst_usd:.4f}",
                    hint="Raise --budget-usd, or lower max_tokens of the model.",
                )
            await self._settled.wait()
        self._open += 1
        return Hold(self, aside)

    def change(self, hold: Hold, cost: int, *, known: bool) -> None:
        """Put the cost of a call in the place of what was set aside for it."""
        with self._cells.changing() as sums:
            sums[_COMMITTED] += cost - hold.aside
            sums[_SPENT] += cost if known else 0
        self._open -= 1
        self._settled.set()
        self._settled = asyncio.Event()

    def close(self) -> None:
        """Let go of the ledger."""
        self._cells.close()

    def _set_aside(self, aside: int) -> bool:
        with self._cells.changing() as sums:
            if self.limit_usd is not None and sums[_COMMITTED] + aside > self.limit_usd * _PICO:
                return False
            sums[_COMMITTED] += aside
            return True
