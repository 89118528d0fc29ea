"""A compare screen on a real project, with contenders that answer by script."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from data.store import Dataset
from drt_tui.app import DrtApp
from drt_tui.comparing.comparison import Column
from drt_tui.comparing.lineup import OpenLineup
from drt_tui.one_by_one import _has_caught_up
from drt_tui.screens.compare import CompareScreen
from tests.stubs.scripted_contenders import ScriptedContender, lineup
from tests.stubs.session import sentence, session

HELD_OUT = 3


def hold_out(dataset: Dataset, count: int = HELD_OUT) -> None:
    """Fill a dataset with five sentences, the first ones held out for the test."""
    dataset.add_sentences(sentence(number, split="test" if number < count else None) for number in range(5))


class CompareBench:
    """A running app with the compare screen in front."""

    def __init__(self, app: DrtApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> CompareScreen:
        assert isinstance(self.app.screen, CompareScreen)
        return self.app.screen

    @property
    def columns(self) -> list[Column]:
        return self.screen.comparison.columns

    @property
    def text(self) -> str:
        """Everything on the terminal, a line a line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips[: self.app.size.height])

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.painted()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let the app work until something is so; the test's own time limit ends a vain wait."""
        while not is_so():
            await self.pilot.pause(0.01)
        await self.painted()

    async def painted(self) -> None:
        """Wait until all that was said to the widgets so far is on the screen."""
        for _ in range(2):
            screen = self.app.screen
            for node in (self.app, screen, *screen.query("*")):
                await _has_caught_up(node)
            done = asyncio.Event()
            if not screen.is_running or not screen.call_after_refresh(done.set):
                return
            await done.wait()

    async def answered(self) -> None:
        """Wait until nobody answers any more, and all of it is on the screen."""
        ended = {"done", "failed", "stopped"}
        await self.until(lambda: bool(self.columns) and all(each.state in ended for each in self.columns))
        self.screen.paint()
        await self.painted()


@asynccontextmanager
async def comparing(
    dataset: Dataset,
    contenders: Sequence[ScriptedContender] | OpenLineup,
    *,
    size: tuple[int, int] = (100, 30),
    seed: int = 0,
    settle: bool = True,
    **settings: Any,
) -> AsyncIterator[CompareBench]:
    """Start the app on a compare screen, whose sides are drawn by `seed`."""
    opened = session(dataset, None, **settings)
    opening = contenders if callable(contenders) else lineup(contenders)
    app = DrtApp(opened, opening=CompareScreen(opened, opening, chance=random.Random(seed)))
    async with app.run_test(size=size, notifications=True) as pilot:
        bench = CompareBench(app, pilot)
        await bench.until(lambda: bool(bench.columns) or bool(bench.screen.status._note[0]))
        if settle:
            await bench.answered()
        yield bench
