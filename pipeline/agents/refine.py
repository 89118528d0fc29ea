"""Writes the next draft from the last one and the advice on it."""

from __future__ import annotations

from collections.abc import Iterator

from data.records import Stage
from pipeline.agents.literal import add_draft
from pipeline.agents.replies import translation
from pipeline.agents.role import Brief, Role, ask
from pipeline.llm.request import Message
from pipeline.progress import Progress


def _messages(brief: Brief, progress: Progress) -> tuple[Message, ...]:
    if brief.settings.workflow == "advise-first":
        return (*ask("literal", brief, progress), *_dialogue(brief, progress))
    return ask("refine", brief, progress)


def _dialogue(brief: Brief, progress: Progress) -> Iterator[Message]:
    """Every draft so far as the translator's turn, the advice on it as the next turn."""
    values = brief.values(progress)
    for draft in progress.drafts:
        yield Message("assistant", draft.text)
        yield Message("user", brief.prompts["refine"].fill("turn", {**values, "advice": draft.advice}))


ROLE = Role(stage=Stage.REFINE, temperature=0.7, messages=_messages, read=translation, apply=add_draft)
