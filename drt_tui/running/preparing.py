"""What comes before a run of autogen: from a session and a plan to an open run, for commands and screens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from drt_tui.running.engines import open_engine
from pipeline.llm.meter import Snapshot, Traffic

if TYPE_CHECKING:
    from drt_tui.project.session import Session
    from pipeline.autogen import Autogen
    from pipeline.llm.request import Models
    from pipeline.order import Selection

_DRY_RUN_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class GenerationPlan:
    """Which sentences to generate, by which arms, and for how much."""

    limit: int | None = None
    order: Literal["balanced", "shuffled", "file"] | None = None
    seed: int = 0
    arms: tuple[str, ...] = ()
    """As they stand on the command line."""
    is_dry_run: bool = False
    budget_usd: float | None = None
    """What the project may spend; `None`: as the session's options say."""

    @property
    def most(self) -> int | None:
        """How many sentences this very run takes; `None` is all."""
        return min(_DRY_RUN_SENTENCES, self.limit or _DRY_RUN_SENTENCES) if self.is_dry_run else self.limit


@runtime_checkable
class Metered(Traffic, Protocol):
    """Models that count their calls and can be given more or fewer at once, as the router can."""

    def set_concurrency(self, calls: int) -> None:
        """Change how many calls may be in flight."""
        ...


def metered_of(models: Models) -> Metered | None:
    """Return the models that count their calls, behind a recording as well; `None` for a cassette."""
    from pipeline.llm.cassette import RecordingModels

    asked = models.models if isinstance(models, RecordingModels) else models
    return asked if isinstance(asked, Metered) else None


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run whose models are open; nothing is generated before its events are iterated."""

    run: Autogen
    selection: Selection
    slots: int
    """Calls that may be in flight."""
    choose: Callable[[], Selection]
    """Chooses again, without a limit: the sentences that have no candidate now."""
    metered: Metered | None

    @property
    def snapshot(self) -> Callable[[], Snapshot] | None:
        """Tells the sums of the calls; `None` where they are not counted."""
        return self.metered.snapshot if self.metered else None

    def set_ceiling(self, calls: int) -> None:
        """Allow so many calls in flight from now on, and keep as many sentences open as that takes."""
        from pipeline.run import open_for

        if self.metered:
            self.metered.set_concurrency(calls)
        self.run.keep_open(open_for(calls))


@asynccontextmanager
async def prepared(
    session: Session,
    plan: GenerationPlan,
    among: Sequence[str] | None = None,
    *,
    tell: Callable[[str], object] | None = None,
) -> AsyncIterator[PreparedRun]:
    """Open the models of a session and choose the sentences of a run; `among`: only from these.

    `tell` hears what takes long before the first call; without it, stderr does.

    Raises:
        PipelineError: no model can be asked, or an arm cannot be used.
        StoreError: the choice could not be kept.
    """
    from pipeline.arms import engines_of, read_arm
    from pipeline.autogen import Autogen
    from pipeline.order import select
    from pipeline.run import open_for

    arms = [read_arm(text, session.settings.loop, [*session.settings.models]) for text in plan.arms]
    async with open_engine(session, seed=plan.seed, budget_usd=plan.budget_usd, tell=tell) as engine:
        engines = engines_of(arms, engine) if arms else {"": engine}
        choose = partial(
            select, session.dataset, order=plan.order, seed=plan.seed, among=among,
            settings=" ".join(each.fingerprint for each in engines.values()),
        )  # fmt: skip
        selection = await asyncio.to_thread(choose, limit=plan.most)
        metered = metered_of(engine.models)
        slots = metered.snapshot().ceiling if metered else 1
        run = Autogen(
            engines, session.dataset, selection, open_sentences=open_for(slots), seed=plan.seed,
            traffic=metered,
        )  # fmt: skip
        yield PreparedRun(run, selection, slots, choose, metered)
