"""Judges a draft: a reason first, then a score from 0 to 100."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.records import Stage
from data.text import nfc
from pipeline.agents.replies import usable
from pipeline.agents.role import Role, asking
from pipeline.errors import UnusableReply
from pipeline.llm.json_reply import json_object, whole_score
from pipeline.progress import Progress

_SCORE = re.compile(r"\bscore\b\W{0,5}(?:is|of)?\W{0,3}(\d{1,3}(?:\.\d+)?(?:\s*/\s*100?)?)", re.IGNORECASE)
_OUT_OF = re.compile(r"\b\d{1,3}(?:\.\d+)?\s*(?:/|out of)\s*100?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the evaluator says of a draft; `advice` only where it gives that too."""

    score: int
    reason: str
    quotes: tuple[str, ...] = ()
    advice: str = ""


def read_evaluation(reply: str) -> Evaluation:
    """Read an evaluation, whether as JSON or as words with a score among them.

    Raises:
        UnusableReply: there is no score from 0 to 100.
    """
    try:
        answer = json_object(reply)
    except UnusableReply:
        return _from_words(reply)
    if "score" not in answer:
        return _from_words(reply)
    return Evaluation(
        score=whole_score(answer["score"]),
        reason=_text(answer.get("reason")),
        quotes=_quotes(answer.get("quotes")),
        advice=_text(answer.get("advice")),
    )


def _from_words(reply: str) -> Evaluation:
    text = usable(reply)
    match = _SCORE.search(text) or _OUT_OF.search(text)
    if match is None:
        raise UnusableReply('The reply lacks "score", a whole number from 0 to 100.')
    reason = text[: match.start()] or text[match.end() :]
    return Evaluation(whole_score(match[match.lastindex or 0]), reason.strip(' {":,\n'))


def _text(value: object) -> str:
    return nfc(value.strip()) if isinstance(value, str) else ""


def _quotes(value: object) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else [value]
    return tuple(text for item in texts if (text := _text(item)))[:3]


def judged(progress: Progress, evaluation: Evaluation) -> Progress:
    """Return the progress with the last draft judged; quotes that it does not hold are left out."""
    last = progress.drafts[-1]
    changes: dict[str, Any] = {
        "score": evaluation.score,
        "reason": evaluation.reason,
        "quotes": tuple(quote for quote in evaluation.quotes if quote in last.text),
    }
    if evaluation.advice:
        changes["advice"] = evaluation.advice
    return progress.with_last(**changes)


SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "score": {"type": "integer", "minimum": 0, "maximum": 100},
        "quotes": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
    },
    "required": ["reason", "score", "quotes"],
    "additionalProperties": False,
}

ROLE = Role(
    stage=Stage.EVALUATE,
    temperature=0.0,
    messages=asking("evaluate"),
    read=read_evaluation,
    apply=judged,
    schema=SCHEMA,
)
