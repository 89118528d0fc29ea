"""Generating candidates for many sentences at once, without a person."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.arms import arm_of
from pipeline.context import Preceding
from pipeline.engine import Engine
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
from pipeline.report import GenerationReport, GenerationTally
from pipeline.run import Run

if TYPE_CHECKING:
    from data.records import Sentence
    from data.store import Dataset
    from pipeline.llm.meter import Traffic


class Autogen(Run[str, GenerationTally]):
    """One run over a selection of sentences. A candidate is saved before its `CandidateReady` is passed on."""

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
            open_sentences: sentences under way at once; see `pipeline.run.open_for`.
            seed: of the dealing to arms.
            traffic: the router; `None` where no calls are made, as with a cassette.
            failures_tolerated: share of the last 50 sentences that may fail.
        """
        super().__init__(
            dataset, GenerationTally(),
            open_sentences=open_sentences, traffic=traffic, failures_tolerated=failures_tolerated,
        )  # fmt: skip
        by_arm = {"": engines} if isinstance(engines, Engine) else dict(engines)
        self._engines = {
            arm: replace(engine, avoid_openings=selection.avoid_openings) for arm, engine in by_arm.items()
        }
        self._selection = selection
        self._seed = seed
        self._preceding = Preceding(dataset)

    @property
    def report(self) -> GenerationReport:
        """The run so far."""
        tally = self._tally
        done = tally.generated + tally.failed + tally.skipped
        return GenerationReport(
            generated=tally.generated,
            dropped=tally.dropped,
            remaining=len(self._selection.ids) - done,
            with_findings=tally.with_findings,
            by_arm=dict(tally.by_arm),
            **self._counts(),
        )

    async def _items(self) -> AsyncGenerator[str, None]:
        for sentence in self._selection.ids:
            yield sentence

    def _tidy(self) -> None:
        if self._ending == "failure-rate":
            for sentence, why in self._again:
                self._dataset.mark_failed(sentence, why)
                self._tally.failure(why)
        if self._ending == "done":
            finish(self._dataset, self._selection)

    async def _do(self, item: str, *, is_last_try: bool) -> None:
        arm = arm_of(item, tuple(self._engines), self._seed)
        engine = self._engines[arm]
        opened = await self._in_store(self._open_sentence, item, engine)
        if opened is None:
            self._tally.skipped += 1
            return
        sentence, before = opened
        self.under_way.add(item)
        try:
            async with aclosing(engine.run(sentence, before=before)) as events:
                async for event in events:
                    if isinstance(event, StageStarted) and not await self._may_go_on():
                        return
                    await self._queue.put(await self._settled(event, arm, is_last_try=is_last_try))
        finally:
            self.under_way.discard(item)
            self._release_soon(item)

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
                self._again.append((sentence, why))
                self._note_outcome(failed=True)
                return SentencePostponed(sentence, stage, why, usage)
            case SentenceFailed(sentence, _, why, usage):
                self._tally.waste(usage)
                await self._in_store(self._dataset.mark_failed, sentence, why)
                self._tally.failure(why)
                self._note_outcome(failed=True)
        return event

    def _open_sentence(self, sentence_id: str, engine: Engine) -> tuple[Sentence, tuple[str, ...]] | None:
        """Take a sentence, unless another process has it or it has a candidate of these settings.

        In the store's thread.
        """
        if not self._claim(sentence_id):
            return None
        if self._dataset.candidate_with(sentence_id, engine.fingerprint) is not None:
            self._release(sentence_id)
            return None
        sentence = self._dataset.sentence(sentence_id)
        return sentence, self._preceding.of(sentence, engine.settings.context)
