"""Mining: asking of every sentence of a text whether it is worth a train of thought."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING

from data.ids import new_id
from data.records import Mined, Sentence, Span, Stage, Usage
from pipeline.agents.mine import question
from pipeline.agents.prompts import Prompts
from pipeline.asking import Answer, StageLogLike, ask
from pipeline.context import Preceding
from pipeline.errors import StageFailed
from pipeline.events import SentenceFailed, SentenceMined, SentencePostponed
from pipeline.llm.request import Models
from pipeline.report import MiningReport, MiningTally
from pipeline.run import Run
from pipeline.survey import Seam

if TYPE_CHECKING:
    from data.store import Dataset, MinedLog
    from pipeline.llm.meter import Traffic

_READ_AT_ONCE = 64
"""Sentences that are read ahead of the calls."""


@dataclass(frozen=True)
class Miner:
    """Asks about one sentence. Holds no state: any number may be asked about at once."""

    models: Models
    prompts: Prompts
    source: str
    target: str
    log: StageLogLike | None = None
    seed: int = 0
    context: int = 0
    """Sentences before it that are shown."""

    async def ask(self, sentence: Sentence, before: tuple[str, ...]) -> Answer[Mined]:
        """Return the answer; one that is in the log is not asked for again.

        Raises:
            StageFailed: no model gave a usable answer.
            WrongKey, UnknownModel, UnknownPrice, BudgetReached: no retry can help.
        """
        asked = question(
            sentence, self.prompts["mine"], before=before,
            source=self.source, target=self.target, seed=self.seed,
        )  # fmt: skip
        answers = ask(self.models, self.log, asked, trace=new_id(), number=0, stream=False)
        async with aclosing(answers) as items:
            async for item in items:
                if isinstance(item, Answer):
                    return item
        raise AssertionError("the last item is the answer")


def fingerprint(
    prompts: Prompts, names: tuple[str, ...], source: str, target: str, seed: int, context: int
) -> str:
    """Return the hash of all that a miner's answers depend on; `names` are the models of the role."""
    parts = (prompts["mine"].version, names, source, target, seed, context)
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


class Mining(Run[Sentence, MiningTally]):
    """One run over a text. What is worth it joins the dataset; every answer is kept in the mined log."""

    def __init__(
        self,
        miner: Miner,
        dataset: Dataset,
        answered: MinedLog,
        seam: Seam,
        *,
        limit: int,
        open_sentences: int,
        traffic: Traffic | None = None,
        failures_tolerated: float = 0.5,
    ) -> None:
        """Prepare a run; nothing happens before `events` is iterated.

        Args:
            miner: asks the questions.
            dataset: where sentences that are worth it are added.
            answered: where all answers are kept, for the fingerprint of this miner.
            seam: the text.
            limit: how many sentences to ask about.
            open_sentences: sentences under way at once; see `pipeline.run.open_for`.
            traffic: the router; `None` where no calls are made, as with a cassette.
            failures_tolerated: share of the last 50 sentences that may fail.
        """
        super().__init__(
            dataset, MiningTally(),
            open_sentences=open_sentences, traffic=traffic, failures_tolerated=failures_tolerated,
        )  # fmt: skip
        self._miner = miner
        self._answered = answered
        self._seam = seam
        self._limit = limit
        self._preceding = Preceding(dataset)

    @property
    def report(self) -> MiningReport:
        """The run so far."""
        tally = self._tally
        asked = tally.mined + tally.rejected + tally.failed
        return MiningReport(
            asked=asked,
            mined=tally.mined,
            rejected=tally.rejected,
            added=tally.added,
            remaining=self._limit - asked - tally.skipped,
            **self._counts(),
        )

    async def _items(self) -> AsyncGenerator[Sentence, None]:
        sentences = islice(self._seam.sentences(), self._limit)
        while ahead := await self._in_store(lambda: list(islice(sentences, _READ_AT_ONCE))):
            for sentence in ahead:
                yield sentence

    def _tidy(self) -> None:
        if self._ending == "failure-rate":
            for _, why in self._again:
                self._tally.failure(why)

    async def _do(self, item: Sentence, *, is_last_try: bool) -> None:
        before = await self._in_store(self._open_sentence, item)
        if before is None:
            self._tally.skipped += 1
            return
        self.under_way.add(item.id)
        try:
            if await self._may_go_on():
                answer = await self._miner.ask(item, before)
                await self._keep(item, answer)
        except StageFailed as failure:
            await self._fail(item, failure, is_last_try=is_last_try)
        finally:
            self.under_way.discard(item.id)
            self._release_soon(item.id)

    async def _keep(self, sentence: Sentence, answer: Answer[Mined]) -> None:
        self._tally.call(answer.call)
        is_new = await self._in_store(self._save, sentence, answer)
        self._tally.answer(answer.value, is_new=is_new, paid=answer.paid)
        self._note_outcome(failed=False)
        await self._queue.put(SentenceMined(sentence.id, answer.value))

    async def _fail(self, sentence: Sentence, failure: StageFailed, *, is_last_try: bool) -> None:
        usage = failure.usage or Usage()
        self._tally.waste(usage)
        event = SentenceFailed if is_last_try else SentencePostponed
        if is_last_try:
            self._tally.failure(failure.message)
        else:
            self._again.append((sentence, failure.message))
        self._note_outcome(failed=True)
        await self._queue.put(event(sentence.id, Stage.MINE, failure.message, usage))

    # In the store's thread

    def _open_sentence(self, sentence: Sentence) -> tuple[str, ...] | None:
        """Take a sentence and return those before it, unless another process has it or is through with it."""
        if not self._claim(sentence.id):
            return None
        self._answered.follow()
        if sentence.id in self._answered:
            self._release(sentence.id)
            return None
        return self._preceding.of(sentence, self._miner.context)

    def _save(self, sentence: Sentence, answer: Answer[Mined]) -> bool:
        """Keep an answer; return whether the dataset has a new sentence. Repeating it changes nothing."""
        added = 0
        if answer.value.is_worth_translating:
            added = self._dataset.add_sentences([_with_answer(sentence, answer.value)]).added
        self._answered.append(sentence, answer.value, answer.call.model)
        return added > 0


def _with_answer(sentence: Sentence, answer: Mined) -> Sentence:
    """Return a sentence with what makes it worth translating, and where that stands in it."""
    kind = answer.kinds[0] if answer.kinds else "idiom"
    places = ((sentence.source.find(words), len(words)) for words in answer.words)
    spans = tuple(Span(start=start, end=start + length, kind=kind) for start, length in places if start >= 0)
    return sentence.model_copy(
        update={
            "mined": answer,
            "phenomena": sentence.phenomena or answer.kinds,
            "spans": sentence.spans or spans,
        }
    )
