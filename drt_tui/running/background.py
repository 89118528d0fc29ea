"""Autogen behind the screens: one run at a time, which goes on whatever screen is on view."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from textual.message import Message
from textual.worker import Worker, WorkerError

from data.errors import DataError
from data.store import Dataset
from drt_tui.errors import TuiError
from drt_tui.running.preparing import GenerationPlan, PreparedRun, prepared
from pipeline.errors import PipelineError
from pipeline.events import CandidateReady, Event, SentenceFailed, SentencePostponed
from pipeline.report import Ending, GenerationReport

if TYPE_CHECKING:
    from drt_tui.project.session import Session
    from pipeline.llm.meter import Snapshot
    from pipeline.report import Projection

RunState = Literal["idle", "opening", "paused", "stopping", "broken"] | Ending
_MOST_FAILURES = 200

Spawn = Callable[[Coroutine[Any, Any, None]], Worker[None]]


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment, as it is shown."""

    state: RunState
    report: GenerationReport = GenerationReport()  # noqa: RUF009 - frozen
    sentences: int = 0
    """Chosen for the run."""
    under_way: int = 0
    """Of them, those that are open now."""
    most: int = 0
    """Calls that a person allows in flight."""
    load: Snapshot | None = None
    """Of the run's own calls; `None` where they are not counted."""
    projected: Projection | None = None
    """US dollars for the sentences that are left."""
    budget_usd: float | None = None
    seconds_left: float | None = None
    """At the pace so far; `None` while that cannot be said."""
    why: str = ""
    """Why it broke, and what to do next; while it opens, what takes long."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a sentence."""

    sentence: str
    source: str
    text: str
    """The output, or why there is none."""
    failed_at: str = ""
    """The stage that gave nothing usable; empty where there is a candidate."""
    is_to_be_tried_again: bool = False


class BackgroundRun:
    """Starts runs of autogen, and keeps what is to be known of the last one.

    A run has a dataset of its own on the same project, as another process would: screens learn of
    its candidates by `Dataset.follow`, and leases keep it apart from what they generate.
    """

    @dataclass
    class Over(Message):
        """A run has ended, in whatever way."""

        view: RunView

    def __init__(self, session: Session, spawn: Spawn, tell: Callable[[Message], object]) -> None:
        """`spawn` runs a coroutine as a worker that outlives screens; `tell` is where messages go."""
        self.failures: dict[str, Outcome] = {}
        """What failed last in the last run, by sentence, oldest first; less what came right after all."""
        self.newest: Outcome | None = None
        """The last candidate of the last run."""
        self.version = 0
        """Grows with every failure and every candidate."""
        self._session = session
        self._spawn = spawn
        self._tell = tell
        self._worker: Worker[None] | None = None
        self._budget_usd: float | None = None
        self._ready: PreparedRun | None = None
        self._preparing = ""
        self._most = 0
        self._last = RunView("idle")
        self._rested_s = 0.0
        self._paused_at: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing runs."""
        return self._worker is None

    def view(self) -> RunView:
        """Return how the run stands; cheap enough to be asked many times a second."""
        ready = self._ready
        if ready is None:
            if self.is_over:
                return self._last
            return RunView("opening", budget_usd=self._budget_usd, why=self._preparing)
        run, report = ready.run, ready.run.report
        return RunView(
            state=self._state(report, is_paused=run.is_paused),
            report=report,
            sentences=len(ready.selection.ids),
            under_way=len(run.under_way),
            most=self._most,
            load=ready.metered.snapshot() if ready.metered else None,
            projected=run.cost_of(report.remaining),
            budget_usd=self._budget_usd,
            seconds_left=self._seconds_left(report),
        )

    # what a person may do

    def start(self, plan: GenerationPlan) -> None:
        """Begin a run; there must be none."""
        self.failures.clear()
        self.newest = None
        self.version += 1
        self._budget_usd = plan.budget_usd
        self._preparing = ""
        self._rested_s, self._paused_at = 0.0, None
        self._worker = self._spawn(self._run(plan))

    def pause(self) -> None:
        """Make no new call, or go on."""
        if self._ready is None:
            return
        if self._paused_at is None:
            self._paused_at = time.monotonic()
            self._ready.run.pause()
        else:
            self._end_rest()
            self._ready.run.resume()

    def allow(self, more: int) -> int:
        """Allow `more` calls in flight, or fewer; return how many there may be now."""
        if self._ready is not None:
            self._most = max(1, self._most + more)
            self._ready.set_ceiling(self._most)
        return self._most

    def stop(self) -> None:
        """Finish the calls in flight and end; a second call ends at once."""
        if self._ready is not None:
            self._end_rest()
            self._ready.run.stop()
        elif self._worker is not None:
            self._worker.cancel()

    async def close(self) -> None:
        """End at once, and wait until all that was answered is kept."""
        worker = self._worker
        if worker is not None:
            worker.cancel()
            with suppress(WorkerError):
                await worker.wait()

    # the run

    async def _run(self, plan: GenerationPlan) -> None:
        self._last = RunView("broken")
        try:
            await self._generate(plan)
        except (PipelineError, DataError, TuiError) as error:
            self._last = replace(self._last, state="broken", why=f"{error.message} {error.hint}".strip())
        except asyncio.CancelledError:
            self._last = replace(self._last, state="interrupted")
            raise
        finally:
            self._worker = None
            self.version += 1
            self._tell(self.Over(self._last))

    async def _generate(self, plan: GenerationPlan) -> None:
        folder, annotator = self._session.folder, self._session.dataset.annotator
        with await asyncio.to_thread(Dataset.open, folder, annotator=annotator) as dataset:
            async with prepared(replace(self._session, dataset=dataset), plan, tell=self._prepare) as ready:
                self._ready, self._most = ready, ready.slots
                try:
                    async with aclosing(ready.run.events()) as events:
                        async for event in events:
                            self._take(event, dataset)
                finally:
                    self._last = replace(self.view(), seconds_left=None)
                    self._ready = None

    def _prepare(self, line: str) -> None:
        self._preparing = line

    def _take(self, event: Event, dataset: Dataset) -> None:
        match event:
            case CandidateReady(sentence, candidate):
                self.failures.pop(sentence, None)
                self.newest = Outcome(sentence, dataset.sentence(sentence).source, candidate.output)
            case SentencePostponed(sentence, stage, why) | SentenceFailed(sentence, stage, why):
                source, again = dataset.sentence(sentence).source, isinstance(event, SentencePostponed)
                self.failures.pop(sentence, None)
                self.failures[sentence] = Outcome(sentence, source, why, stage.value, again)
                if len(self.failures) > _MOST_FAILURES:
                    del self.failures[next(iter(self.failures))]
            case _:
                return
        self.version += 1

    def _state(self, report: GenerationReport, *, is_paused: bool) -> RunState:
        if report.ended == "running":
            return "paused" if is_paused else "running"
        return "stopping" if self._ready is not None and self._ready.run.under_way else report.ended

    def _end_rest(self) -> None:
        if self._paused_at is not None:
            self._rested_s += time.monotonic() - self._paused_at
            self._paused_at = None

    def _seconds_left(self, report: GenerationReport) -> float | None:
        finished = report.generated + report.failed + report.dropped
        if not finished:
            return None
        rested = self._rested_s + (time.monotonic() - self._paused_at if self._paused_at is not None else 0.0)
        return (report.seconds - rested) / finished * report.remaining
