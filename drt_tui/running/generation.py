"""The loop running ahead of the person: the next sentences are generated while one is being read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from data.errors import DataError, StoreError
from data.records import Usage
from drt_tui.errors import TuiError
from drt_tui.running.engines import Engines, Order
from drt_tui.running.live import LivePass
from pipeline.errors import PipelineError
from pipeline.events import CandidateReady, Event, SentenceDropped, SentenceFailed, StageFinished

if TYPE_CHECKING:
    from data.store import Dataset


class Generation:
    """Runs passes for the sentences that are wanted, a few at a time, and keeps what they say.

    It never touches a widget: text gathers in `passes`, and what changes a sentence's state is
    told by messages.
    """

    @dataclass
    class PassEnded(Message):
        """A pass gave a candidate, or ended without one; what came of it is stored."""

        sentence: str

    @dataclass
    class Preparing(Message):
        """No pass can run yet, and why."""

        line: str

    class Opened(Message):
        """The models are open."""

    @dataclass
    class Stopped(Message):
        """No pass can run until something is mended: key, model, budget, disk."""

        error: PipelineError | DataError | TuiError

    def __init__(
        self,
        dataset: Dataset,
        open_engines: Callable[[], AbstractAsyncContextManager[Engines]],
        *,
        at_once: int,
    ) -> None:
        self.passes: dict[str, LivePass] = {}
        self.usage = Usage()
        """What the calls of all passes took."""
        self.tell: Callable[[Message], object] = lambda message: None
        """Where messages go."""
        self.engines: Engines | None = None
        """Open while `run` runs."""
        self._dataset = dataset
        self._open_engines = open_engines
        self._at_once = at_once
        self._waiting: list[Order] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._is_stopped = False

    def want(self, sentences: Sequence[str]) -> None:
        """Generate these next, the first first; what was wanted before and has not begun is dropped."""
        ordered = [order for order in self._waiting if order != Order(order.sentence)]
        known = {order.sentence for order in ordered} | self.passes.keys()
        self._waiting = ordered + [Order(sentence) for sentence in sentences if sentence not in known]
        self._changed.set()

    def order(self, order: Order) -> None:
        """Generate this before all else, anew where it runs or was generated already."""
        self.stop(order.sentence)
        self.passes[order.sentence] = LivePass(order.sentence, order.start)
        self._waiting = [order, *(other for other in self._waiting if other.sentence != order.sentence)]
        self._is_stopped = False
        self._changed.set()

    def stop(self, sentence: str) -> bool:
        """Stop the pass of a sentence; what it made so far stays in `passes`. False: none ran."""
        self._waiting = [order for order in self._waiting if order.sentence != sentence]
        task = self._tasks.pop(sentence, None)
        if task is None:
            return False
        self.passes[sentence].stop()
        return task.cancel()

    def is_running(self, sentence: str) -> bool:
        """Whether a pass of this sentence is under way."""
        return sentence in self._tasks

    def say(self, line: str) -> None:
        """Tell why no pass can run yet; from whatever thread."""
        self.tell(self.Preparing(line))

    async def run(self) -> None:
        """Run until cancelled; the models stay open meanwhile."""
        try:
            async with self._open_engines() as self.engines, asyncio.TaskGroup() as tasks:
                self.tell(self.Opened())
                while True:
                    await self._changed.wait()
                    self._changed.clear()
                    self._start_some(self.engines, tasks)
        except (PipelineError, DataError, TuiError) as error:
            self.tell(self.Stopped(error))
        finally:
            self.engines = None

    def _start_some(self, engines: Engines, tasks: asyncio.TaskGroup) -> None:
        while self._waiting and not self._is_stopped and len(self._tasks) < self._at_once:
            order = self._waiting.pop(0)
            live = self.passes[order.sentence] = LivePass(order.sentence, order.start)
            task = tasks.create_task(self._pass(engines, order, live))
            self._tasks[order.sentence] = task
            task.add_done_callback(partial(self._ended, order.sentence))

    def _ended(self, sentence: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(sentence) is task:
            del self._tasks[sentence]
        self._changed.set()

    async def _pass(self, engines: Engines, order: Order, live: LivePass) -> None:
        if self._dataset.row(order.sentence).is_held_out:
            live.fail("It is held out for validation or test, so no model is shown it.")
            self.tell(self.PassEnded(order.sentence))
            return
        try:
            lease = self._dataset.claim(order.sentence, "generate")
            if lease is None:
                del self.passes[order.sentence]
                return
            with lease:
                sentence = self._dataset.sentence(order.sentence)
                async with aclosing(engines.run(sentence, order)) as events:  # type: ignore[type-var]
                    async for event in events:
                        self._take(event, live)
        except (PipelineError, StoreError) as error:
            self._is_stopped = True
            live.fail(f"{error.message} {error.hint}".strip())
            self.tell(self.Stopped(error))
        self.tell(self.PassEnded(order.sentence))

    def _take(self, event: Event, live: LivePass) -> None:
        """Save what a pass came to, before anybody is told."""
        match event:
            case CandidateReady(candidate=candidate):
                self._dataset.add_candidate(candidate)
            case SentenceFailed(sentence=sentence, why=why) | SentenceDropped(sentence=sentence, why=why):
                self._dataset.mark_failed(sentence, why)
            case StageFinished(call=call) if call is not None:
                self.usage += call.usage
            case _:
                pass
        live.apply(event)
