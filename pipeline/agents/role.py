"""What all agents have in common: what they are told, and the shape of a role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from data.format import language_name
from data.records import Sentence, Stage
from pipeline.agents.prompts import Prompt, Prompts
from pipeline.llm.request import Message, Request
from pipeline.progress import Progress
from pipeline.settings import LoopSettings

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Brief:
    """What every agent is told of a sentence. It holds no reference translation, and never may."""

    sentence: str
    """The sentence's id."""
    source: str
    source_language: str
    target_language: str
    settings: LoopSettings
    prompts: Prompts
    before: tuple[str, ...] = ()
    """The sentences before it, oldest first."""
    advice: str = ""
    """A person's advice for the thought."""
    plan: str = ""
    """Name of the opening plan."""
    avoid_openings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, sentence: Sentence, *, source: str, target: str, settings: LoopSettings, prompts: Prompts,
        before: tuple[str, ...], plan: str, avoid_openings: tuple[str, ...],
    ) -> Brief:  # fmt: skip
        """Return the brief for a sentence; languages are codes."""
        return cls(
            sentence=sentence.id,
            source=sentence.source,
            source_language=language_name(source),
            target_language=language_name(target),
            settings=settings,
            prompts=prompts,
            before=before[-settings.context :] if settings.context else (),
            plan=plan,
            avoid_openings=avoid_openings,
        )

    def values(self, progress: Progress) -> dict[str, str]:
        """Return the values of the placeholders that mean the same in every prompt."""
        last = progress.drafts[-1] if progress.drafts else None
        return {
            "source_language": self.source_language,
            "target_language": self.target_language,
            "source": self.source,
            "context": "\n".join(self.before),
            "keywords": keyword_lines(progress.keywords or {}),
            "draft": last.text if last else "",
            "reason": last.reason if last else "",
            "advice": last.advice if last else "",
        }


@dataclass(frozen=True, slots=True)
class Role(Generic[Value]):
    """One agent: what it is asked, how its answer is read, and what the answer changes."""

    stage: Stage
    temperature: float
    read: Callable[[str], Value]
    """Reads the reply; raises `UnusableReply`."""
    apply: Callable[[Progress, Value], Progress]
    messages: Callable[[Brief, Progress], tuple[Message, ...]]
    schema: Mapping[str, object] | None = None

    def request(self, brief: Brief, progress: Progress, *, seed: int, sample: int = 0) -> Request[Value]:
        """Return the question to ask. A repeated question (`sample` > 0) is drawn, not decoded greedily."""
        return Request(
            stage=self.stage,
            sentence=brief.sentence,
            messages=self.messages(brief, progress),
            parse=self.read,
            prompt=brief.prompts[self.stage].version,
            temperature=max(self.temperature, REPEATED) if sample else self.temperature,
            seed=seed,
            schema=self.schema,
            sample=sample,
        )


REPEATED = 0.7
"""Temperature of a question's second and later samples: at 0 they would all be the same."""


def ask(name: str, brief: Brief, progress: Progress) -> tuple[Message, ...]:
    """Return system and user message of a prompt, filled with what every prompt may use."""
    return filled(brief.prompts[name], brief.values(progress))


def asking(name: str) -> Callable[[Brief, Progress], tuple[Message, ...]]:
    """Return `ask` for one prompt."""
    return partial(ask, name)


def filled(prompt: Prompt, values: Mapping[str, str]) -> tuple[Message, ...]:
    """Return system and user message of a prompt."""
    return (Message("system", prompt.fill("system", values)), Message("user", prompt.fill("user", values)))


def keyword_lines(keywords: Mapping[str, tuple[str, ...]]) -> str:
    """Return keywords as the prompts show them, one a line."""
    return "\n".join(
        f"{word}: {', '.join(meanings)}" if meanings else word for word, meanings in keywords.items()
    )
