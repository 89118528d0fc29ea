"""Says of a sentence whether it holds a figure, and whether a literal translation would spoil it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.format import language_name
from data.records import Mined, Sentence, Stage
from data.text import nfc
from pipeline.agents.prompts import Prompt
from pipeline.agents.role import filled
from pipeline.errors import UnusableReply
from pipeline.llm.json_reply import json_object
from pipeline.llm.request import Request

KINDS = ("metaphor", "simile", "idiom")
_MOST_WORDS = 3
_YES = frozenset({"true", "yes", "1", "y", "예", "네", "是"})
_NO = frozenset({"false", "no", "0", "n", "아니요", "아니오", "否", "不是"})

SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "figurative": {"type": "boolean"},
        "spoiled": {"type": "boolean"},
        "kinds": {"type": "array", "items": {"type": "string", "enum": list(KINDS)}, "maxItems": len(KINDS)},
        "words": {"type": "array", "items": {"type": "string"}, "maxItems": _MOST_WORDS},
    },
    "required": ["reason", "figurative", "spoiled", "kinds", "words"],
    "additionalProperties": False,
}


def question(
    sentence: Sentence, prompt: Prompt, *, before: Sequence[str], source: str, target: str, seed: int
) -> Request[Mined]:
    """Return the question about a sentence; languages are codes, `before` are the sentences before it."""
    values = {
        "source_language": language_name(source),
        "target_language": language_name(target),
        "source": sentence.source,
        "context": "\n".join(before),
    }
    return Request(
        stage=Stage.MINE,
        sentence=sentence.id,
        messages=filled(prompt, values),
        parse=read_answer,
        prompt=prompt.version,
        seed=seed,
        schema=SCHEMA,
    )


def read_answer(reply: str) -> Mined:
    """Read the answers, however the model wrote yes and no.

    Raises:
        UnusableReply: one of the two is missing, or is neither yes nor no.
    """
    answer = json_object(reply)
    figurative = _yes(answer, "figurative")
    return Mined(
        figurative=figurative,
        spoiled=_yes(answer, "spoiled") if figurative or "spoiled" in answer else False,
        reason=" ".join(_texts(answer.get("reason"), most=1)),
        kinds=tuple(kind for kind in KINDS if kind in map(str.lower, _texts(answer.get("kinds"), most=9))),
        words=_texts(answer.get("words"), most=_MOST_WORDS),
    )


def _yes(answer: Mapping[str, object], name: str) -> bool:
    said = str(answer.get(name)).strip().strip(".").casefold()
    if said not in _YES | _NO:
        raise UnusableReply(f'The reply lacks "{name}", which is true or false.')
    return said in _YES


def _texts(value: object, *, most: int) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    texts = (nfc(item.encode("utf-8", "replace").decode().strip()) for item in items if isinstance(item, str))
    return tuple(dict.fromkeys(text for text in texts if text))[:most]
