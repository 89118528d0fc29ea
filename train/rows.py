"""Rows as they are trained: rendered, tokenised and masked by us, the same for every engine.

A row's loss is on the assistant's answer and its end token, on nothing else. What follows the end
token in the template (a newline, mostly) is left out: the model is never asked for it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Literal

import orjson

from data.format import Format
from train.chat import ChatTokenizer
from train.errors import RunProblem

IGNORED = -100
"""Label of a token that has no loss."""

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """What a row is made of; `before` are the context sentences, oldest first."""

    id: str
    source: str
    thought: str
    output: str
    group: str | None = None
    before: tuple[str, ...] = ()
    made_by: str = ""
    """Model that made it, as the record names it; empty where nobody knows."""


@dataclass(frozen=True, slots=True)
class Row:
    """A trained row. The first `prompt` of its `ids` are the prompt; the rest has loss."""

    id: str
    group: str | None
    ids: array[int]
    prompt: int

    @property
    def input_ids(self) -> list[int]:
        """Token ids of prompt and answer."""
        return list(self.ids)

    @property
    def labels(self) -> list[int]:
        """The answer's token ids, and `IGNORED` over the prompt."""
        return [IGNORED] * self.prompt + list(self.ids[self.prompt :])

    @property
    def trained(self) -> int:
        """How many tokens have loss."""
        return len(self.ids) - self.prompt


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be trained, why, and the doctor's check that says so.

    `tokens` is set where the row is too long.
    """

    id: str
    check: Literal["B1", "B2", "B3"]
    reason: str
    tokens: int | None = None


def encode(
    items: Iterable[Item],
    format: Format,
    chat: ChatTokenizer,
    max_length: int,
    on_progress: Callable[[int], None] = lambda done: None,
) -> tuple[list[Row], list[Refused]]:
    """Render, tokenise and mask; `on_progress` hears how many items are done.

    Raises:
        UnknownBackbone: the chat template refuses the format.
    """
    rows: list[Row] = []
    refused: list[Refused] = []
    remaining = iter(items)
    done = 0
    while batch := list(islice(remaining, _BATCH)):
        for result in _encode_batch(batch, format, chat, max_length):
            if isinstance(result, Row):
                rows.append(result)
            else:
                refused.append(result)
        done += len(batch)
        on_progress(done)
    return rows, refused


def fingerprint(rows: Iterable[Row]) -> str:
    """Hash of rows and their order: equal fingerprints train the same model from the same seed."""
    digest = blake2b(digest_size=8)
    for row in rows:
        digest.update(row.id.encode() + row.prompt.to_bytes(4, "little") + row.ids.tobytes())
    return digest.hexdigest()


def suggested_length(tokens: int) -> int:
    """Return the next multiple of 128, a length at which a row of so many tokens fits."""
    return -(-tokens // 128) * 128


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSON lines `{"id", "group", "prompt", "input_ids"}`."""
    with path.open("wb") as file:
        for row in rows:
            line = {"id": row.id, "group": row.group, "prompt": row.prompt, "input_ids": row.input_ids}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def read_rows(path: Path) -> list[Row]:
    """Read rows that `write_rows` wrote.

    Raises:
        RunProblem: the file is missing or damaged.
    """
    try:
        with path.open("rb") as file:
            return [
                Row(row["id"], row["group"], array("i", row["input_ids"]), row["prompt"])
                for row in map(orjson.loads, file)
            ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunProblem(
            f"The rows of this run cannot be read: {path} ({error}).",
            hint="Start a new run from the dataset.",
        ) from error


def render(item: Item, format: Format, chat: ChatTokenizer) -> tuple[str, str]:
    """Return the prompt's text and the answer's, the latter up to and with its end token.

    Raises:
        UnknownBackbone: the chat template refuses or changes our messages.
    """
    messages = format.prompt(item.source, item.before)
    answer = format.answer(item.thought, item.output)
    prompt = chat.render(messages, ask=True)
    whole = chat.render([*messages, {"role": "assistant", "content": answer}], ask=False)
    return prompt, answer + chat.end_of(whole, after=prompt + answer)


def _encode_batch(
    items: Sequence[Item], format: Format, chat: ChatTokenizer, max_length: int
) -> Iterator[Row | Refused]:
    faults = [_fault(item, format, chat) for item in items]
    texts = [render(item, format, chat) for item, fault in zip(items, faults, strict=True) if fault is None]
    prompts = chat.encode([prompt for prompt, _ in texts])
    wholes = chat.encode([prompt + answer for prompt, answer in texts])
    encoded = zip(prompts, wholes, strict=True)
    for item, fault in zip(items, faults, strict=True):
        if fault is None:
            yield _row(item, *next(encoded), max_length)
        else:
            yield Refused(item.id, "B1", fault)


def _row(item: Item, prompt: list[int], whole: list[int], max_length: int) -> Row | Refused:
    if whole[: len(prompt)] != prompt:
        return Refused(item.id, "B2", "prompt and answer share a token, so no model ever sees this prompt")
    if len(whole) > max_length:
        reason = f"{len(whole):,} tokens, the limit is {max_length:,}"
        return Refused(item.id, "B3", reason, tokens=len(whole))
    return Row(item.id, item.group, array("i", whole), len(prompt))


def _fault(item: Item, format: Format, chat: ChatTokenizer) -> str | None:
    """Return why this item can be no row, however long it is."""
    fields = {"source": item.source, "output": item.output}
    if format.with_thought:
        fields["thought"] = item.thought
    for name, text in fields.items():
        if not text.strip():
            return f"the {name} is empty"
    for name, text in (*fields.items(), *(("context", each) for each in item.before)):
        if tags := format.tags_in(text):
            return f"the {name} holds the tag {tags[0]}"
        if found := chat.control.search(text):
            return f"the {name} holds the control token {found.group()}"
    return None
