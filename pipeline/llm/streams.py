"""Putting a streamed chat completion together, chunk by chunk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.llm.answers import (
    Answer,
    NotACompletion,
    Tokens,
    assemble,
    check_length,
    read_tokens,
    text_of,
    whole_characters,
)
from pipeline.llm.reasoning import ReasoningCutter


@dataclass(slots=True)
class Assembly:
    """The answer as far as it has arrived."""

    cutter: ReasoningCutter = field(default_factory=ReasoningCutter)
    finish_reason: str = ""
    served_by: str = ""
    refusal: str = ""
    tokens: Tokens | None = None
    keeps_tags: bool = False
    """Nothing is cut off the text."""
    _reasoning: list[str] = field(default_factory=list)
    _content: list[str] = field(default_factory=list)
    _half: str = ""
    _length: int = 0

    def take(self, chunk: object) -> str:
        """Take in one chunk and return the text it adds to the answer.

        Raises:
            NotACompletion: the chunk has another shape, or the answer is endless.
        """
        if not isinstance(chunk, Mapping):
            raise NotACompletion("a stream that is no chat completion")
        if isinstance(served_by := chunk.get("model"), str):
            self.served_by = served_by
        self.tokens = read_tokens(chunk.get("usage")) or self.tokens
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            raise NotACompletion("a stream without choices")
        if not choices:
            return ""
        choice = choices[0]
        delta = choice.get("delta") if isinstance(choice, Mapping) else None
        if not isinstance(delta, Mapping):
            raise NotACompletion("a stream without a message")
        if isinstance(reason := choice.get("finish_reason"), str):
            self.finish_reason = reason
        reasoning = text_of(delta.get("reasoning_content") or delta.get("reasoning"))
        refusal, content = text_of(delta.get("refusal")), text_of(delta.get("content"))
        self._length += len(reasoning) + len(refusal) + len(content)
        check_length(self._length)
        self._reasoning.append(reasoning)
        self.refusal += refusal
        return self._add(content)

    def took_back(self) -> bool:
        """Return whether, just now, text that had been shown turned out to be reasoning."""
        taken, self.cutter.took_back = self.cutter.took_back, False
        return taken

    def answer(self) -> Answer:
        """Return the whole answer."""
        return assemble(
            content="".join(self._content),
            reasoning="".join(self._reasoning),
            finish_reason=self.finish_reason,
            refusal=self.refusal,
            served_by=self.served_by,
            tokens=self.tokens,
            keeps_tags=self.keeps_tags,
        )

    def _add(self, text: str) -> str:
        """Keep `text` and return what can be shown of it: no reasoning, no half of a character."""
        if not text:
            return ""
        self._content.append(text)
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        text = whole_characters(text)
        return text if self.keeps_tags else self.cutter.feed(text)


def as_chunk(data: object) -> object:
    """Return a whole chat completion as the one chunk of a stream."""
    choices = data.get("choices") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(choices, list):
        return data
    deltas = [{**choice, "delta": choice.get("message")} for choice in choices if isinstance(choice, Mapping)]
    return {**data, "choices": deltas}
