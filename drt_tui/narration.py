"""What is told while a command runs: on stderr, so that stdout stays data."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from data.text import show_controls

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipeline.autogen import Autogen
    from pipeline.events import Event
    from pipeline.llm.meter import Snapshot

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_FRAMES = 0.25


def narrate(line: str) -> None:
    """Tell a person at the terminal, or a log, what is going on."""
    print(show_controls(line), file=sys.stderr, flush=True)


class RunNarrator:
    """Tells how a run of autogen goes: a live line in a terminal, else a plain line now and then.

    Failures are told as they come, by their reason.
    """

    def __init__(self, run: Autogen, sentences: int, snapshot: Callable[[], Snapshot] | None) -> None:
        self._run = run
        self._sentences = sentences
        self._snapshot = snapshot
        self._live = _live_line(sentences) if sys.stderr.isatty() and sentences else None
        self._next = 0.0

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._draw()
            self._live.stop()

    def tell(self, event: Event) -> None:
        """Take in an event; tells of it only what a person needs to know."""
        from pipeline.events import SentenceFailed

        if isinstance(event, SentenceFailed):
            narrate(f"{event.sentence}: {event.stage} gave nothing usable: {event.why}")
        now = time.monotonic()
        if now < self._next:
            return
        if self._live:
            self._next = now + _SECONDS_BETWEEN_FRAMES
            self._draw()
        else:
            self._next = now + _SECONDS_BETWEEN_LINES
            report = self._run.report
            if report.generated or report.failed:
                narrate(f"{report.generated:,} of {self._sentences:,} generated · {self._state()}")

    def _draw(self) -> None:
        assert self._live is not None
        report = self._run.report
        done = report.generated + report.failed + report.skipped
        self._live.update(self._live.task_ids[0], completed=done, state=self._state())

    def _state(self) -> str:
        report, projected = self._run.report, self._run.projected_cost
        parts = [f"{report.failed:,} failed"] if report.failed else []
        if self._snapshot is not None:
            load = self._snapshot()
            ceilings = ", ".join(f"{name} {ceiling}" for name, ceiling in load.ceilings.items())
            parts += [f"{load.in_flight} in flight of {ceilings}", f"{load.tokens_a_minute:,.0f} tokens/min"]
        if report.cost_usd:
            parts.append(f"${report.cost_usd:.2f}" + (f" + ${projected.likely:.2f}" if projected else ""))
        return " · ".join(parts)


def _live_line(sentences: int) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        BarColumn(24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[state]}", markup=False),
        console=Console(stderr=True),
        auto_refresh=True,
    )
    progress.add_task("generated", total=sentences, state="")
    return progress
