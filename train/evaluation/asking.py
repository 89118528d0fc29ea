"""All contenders answer all questions: at once, each only once, and what they said is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from data.records import Usage
from train.errors import NoAnswer
from train.evaluation.contender import Answer, Contender, Question
from train.evaluation.contenders.imported import NotInFile
from train.evaluation.crew import Crew, Job
from train.evaluation.kept import Kept, answer_as_json, answer_key, answer_of
from train.evaluation.outages import Outages


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question to one contender."""

    answer: Answer | None = None
    failed: str = ""
    """Why there is no answer: a failure of the contender, and counted as one unless `is_outage`."""
    usage: Usage | None = None
    """What a failure took all the same."""
    is_outage: bool = False
    """It failed because of its endpoint, and is not judged by that."""
    is_missing: bool = False
    """The contender has nothing to say of this item, and is not judged by it."""


@dataclass(slots=True)
class Asked:
    """Outcomes by contender and item, as they come."""

    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    kept: int = 0
    """Answers that were there from an earlier run."""
    made: int = 0

    def of(self, contender: str, item: str) -> Outcome | None:
        """Return an outcome, `None` where the question was not asked yet."""
        return self.outcomes.get(contender, {}).get(item)

    @property
    def done(self) -> int:
        """Outcomes so far."""
        return self.kept + self.made


async def ask_all(
    contenders: Sequence[Contender],
    questions: Sequence[Question],
    kept: Kept,
    crew: Crew,
    *,
    at_once: int,
    on_outcome: Callable[[Asked], None] = lambda _: None,
) -> Asked:
    """Ask everybody everything; what is kept is not asked again, failures are.

    Args:
        contenders: with names that differ.
        questions: in the order to ask them.
        kept: where answers are kept; one is there before the next question is asked in its place.
        crew: can be told to stop, and then the outcomes are those so far.
        at_once: questions under way for each contender that sets no limit of its own.
        on_outcome: hears of each outcome.

    Raises:
        PipelineError: no retry can help: key, model, budget. What was answered is kept.
        EndpointsFailed: most questions get no answer, and the rest would only wait; likewise.
        NotSaved: the disk refused an answer.
    """
    asked, outages = Asked({contender.name: {} for contender in contenders}), Outages()

    def jobs(contender: Contender) -> Iterator[Job]:
        for question in questions:
            key = answer_key(contender, question)
            if (answer := _known(kept, key)) is not None:
                asked.kept += 1
                asked.outcomes[contender.name][question.id] = Outcome(answer)
                on_outcome(asked)
                continue
            yield partial(one, contender, question, key)

    async def one(contender: Contender, question: Question, key: str) -> None:
        outcome = await _outcome(contender, question)
        if outcome.answer is not None and outcome.answer.calls:
            kept.keep(key, answer_as_json(outcome.answer), contender=contender.name, item=question.id)
        asked.made += 1
        asked.outcomes[contender.name][question.id] = outcome
        on_outcome(asked)
        outages.note(outcome.failed if outcome.is_outage else "")

    await crew.work((jobs(each), min(each.about.at_once or at_once, at_once)) for each in contenders)
    if not asked.kept:
        outages.insist()
    return asked


async def ask(contender: Contender, question: Question) -> Answer:
    """Return a contender's whole answer to one question.

    Raises:
        NoAnswer: nothing usable came.
    """
    async with aclosing(contender.translate(question)) as items:
        async for item in items:
            if isinstance(item, Answer):
                return item
    raise NoAnswer(f"{contender.name} ended without an answer.")


async def _outcome(contender: Contender, question: Question) -> Outcome:
    try:
        return Outcome(await ask(contender, question))
    except NotInFile:
        return Outcome(is_missing=True)
    except NoAnswer as problem:
        return Outcome(failed=problem.message, usage=problem.usage, is_outage=problem.is_outage)


def _known(kept: Kept, key: str) -> Answer | None:
    value = kept.find(key)
    return None if value is None else answer_of(value)
