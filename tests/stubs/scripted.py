"""Models that answer by script: no endpoint, no network, every request kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

from data.records import Call, Stage, Usage
from pipeline.errors import PipelineError, StageFailed, UnusableReply
from pipeline.llm.request import Delta, Reply, Request, Restart

Script = str | PipelineError | Callable[[Request[Any]], str]

USAGE = Usage(calls=1, prompt_tokens=100, completion_tokens=20, cost_usd=0.001, seconds=0.5)


class ScriptedModels:
    """Answers each stage with its script's replies in turn, the last of them for ever.

    A reply that cannot be parsed is "repaired" once by taking the next one, as the router does.
    """

    def __init__(
        self, scripts: Mapping[Stage, Sequence[Script]] = {}, *, models: Mapping[str, str] | None = None
    ) -> None:
        self.scripts = {**DEFAULT, **scripts}
        self.requests: list[Request[Any]] = []
        self._asked: defaultdict[Stage, int] = defaultdict(int)
        self._models = dict(models or {})

    def names(self, stage: Stage) -> tuple[str, ...]:
        return (self._models.get(stage, "main"),)

    def asked(self, stage: Stage) -> list[Request[Any]]:
        return [request for request in self.requests if request.stage is stage]

    async def complete(self, request: Request[Any]) -> Reply[Any]:
        self.requests.append(request)
        for attempt in (1, 2):
            text = self._next(request)
            try:
                value = request.parse(text)
            except UnusableReply as error:
                if attempt == 2:
                    raise StageFailed(f"{request.stage}: {error.message}", usage=USAGE + USAGE) from error
                continue
            return Reply(value, text, self.names(request.stage)[0], USAGE, served_by="scripted")
        raise AssertionError("unreachable")

    async def stream(self, request: Request[Any]) -> AsyncGenerator[Delta | Restart | Reply[Any], None]:
        reply = await self.complete(request)
        for start in range(0, len(reply.text), 7):
            yield Delta(reply.text[start : start + 7])
        yield reply

    def _next(self, request: Request[Any]) -> str:
        script = self.scripts[request.stage]
        reply = script[min(self._asked[request.stage], len(script) - 1)]
        self._asked[request.stage] += 1
        if isinstance(reply, PipelineError):
            raise reply
        return reply(request) if callable(reply) else reply


def evaluation(score: int, reason: str = "word for word") -> str:
    return f'{{"reason": "{reason}", "score": {score}, "quotes": []}}'


def tell(request: Request[Any]) -> str:
    """A thought that tells the record it is given: quotes every attempt, ends with the final one."""
    user = next(message.content for message in request.messages if message.role == "user")
    attempts = [line.partition(": ")[2] for line in user.splitlines() if line.startswith("I try: ")]
    return "\n".join(["I look at the words first.", *(f"I try {attempt}." for attempt in attempts)])


MINED = '{"reason": "ice has no teeth", "figurative": true, "spoiled": true, "kinds": ["simile"], "words": ["teeth"]}'

DEFAULT: dict[Stage, Sequence[Script]] = {
    Stage.KEYWORDS: ['{"keywords": [{"word": "발이 넓다", "translations": ["well connected"]}]}'],
    Stage.LITERAL: ["He has wide feet, so he knows many people."],
    Stage.EVALUATE: [evaluation(62), evaluation(92)],
    Stage.ADVISE: ["Say what it means: the reach of his acquaintance."],
    Stage.REFINE: ["He is so well connected that he knows everyone."],
    Stage.REFORMULATE: [tell],
    Stage.OPEN: ['{"keywords": [], "translation": "He has wide feet."}'],
    Stage.CRITIQUE: ['{"reason": "flat", "score": 62, "advice": "Say what it means."}', evaluation(92)],
    Stage.MINE: [MINED],
    Stage.SINGLE: ['{"thought": "I see reach. \\"He knows everyone.\\"", "output": "He knows everyone."}'],
}


class MemoryLog:
    """A stage log that keeps calls in memory."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def append(self, call: Call) -> None:
        self.calls.append(call)

    def find(self, key: str) -> Call | None:
        return next((call for call in self.calls if call.key == key), None)
