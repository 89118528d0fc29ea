"""Records made up for tests."""

from __future__ import annotations

from typing import Any

from data.ids import new_id
from data.records import Call, Candidate, Decision, Draft, Finding, Sentence, Stage, sentence_id


def a_sentence(number: int = 1, **fields: Any) -> Sentence:
    source = f"발이 넓은 사람 {number}"
    return Sentence(id=sentence_id(source), source=source, **fields)


def a_candidate(sentence: Sentence, *, score: int | None = 80, **fields: Any) -> Candidate:
    made: dict[str, Any] = {
        "id": new_id(),
        "sentence": sentence.id,
        "thought": "Nobody means feet here.",
        "output": "He knows everyone.",
        "drafts": (Draft(text="He has wide feet."), Draft(text="He knows everyone.", score=score)),
        "best": 1,
        "findings": (Finding(code="openings", message="starts like the others"),),
    }
    return Candidate(**made | fields)


def a_decision(sentence: Sentence, kind: str = "accept", *, by: str = "mina", **fields: Any) -> Decision:
    return Decision.model_validate(
        {"id": new_id(), "sentence": sentence.id, "kind": kind, "by": by, **fields}
    )


def a_call(trace: str = "", *, key: str = "", number: int = 0, **fields: Any) -> Call:
    made: dict[str, Any] = {
        "trace": trace or new_id(),
        "sentence": "s",
        "stage": Stage.LITERAL,
        "number": number,
        "key": key or new_id(),
        "prompt": "p1",
        "model": "main",
        "reply": "그는 발이 넓다",
    }
    return Call(**made | fields)
