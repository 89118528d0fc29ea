"""Following a run from the command line: what it says, on stderr, and what ctrl+c means meanwhile."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Literal

from drt_tui.narration import narrate
from drt_tui.training.words import line_of
from train import Run, RunFolder, follow, observe, stop
from train.errors import RunProblem
from train.run.events import AnyEvent, Checked, Stepped

_SECONDS_BETWEEN_STEPS = 5.0

OnInterrupt = Literal["stop", "leave"]


@dataclass(slots=True)
class Watch:
    """One person's watch over one run.

    With `stop` the first ctrl+c stops the run after the step it is in, with a checkpoint, and waits for
    it; the second does not wait. With `leave` it ends the watch, and the run goes on.
    """

    on_interrupt: OnInterrupt
    folder: RunFolder | None = None
    """The run, once there is one."""
    interrupted: bool = False

    def until_end(self, folder: RunFolder, *, offset: int = 0) -> Run:
        """Tell what the run says until it has ended, or until the person has left; return how it stands.

        `offset` is where in its record to begin, in bytes.

        Raises:
            RunProblem: the run cannot be read.
        """
        self.folder = folder
        if self.interrupted:  # while it was being started
            self._ask_to_stop(folder)
        try:
            for event in _now_and_then(follow(folder, offset=offset)):
                narrate(line_of(event))
        except KeyboardInterrupt:
            self.interrupted = True
            narrate(self._parting(folder))
        return observe(folder)

    def heard(self, number: int, frame: FrameType | None) -> None:
        """Take in a signal."""
        if self.on_interrupt == "leave" or (self.interrupted and self.folder is not None):
            raise KeyboardInterrupt
        self.interrupted = True
        narrate("stopping after this step, with a checkpoint; once more to leave, and it stops without you")
        if self.folder is not None:
            self._ask_to_stop(self.folder)

    def _ask_to_stop(self, folder: RunFolder) -> None:
        try:
            stop(folder)
        except RunProblem as problem:  # it has just ended by itself
            narrate(problem.message)

    def _parting(self, folder: RunFolder) -> str:
        if self.on_interrupt == "stop":
            return f"run {folder.id} is still stopping; see it end with: drt-tui train --attach {folder.id}"
        return (
            f"run {folder.id} goes on without you. Come back: drt-tui train --attach {folder.id}; "
            f"stop it: drt-tui train --stop {folder.id}"
        )


@contextmanager
def watching(on_interrupt: OnInterrupt) -> Iterator[Watch]:
    """Return a watch that hears ctrl+c and a wish to terminate, from before its run is started."""
    watch = Watch(on_interrupt)
    before = {number: signal.signal(number, watch.heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield watch
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _now_and_then(events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
    """Leave out most steps, and what went well."""
    due = 0.0
    for event in events:
        if isinstance(event, Stepped):
            last = event.step == event.max_steps
            if time.monotonic() < due and not last:
                continue
            due = time.monotonic() + _SECONDS_BETWEEN_STEPS
        if not (isinstance(event, Checked) and event.check.level == "pass"):
            yield event
