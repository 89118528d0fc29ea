"""Contenders that answer by script, at a pace that a test or a benchmark sets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from data.format import Format
from drt_tui.comparing.lineup import Lineup, OpenLineup
from train.errors import NoAnswer
from train.evaluation.contender import About, Again, Answer, Kind, Question, Text

FORMAT = Format("ko", "en")


@dataclass
class ScriptedContender:
    """Streams `text` word by word; a `gate` that is not set holds it up."""

    name: str
    text: str = "He knows everyone."
    has_thought: bool = False
    kind: Kind = "model"
    seconds: float = 1.0
    cost_usd: float | None = 0.001
    """0: it is asked ahead."""
    tokens: int = 12
    is_cut: bool = False
    pause: float = 0.0
    fails_after: int | None = None
    """Words after which the endpoint dies."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Question] = field(default_factory=list)
    closed: int = 0
    """Answers that were ended before they were whole."""

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def about(self) -> About:
        return About(self.kind, identity=f"identity of {self.name}", models=(self.name,))

    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        self.asked.append(question)
        try:
            for number, word in enumerate(self.text.split(" ")):
                if number == self.fails_after:
                    raise NoAnswer(f"{self.name} is gone", hint="Start it again.")
                await asyncio.sleep(self.pause)
                await self.gate.wait()
                yield Text(word if number == 0 else f" {word}")
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise
        reply = FORMAT.parse(self.text)
        yield Answer(
            text=self.text,
            thought=reply.thought if self.has_thought else "",
            output=reply.output if self.has_thought else self.text,
            troubles=reply.troubles if self.has_thought else (),
            is_cut=self.is_cut,
            completion_tokens=self.tokens,
            seconds=self.seconds,
            cost_usd=self.cost_usd,
        )


def thinking(name: str, thought: str, output: str, **more: object) -> ScriptedContender:
    """Return a contender that thinks first, in tags."""
    return ScriptedContender(
        name,
        FORMAT.answer(thought, output),
        **{"has_thought": True, "kind": "drt"} | more,  # type: ignore[arg-type]
    )


def lineup(
    contenders: Sequence[ScriptedContender], *, warnings: Sequence[str] = (), notes: Sequence[str] = ()
) -> OpenLineup:
    """Return a way to open these contenders."""

    @asynccontextmanager
    async def open_lineup(tell: Callable[[str], None]) -> AsyncIterator[Lineup]:
        yield Lineup(tuple(contenders), tuple(warnings), tuple(notes))

    return open_lineup
