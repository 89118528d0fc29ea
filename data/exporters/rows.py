"""One example as a row of each format that trainers read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from data.exporters.selection import models_of
from data.format import Format
from data.records import Candidate, Example

Row = dict[str, Any]

_PROVENANCE = ("keywords", "drafts", "models", "usage", "decision", "generated", "candidate")
_ORDER = (
    "id", "source", "reference", "group", "status", "thought", "output", "keywords", "drafts", "models", "usage",
    "decision", "generated",
)  # fmt: skip


def _nothing_before(_: Example) -> Sequence[str]:
    return ()


def _none_rejected(_: Example) -> Sequence[Candidate]:
    return ()


@dataclass(frozen=True, slots=True)
class Shape:
    """How rows are written, whatever the format."""

    prompts: Format
    """System prompt, user template and tags."""
    provenance: bool = True
    """Whether a row says how it came about: drafts, models, usage, decision, origin."""
    outputs_only: bool = False
    """Leave the thoughts out: the baseline that was taught without them."""
    output_terms: Mapping[str, str] = field(default_factory=dict)
    """By model name, the terms under which its output may be used."""
    before: Callable[[Example], Sequence[str]] = _nothing_before
    """The sentences before a row's sentence, oldest first; asked where the format has context."""
    rejected: Callable[[Example], Sequence[Candidate]] = _none_rejected
    """Candidates of a row's sentence that a person rejected for their output or thought."""
    preferred_by: Literal["people", "evaluator"] = "people"
    """Whose preference `dpo` and `kto` pairs show; `evaluator` adds refinements that it scored higher."""
    margin: int = 10
    """Score points by which a refinement must lead, where the evaluator prefers."""

    @property
    def written(self) -> Format:
        """The training format as it is written, without thoughts where they are left out."""
        return replace(self.prompts, with_thought=not self.outputs_only and self.prompts.with_thought)

    def prompt(self, example: Example) -> list[dict[str, str]]:
        """Return the system and the user message of a row."""
        return self.written.prompt(example.source, self.before(example) if self.prompts.context else ())

    def answer(self, thought: str, output: str) -> list[dict[str, str]]:
        """Return the assistant's message."""
        return [{"role": "assistant", "content": self.written.answer(thought, output)}]

    def terms(self, example: Example) -> list[str]:
        """Return the terms that a row's output is under, `unknown` for models without any said."""
        return sorted({self.output_terms.get(name) or "unknown" for name in models_of(example)})


def own_row(example: Example, shape: Shape) -> Row:
    """Return a row of our `jsonl`: everything that is known, in the order that its readers expect."""
    whole = example.model_dump(mode="json")
    row = {name: whole.pop(name) for name in _ORDER} | whole
    if shape.output_terms:
        row["output_terms"] = shape.terms(example)
    if shape.outputs_only:
        row |= {"thought": "", "keywords": {}, "drafts": []}
        if row["generated"]:
            row["generated"]["thought"] = ""
        if row["decision"]:
            row["decision"]["thought"] = None
    if shape.provenance:
        return row
    row = {name: value for name, value in row.items() if name not in _PROVENANCE}
    if row["sentence"]:
        row["sentence"]["origin"] = None
    return row


def own_rows(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield the one `jsonl` row of an example."""
    yield own_row(example, shape)


def messages(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield a chat: system, user, assistant."""
    chat = [*shape.prompt(example), *shape.answer(example.thought, example.output)]
    yield {"messages": chat} | _marks(example, shape)


def prompt_completion(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield prompt and completion, both as messages: only the completion is trained on."""
    completion = shape.answer(example.thought, example.output)
    yield {"prompt": shape.prompt(example), "completion": completion} | _marks(example, shape)


def sharegpt(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield ShareGPT's `conversations`."""
    speakers = {"system": "system", "user": "human", "assistant": "gpt"}
    chat = [*shape.prompt(example), *shape.answer(example.thought, example.output)]
    turns = [{"from": speakers[turn["role"]], "value": turn["content"]} for turn in chat]
    yield {"conversations": turns} | _marks(example, shape)


def alpaca(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield Alpaca's instruction and input, which its readers join with a line break, and the output."""
    system, user = (turn["content"] for turn in shape.prompt(example))
    instruction, source = user, ""
    if user.endswith("\n" + example.source):
        instruction, source = user.removesuffix("\n" + example.source), example.source
    (answer,) = shape.answer(example.thought, example.output)
    yield {
        "instruction": instruction,
        "input": source,
        "output": answer["content"],
        "system": system,
    } | _marks(example, shape)


def _marks(example: Example, shape: Shape) -> Row:
    """Return what tells a row's sentence apart, so that the file can be traced back to the project."""
    return {"id": example.id} if shape.provenance else {}
