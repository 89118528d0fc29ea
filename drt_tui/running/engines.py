"""The engine behind the screens: opened once, asked for passes and for mended thoughts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from data.records import Sentence
from drt_tui.pauses import spare_what_is_loaded
from drt_tui.project.holding_out import settled
from drt_tui.project.session import Session
from pipeline.events import Event
from pipeline.progress import Progress

if TYPE_CHECKING:
    from data.store import Dataset
    from pipeline.context import Preceding
    from pipeline.engine import Engine
    from pipeline.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Order:
    """What to generate: a sentence, from where, with what advice, for the how manieth time, by whom."""

    sentence: str
    start: Progress = Progress()  # noqa: RUF009 - frozen
    advice: str | None = None
    attempt: int = 0
    """Repeated passes differ by their seed; 0 is the first."""
    model: str | None = None
    """The model to ask first; `None`: as the roles say."""


class Engines(Protocol):
    """What the screens ask of the engine."""

    def run(self, sentence: Sentence, order: Order) -> AsyncIterator[Event]:
        """Yield what happens on the way to a candidate."""
        ...

    async def mend(
        self, sentence: Sentence, *, thought: str, old: str, new: str, stale: Sequence[tuple[int, int]]
    ) -> str:
        """Return the thought with its stale sentences rewritten."""
        ...

    async def mark_idioms(self, sentences: Sequence[str]) -> None:
        """Find where the idioms of these sentences stand, and store it."""
        ...


@dataclass(frozen=True, slots=True)
class OpenEngines:
    """An open engine."""

    engine: Engine
    preceding: Preceding
    dataset: Dataset
    tokenizer: Tokenizer

    def run(self, sentence: Sentence, order: Order) -> AsyncIterator[Event]:
        """Yield what happens on the way to a candidate."""
        engine = replace(
            self.engine,
            seed=self.engine.seed + order.attempt,
            asks=(order.model,) if order.model else self.engine.asks,
        )
        before = self.preceding.of(sentence, engine.settings.context)
        return engine.run(sentence, before=before, start=order.start, stream=True, advice=order.advice)

    async def mend(
        self, sentence: Sentence, *, thought: str, old: str, new: str, stale: Sequence[tuple[int, int]]
    ) -> str:
        """Return the thought with its stale sentences rewritten."""
        from pipeline.mending import mend

        return await mend(self.engine, sentence, thought=thought, old=old, new=new, stale=stale)

    async def mark_idioms(self, sentences: Sequence[str]) -> None:
        """Find where the idioms of these sentences stand, and store it."""
        from pipeline.tokenizer import store_spans

        await store_spans(self.dataset, self.tokenizer, sentences)


@asynccontextmanager
async def open_engine(
    session: Session,
    *,
    seed: int = 0,
    budget_usd: float | None = None,
    tell: Callable[[str], object] | None = None,
) -> AsyncIterator[Engine]:
    """Open the session's models and the engine that asks them; `budget_usd` is what the project may spend.

    What is held out is settled first: `tell` hears how far that is, without it stderr does.
    """
    from data.store import StageLog
    from pipeline.agents.prompts import Prompts
    from pipeline.engine import Engine
    from pipeline.tokenizer import Tokenizer

    await settled(session, tell)
    with StageLog(session.folder) as log:
        async with (
            session.open_models(budget_usd=budget_usd) as models,
            Tokenizer(session.folder, session.source) as tokenizer,
        ):
            yield Engine(
                models, session.settings.loop, session.source, session.target,
                prompts=Prompts.load(session.folder.prompts), log=log, tokenizer=tokenizer, seed=seed,
            )  # fmt: skip


@asynccontextmanager
async def open_engines(session: Session, tell: Callable[[str], object]) -> AsyncIterator[Engines]:
    """Open the engine for the screens, whose keys need not wait while half a second of libraries is loaded."""
    from pipeline.context import Preceding
    from pipeline.tokenizer import Tokenizer

    await asyncio.to_thread(import_module, "openai")
    async with open_engine(session, tell=tell) as engine:
        spare_what_is_loaded()
        assert isinstance(engine.tokenizer, Tokenizer)
        yield OpenEngines(engine, Preceding(session.dataset), session.dataset, engine.tokenizer)
