"""Says what to change in a draft, and why."""

from __future__ import annotations

from data.records import Stage
from pipeline.agents.replies import prose
from pipeline.agents.role import Role, asking
from pipeline.progress import Progress


def _apply(progress: Progress, advice: str) -> Progress:
    return progress.with_last(advice=advice)


ROLE = Role(stage=Stage.ADVISE, temperature=0.3, messages=asking("advise"), read=prose, apply=_apply)
