"""Chooses the words that decide the translation, with possible translations of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.records import Stage
from pipeline.agents.replies import usable, words_of
from pipeline.agents.role import Role, asking
from pipeline.llm.json_reply import json_object
from pipeline.progress import Progress

Keywords = Mapping[str, tuple[str, ...]]

MOST = 8
"""More keywords than this are noise to the agents that follow."""

LIST_SCHEMA: Mapping[str, object] = {
    "type": "array",
    "maxItems": MOST,
    "items": {
        "type": "object",
        "properties": {
            "word": {"type": "string"},
            "translations": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        },
        "required": ["word", "translations"],
        "additionalProperties": False,
    },
}


def _read(reply: str) -> Keywords:
    text = usable(reply)
    answer = json_object(f'{{"keywords": {text}}}' if text.startswith("[") else text)
    words = words_of(answer.get("keywords", answer))
    return dict(list(words.items())[:MOST])


def _apply(progress: Progress, keywords: Keywords) -> Progress:
    return replace(progress, keywords=keywords)


ROLE = Role(
    stage=Stage.KEYWORDS,
    temperature=0.0,
    messages=asking("keywords"),
    read=_read,
    apply=_apply,
    schema={
        "type": "object",
        "properties": {"keywords": LIST_SCHEMA},
        "required": ["keywords"],
        "additionalProperties": False,
    },
)
