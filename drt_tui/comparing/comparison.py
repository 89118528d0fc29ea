"""A comparison as it goes on: one question, and what each contender has answered so far.

While an answer is read, contenders whose answers cost nothing may be asked the next question already.
It knows no screen. Whoever shows it looks at `version`, which grows with everything that changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Literal

from data.format import parse_begun
from pipeline.errors import PipelineError
from train.errors import NoAnswer
from train.evaluation.contender import Again, Answer, Contender, Question, Sampling, Text, Turn

State = Literal["empty", "waiting", "streaming", "done", "failed", "stopped"]
MOST = 9
"""Columns that a screen can show."""
MOST_BESIDE = 4
"""Columns that stand side by side; more of them lie one under the other."""
_MOST_LIVE = 20_000
"""Characters of an unfinished answer that are read for tags again and again."""


@dataclass(slots=True)
class Column:
    """What one contender has said to the question so far."""

    contender: Contender
    state: State = "empty"
    text: str = ""
    """As it arrived, tags included."""
    answer: Answer | None = None
    why: str = ""
    """Why there is no answer, or why an attempt was begun again."""
    seconds: float = 0.0
    """Since it was asked; of an answer that is done it says itself how long it took."""
    history: tuple[Turn, ...] = ()
    question: Question | None = None
    """What it was asked."""
    version: int = 0
    """Another one after every change, of all columns of a comparison."""
    _spoken: tuple[int, str, str] = field(default=(-1, "", ""), repr=False)

    @property
    def name(self) -> str:
        """The contender's name."""
        return self.contender.name

    @property
    def is_busy(self) -> bool:
        """It is being asked."""
        return self.state in {"waiting", "streaming"}

    @property
    def is_free(self) -> bool:
        """What it answered cost nothing, and so will its next answer."""
        return self.answer is not None and (not self.answer.calls or self.answer.cost_usd == 0)

    @property
    def thought(self) -> str:
        """The thought as far as it has come."""
        return self.answer.thought if self.answer is not None else self._read()[0]

    @property
    def output(self) -> str:
        """The output as far as it has come."""
        return self.answer.output if self.answer is not None else self._read()[1]

    @property
    def reads_as(self) -> str:
        """What a reader would take for its translation: the output, or all of it where no tag says which."""
        return self.output or (self.answer.text if self.answer is not None else "")

    def _read(self) -> tuple[str, str]:
        length = len(self.text)
        if self._spoken[0] != length:
            begun = parse_begun(self.text[:_MOST_LIVE])
            self._spoken = length, begun.thought, begun.output + self.text[_MOST_LIVE:]
        return self._spoken[1:]


class Comparison:
    """The columns of a comparison and how they are asked."""

    def __init__(self, contenders: Sequence[Contender] = ()) -> None:
        self.columns = [Column(contender) for contender in contenders[:MOST]]
        self.question: Question | None = None
        self.sampling = Sampling()
        self.keeps_history = False
        """Earlier turns go with a message, which no model here was trained with."""
        self.version = 0
        self._ahead: dict[str, Column] = {}
        """Who answers the next question already, by name."""
        self._sampling_ahead = self.sampling

    @property
    def is_busy(self) -> bool:
        """Something is still being answered."""
        return any(column.is_busy for column in self.columns)

    @property
    def is_answered(self) -> bool:
        """Every contender has answered."""
        return bool(self.columns) and all(column.state == "done" for column in self.columns)

    @property
    def turns(self) -> int:
        """Earlier turns that go with the next message."""
        return max((len(column.history) for column in self.columns), default=0) if self.keeps_history else 0

    def begin(self, question: Question) -> list[Column]:
        """Put a question in front of all contenders, and return the columns that `ask` is still to be called for.

        Who was asked it ahead has answered, or is about to.
        """
        if not self.keeps_history:
            self._forget()
        elif self.question is not None and question.id != self.question.id:
            self._remember(self.question)
        known = self._known(question)
        self.question = question
        # Anew: who is still answering the last question has nothing to do with this one.
        self.columns = [
            known.get(each.name) or Column(each.contender, "waiting", history=each.history, question=question)
            for each in self.columns
        ]
        for column in self.columns:
            self._note(column)
        return [column for column in self.columns if column.name not in known]

    def look_ahead(self, question: Question) -> list[Column]:
        """Return columns that `ask` may be called for while another question is read: those that cost nothing.

        There are none while turns are kept, since the next one depends on this one, and none for a
        question that was looked at already.
        """
        if self.keeps_history or question == self.question or self._known(question):
            return []
        self._sampling_ahead = self.sampling
        self._ahead = {
            each.name: Column(each.contender, "waiting", question=question)
            for each in self.columns
            if each.is_free
        }
        return list(self._ahead.values())

    def forget_ahead(self) -> None:
        """Do without what was asked ahead."""
        self._ahead = {}

    def _known(self, question: Question) -> dict[str, Column]:
        """Return who answers a question already, as it would be asked now."""
        if self.keeps_history or self.sampling != self._sampling_ahead:
            return {}
        return {
            name: column
            for name, column in self._ahead.items()
            if column.question == question and column.state in {"waiting", "streaming", "done"}
        }

    async def ask(self, column: Column) -> None:
        """Ask a contender; what it says, or why it says nothing, is in its column."""
        assert column.question is not None
        began = perf_counter()
        question = replace(column.question, sampling=self.sampling, history=column.history)
        try:
            async with aclosing(column.contender.translate(question)) as items:
                async for item in items:
                    self._take(column, item)
                    column.seconds = perf_counter() - began
        except (NoAnswer, PipelineError) as error:
            column.state, column.why = "failed", f"{error.message} {error.hint}".strip()
        finally:
            if column.is_busy:
                column.state = "stopped"
            self._note(column)

    def set_history(self, kept: bool) -> None:
        """Keep earlier turns from now on, or forget them: a fresh single turn is how models are trained."""
        self.keeps_history = kept
        self._forget()
        self.version += 1

    def _take(self, column: Column, item: Text | Again | Answer) -> None:
        if isinstance(item, Text):
            column.text += item.text
            column.state = "streaming"
        elif isinstance(item, Again):
            column.text, column.why, column.state = "", item.why, "waiting"
        else:
            column.answer, column.state = item, "done"
        self._note(column)

    def _remember(self, asked: Question) -> None:
        for column in self.columns:
            if column.answer is not None:
                column.history = (*column.history, Turn(asked.source, column.answer.text))

    def _forget(self) -> None:
        for column in self.columns:
            column.history = ()

    def _note(self, column: Column) -> None:
        self.version += 1
        column.version = self.version
