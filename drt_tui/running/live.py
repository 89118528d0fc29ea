"""One pass of the loop as a person sees it: the events of the engine, reduced to lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import orjson

from data.records import Call, Candidate, Draft, Stage, Usage
from pipeline.events import (
    CandidateReady,
    Event,
    SentenceDropped,
    SentenceFailed,
    StageFinished,
    StageRetried,
    StageStarted,
    TextDelta,
)
from pipeline.progress import Progress

BETWEEN_WORDS = " · "

LineKind = Literal["keywords", "draft", "reason", "advice", "thought", "working"]

_LABELS = {
    Stage.KEYWORDS: "keywords",
    Stage.EVALUATE: "  reason",
    Stage.ADVISE: "  advice",
    Stage.REFORMULATE: "thought",
    Stage.OPEN: "keywords",
    Stage.CRITIQUE: "  reason",
    Stage.SINGLE: "thought",
}


_STRING = re.compile(r'"(?P<said>(?:[^"\\]|\\.)*)(?:"(?P<colon>\s*:)?|\\?\Z)', re.DOTALL)
_HALF_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{0,3}\Z")
_FIELDS = frozenset({"keywords", "word", "translations", "translation"})
"""Names in the replies that list keywords, which are not said to anybody."""

NO_CANDIDATE = "no candidate"
"""What a pass is called that ended without one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the loop: what it is called, what it says, and at its end a score."""

    kind: LineKind
    label: str
    text: str
    round: int = 0
    score: int | None = None
    best: bool = False


@dataclass(slots=True)
class LivePass:
    """What is known of a pass while it runs; `version` grows with every change."""

    sentence: str
    progress: Progress = field(default_factory=Progress)
    stage: Stage | None = None
    round: int = 0
    chunks: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    models: list[str] = field(default_factory=list)
    retried: str = ""
    """Why the running stage was tried again; empty where it was not."""
    candidate: Candidate | None = None
    ended: str = ""
    """Why there will be no candidate: failed, or dropped as too easy."""
    is_stopped: bool = False
    """A person stopped it."""
    version: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.candidate is not None or bool(self.ended)

    @property
    def note(self) -> str:
        """What is to be said beside the stages: why there will be no candidate, or why one was tried again."""
        return self.ended or (f"tried again: {self.retried}" if self.retried else "")

    @property
    def text(self) -> str:
        """What the running stage has said so far."""
        if len(self.chunks) > 1:
            self.chunks = ["".join(self.chunks)]
        return self.chunks[0] if self.chunks else ""

    @property
    def title(self) -> str:
        """The running stage in a word, or how the pass ended."""
        if self.ended:
            return NO_CANDIDATE
        if self.is_stopped:
            return "stopped"
        if self.stage is None:
            return ""
        if self.stage in {Stage.LITERAL, Stage.REFINE}:
            return f"draft {self.round + 1}"
        return _LABELS[self.stage].strip()

    def apply(self, event: Event) -> None:
        """Take in what the engine says."""
        self.version += 1
        match event:
            case StageStarted(stage=stage, round=number):
                self.stage, self.round, self.chunks, self.retried = stage, number, [], ""
            case TextDelta(text=text):
                self.chunks.append(text)
            case StageRetried(model=model, why=why):
                self.chunks, self.retried = [], f"{model}: {why}"
            case StageFinished(call=call, progress=progress):
                self.progress, self.stage, self.chunks = progress, None, []
                self._count(call)
            case CandidateReady(candidate=candidate):
                self.candidate = candidate
            case SentenceDropped(why=why):
                self.ended = f"too easy: {why}"
            case SentenceFailed(stage=stage, why=why):
                self.ended = f"{stage.value} failed: {why.removeprefix(f'{stage.value}: ')}"

    def stop(self) -> None:
        """Take note that a person stopped the pass where it is."""
        self.version += 1
        self.stage, self.chunks, self.is_stopped = None, [], True

    def fail(self, why: str) -> None:
        """Take note that the pass cannot go on."""
        self.version += 1
        self.stage, self.chunks, self.ended = None, [], why

    def lines(self) -> tuple[Line, ...]:
        """Return the loop so far, the running stage last."""
        done = loop_lines(self.progress)
        if self.stage is None or self.is_over:
            return done
        return (*done, Line("working", self._label(), readable(self.stage, self.text), self.round))

    def _label(self) -> str:
        assert self.stage is not None
        if self.stage in {Stage.LITERAL, Stage.REFINE}:
            return f"draft {self.round + 1}"
        return _LABELS[self.stage]

    def _count(self, call: Call | None) -> None:
        if call is not None:
            self.usage += call.usage
            if call.model not in self.models:
                self.models.append(call.model)


def loop_lines(progress: Progress) -> tuple[Line, ...]:
    """Return the finished artefacts of a pass, in the order in which they came about."""
    lines = [] if progress.keywords is None else [Line("keywords", "keywords", _keywords(progress))]
    scored = sum(draft.score is not None for draft in progress.drafts[progress.since :])
    best = progress.best if scored > 1 else -1
    for number, draft in enumerate(progress.drafts):
        lines.extend(_draft_lines(number, draft, best=number == best))
    if progress.thought is not None:
        lines.append(Line("thought", "thought", progress.thought))
    return tuple(lines)


def progress_of(candidate: Candidate) -> Progress:
    """Return the artefacts a candidate was made of."""
    return Progress(candidate.keywords or None, candidate.drafts, candidate.thought, candidate.output)


def readable(stage: Stage, text: str) -> str:
    """Return what a half-arrived structured reply says already; other text as it is."""
    if stage in {Stage.EVALUATE, Stage.CRITIQUE}:
        return _half_string("reason", text) or _half_string("advice", text)
    if stage in {Stage.KEYWORDS, Stage.OPEN}:
        return ", ".join(_strings(text))
    return text


def _half_string(name: str, text: str) -> str:
    """Return the value of a JSON string that may not be closed yet."""
    found = re.search(rf'"{name}"\s*:\s*"((?:[^"\\]|\\.)*)', text, re.DOTALL)
    return _unescaped(found.group(1)) if found is not None else ""


def _strings(text: str) -> Iterator[str]:
    """Yield what the strings of a JSON text say, the last of which may not be closed yet, less names of fields."""
    for found in _STRING.finditer(text):
        said = found["said"]
        may_grow = found.end() == len(text) and any(name.startswith(said) for name in _FIELDS)
        if not may_grow and not (found["colon"] and said in _FIELDS):
            yield _unescaped(said)


def _unescaped(text: str) -> str:
    """Return what the inside of a JSON string says; as it is where it says nothing that can be read."""
    text = _HALF_ESCAPE.sub("", text)
    try:
        value: str = orjson.loads(f'"{text}"')
    except orjson.JSONDecodeError:
        return text
    return value


def _draft_lines(number: int, draft: Draft, *, best: bool) -> list[Line]:
    lines = [Line("draft", f"draft {number + 1}", draft.text, number, draft.score, best)]
    if draft.reason:
        lines.append(Line("reason", "  reason", draft.reason, number))
    if draft.advice:
        lines.append(Line("advice", "  advice", draft.advice, number))
    return lines


def _keywords(progress: Progress) -> str:
    entries = (progress.keywords or {}).items()
    return BETWEEN_WORDS.join(
        f"{word}: {', '.join(translations)}" if translations else word for word, translations in entries
    )
