"""Generating candidates for many sentences at once, without a person."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from pipeline.arms import arm_of
from pipeline.context import Preceding
from pipeline.engine import Engine
from pipeline.errors import BudgetReached
from pipeline.events import (
    CandidateReady,
    Event,
    SentenceDropped,
    SentenceFailed,
    SentencePostponed,
    StageFinished,
    StageGivenUp,
    StageStarted,
)
from pipeline.order import TOO_EASY, Selection, finish
from pipeline.report import Ending, Projection, RunReport, Tally

if TYPE_CHECKING:
    from data.records import Sentence
    from data.store import Dataset, Lease
    from pipeline.llm.meter import Traffic

Result = TypeVar("Result")

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


class Autogen:
    """One run over a selection of sentences.

    There are no batches: each of `open_sentences` workers takes the next sentence as soon as it is
    through with one, and the gate in front of the models decides whose call goes next. Sentences
    that fail are tried once more when no others are left. The store is used from one thread of its
    own, so that no `fsync` holds up the calls.
    """

    def __init__(
        self,
        engines: Engine | Mapping[str, Engine],
        dataset: Dataset,
        selection: Selection,
        *,
        open_sentences: int,
        seed: int = 0,
        traffic: Traffic | None = None,
        failures_tolerated: float = 0.5,
    ) -> None:
        """Prepare a run; nothing happens before `events` is iterated.

        Args:
            engines: one engine, or several by arm; sentences are dealt to the arms by hash.
            dataset: where sentences are read and candidates saved.
            selection: the sentences to generate; see `pipeline.order.select`.
            open_sentences: sentences under way at once; see `open_for`.
            seed: of the dealing to arms.
            traffic: the router; `None` where no calls are made, as with a cassette.
            failures_tolerated: share of the last 50 sentences that may fail.
        """
        by_arm = {"": engines} if isinstance(engines, Engine) else dict(engines)
        self._engines = {
            arm: replace(engine, avoid_openings=selection.avoid_openings) for arm, engine in by_arm.items()
        }
        self._dataset = dataset
        self._selection = selection
        self._seed = seed
        self._traffic = traffic
        self._tolerated = failures_tolerated
        self._preceding = Preceding(dataset)
        self._waiting = deque(selection.ids)
        self._again: dict[str, str] = {}
        """Sentences to try once more, and why they failed."""
        self._recent: deque[bool] = deque(maxlen=_RECENT)
        self._open = open_sentences
        self._workers: set[asyncio.Task[None]] = set()
        self._surplus = 0
        """Workers that are to go as soon as they are through with their sentence."""
        self._leases: dict[str, Lease] = {}
        self._store = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(_EVENTS_AHEAD)
        self._going_on = asyncio.Event()
        self._going_on.set()
        self._tally = Tally()
        self._ending: Ending = "running"
        self._winding_down: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._began = self._took = 0.0
        self.under_way: set[str] = set()
        """Ids of the sentences that are open now."""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Run. A candidate is saved before its `CandidateReady` is passed on.

        Raises:
            PipelineError: no retry can help (key, model, price).
            StoreError: a candidate could not be saved.
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
    def report(self) -> RunReport:
        """The run so far."""
        tally, usage = self._tally, self._tally.usage
        done = tally.generated + tally.failed + tally.skipped
        return RunReport(
            generated=tally.generated,
            failed=tally.failed,
            skipped=tally.skipped,
            dropped=tally.dropped,
            remaining=len(self._selection.ids) - done,
            with_findings=tally.with_findings,
            calls=usage.calls,
            cached=tally.cached,
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            cost_usd=usage.cost_usd,
            seconds=self._took or (time.monotonic() - self._began if self._began else 0.0),
            utilisation=self._traffic.snapshot().utilisation if self._traffic else None,
            fallbacks=tally.fallbacks,
            reasons=dict(tally.reasons),
            by_arm=dict(tally.by_arm),
            ended=self._ending,
        )

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

    # Workers

    def _hire(self) -> None:
        for _ in range(min(self._open - len(self._workers), len(self._waiting) + len(self._again))):
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
            if self._waiting:
                await self._generate(self._waiting.popleft(), is_last_try=False)
            elif self._again:
                sentence = next(iter(self._again))
                del self._again[sentence]
                await self._generate(sentence, is_last_try=True)
            else:
                return

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
        await self._in_store(self._tidy)
        self._store.shutdown()
        self._took = time.monotonic() - self._began

    def _tidy(self) -> None:
        for lease in self._leases.values():
            lease.release()
        self._leases.clear()
        if self._ending == "failure-rate":
            for sentence, why in self._again.items():
                self._dataset.mark_failed(sentence, why)
                self._tally.failure(why)
        if self._ending == "done":
            finish(self._dataset, self._selection)

    # One sentence

    async def _generate(self, sentence_id: str, *, is_last_try: bool) -> None:
        arm = arm_of(sentence_id, tuple(self._engines), self._seed)
        engine = self._engines[arm]
        opened = await self._in_store(self._claim, sentence_id, engine)
        if opened is None:
            self._tally.skipped += 1
            return
        sentence, before = opened
        self.under_way.add(sentence_id)
        try:
            async with aclosing(engine.run(sentence, before=before)) as events:
                async for event in events:
                    if isinstance(event, StageStarted):
                        await self._going_on.wait()
                        if self._ending != "running":
                            return
                    await self._queue.put(await self._settled(event, arm, is_last_try=is_last_try))
        except BudgetReached:
            if self._ending == "running":
                self.stop("budget")
        finally:
            self.under_way.discard(sentence_id)
            asyncio.get_running_loop().run_in_executor(self._store, self._release, sentence_id)

    async def _settled(self, event: Event, arm: str, *, is_last_try: bool) -> Event:
        """Save what an event says, count it, and return it as it is to be passed on."""
        match event:
            case StageFinished(call=call) if call is not None:
                self._tally.call(call)
            case CandidateReady(sentence, candidate):
                candidate = candidate.model_copy(update={"arm": arm})
                await self._in_store(self._dataset.add_candidate, candidate)
                self._tally.candidate(candidate)
                self._note_outcome(failed=False)
                return CandidateReady(sentence, candidate)
            case SentenceDropped(sentence):
                await self._in_store(self._dataset.set_flag, sentence, TOO_EASY, True)
                self._tally.skipped += 1
                self._tally.dropped += 1
                self._note_outcome(failed=False)
            case StageGivenUp(usage=usage):
                self._tally.waste(usage)
            case SentenceFailed(sentence, stage, why, usage) if not is_last_try:
                self._tally.waste(usage)
                self._again[sentence] = why
                self._note_outcome(failed=True)
                return SentencePostponed(sentence, stage, why, usage)
            case SentenceFailed(sentence, _, why, usage):
                self._tally.waste(usage)
                await self._in_store(self._dataset.mark_failed, sentence, why)
                self._tally.failure(why)
                self._note_outcome(failed=True)
        return event

    def _note_outcome(self, *, failed: bool) -> None:
        self._recent.append(failed)
        if sum(self._recent) > self._tolerated * _RECENT and self._ending == "running":
            self.stop("failure-rate")

    # In the store's thread

    def _claim(self, sentence_id: str, engine: Engine) -> tuple[Sentence, tuple[str, ...]] | None:
        """Take a sentence, unless another process has it or it has a candidate of these settings."""
        lease = self._dataset.claim(sentence_id, "generate")
        if lease is None:
            return None
        if self._dataset.candidate_with(sentence_id, engine.fingerprint) is not None:
            lease.release()
            return None
        self._leases[sentence_id] = lease
        sentence = self._dataset.sentence(sentence_id)
        return sentence, self._preceding.of(sentence, engine.settings.context)

    def _release(self, sentence_id: str) -> None:
        lease = self._leases.pop(sentence_id, None)
        if lease is not None:
            lease.release()

    async def _in_store(self, function: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._store, function, *arguments)
