"""The agent loop as a contender: what a DRT model has to be worth its training against."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from data.records import Candidate, Sentence
from pipeline.events import CandidateReady, SentenceDropped, SentenceFailed, StageStarted, TextDelta
from train.errors import NoAnswer
from train.evaluation.contender import About, Again, Answer, Question, Text

if TYPE_CHECKING:
    from pipeline.engine import Engine


@dataclass(frozen=True)
class LoopContender:
    """Runs the loop for each question. What it makes is an answer here, and no candidate of the project."""

    name: str
    engine: Engine
    told: str
    """All settings of its models that shape an answer."""
    made_by: tuple[str, ...]
    """What the makers of its models call them."""
    streams: bool = False

    @property
    def has_thought(self) -> bool:
        """Its thought is a stage of its own, and asked for without tags."""
        return False

    @property
    def about(self) -> About:
        """What it is, and what shapes its answers."""
        told = f"loop\x1f{self.engine.fingerprint}\x1f{self.told}"
        identity = blake2b(told.encode(), digest_size=8).hexdigest()
        return About("loop", identity, self.made_by, context=self.engine.settings.context)

    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        """Yield the stages as they are written, and the candidate as the answer.

        Raises:
            NoAnswer: a stage gave nothing usable, or the sentence was dropped as too easy.
            WrongKey, UnknownModel, BudgetReached: no retry can help.
        """
        sentence = Sentence(id=question.id, source=question.source)
        run = self.engine.run(sentence, before=question.before, stream=self.streams)
        async with aclosing(run) as events:
            async for event in events:
                match event:
                    case StageStarted(stage=stage) if self.streams:
                        yield Again(stage.value)
                    case TextDelta(text=text):
                        yield Text(text)
                    case CandidateReady(candidate=candidate):
                        yield _answer(candidate)
                    case SentenceFailed(why=why, usage=usage, is_outage=is_outage):
                        raise NoAnswer(f"{self.name}: {why}", usage=usage, is_outage=is_outage)
                    case SentenceDropped(why=why):
                        raise NoAnswer(f"{self.name}: {why}", hint="Set loop.min_refinements to 0.")


def _answer(candidate: Candidate) -> Answer:
    usage = candidate.usage
    return Answer(
        text=candidate.output,
        thought=candidate.thought,
        output=candidate.output,
        calls=usage.calls,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        seconds=usage.seconds,
        cost_usd=usage.cost_usd,
        model=", ".join(dict.fromkeys(name for names in candidate.models.values() for name in names)),
    )
