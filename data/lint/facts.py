"""A row with all that several rules want to know of it, each worked out once and only if asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from string import ascii_lowercase

from data.lint import quoted
from data.lint.attempts import Attempt, attempts
from data.lint.languages import language_of, letter_weight, may_be_in, script_of
from data.lint.numbers import Mismatch, mismatches, quantities
from data.lint.phrases import Markers
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.settings import LintSettings
from data.lint.wrapping import unwrapped
from data.scripts import letters_by_script

FindIdiom = Callable[[str, str], bool | None]
"""Tells whether a source holds an idiom, by lemmas: `find(source, idiom)`; `None` is "cannot say"."""


_LETTERS_ONLY = bytes(code if chr(code) in ascii_lowercase else ord(" ") for code in range(256))
_REACH = 40
"""Letters around a marker within which a pattern is tried."""


_BYTES_OF_EAST_ASIAN = 1.6
"""Bytes a letter, in UTF-8, above which a text is not in an alphabet with a few words of another script."""


class Facts:
    """What the rules look at.

    `find_idiom` is a tokenizer's search, where one is at hand; `languages` are those of the row's set,
    for a row that names none and whose source may be in the set's.
    """

    def __init__(
        self,
        row: LintRow,
        settings: LintSettings,
        find_idiom: FindIdiom | None = None,
        languages: tuple[str, str] | None = None,
    ) -> None:
        self.row = row
        self.settings = settings
        self.find_idiom = find_idiom
        self._of_set = languages
        self.thought = row.thought or ""
        self.has_thought = bool(self.thought.strip())

    @cached_property
    def bare_output(self) -> str:
        """The output less a label, preamble or note around it."""
        return unwrapped(self.row.output)

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
        return quoted.without(self._hidden_thought, self.quotations)

    @cached_property
    def quotations(self) -> list[tuple[int, int]]:
        """Spans of what the thought quotes, without the marks, in order."""
        return quoted.pieces(self._hidden_thought)

    @cached_property
    def _hidden_thought(self) -> str:
        return quoted.hide(
            self.thought, (self.row.output, self.bare_output, *(draft.text for draft in self.row.drafts))
        )

    @cached_property
    def attempts(self) -> list[Attempt]:
        """The attempts at a translation that the thought quotes, in order."""
        return list(self._attempts())

    @cached_property
    def different_attempts(self) -> int:
        """How many different attempts the thought quotes; 2 stands for "two or more"."""
        seen: set[str] = set()
        for attempt in self._attempts():
            seen.add(attempt.plain)
            if len(seen) > 1:
                break
        return len(seen)

    def _attempts(self) -> Iterator[Attempt]:
        marked = {*self.quotations, *quoted.hidden_runs(self._hidden_thought)}
        is_bare = self.bare_output == self.row.output
        wanted = self.plain_output if is_bare else plain(self.bare_output)
        return attempts(self.thought, marked, wanted, self.row.source)

    @cached_property
    def languages(self) -> tuple[str, str] | None:
        """Source and target, where they are known and not guessed from this row alone."""
        if self.row.languages or self._of_set is None:
            return self.row.languages
        return self._of_set if may_be_in(self.source_letters, self._of_set[0]) else None

    @cached_property
    def source_letters(self) -> Counter[str]:
        """Letters of the source by script."""
        return letters_by_script(self.row.source)

    @cached_property
    def source_language(self) -> str | None:
        """Code of the source's language: the set's, or told by its letters."""
        return self.languages[0] if self.languages else language_of(self.row.source)

    @cached_property
    def target_language(self) -> str | None:
        """Code of the language the output should be in: the set's, or told by the output's letters."""
        return self.languages[1] if self.languages else language_of(self.row.output)

    @cached_property
    def source_script(self) -> str | None:
        """The script of the source's language."""
        return script_of(self.source_language)

    @cached_property
    def target_script(self) -> str | None:
        """The script of the target language."""
        return script_of(self.target_language)

    @cached_property
    def source_weight(self) -> float:
        """Length of the source as its translation into an alphabet leads to expect it."""
        return letter_weight(self.source_letters)

    @cached_property
    def output_weight(self) -> float:
        """Length of the output by the same measure, less what it was wrapped in."""
        bare = self.bare_output
        return letter_weight(self.output_letters if bare == self.row.output else letters_by_script(bare))

    @cached_property
    def output_letters(self) -> Counter[str]:
        """Letters of the output by script."""
        return letters_by_script(self.row.output)

    @cached_property
    def mismatches(self) -> list[Mismatch]:
        """Numbers that source and output tell differently."""
        in_source = quantities(self.row.source, self.source_language)
        if not any(quantity.sure for quantity in in_source):
            return []
        return list(mismatches(in_source, quantities(self.row.output, self.target_language)))

    def near(self, markers: Markers) -> Iterator[tuple[str, int, int]]:
        """Yield each of the `markers` that is in the prose, with the stretch around it.

        A costly pattern is then only tried where it can match.
        """
        for marker in markers.within(self.told, self.told_words):
            position = self.lower_prose.find(marker)
            while position >= 0:
                yield marker, max(0, position - _REACH), position + len(marker) + _REACH
                position = self.lower_prose.find(marker, position + 1)

    @cached_property
    def told_words(self) -> frozenset[bytes]:
        """The words of letters a to z in `told`."""
        return frozenset(self.told.encode("ascii", "replace").translate(_LETTERS_ONLY).split())

    @cached_property
    def is_thought_east_asian(self) -> bool:
        """Whether the thought itself is Korean, Chinese or Japanese, less what it quotes."""
        told = self._told
        if told.isascii():
            return False
        spaces = told.count(" ") + told.count("\n")
        return len(told.encode(errors="replace")) - spaces > _BYTES_OF_EAST_ASIAN * (len(told) - spaces)

    @cached_property
    def told(self) -> str:
        """The thought around what it quotes, in lower case, with line breaks between: no positions.

        In an alphabet's thought every letter beyond ASCII stands as `?`.
        """
        return self._told.lower() if self.is_thought_east_asian else _ascii(self._told)

    @cached_property
    def _told(self) -> str:
        return quoted.between(self._hidden_thought, self.quotations)

    @cached_property
    def lower_prose(self) -> str:
        """The prose in lower case, at the same positions; cheap to search.

        In an alphabet's thought every letter beyond ASCII stands as `?`.
        """
        if self.is_thought_east_asian:
            lower = self.prose.lower()
            return lower if len(lower) == len(self.prose) else self.prose
        return _ascii(self.prose)

    def licensed(self, *wordings: str) -> bool:
        """Tell whether one of the words stands in source, output or reference: then it is content."""
        return any(wording in text for wording in wordings for text in self._content)

    @cached_property
    def _content(self) -> tuple[str, ...]:
        row = self.row
        return tuple(text.casefold() for text in (row.source, row.output, *row.references))


def _ascii(text: str) -> str:
    """Return `text` in lower case, at the same positions, with `?` for all that is not ASCII."""
    return text.replace("’", "'").encode("ascii", "replace").decode("ascii").lower()
