"""What stands side by side: anything that turns a source text into a translation.

The compare screen, the evaluation and the line translator ask all contenders through this seam; the
agent loop is one as well, plugged in from outside.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier exchange of a chat that keeps its history."""

    question: str
    answer: str
    """As received, tags included."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn. The first look is greedy, so that an answer can be had again."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    max_tokens: int | None = None
    """`None`: as much as the contender's own limits allow."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text to translate."""

    id: str
    """Of the sentence; of a typed text the hash of it."""
    source: str
    before: tuple[str, ...] = ()
    """Sentences before it, oldest first; a contender takes as many as its format asks for."""
    history: tuple[Turn, ...] = ()
    """Empty for a fresh single turn, which is how models are trained."""
    sampling: Sampling | None = None
    """`None`: as the contender is set up."""


@dataclass(frozen=True, slots=True)
class Text:
    """More text of the answer, as it arrives: tags included, reasoning of the provider left out."""

    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """The text so far is void; another attempt begins."""

    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, and what it took. What nothing is known of is `None`."""

    text: str
    """As received."""
    thought: str
    output: str
    troubles: tuple[str, ...] = ()
    """What is wrong with the tags (`data.format.Trouble`); empty where no tags were asked for."""
    is_cut: bool = False
    """Ended by the token limit."""
    calls: int = 1
    """0 for a translation that was imported."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    """Until the last token."""
    first_seconds: float | None = None
    """Until the first token."""
    cost_usd: float | None = None
    model: str = ""
    """Who answered, as the server names it."""
    prompt_fingerprint: str | None = None
    """Of the format that was asked in; to be held against the one of the training."""


Kind = Literal["backbone", "drt", "outputs-only", "loop", "model", "file"]
"""What a contender is, for the table of what each of them takes."""


@dataclass(frozen=True, slots=True)
class About:
    """What has to be known of a contender to keep its answers, and to judge them fairly."""

    kind: Kind
    identity: str
    """Of all that shapes its answers: model, prompt, sampling. Answers of an equal identity are kept."""
    models: tuple[str, ...] = ()
    """The models behind it as their makers name them: whose family a judge should not be of."""
    trained_fingerprint: str | None = None
    """Of the format that it was trained in; `None` where it was not trained here."""
    at_once: int | None = None
    """Most questions it takes at a time; `None`: as many as the models' own limits allow."""
    context: int | None = None
    """Sentences before a question that it shows its model; `None`: any number."""


class Contender(Protocol):
    """A backbone, a DRT model, the agent loop, another model, an imported column."""

    @property
    def name(self) -> str:
        """Name in tables, unique among the contenders of one comparison."""
        ...

    @property
    def has_thought(self) -> bool:
        """Whether its answers are asked for in tags, so that their form can be judged."""
        ...

    @property
    def about(self) -> About:
        """What it is, and what shapes its answers."""
        ...

    def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        """Yield the answer as it arrives; the last item is the `Answer`. Closing it ends the call.

        Raises:
            train.errors.NoAnswer: nothing usable came; the message says why.
        """
        ...
