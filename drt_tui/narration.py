"""What is told while a command runs: on stderr, so that stdout stays data."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from data.text import show_controls

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipeline.events import Event
    from pipeline.llm.meter import Snapshot
    from pipeline.run import Run

Item = TypeVar("Item")

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_UNTOLD = 1.0
_SECONDS_BETWEEN_FRAMES = 0.25


def narrate(line: str) -> None:
    """Tell a person at the terminal, or a log, what is going on."""
    print(show_controls(line), file=sys.stderr, flush=True)


def now_and_then(
    line: Callable[[int, int], str], say: Callable[[str], object] | None = None
) -> Callable[[int, int], None]:
    """Return what tells how far something is (so much, of how much): not within its first second.

    `say` is told the line; without it, stderr is.
    """
    due = time.monotonic() + _SECONDS_UNTOLD

    def tell(done: int, of: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            (say or narrate)(line(done, of))
            due = time.monotonic() + _SECONDS_BETWEEN_LINES

    return tell


def told(what: str, items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items; once that takes long, tell how many there were so far."""
    tell = now_and_then(lambda done, _: f"{done:,} {what}")
    for number, item in enumerate(items, 1):
        yield item
        tell(number, 0)


@asynccontextmanager
async def telling_who_rests(snapshot: Callable[[], Snapshot] | None) -> AsyncIterator[None]:
    """Tell, while it is entered, which models take no call and why, and when all do again."""

    async def keep_telling(snapshot: Callable[[], Snapshot]) -> None:
        last = ""
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_LINES)
            now = " · ".join(_waiting(snapshot()))
            if now != last:
                narrate(now or "nobody is waited for any longer")
            last = now

    task = asyncio.create_task(keep_telling(snapshot)) if snapshot else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


class RunNarrator:
    """Tells how a headless run goes: a live line in a terminal, else a plain line now and then.

    Failures are told as they come, by their reason. All else is told by the clock, so that a run
    which waits for an endpoint says so.
    """

    def __init__(
        self,
        run: Run[Any, Any],
        sentences: int,
        snapshot: Callable[[], Snapshot] | None,
        progress: Callable[[], str],
    ) -> None:
        """Prepare; `progress` says in words how much of the `sentences` is done."""
        self._run = run
        self._progress = progress
        self._sentences = sentences
        self._snapshot = snapshot
        self._live = _live_line(sentences) if sys.stderr.isatty() and sentences else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._draw(self._live)
            self._live.stop()

    def tell(self, event: Event) -> None:
        """Take in an event; tells of it only what a person needs to know."""
        from pipeline.events import SentenceFailed

        if isinstance(event, SentenceFailed):
            narrate(f"{event.sentence}: {event.stage} gave nothing usable: {event.why}")

    async def keep_telling(self) -> None:
        """Tell how far the run is, again and again, until cancelled."""
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_FRAMES if self._live else _SECONDS_BETWEEN_LINES)
            if self._live:
                self._draw(self._live)
            else:
                narrate(" · ".join([self._progress(), *self._state()]))

    def _draw(self, live: Progress) -> None:
        done = self._sentences - self._run.report.remaining
        live.update(live.task_ids[0], completed=done, state=" · ".join(self._state()))

    def _state(self) -> list[str]:
        """Return what there is to say, the most important first: a narrow terminal cuts off the end."""
        report, projected = self._run.report, self._run.projected_cost
        load = self._snapshot() if self._snapshot else None
        parts = _waiting(load) if load else []
        parts += [f"{report.failed:,} failed"] if report.failed else []
        if report.cost_usd:
            parts.append(f"${report.cost_usd:.2f}" + (f" + ${projected.likely:.2f}" if projected else ""))
        if load:
            ceilings = ", ".join(f"{name} {ceiling}" for name, ceiling in load.ceilings.items())
            parts += [f"{load.in_flight} in flight of {ceilings}", f"{load.tokens_a_minute:,.0f} tokens/min"]
        return parts


def _waiting(load: Snapshot) -> list[str]:
    rests = ", ".join(f"{name} {why}" for name, why in load.resting.items())
    if not rests:
        return []
    return [f"waiting: {rests}" if load.resting.keys() == load.ceilings.keys() else rests]


def _live_line(sentences: int) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    progress = Progress(
        BarColumn(16),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[state]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
        console=Console(stderr=True),
        auto_refresh=True,
        expand=True,
    )
    progress.add_task("generated", total=sentences, state="")
    return progress
