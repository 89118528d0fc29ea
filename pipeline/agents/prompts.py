"""Prompt files: Markdown with sections and placeholders.

A line `# name` opens a section (`# system`, `# user` …); text before the first one is for people and
is not sent. `{{name}}` stands for a value. A paragraph with a placeholder whose value is empty is
left out, so that what is optional needs no further syntax. Values are filled in once: braces inside
a value stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from rapidfuzz import process

from data.text import nfc
from pipeline.errors import BadPrompt

_HEADING = re.compile(r"^# *(\w+)[ \t]*$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{ *(\w+) *\}\}")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")

PLACEHOLDERS = (
    "source_language", "target_language", "source", "context", "keywords", "draft", "reason", "advice",
    "record", "plan", "avoid", "thought_language", "words", "problems",
    "old", "new", "thought", "numbered",
)  # fmt: skip
"""Every name that a prompt may use; a stage without the value leaves it empty."""

NAMES = (
    "keywords", "literal", "evaluate", "advise", "refine", "reformulate",
    "open", "critique", "single", "plans", "mend",
)  # fmt: skip
"""The prompt files of the loop, each beside the agent that uses it."""
BESIDE_THE_LOOP = ("mine",)
"""Those that no candidate depends on."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: its sections, and the hash of its text, which every trace records."""

    name: str
    sections: Mapping[str, str]
    version: str

    @classmethod
    def read(cls, name: str, text: str) -> Prompt:
        """Read a prompt file's text.

        Raises:
            BadPrompt: it has no section, or a placeholder that does not exist.
        """
        text = nfc(text.replace("\r\n", "\n"))
        _, *parts = _HEADING.split(text)
        sections = {title: body.strip() for title, body in zip(parts[::2], parts[1::2], strict=True)}
        if not sections:
            raise BadPrompt(f"The prompt {name}.md has no section.", hint="Begin with a line `# system`.")
        for placeholder in _PLACEHOLDER.findall(text):
            if placeholder not in PLACEHOLDERS:
                nearest, _, _ = process.extractOne(placeholder, PLACEHOLDERS)
                raise BadPrompt(
                    f"The prompt {name}.md uses {{{{{placeholder}}}}}, which does not exist.",
                    hint=f"Did you mean {{{{{nearest}}}}}?",
                )
        return cls(name, sections, blake2b(text.encode(errors="replace"), digest_size=6).hexdigest())

    def fill(self, section: str, values: Mapping[str, str]) -> str:
        """Return a section with its placeholders replaced; see the module for what is left out."""
        paragraphs = (
            _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), paragraph)
            for paragraph in _PARAGRAPHS.split(self.sections[section])
            if all(values.get(name, "").strip() for name in _PLACEHOLDER.findall(paragraph))
        )
        return "\n\n".join(paragraphs)


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of a project: ours, and in their place the project's own of the same file name."""

    of: Mapping[str, Prompt]

    @classmethod
    def load(cls, folder: Path | None = None) -> Prompts:
        """Read the built-in prompts and those in `folder` that replace them.

        Raises:
            BadPrompt: a file of the folder has a name that no prompt has, cannot be read, or lacks
                a section of the one it replaces.
        """
        prompts = dict(_built_in())
        for path in sorted(folder.glob("*.md")) if folder is not None and folder.is_dir() else ():
            if path.stem not in prompts:
                nearest, _, _ = process.extractOne(path.stem, list(prompts))
                raise BadPrompt(f"No prompt is called {path.name}.", hint=f"Did you mean {nearest}.md?")
            prompts[path.stem] = _override(path, prompts[path.stem])
        return cls(prompts)

    def __getitem__(self, name: str) -> Prompt:
        return self.of[name]

    @property
    def versions(self) -> dict[str, str]:
        """Version hash by name, of the prompts that candidates depend on."""
        return {
            name: prompt.version for name, prompt in sorted(self.of.items()) if name not in BESIDE_THE_LOOP
        }


@cache
def _built_in() -> Mapping[str, Prompt]:
    folder = files("pipeline.agents")
    return {
        name: Prompt.read(name, (folder / f"{name}.md").read_text(encoding="utf-8"))
        for name in (*NAMES, *BESIDE_THE_LOOP)
    }


def _override(path: Path, built_in: Prompt) -> Prompt:
    try:
        prompt = Prompt.read(path.stem, path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadPrompt(f"{path} cannot be read: {error}.", hint="Save it as UTF-8 text.") from error
    if path.stem != "plans":
        for section in built_in.sections.keys() - prompt.sections.keys():
            raise BadPrompt(
                f"{path} lacks the section `# {section}`.", hint="Copy it from the built-in file."
            )
    return prompt
