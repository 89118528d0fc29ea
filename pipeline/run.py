"""A headless run: many sentences worked through at once, without a person."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pipeline.errors import BudgetReached, RunEnding
from pipeline.events import Event
from pipeline.report import Ending, Projection, RunReport, Tally

if TYPE_CHECKING:
    from data.store import Dataset, Lease
    from pipeline.llm.meter import Traffic

Item = TypeVar("Item")
Result = TypeVar("Result")
TallyOfRun = TypeVar("TallyOfRun", bound=Tally)

GRACE_S = 30.0
"""How long calls in flight may take to finish once a run is asked to stop."""
_KEEP_S = 1.0
"""How long the keeping of the last answers may take."""
_RENEW_S = 10.0
"""Seconds between two signs of life of the leases, on file systems that need them."""
_RECENT = 50
_EVENTS_AHEAD = 256


def open_for(slots: int) -> int:
    """Return how many sentences to keep open so that `slots` calls in flight never run dry.

    A sentence has one call at a time, and none while it is saved or waits for a limit.
    """
    return ceil(1.5 * slots) + 1


class Run(ABC, Generic[Item, TallyOfRun]):
    """Workers that each take the next item as soon as they are through with one.

    There are no batches; the gate in front of the models decides whose call goes next. Items that
    fail are tried once more when no others are left. The store is used from one thread of its own,
    so that no `fsync` holds up the calls.
    """

    def __init__(
        self,
        dataset: Dataset,
        tally: TallyOfRun,
        *,
        open_sentences: int,
        traffic: Traffic | None,
        failures_tolerated: float,
    ) -> None:
        """Prepare a run; nothing happens before `events` is iterated.

        Args:
            dataset: where sentences are read and results saved.
            tally: adds up the run.
            open_sentences: sentences under way at once; see `open_for`.
            traffic: the router; `None` where no calls are made, as with a cassette.
            failures_tolerated: share of the last 50 sentences that may fail.
        """
        self._dataset = dataset
        self._tally = tally
        self._traffic = traffic
        self._tolerated = failures_tolerated
        self._recent: deque[bool] = deque(maxlen=_RECENT)
        self._again: deque[tuple[Item, str]] = deque()
        """Items to try once more, and why they failed."""
        self._open = open_sentences
        self._workers: set[asyncio.Task[None]] = set()
        self._surplus = 0
        """Workers that are to go as soon as they are through with their item."""
        self._leases: dict[str, Lease] = {}
        self._store = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(_EVENTS_AHEAD)
        self._going_on = asyncio.Event()
        self._going_on.set()
        self._coming = self._items()
        self._taking = asyncio.Lock()
        self._ending: Ending = "running"
        self._winding_down: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._began = self._took = 0.0
        self.under_way: set[str] = set()
        """Ids of the sentences that are open now."""

    @abstractmethod
    def _items(self) -> AsyncGenerator[Item, None]:
        """Yield what is to be done, in order."""

    @abstractmethod
    async def _do(self, item: Item, *, is_last_try: bool) -> None:
        """Do all that is to be done for an item; `BudgetReached` and `RunEnding` end the run."""

    @abstractmethod
    def _tidy(self) -> None:
        """Keep in the store how the run ended, once nothing is under way; in the store's thread."""

    @property
    @abstractmethod
    def report(self) -> RunReport:
        """The run so far."""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Run. What comes of a sentence is saved before it is passed on.

        Raises:
            PipelineError: no retry can help (key, model, price).
            StoreError: a result could not be saved.
        """
        self._began = time.monotonic()
        upkeep = asyncio.create_task(self._renew_leases())
        self._hire()
        supervisor = asyncio.create_task(self._supervise())
        try:
            while (event := await self._queue.get()) is not None:
                yield event
        finally:
            self._ending = "interrupted" if self._ending == "running" and self._workers else self._ending
            await self._close(upkeep, supervisor)
        if self._error is not None:
            raise self._error

    @property
    def projected_cost(self) -> Projection | None:
        """US dollars that the sentences still to come will cost; `None` while that cannot be said."""
        return self.cost_of(self.report.remaining)

    def cost_of(self, sentences: int) -> Projection | None:
        """Return what so many further sentences would cost, in US dollars; `None` while that cannot be said."""
        return self._tally.cost_of_one.project(sentences)

    @property
    def is_paused(self) -> bool:
        """No new call is made."""
        return not self._going_on.is_set()

    def pause(self) -> None:
        """Make no new call; those in flight finish."""
        self._going_on.clear()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._going_on.set()

    def keep_open(self, sentences: int) -> None:
        """Set how many sentences are under way at once, e.g. when a ceiling was raised by hand."""
        self._open = sentences
        self._surplus = max(0, len(self._workers) - sentences)
        if self._began and self._ending == "running":
            self._hire()

    def stop(self, ending: Ending = "interrupted") -> None:
        """Finish the calls in flight, within 30 s, and make no new one. A second call stops now."""
        if self._ending != "running":
            self._dismiss()
            return
        self._ending = ending
        self._going_on.set()
        self._winding_down = asyncio.create_task(self._wind_down())

    # For what is done to an item

    def _counts(self) -> dict[str, Any]:
        """Return what all reports say, less `remaining`."""
        tally, usage = self._tally, self._tally.usage
        return {
            "failed": tally.failed,
            "skipped": tally.skipped,
            "calls": usage.calls,
            "cached": tally.cached,
            "prompt_tokens": usage.prompt_tokens,
            "cached_tokens": usage.cached_tokens,
            "completion_tokens": usage.completion_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "cost_usd": usage.cost_usd,
            "seconds": self._took or (time.monotonic() - self._began if self._began else 0.0),
            "utilisation": self._traffic.snapshot().utilisation if self._traffic else None,
            "fallbacks": tally.fallbacks,
            "reasons": dict(tally.reasons),
            "ended": self._ending,
        }

    async def _may_go_on(self) -> bool:
        """Wait while the run is paused; return whether it is still running."""
        await self._going_on.wait()
        return self._ending == "running"

    def _note_outcome(self, *, failed: bool) -> None:
        self._recent.append(failed)
        if sum(self._recent) > self._tolerated * _RECENT and self._ending == "running":
            self.stop("failure-rate")

    def _claim(self, sentence_id: str) -> bool:
        """Take a sentence, unless another process has it; in the store's thread."""
        lease = self._dataset.claim(sentence_id, "generate")
        if lease is not None:
            self._leases[sentence_id] = lease
        return lease is not None

    def _release(self, sentence_id: str) -> None:
        lease = self._leases.pop(sentence_id, None)
        if lease is not None:
            lease.release()

    def _release_soon(self, sentence_id: str) -> None:
        """Release from a coroutine that may be on its way out."""
        asyncio.get_running_loop().run_in_executor(self._store, self._release, sentence_id)

    async def _in_store(self, function: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._store, function, *arguments)

    # Workers

    def _hire(self) -> None:
        for _ in range(self._open - len(self._workers)):
            self._workers.add(asyncio.create_task(self._work()))

    async def _wind_down(self) -> None:
        """Let calls in flight finish; what only waits for its turn is not waited for."""
        if self._traffic is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._traffic.drain(), GRACE_S)
        if self._workers:
            await asyncio.wait(self._workers, timeout=_KEEP_S if self._traffic is not None else GRACE_S)
        self._dismiss()

    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.cancel()

    async def _work(self) -> None:
        while self._ending == "running":
            if self._surplus > 0:
                self._surplus -= 1
                return
            async with self._taking:
                item = await anext(self._coming, None)
            try:
                if item is not None:
                    await self._do(item, is_last_try=False)
                elif self._again:
                    await self._do(self._again.popleft()[0], is_last_try=True)
                else:
                    return
            except (BudgetReached, RunEnding) as ended:
                if ended.usage is not None:
                    self._tally.waste(ended.usage)
                if self._ending == "running":
                    self.stop("budget")

    async def _supervise(self) -> None:
        """Wait until all workers are through; the first error ends the others."""
        while self._workers:
            done, _ = await asyncio.wait(self._workers, return_when=asyncio.FIRST_COMPLETED)
            self._workers -= done
            for worker in done:
                if not worker.cancelled() and (error := worker.exception()) is not None:
                    self._error = self._error or error
                    self._dismiss()
        if self._ending == "running":
            self._ending = "done" if self._error is None else "interrupted"
        await self._queue.put(None)

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            await self._in_store(self._dataset.follow)

    async def _close(self, *tasks: asyncio.Task[None]) -> None:
        everyone = {*self._workers, *tasks, *filter(None, (self._winding_down,))}
        for task in everyone:
            task.cancel()
        await asyncio.gather(*everyone, return_exceptions=True)
        await self._coming.aclose()
        await self._in_store(self._let_go)
        self._store.shutdown()
        self._took = time.monotonic() - self._began

    def _let_go(self) -> None:
        for lease in self._leases.values():
            lease.release()
        self._leases.clear()
        self._tidy()
