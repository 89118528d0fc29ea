"""The training format: system prompt, user template, tags, and the reading of replies.

The only place that spells a tag. The default strings are those of the published DRT models
(arXiv 2412.17498, section 4 and its repository), with the language names filled in: models that
were trained on them expect them to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

Trouble = Literal[
    "no-thought", "no-output", "thought-cut", "output-cut", "doubled", "nested", "order", "outside", "empty"
]
"""What can be wrong with the tags of a reply; `outside` is text beside both fields."""

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


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a training row: prompts and tag names.

    `thought_tag` and `output_tag` are names without brackets; `context` is how many sentences
    before this one the user message carries.
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

    @property
    def fingerprint(self) -> str:
        """Hash of all that a model must see alike in training and at use."""
        parts = (
            self.system, self.user, self.context_block if self.context else "", str(self.context),
            self.thought_tag, self.output_tag,
            language_name(self.source_language), language_name(self.target_language),
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
        return (
            f"<{self.thought_tag}>\n{thought}\n</{self.thought_tag}>\n"
            f"<{self.output_tag}>\n{output}\n</{self.output_tag}>"
        )

    def parse(self, reply: str) -> Reply:
        """Read thought and output out of a reply, as well as its tags allow, and say what is wrong."""
        marks = list(re.finditer(rf"<(/?)({self.thought_tag}|{self.output_tag})>", reply))
        fields: dict[str, str] = {}
        troubles: list[Trouble] = []
        open_tag: re.Match[str] | None = None
        outside_from = 0
        outside = ""
        for mark in marks:
            closing, name = mark.group(1) == "/", mark.group(2)
            if open_tag is None:
                outside += reply[outside_from : mark.start()]
                outside_from = mark.end()
                if closing:
                    troubles.append("order")
                else:
                    open_tag = mark
            elif closing and name == open_tag.group(2):
                self._take(fields, troubles, name, reply[open_tag.end() : mark.start()])
                open_tag, outside_from = None, mark.end()
            elif not closing and name == open_tag.group(2):
                troubles.append("nested")
            else:  # the other field begins although this one was never closed
                troubles.append("nested" if closing else self._cut(open_tag.group(2)))
                if not closing:
                    self._take(fields, troubles, open_tag.group(2), reply[open_tag.end() : mark.start()])
                    open_tag = mark
        if open_tag is not None:
            troubles.append(self._cut(open_tag.group(2)))
            self._take(fields, troubles, open_tag.group(2), reply[open_tag.end() :])
        else:
            outside += reply[outside_from:]
        thought, output = fields.get(self.thought_tag), fields.get(self.output_tag)
        if thought is None:
            troubles.append("no-thought")
        if output is None:
            troubles.append("no-output")
        if list(fields) == [self.output_tag, self.thought_tag]:
            troubles.append("order")
        if outside.strip():
            troubles.append("outside")
        if thought == "" or output == "":
            troubles.append("empty")
        return Reply(thought or "", output or "", tuple(dict.fromkeys(troubles)))

    def _cut(self, name: str) -> Trouble:
        return "thought-cut" if name == self.thought_tag else "output-cut"

    @staticmethod
    def _take(fields: dict[str, str], troubles: list[Trouble], name: str, text: str) -> None:
        if name in fields:
            troubles.append("doubled")
        else:
            fields[name] = text.strip()
