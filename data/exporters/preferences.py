"""Pairs for preference training: what people chose over what a model made.

A pair is made of an edit (the edited version over the model's), of a sentence with a rejected and an
accepted candidate, and, only where the evaluator's preference is asked for, of a refinement that it
scored clearly higher than a draft. Such pairs hold outputs alone, since drafts have no thoughts, and
every pair says whose preference it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from data.exporters.rows import Row, Shape
from data.records import Example


@dataclass(frozen=True, slots=True)
class Version:
    """A thought with its output."""

    thought: str
    output: str


def dpo(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield `prompt`, `chosen`, `rejected` for every pair that a row gives."""
    accepted = Version(example.thought, example.output)
    for other in _worse(example):
        yield from _pair(example, shape, accepted, other, "people")
    for candidate in shape.rejected(example):
        yield from _pair(example, shape, accepted, Version(candidate.thought, candidate.output), "people")
    if shape.preferred_by == "evaluator":
        alone = replace(shape, outputs_only=True)
        for better, worse in _scored(example, shape.margin):
            yield from _pair(example, alone, Version("", better), Version("", worse), "evaluator")


def kto(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield `prompt`, `completion`, `label` for every version of a row that was judged."""
    worse = [*_worse(example), *(Version(each.thought, each.output) for each in shape.rejected(example))]
    judged = [(Version(example.thought, example.output), True), *((version, False) for version in worse)]
    for version, label in judged:
        yield {
            "prompt": shape.prompt(example),
            "completion": shape.answer(version.thought, version.output),
            "label": label,
            "preferred_by": "people",
        } | ({"id": example.id} if shape.provenance else {})


def _worse(example: Example) -> Iterator[Version]:
    """Yield the model's version where a person changed it."""
    if example.generated is not None:
        yield Version(example.generated.thought, example.generated.output)


def _scored(example: Example, margin: int) -> Iterator[tuple[str, str]]:
    """Yield the best draft with each draft before it that lies `margin` points below."""
    scored = [(draft.score, draft.text) for draft in example.drafts if draft.score is not None]
    best = max(scored, key=lambda draft: draft[0], default=None)
    if best is None:
        return
    for score, text in scored[: scored.index(best)]:
        if best[0] - score >= margin:
            yield best[1], text


def _pair(example: Example, shape: Shape, chosen: Version, rejected: Version, by: str) -> Iterator[Row]:
    better = shape.answer(chosen.thought, chosen.output)
    worse = shape.answer(rejected.thought, rejected.output)
    if better != worse:
        yield {"prompt": shape.prompt(example), "chosen": better, "rejected": worse, "preferred_by": by} | (
            {"id": example.id} if shape.provenance else {}
        )
