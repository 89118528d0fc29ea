"""The training format: system prompt, user template, tags, and the reading of replies.

The only place that spells a tag. The default strings are those of the published DRT models
(arXiv 2412.17498, section 4 and its repository), with the language names filled in: models that
were trained on them expect them to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import Literal

Trouble = Literal[
    "no-thought", "no-output", "thought-cut", "output-cut", "doubled", "nested", "order", "outside", "empty"
]
"""What can be wrong with the tags of a reply.

`…-cut`: opened, never closed. `nested`: a tag inside a field. `doubled`: a field twice (the first counts).
`order`: output before thought, or a closing tag alone. `outside`: text beside the fields.
"""

LANGUAGE_NAMES = {
    "ko": "Korean", "en": "English", "zh": "Chinese", "ja": "Japanese", "de": "German", "fr": "French",
    "es": "Spanish", "it": "Italian", "pt": "Portuguese", "ru": "Russian", "vi": "Vietnamese",
    "th": "Thai", "id": "Indonesian", "ar": "Arabic", "tr": "Turkish", "nl": "Dutch", "pl": "Polish",
}  # fmt: skip


def language_name(code: str) -> str:
    """Return the English name of a language code, or the code itself where it is unknown."""
    return LANGUAGE_NAMES.get(code.lower().split("-")[0], code)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model's answer holds, and what is wrong with its tags (nothing, in a good answer)."""

    thought: str
    output: str
    troubles: tuple[Trouble, ...] = ()

    @property
    def well_formed(self) -> bool:
        """Exactly one thought, then exactly one output, both filled, nothing beside them."""
        return not self.troubles

    @property
    def tagged(self) -> bool:
        """Every field is there and closed, whatever else may be wrong."""
        return _UNTAGGED.isdisjoint(self.troubles)


_UNTAGGED: frozenset[Trouble] = frozenset({"no-thought", "no-output", "thought-cut", "output-cut"})


@dataclass(frozen=True, slots=True)
class _Field:
    """A stretch of a reply that an opening tag begins."""

    name: str
    text: str
    closed: bool
    nested: bool


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a training row: prompts and tag names.

    `thought_tag` and `output_tag` are names without brackets; without an `output_tag` the output
    stands untagged behind the thought, as reasoning models write it. `context` is how many sentences
    before this one the user message carries; `with_thought` is false for models that answer with
    the output alone.
    """

    source_language: str
    target_language: str
    system: str = (
        "You are a philosopher skilled in deep thinking, accustomed to exploring complex problems "
        "with profound insight."
    )
    user: str = "Please translate the following text from {source_language} to {target_language}:\n{source}"
    context_block: str = "Sentences before it, for context only:\n{context}\n\n"
    context: int = 0
    thought_tag: str = "thought"
    output_tag: str = "output"
    with_thought: bool = True

    @property
    def fingerprint(self) -> str:
        """Hash of all that a model must see alike in training and at use."""
        parts = (
            self.system, self.user, self.context_block if self.context else "", str(self.context),
            self.thought_tag, self.output_tag,
            language_name(self.source_language), language_name(self.target_language),
            *(() if self.with_thought else ("output alone",)),
        )  # fmt: skip
        return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()

    def prompt(self, source: str, before: Sequence[str] = ()) -> list[dict[str, str]]:
        """Return the system and the user message for `source`, oldest context sentence first."""
        user = self.user.format(
            source_language=language_name(self.source_language),
            target_language=language_name(self.target_language),
            source=source,
        )
        if self.context and before:
            user = self.context_block.format(context="\n".join(before[-self.context :])) + user
        return [{"role": "system", "content": self.system}, {"role": "user", "content": user}]

    def answer(self, thought: str, output: str) -> str:
        """Return the assistant's message: the thought, then the output, each within its tags."""
        fields = ((self.thought_tag, thought), (self.output_tag, output))
        return "\n".join(_tagged(name, text) for name, text in fields[not self.with_thought :]).lstrip("\n")

    def tags_in(self, text: str) -> tuple[str, ...]:
        """Return the tags of this format that occur in `text`: a field must hold none."""
        _, tag = _patterns(self.thought_tag, self.output_tag)
        return tuple(match.group() for match in tag.finditer(text))

    def parse(self, reply: str) -> Reply:
        """Read thought and output out of a reply, as well as its tags allow, and say what is wrong."""
        field, tag = _patterns(self.thought_tag, self.output_tag)
        if not self.output_tag:
            return self._parse_untagged(reply, field, tag)
        found = [
            _Field(
                name=match["name"],
                text=tag.sub(" ", match["text"]).strip(),
                closed=bool(match["end"]),
                nested=bool(tag.search(match["text"])),
            )
            for match in field.finditer(reply)
        ]
        beside = field.sub(" ", reply)
        first: dict[str, str] = {}
        for each in found:
            first.setdefault(each.name, each.text)
        troubles = (*self._missing(first), *self._misplaced(found, tag.search(beside) is not None))
        outside: tuple[Trouble, ...] = ("outside",) if tag.sub(" ", beside).strip() else ()
        return Reply(
            thought=first.get(self.thought_tag, ""),
            output=first.get(self.output_tag, ""),
            troubles=tuple(dict.fromkeys((*troubles, *outside))),
        )

    def _parse_untagged(self, reply: str, field: re.Pattern[str], tag: re.Pattern[str]) -> Reply:
        """Read a reply whose output has no tags: what is behind the first thought."""
        match = field.search(reply) if self.with_thought else None
        before, after = (reply[: match.start()], reply[match.end() :]) if match else ("", reply)
        thought = tag.sub(" ", match["text"]).strip() if match else ""
        output = tag.sub(" ", after).strip()
        checks: tuple[tuple[Trouble, bool], ...] = (
            ("no-thought", self.with_thought and match is None),
            ("thought-cut", match is not None and not match["end"]),
            ("no-output", not output),
            ("empty", match is not None and not thought),
            ("nested", match is not None and tag.search(match["text"]) is not None),
            ("doubled", field.search(after) is not None),
            ("order", field.search(after) is None and tag.search(after) is not None),
            ("outside", bool(before.strip())),
        )
        return Reply(thought, output, tuple(trouble for trouble, holds in checks if holds))

    def _missing(self, first: dict[str, str]) -> Iterator[Trouble]:
        if self.with_thought and self.thought_tag not in first:
            yield "no-thought"
        if self.output_tag not in first:
            yield "no-output"
        if "" in first.values():
            yield "empty"

    def _misplaced(self, found: Sequence[_Field], stray_closing: bool) -> Iterator[Trouble]:
        names = [each.name for each in found]
        for each in found:
            if not each.closed:
                yield "thought-cut" if each.name == self.thought_tag else "output-cut"
        if len(names) > len(set(names)):
            yield "doubled"
        if any(each.nested for each in found) or (stray_closing and not all(each.closed for each in found)):
            yield "nested"
        elif stray_closing or list(dict.fromkeys(names)) == [self.output_tag, self.thought_tag]:
            yield "order"
        if not self.with_thought and self.thought_tag in names:
            yield "outside"


