"""The dialects of chat completions: which parameters a model takes, learnt from its refusals.

A dialect only ever gets simpler, one step a refusal, so learning ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

import orjson

from pipeline.llm.request import Message, Request, Value
from pipeline.settings import ModelSettings

Structure = Literal["json_schema", "json_object", "words"]
TokenLimit = Literal["max_tokens", "max_completion_tokens"]

_TOO_LONG = re.compile(
    r"too (?:large|long|many)|context[ _](?:length|window)|maximum (?:context|value|number)|at most|exceed",
    re.IGNORECASE,
)
_SIMPLER: Mapping[Structure, Structure] = {"json_schema": "json_object", "json_object": "words"}
_OTHER_LIMIT: Mapping[TokenLimit, TokenLimit] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_NAMES = {
    "response_format": re.compile(
        r"response_?format|json_schema|json_object|json mode|json schema|structured[ _]output|grammar",
        re.IGNORECASE,
    ),
    "max_completion_tokens": re.compile(r"max_completion_tokens", re.IGNORECASE),
    "max_tokens": re.compile(r"max_tokens", re.IGNORECASE),
    "temperature": re.compile(r"temperature", re.IGNORECASE),
    "seed": re.compile(r"\bseed\b", re.IGNORECASE),
    "stream_options": re.compile(r"stream_options|include_usage", re.IGNORECASE),
}
"""How a refusal may name a parameter."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a model wants to be asked."""

    structure: Structure = "json_schema"
    limit: TokenLimit = "max_tokens"
    refused: frozenset[str] = frozenset()
    """Names of parameters that are not sent."""
    reasons: bool = False
    """The model reasons before it answers, so a stage's own token limit would leave no room for that."""

    @classmethod
    def first(cls, settings: ModelSettings) -> Dialect:
        """Return the dialect to begin with.

        `max_tokens` is understood nearly everywhere, and who refuses it says so; servers that do
        not know `max_completion_tokens` ignore it silently, and with it the limit.
        """
        host = urlsplit(settings.base_url).hostname or ""
        return cls(limit="max_completion_tokens" if host == "api.openai.com" else "max_tokens")

    def body(
        self, request: Request[Value], settings: ModelSettings, messages: Sequence[Message], *, stream: bool
    ) -> dict[str, object]:
        """Return the body of a request. What `extra_body` says holds."""
        turns = [{"role": message.role, "content": message.content} for message in messages]
        body: dict[str, object] = {
            "model": settings.model,
            "messages": turns,
            self.limit: self.most_tokens(request, settings),
            "temperature": request.temperature,
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if request.schema is not None:
            if self.structure != "words":
                body["response_format"] = self._response_format(request.stage, request.schema)
            if self.structure != "json_schema":
                turns[-1]["content"] += _in_words(request.schema)
        if stream:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        for name in self.refused:
            body.pop(name, None)
        body.update(settings.extra_body)
        return body

    def most_tokens(self, request: Request[Value], settings: ModelSettings) -> int:
        """Return the longest answer to ask for, in tokens."""
        if self.reasons or request.max_tokens is None:
            return settings.max_tokens
        return min(request.max_tokens, settings.max_tokens)

    def without(self, blamed: Sequence[str], body: Mapping[str, object]) -> Dialect | None:
        """Return the next form after a refusal, or `None` where it names nothing that can change.

        `blamed` is what the refusal says, the likeliest first; `body` is what was sent.
        """
        for words in blamed:
            for name, spelling in _NAMES.items():
                if name in body and spelling.search(words):
                    simpler = self._next(name, " ".join(blamed))
                    return simpler if simpler != self else None
        return None

    def notes(self, request: Request[Value]) -> tuple[str, ...]:
        """Return in plain words what of a request could not be asked for."""
        said = []
        if request.schema is not None and self.structure == "json_object":
            said.append("JSON schema refused, any JSON object asked for and the schema put in words")
        elif request.schema is not None and self.structure == "words":
            said.append("JSON output refused, asked for in words")
        if "temperature" in self.refused:
            said.append("temperature refused, provider's default")
        if "seed" in self.refused and request.seed is not None:
            said.append("seed refused, not sent")
        return tuple(said)

    def describe(self) -> tuple[str, ...]:
        """Return in plain words how the model is asked."""
        structure = {
            "json_schema": "JSON by schema",
            "json_object": "JSON objects",
            "words": "JSON in words only",
        }
        said = [structure[self.structure], f"token limit as {self.limit}"]
        said += [
            f"{name} refused" for name in ("temperature", "seed", "stream_options") if name in self.refused
        ]
        return (*said, "reasons before it answers") if self.reasons else tuple(said)

    def _response_format(self, stage: str, schema: Mapping[str, object]) -> dict[str, object]:
        if self.structure == "json_object":
            return {"type": "json_object"}
        named = {"name": str(stage), "schema": schema, "strict": _is_strict(schema)}
        return {"type": "json_schema", "json_schema": named}

    def _next(self, name: str, said: str) -> Dialect:
        if name == "response_format":
            return replace(self, structure=_SIMPLER.get(self.structure, self.structure))
        if name not in _OTHER_LIMIT:
            return replace(self, refused=self.refused | {name})
        other = _OTHER_LIMIT[self.limit]
        if other in self.refused or _TOO_LONG.search(said):
            return self
        return replace(self, limit=other, refused=self.refused | {self.limit})


def _in_words(schema: Mapping[str, object]) -> str:
    spelled = orjson.dumps(schema).decode()
    return f"\n\nAnswer with one JSON object and nothing else. It follows this JSON schema:\n{spelled}"


def _is_strict(schema: object) -> bool:
    """Return whether an endpoint can hold a model to the schema to the letter.

    It asks that every object lists all its properties as required and allows no others.
    """
    if isinstance(schema, list | tuple):
        return all(_is_strict(value) for value in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        properties, required = schema.get("properties"), schema.get("required")
        if not isinstance(properties, Mapping) or not isinstance(required, list | tuple):
            return False
        if schema.get("additionalProperties") is not False or set(properties) != set(required):
            return False
    return all(_is_strict(value) for value in schema.values())
