"""Tells the record of the work as one first-person train of thought that ends at the output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from data.format import language_name
from data.records import Draft, Finding, Stage
from pipeline.agents.replies import prose
from pipeline.agents.role import Brief, Role, filled
from pipeline.llm.request import Message, Request
from pipeline.progress import Progress

_HEADING = re.compile(
    r"^[\s#*_]*(?:thought|monologue|inner monologue|train of thought)[\s*_]*[:：]?[\s*_]*$", re.I
)


def _messages(brief: Brief, progress: Progress) -> tuple[Message, ...]:
    low, high = brief.settings.thought_words
    values = {
        **brief.values(progress),
        "record": _record(progress.shown, progress.ending),
        "plan": brief.prompts["plans"].fill(brief.plan, {}),
        "avoid": "\n".join(f"- {opening}" for opening in brief.avoid_openings),
        "thought_language": thought_language(brief),
        "words": f"{low}-{high}",
        "advice": brief.advice,
    }
    return filled(brief.prompts["reformulate"], values)


def thought_language(brief: Brief) -> str:
    """Return the name of the language that the thought is to be written in."""
    wanted = brief.settings.thought_language
    return brief.target_language if wanted == "target" else language_name(wanted)


def _record(drafts: Sequence[Draft], output: str) -> str:
    """The attempts as the thought is to tell them; what was said of the last is no part of the story."""
    lines: list[str] = []
    for draft in drafts[:-1]:
        doubts = " ".join(part for part in (draft.reason, draft.advice) if part)
        lines.append(f'I try: "{draft.text}"')
        lines.append(f"I doubt it: {doubts}" if doubts else "I doubt it.")
    lines.append(f'I try: "{drafts[-1].text}"')
    lines.append(f'I decide for: "{output}"')
    return "\n".join(lines)


def _read(reply: str) -> str:
    lines = prose(reply).splitlines()
    if len(lines) > 1 and _HEADING.match(lines[0]):
        del lines[0]
    return "\n".join(lines)


def _apply(progress: Progress, thought: str) -> Progress:
    return replace(progress, thought=thought, output=progress.ending)


ROLE = Role(stage=Stage.REFORMULATE, temperature=0.7, messages=_messages, read=_read, apply=_apply)


def repair(brief: Brief, asked: Request[str], thought: str, faults: Sequence[Finding]) -> Request[str]:
    """Return the request that shows the model its thought and what the check said of it."""
    problems = "\n".join(f"- {fault.message}" for fault in faults)
    return replace(
        asked,
        messages=(
            *asked.messages,
            Message("assistant", thought),
            Message("user", brief.prompts["reformulate"].fill("repair", {"problems": problems})),
        ),
    )
