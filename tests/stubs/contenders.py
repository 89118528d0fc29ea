"""Contenders that answer by a rule: no model, no network."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

from data.format import Format
from data.records import Reference, Sentence, sentence_id
from train.errors import NoAnswer
from train.evaluation.asking import Asked, Outcome, ask
from train.evaluation.contender import About, Again, Answer, Kind, Question, Text
from train.evaluation.items import EvaluationItem, items_of

TAGGED = Format("ko", "en")


@dataclass
class RuleContender:
    """Answers with what `says` makes of a source; a `NoAnswer` that it returns is raised."""

    name: str
    says: Callable[[str], str | NoAnswer] = lambda source: f"translation of {source}"
    has_thought: bool = False
    kind: Kind = "model"
    identity: str = ""
    models: tuple[str, ...] = ()
    trained: str | None = None
    asked_in: str | None = None
    is_cut: bool = False
    asked: list[Question] = field(default_factory=list)

    @property
    def about(self) -> About:
        return About(self.kind, self.identity or self.name, self.models, self.trained)

    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        self.asked.append(question)
        said = self.says(question.source)
        if isinstance(said, NoAnswer):
            raise said
        yield Text(said)
        read = TAGGED.parse(said) if self.has_thought else None
        yield Answer(
            text=said,
            thought=read.thought if read else "",
            output=read.output if read else said,
            troubles=read.troubles if read else (),
            is_cut=self.is_cut,
            prompt_tokens=50,
            completion_tokens=10,
            seconds=0.5,
            cost_usd=0.001,
            model="rule-1",
            prompt_fingerprint=self.asked_in,
        )


def sentences(count: int, *, groups: int = 10, **changes: object) -> list[Sentence]:
    """Different sentences in groups, each with a reference."""
    made = []
    for number in range(count):
        source = f"{number}번째 문장은 {'길고 ' * (number % 5)}발이 넓다."
        fields = {
            "id": sentence_id(source),
            "source": source,
            "group": f"idiom {number % groups}",
            "references": (Reference(text=f"Sentence {number} knows everyone in this town."),),
            "split": "test",
        }
        made.append(Sentence(**(fields | changes)))
    return made


def items(of: Sequence[Sentence], seen: Sequence[str] = ()) -> tuple[EvaluationItem, ...]:
    return items_of(of, seen_groups=seen, edited={}, before={})


async def answered(contenders: Sequence[RuleContender], of: Sequence[EvaluationItem]) -> Asked:
    """Outcomes that are kept nowhere."""
    asked = Asked({each.name: {} for each in contenders})
    for each in contenders:
        for item in of:
            try:
                outcome = Outcome(await ask(each, item.question))
            except NoAnswer as problem:
                outcome = Outcome(failed=problem.message, usage=problem.usage, is_outage=problem.is_outage)
            asked.outcomes[each.name][item.id] = outcome
    return asked