def _tagged(name: str, text: str) -> str:
    return f"<{name}>\n{text}\n</{name}>" if name else f"\n{text}"


_THOUGHT_TAGS = ("thought", "think", "thinking", "reasoning")
_OUTPUT_TAGS = ("output", "answer", "translation", "response")
_TAG_PAIRS = tuple(product(_THOUGHT_TAGS, _OUTPUT_TAGS))


def parse_any(reply: str) -> Reply:
    """Read a reply written in tags that others use, a thought before an untagged output included.

    A reply without such tags is all output.
    """
    for name in _THOUGHT_TAGS:  # some templates put the opening tag into the prompt
        if f"</{name}>" in reply and f"<{name}>" not in reply:
            reply = f"<{name}>{reply}"
    for thought, output in _TAG_PAIRS:
        parsed = Format("", "", thought_tag=thought, output_tag=output).parse(reply)
        if parsed.thought and parsed.output:
            return parsed
    for name in _THOUGHT_TAGS:
        parsed = Format("", "", thought_tag=name, output_tag="").parse(reply)
        if parsed.thought and parsed.output:
            return parsed
    return Reply("", reply.strip(), ("no-thought",))


def parse_begun(reply: str) -> Reply:
    """Read a reply that is still being written, in whatever tags it begins to be.

    What looks like the beginning of a tag at its end is left out, so that no half tag is shown.
    """
    reply = _HALF_TAG.sub("", reply)
    opened = [name for name in (*_THOUGHT_TAGS, *_OUTPUT_TAGS) if f"<{name}>" in reply]
    thought = next((name for name in opened if name in _THOUGHT_TAGS), _THOUGHT_TAGS[0])
    output = next((name for name in opened if name in _OUTPUT_TAGS), _OUTPUT_TAGS[0])
    if not opened:
        return Reply("", reply.strip())
    parsed = Format("", "", thought_tag=thought, output_tag=output).parse(reply)
    return Reply(parsed.thought, parsed.output)


_HALF_TAG = re.compile(r"</?[a-z]{0,12}\Z")


@lru_cache(maxsize=32)
def _patterns(thought: str, output: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what matches a field, closed or cut off by the next opening tag, and what matches any tag."""
    names = "|".join(re.escape(name) for name in (thought, output) if name)
    field = rf"<(?P<name>{names})>(?P<text>.*?)(?:(?P<end></(?P=name)>)|(?=<(?:{names})>)|\Z)"
    return re.compile(field, re.DOTALL), re.compile(rf"</?(?:{names})>")
