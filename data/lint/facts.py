"""A row with all that several rules want to know of it, each worked out once and only if asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from data.lint import languages, quoted
from data.lint.languages import Script
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.settings import LintSettings

FindIdiom = Callable[[str, str], bool | None]
"""Tells whether a source holds an idiom, by lemmas: `find(source, idiom)`; `None` is "cannot say"."""


class Facts:
    """What the rules look at. `find_idiom` is a tokenizer's search, where one is at hand."""

    def __init__(self, row: LintRow, settings: LintSettings, find_idiom: FindIdiom | None = None) -> None:
        self.row = row
        self.settings = settings
        self.find_idiom = find_idiom

    @property
    def thought(self) -> str:
        """The thought, empty where the set has none."""
        return self.row.thought or ""

    @cached_property
    def plain_source(self) -> str:
        """The source without case, spaces and punctuation."""
        return plain(self.row.source)

    @cached_property
    def plain_output(self) -> str:
        """The output without case, spaces and punctuation."""
        return plain(self.row.output)

    @cached_property
    def plain_thought(self) -> str:
        """The thought without case, spaces and punctuation."""
        return plain(self.thought)

    @cached_property
    def prose(self) -> str:
        """The thought with everything it quotes blanked out; positions are those of the thought."""
        return quoted.blank(self.thought, (self.row.output, *(draft.text for draft in self.row.drafts)))

    @cached_property
    def source_language(self) -> str | None:
        """Code of the source's language: the set's, or told by its letters."""
        return self.row.languages[0] if self.row.languages else languages.language_of(self.row.source)

    @cached_property
    def target_language(self) -> str | None:
        """Code of the language the output should be in: the set's, or told by the output's letters."""
        return self.row.languages[1] if self.row.languages else languages.language_of(self.row.output)

    @cached_property
    def source_script(self) -> Script | None:
        """The script of the source's language."""
        return languages.script_of(self.source_language)

    @cached_property
    def target_script(self) -> Script | None:
        """The script of the target language."""
        return languages.script_of(self.target_language)

    @cached_property
    def output_letters(self) -> dict[Script, int]:
        """Letters of the output by script."""
        return languages.letter_counts(self.row.output)

    def licensed(self, *wordings: str) -> bool:
        """Tell whether one of the words stands in source, output or reference: then it is content."""
        return any(wording in text for wording in wordings for text in self._content)

    @cached_property
    def _content(self) -> tuple[str, ...]:
        row = self.row
        return tuple(text.casefold() for text in (row.source, row.output, *row.references))
