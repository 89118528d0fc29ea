"""The seam between the agents and the models: what is asked, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from data.records import Fallback, Stage, Usage

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request(Generic[Value]):
    """One question to the models of a role.

    `parse` turns the reply's text into what the stage needs, and raises
    `pipeline.errors.UnusableReply` with a sentence that can be shown to the model in a repair call.
    `schema` is the JSON schema of the reply where it is structured, else `None`. `sample` tells
    apart repeated questions with the same content (`drafts`, `evaluations`).
    """

    stage: Stage
    sentence: str
    messages: tuple[Message, ...]
    parse: Callable[[str], Value]
    prompt: str
    """Version hash of the prompt."""
    temperature: float = 0.0
    seed: int | None = None
    max_tokens: int | None = None
    """`None`: the model's own setting."""
    schema: Mapping[str, object] | None = None
    sample: int = 0
    models: tuple[str, ...] = ()
    """Fallback list to ask in place of the role's, e.g. for an arm; empty is the role's own."""
    may_be_cut: bool = False
    """An answer that the token limit cut off is taken as it is, where that is what is looked for."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[Value]):
    """A usable answer, who gave it, and what it took."""

    value: Value
    text: str
    """As received, less the reasoning."""
    model: str
    """Name of the model in the settings."""
    usage: Usage
    """Of everything this answer took: repair calls and paid answers that were not used included."""
    served_by: str = ""
    reasoning: str = ""
    finish_reason: str = ""
    fallbacks: tuple[Fallback, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """More text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The answer so far is void; another attempt begins."""

    model: str
    why: str


class Models(Protocol):
    """Anything that answers requests: the router, a cassette, a fake.

    Both methods raise `StageFailed` when no model of the role gave a usable answer, and
    `WrongKey`, `UnknownModel`, `BudgetReached` where no retry can help.
    """

    async def complete(self, request: Request[Value]) -> Reply[Value]:
        """Return the answer in one piece."""
        ...

    def stream(self, request: Request[Value]) -> AsyncGenerator[Delta | Restart | Reply[Value], None]:
        """Yield the answer as it arrives; the last item is the `Reply`. Closing it ends the call."""
        ...

    def names(self, stage: Stage) -> tuple[str, ...]:
        """Return the fallback list of a stage's role, first choice first."""
        ...
