"""Rows for the exporter tests, made as the store makes them."""

from __future__ import annotations

from data.format import Format
from data.records import (
    Decision,
    Draft,
    Example,
    Generated,
    Origin,
    Reference,
    Sentence,
    Span,
    Status,
    Usage,
    sentence_id,
)

PROMPTS = Format("ko", "en")


def example(
    source: str = "그는 발이 넓다.",
    *,
    status: Status = Status.ACCEPTED,
    thought: str = "I look at 발이 넓다 first.",
    output: str = "He knows everyone.",
    group: str | None = "발이 넓다",
    made_by: str = "",
    licence: str | None = "CC0-1.0",
    split: str | None = None,
    models: dict[str, tuple[str, ...]] | None = None,
    by: str = "kim",
    generated: Generated | None = None,
) -> Example:
    sentence = Sentence.model_validate(
        {
            "id": sentence_id(source),
            "source": source,
            "group": group,
            "references": (Reference(text="He is well connected."),),
            "spans": (Span(start=3, end=8),),
            "licence": licence,
            "split": split,
            "origin": Origin(file="set.xlsx", row=7),
            "mood": {"tone": ["dry"]},
        }
    )
    return Example(
        id=sentence.id,
        source=source,
        reference="He is well connected.",
        group=group,
        status=status,
        thought=thought,
        output=output,
        keywords={"발이 넓다": ("have wide feet", "be well connected")},
        drafts=(
            Draft(text="He has wide feet.", score=40, reason="word for word", advice="say what it means"),
            Draft(text=output, score=90, reason="good"),
        ),
        models=models or {"literal": ("main",), "evaluate": ("judge",), "refine": ("main",)},
        usage=Usage(calls=5, prompt_tokens=900, completion_tokens=300, cost_usd=0.01, seconds=4.5),
        decision=Decision(id="d1", sentence=sentence.id, kind="accept", by=by, candidate="c1"),
        generated=generated,
        sentence=sentence,
        candidate="c1",
        made_by=made_by,
    )
