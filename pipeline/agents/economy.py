"""The economy workflow's double roles: opening (keywords, first draft) and critique (score, advice)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.records import Stage
from pipeline.agents.evaluate import SCHEMA, judged, read_evaluation
from pipeline.agents.keywords import LIST_SCHEMA, Keywords
from pipeline.agents.literal import add_draft
from pipeline.agents.replies import translation, words_of
from pipeline.agents.role import Role, asking
from pipeline.errors import UnusableReply
from pipeline.llm.json_reply import json_object
from pipeline.progress import Progress


@dataclass(frozen=True, slots=True)
class Opening:
    """What the tokenizer's words mean here, and the first draft."""

    keywords: Keywords
    draft: str


def _read_opening(reply: str) -> Opening:
    answer = json_object(reply)
    text = answer.get("translation")
    if not isinstance(text, str):
        raise UnusableReply('The reply lacks "translation", the sentence translated on one line.')
    return Opening(words_of(answer.get("keywords")), translation(text))


def _open(progress: Progress, opening: Opening) -> Progress:
    """Only the tokenizer's words are kept: it chose them, the model says what they mean."""
    chosen = progress.keywords or {}
    keywords = {word: opening.keywords.get(word, meanings) for word, meanings in chosen.items()}
    return add_draft(replace(progress, keywords=keywords), opening.draft)


OPEN = Role(
    stage=Stage.OPEN,
    temperature=0.0,
    messages=asking("open"),
    read=_read_opening,
    apply=_open,
    schema={
        "type": "object",
        "properties": {"keywords": LIST_SCHEMA, "translation": {"type": "string"}},
        "required": ["keywords", "translation"],
        "additionalProperties": False,
    },
)

_PROPERTIES = {"reason": {"type": "string"}, "score": {"type": "integer", "minimum": 0, "maximum": 100}}
CRITIQUE = Role(
    stage=Stage.CRITIQUE,
    temperature=0.0,
    messages=asking("critique"),
    read=read_evaluation,
    apply=judged,
    schema={
        **SCHEMA,
        "properties": {**_PROPERTIES, "advice": {"type": "string"}},
        "required": ["reason", "score", "advice"],
    },
)
