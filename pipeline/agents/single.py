"""Thought and output in one call: the cheapest rival of the loop."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.format import Format
from data.records import Stage
from pipeline.agents.reformulate import thought_language
from pipeline.agents.replies import prose, translation
from pipeline.agents.role import Brief, Role, filled
from pipeline.errors import UnusableReply
from pipeline.llm.json_reply import json_object
from pipeline.llm.request import Message
from pipeline.progress import Progress


@dataclass(frozen=True, slots=True)
class Answer:
    """A thought and the translation it arrives at."""

    thought: str
    output: str


def _messages(brief: Brief, progress: Progress) -> tuple[Message, ...]:
    low, high = brief.settings.thought_words
    values = {
        **brief.values(progress),
        "plan": brief.prompts["plans"].fill(brief.plan, {}),
        "avoid": "\n".join(f"- {opening}" for opening in brief.avoid_openings),
        "thought_language": thought_language(brief),
        "words": f"{low}-{high}",
    }
    return filled(brief.prompts["single"], values)


def _read(reply: str) -> Answer:
    """Read the JSON asked for, or the tags that models trained on such data write on their own."""
    tagged = Format("", "").parse(reply)
    if tagged.well_formed:
        return Answer(prose(tagged.thought), translation(tagged.output))
    answer = json_object(reply)
    thought, output = answer.get("thought"), answer.get("output")
    if not isinstance(thought, str) or not isinstance(output, str):
        raise UnusableReply('The reply lacks "thought" or "output".')
    return Answer(prose(thought), translation(output))


def _apply(progress: Progress, answer: Answer) -> Progress:
    return replace(progress, thought=answer.thought, output=answer.output)


ROLE = Role(
    stage=Stage.SINGLE,
    temperature=0.7,
    messages=_messages,
    read=_read,
    apply=_apply,
    schema={
        "type": "object",
        "properties": {"thought": {"type": "string"}, "output": {"type": "string"}},
        "required": ["thought", "output"],
        "additionalProperties": False,
    },
)
