"""The loop over one sentence: which stage comes next, and the pass through them as events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from data.drift import drift
from data.faithful import check
from data.records import Call, Candidate, Draft, Finding, Sentence, Stage, Usage
from pipeline.agents import advise, economy, evaluate, keywords, literal, refine, reformulate, single
from pipeline.agents.evaluate import Evaluation
from pipeline.agents.role import Brief, Role
from pipeline.asking import ask
from pipeline.errors import StageFailed
from pipeline.events import (
    CandidateReady,
    Event,
    SentenceDropped,
    SentenceFailed,
    StageFinished,
    StageGivenUp,
    StageRetried,
    StageStarted,
    TextDelta,
)
from pipeline.llm.builtin import NAME as BUILT_IN
from pipeline.llm.request import Delta, Request, Restart
from pipeline.progress import Progress
from pipeline.settings import LoopSettings

if TYPE_CHECKING:
    from pipeline.engine import Engine

Value = TypeVar("Value")

ROLES: Mapping[Stage, Role[Any]] = {
    role.stage: role
    for role in (
        keywords.ROLE, literal.ROLE, evaluate.ROLE, advise.ROLE, refine.ROLE, reformulate.ROLE,
        economy.OPEN, economy.CRITIQUE, single.ROLE,
    )
}  # fmt: skip

TRANSLATING = frozenset({Stage.LITERAL, Stage.REFINE, Stage.OPEN})
JUDGING = frozenset({Stage.EVALUATE, Stage.CRITIQUE})
IMPROVING = JUDGING | {Stage.ADVISE, Stage.REFINE}


def next_stage(progress: Progress, settings: LoopSettings) -> Stage | None:
    """Return the stage that follows from the artefacts at hand; `None`: the candidate is complete."""
    if progress.thought is not None and progress.output is not None:
        return None
    if settings.workflow == "single":
        return Stage.SINGLE
    if progress.keywords is None:
        return Stage.KEYWORDS
    if not progress.drafts:
        return Stage.OPEN if settings.workflow == "economy" else Stage.LITERAL
    return _judging(progress, settings) or Stage.REFORMULATE


def _judging(progress: Progress, settings: LoopSettings) -> Stage | None:
    """The stage that the last draft still needs; `None`: there is an output, or the loop stops."""
    last = progress.drafts[-1]
    if progress.output is not None or progress.closed:
        return None
    if len(progress.drafts) <= progress.since:
        return Stage.REFINE
    if last.score is None:
        if settings.workflow == "advise-first" and not last.advice:
            return Stage.ADVISE
        return Stage.CRITIQUE if settings.workflow == "economy" else Stage.EVALUATE
    if stopped(progress, settings):
        return None
    return Stage.REFINE if last.advice else Stage.ADVISE


def stopped(progress: Progress, settings: LoopSettings) -> bool:
    """Is the best draft good enough, or is it no use to go on?"""
    refinements = len(progress.drafts) - 1 - progress.since
    best = progress.best
    return (
        (progress.drafts[best].score or 0) >= settings.threshold
        or refinements >= settings.max_iterations
        or len(progress.drafts) - 1 - best >= settings.patience
    )


@dataclass(frozen=True, slots=True)
class Question(Generic[Value]):
    """A request, and what its answer changes."""

    request: Request[Value]
    take: Callable[[Value], None]


class Pass:
    """One pass over one sentence, from where it stands to its candidate."""

    def __init__(
        self,
        engine: Engine,
        sentence: Sentence,
        brief: Brief,
        progress: Progress,
        *,
        trace: str,
        stream: bool,
    ) -> None:
        self._engine = engine
        self._sentence = sentence
        self._brief = brief
        self._progress = progress
        self._trace = trace
        self._stream = stream
        self._calls: list[Call] = []
        self._paid = Usage()
        self._checked: tuple[Progress, tuple[Finding, ...]] | None = None
        """The progress whose thought was checked last, and what was found."""
        self._drawn: list[Progress] = []
        """First drafts that were judged, of which the best is to be kept."""
        self._cut_short = ""
        """Why the loop ended before its rules would have ended it."""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Run. The last event is `CandidateReady`, `SentenceDropped` or `SentenceFailed`."""
        sentence = self._sentence.id
        while (stage := next_stage(self._progress, self._engine.settings)) is not None:
            if stage is Stage.REFORMULATE and (why := self._too_easy()):
                yield SentenceDropped(sentence, why)
                return
            if stage is Stage.KEYWORDS and self._engine.settings.keywords_by_tokenizer:
                async with aclosing(self._tokenize()) as events:
                    async for event in events:
                        yield event
                continue
            try:
                for question in self._questions(stage):
                    async with aclosing(self._ask(question)) as events:
                        async for event in events:
                            yield event
            except StageFailed as failure:
                event = self._failed(stage, failure)
                yield event
                if isinstance(event, SentenceFailed):
                    return
        yield CandidateReady(sentence, self._candidate())

    def _failed(self, stage: Stage, failure: StageFailed) -> SentenceFailed | StageGivenUp:
        """Decide what a failed stage costs: the sentence, or only what the stage would have improved.

        A model that answers, though never usably, will not do better later: then a draft that was
        judged is output enough. Where nothing was answered, the sentence is better tried again.
        """
        sentence, took = self._sentence.id, failure.usage or Usage()
        if self._drawn and stage not in IMPROVING:
            self._progress = max(self._drawn, key=_last_score)
        if next_stage(self._progress, self._engine.settings) is stage:
            judged = any(draft.score is not None for draft in self._progress.drafts[self._progress.since :])
            if stage not in IMPROVING or not judged or not took.completion_tokens:
                return SentenceFailed(sentence, stage, failure.message, took, failure.is_outage)
            self._progress = replace(self._progress, closed=True)
            self._cut_short = failure.message
        self._paid += took
        return StageGivenUp(sentence, stage, self._round(stage), failure.message, took)

    async def _tokenize(self) -> AsyncGenerator[Event, None]:
        """The keywords, chosen without a model; what they mean here the first draft's author will say."""
        yield StageStarted(self._sentence.id, Stage.KEYWORDS, 0)
        words = await self._engine.tokenizer.keywords(self._sentence)
        self._progress = replace(self._progress, keywords=dict.fromkeys(words, ()))
        yield StageFinished(self._sentence.id, Stage.KEYWORDS, 0, None, self._progress)

    async def _ask(self, question: Question[Value]) -> AsyncGenerator[Event, None]:
        """Ask one question, saying as events what arrives."""
        engine, stage = self._engine, question.request.stage
        sentence, turn = self._sentence.id, self._round(stage)
        yield StageStarted(sentence, stage, turn)
        answers = ask(
            engine.models, engine.log, question.request,
            trace=self._trace, number=len(self._calls), stream=self._stream,
        )  # fmt: skip
        async with aclosing(answers) as items:
            async for item in items:
                if isinstance(item, Delta):
                    yield TextDelta(sentence, stage, turn, item.text)
                elif isinstance(item, Restart):
                    yield StageRetried(sentence, stage, turn, item.model, item.why)
                else:
                    self._calls.append(item.call)
                    self._paid += item.paid
                    question.take(item.value)
                    yield StageFinished(sentence, stage, turn, item.call, self._progress)

    def _questions(self, stage: Stage) -> Iterator[Question[Any]]:
        """The questions of a stage; each is asked, and its answer taken, before the next is made."""
        role = ROLES[stage]
        if stage in {Stage.LITERAL, Stage.OPEN} and self._engine.settings.drafts > 1:
            return self._first_drafts(role)
        if stage in JUDGING:
            return self._judge(role)
        if stage is Stage.REFORMULATE:
            return self._tell()
        return self._one(role)

    def _one(self, role: Role[Value], sample: int = 0) -> Iterator[Question[Value]]:
        def take(value: Value) -> None:
            self._progress = role.apply(self._progress, value)

        yield Question(self._request(role, sample), take)

    def _judge(
        self, role: Role[Evaluation], choose: Callable[[Progress], Progress] = lambda judged: judged
    ) -> Iterator[Question[Evaluation]]:
        """One evaluation, or three of which the one with the median score counts."""
        wanted = self._engine.settings.evaluations
        evaluations: list[Evaluation] = []

        def take(evaluation: Evaluation) -> None:
            evaluations.append(evaluation)
            if len(evaluations) == wanted:
                median = sorted(evaluations, key=lambda each: each.score)[wanted // 2]
                self._progress = choose(role.apply(self._progress, median))

        for sample in range(wanted):
            yield Question(self._request(role, sample), take)

    def _first_drafts(self, role: Role[Any]) -> Iterator[Question[Any]]:
        """First drafts, judged one by one until one passes or all are drawn; the best is kept."""
        settings = self._engine.settings
        judge = ROLES[Stage.CRITIQUE if role.stage is Stage.OPEN else Stage.EVALUATE]
        before = self._progress

        def choose(judged: Progress) -> Progress:
            self._drawn.append(judged)
            return max(self._drawn, key=_last_score) if len(self._drawn) == settings.drafts else judged

        for sample in range(settings.drafts):
            self._progress = before
            yield from self._one(role, sample)
            yield from self._judge(judge, choose)
            if _last_score(self._progress) >= settings.threshold:
                return

    def _tell(self) -> Iterator[Question[str]]:
        """The thought; one that is not faithful is repaired once, and the better one kept."""
        untold = self._progress
        told: list[Progress] = []

        def take(thought: str) -> None:
            told.append(reformulate.ROLE.apply(untold, thought))
            self._progress = min(told, key=lambda progress: len(self._faults(progress)))

        request = self._request(reformulate.ROLE, 0)
        yield Question(request, take)
        if faults := self._faults(self._progress):
            yield Question(reformulate.repair(self._brief, request, told[0].thought or "", faults), take)

    def _request(self, role: Role[Value], sample: int) -> Request[Value]:
        parts = f"{self._engine.seed}\x1f{self._sentence.id}\x1f{role.stage}\x1f{sample}"
        seed = int.from_bytes(blake2b(parts.encode(), digest_size=4).digest()) >> 1
        request = role.request(self._brief, self._progress, seed=seed, sample=sample)
        return replace(request, models=self._engine.asks)

    def _round(self, stage: Stage) -> int:
        drafts = len(self._progress.drafts)
        return drafts if stage in TRANSLATING else max(drafts - 1, 0)

    def _too_easy(self) -> str:
        wanted = self._engine.settings.min_refinements
        made = len(self._progress.shown) - 1
        if self._progress.output is not None or made >= wanted:
            return ""
        return f"{made} refinements changed the score, {wanted} are asked for (min_refinements)"

    def _faults(self, progress: Progress) -> tuple[Finding, ...]:
        """What the thought claims that is not so; where one call wrote everything, nothing can be known."""
        if self._checked is None or self._checked[0] is not progress:
            drafts = () if self._engine.settings.workflow == "single" else progress.drafts
            found = check(
                progress.thought or "",
                progress.ending,
                drafts,
                progress.keywords or {},
                source=self._sentence.source,
            )
            self._checked = (progress, found)
        return self._checked[1]

    def _findings(self) -> tuple[Finding, ...]:
        progress = self._progress
        if not progress.drafts:
            return self._faults(progress)
        found = [*self._faults(progress)]
        found += drift(progress.ending, progress.drafts, progress.best, progress.keywords or {})
        if self._cut_short:
            message = f"The loop ended early: {self._cut_short}"
            found.append(Finding(code="cut-short", message=message, field="trace"))
        return tuple(found)

    def _candidate(self) -> Candidate:
        progress = self._progress
        output = progress.ending
        drafts = progress.drafts or (Draft(text=output),)
        models: dict[str, tuple[str, ...]] = defaultdict(tuple)
        prompts: dict[str, str] = {}
        for call in self._calls:
            models[call.stage] += (call.model,)
            prompts[call.stage] = call.prompt
        translators = {call.model for call in self._calls if call.stage in TRANSLATING}
        judges = {call.model for call in self._calls if call.stage in JUDGING}
        return Candidate(
            id=self._trace,
            sentence=self._sentence.id,
            thought=progress.thought or "",
            output=output,
            keywords=dict(progress.keywords or {}),
            drafts=drafts,
            best=progress.best if progress.drafts else 0,
            findings=self._findings(),
            workflow=self._engine.settings.workflow,
            settings=self._engine.fingerprint,
            prompts=prompts,
            models=dict(models),
            usage=self._paid,
            seed=self._engine.seed,
            plan=self._brief.plan,
            judged_itself=not translators.isdisjoint(judges),
            made_by=BUILT_IN if any(call.model == BUILT_IN for call in self._calls) else "",
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )


def _last_score(progress: Progress) -> int:
    return progress.drafts[-1].score or 0
