"""Mending a thought after a person changed the output: only the sentences that are stale are rewritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from data.format import language_name
from data.ids import new_id
from data.records import Sentence, Stage
from data.text import nfc
from pipeline.agents.role import filled
from pipeline.asking import Answer, ask
from pipeline.engine import Engine
from pipeline.errors import UnusableReply
from pipeline.llm.json_reply import json_object
from pipeline.llm.request import Request

Span = tuple[int, int]

_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {"sentences": {"type": "array", "items": {"type": "string"}}},
    "required": ["sentences"],
    "additionalProperties": False,
}


async def mend(
    engine: Engine, sentence: Sentence, *, thought: str, old: str, new: str, stale: Sequence[Span]
) -> str:
    """Return the thought with its stale sentences rewritten to argue for the new output.

    Args:
        engine: whose models, prompts and log are used.
        sentence: what is translated.
        thought: as it stands.
        old: the output it argues for.
        new: the output it is to argue for.
        stale: spans of the sentences to rewrite, in order.

    Raises:
        StageFailed: no model gave a usable answer.
        WrongKey, UnknownModel, UnknownPrice, BudgetReached: no retry can help.
    """
    if not stale:
        return thought
    values = {
        "source": sentence.source,
        "old": old,
        "new": new,
        "thought": thought,
        "numbered": "\n".join(
            f"{number}. {thought[start:end].strip()}" for number, (start, end) in enumerate(stale, 1)
        ),
        "thought_language": _thought_language(engine),
    }
    request = Request(
        stage=Stage.REFORMULATE,
        sentence=sentence.id,
        messages=filled(engine.prompts["mend"], values),
        parse=partial(_read, count=len(stale)),
        prompt=engine.prompts["mend"].version,
        temperature=0.3,
        seed=engine.seed,
        schema=_SCHEMA,
    )
    async for item in ask(engine.models, engine.log, request, trace=new_id(), number=0, stream=False):
        if isinstance(item, Answer):
            return _replaced(thought, stale, item.value)
    raise AssertionError("asking ends with an answer")


def _thought_language(engine: Engine) -> str:
    wanted = engine.settings.thought_language
    return language_name(engine.target if wanted == "target" else wanted)


def _read(reply: str, *, count: int) -> tuple[str, ...]:
    told = json_object(reply).get("sentences")
    texts = (
        tuple(nfc(text).strip() for text in told if isinstance(text, str)) if isinstance(told, list) else ()
    )
    if len(texts) != count or not all(texts):
        raise UnusableReply(f'"sentences" must hold {count} sentences, one for each number')
    return texts


def _replaced(thought: str, stale: Sequence[Span], texts: Sequence[str]) -> str:
    """Put each text in the place of its sentence, whose surrounding white space stays."""
    for (start, end), text in sorted(zip(stale, texts, strict=True), reverse=True):
        told = thought[start:end]
        lead = told[: len(told) - len(told.lstrip())]
        trail = told[len(told.rstrip()) :]
        thought = thought[:start] + lead + text + trail + thought[end:]
    return thought
