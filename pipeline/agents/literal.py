"""Writes the first draft, close to the words of the source."""

from __future__ import annotations

from dataclasses import replace

from data.records import Draft, Stage
from pipeline.agents.replies import translation
from pipeline.agents.role import Role, asking
from pipeline.progress import Progress


def add_draft(progress: Progress, text: str) -> Progress:
    """Return the progress with one more draft, not yet judged."""
    return replace(progress, drafts=(*progress.drafts, Draft(text=text)))


ROLE = Role(
    stage=Stage.LITERAL, temperature=0.0, messages=asking("literal"), read=translation, apply=add_draft
)
