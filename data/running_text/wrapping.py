"""How the lines of a text are to be put together into paragraphs.

Some texts are wrapped: their lines end where the page was full, and a blank line parts paragraphs.
In others each line is a paragraph. Which it is, a text's own lines tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

_NARROWEST, _WIDEST = 30, 160
"""Between these, in terminal cells, lie the lines of wrapped texts."""
_MOSTLY, _OFTEN = 0.5, 0.3
_NEARLY_ALL = 0.95
_SLACK = 2
_LONGEST_WORD = 40
_UNSPACED = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff00-\uffef]")
_INDENT = re.compile(r"\t| {2,}|\u3000")
_HYPHENS = "-\u2010\u00ad"
_HYPHENATED = re.compile(rf"([^\W\d_]+)[{_HYPHENS}]\Z")
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？:：][\"'”’»」』）)]*\Z")


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What is known of a text's lines."""

    width: int | None
    """Cells of a full line; `None`: each line is a paragraph."""
    words: frozenset[str] = frozenset()
    """Words that the text writes within a line; they tell what a hyphen at a line's end stands for."""

    @classmethod
    def of(cls, lines: Sequence[str]) -> Wrapping:
        """Learn from the first lines of a text."""
        inner = [(line.rstrip(), after) for line, after in pairwise(lines) if line.strip() and after.strip()]
        if not inner:
            return cls(None)
        widths = sorted(_cells(line) for line, _ in inner)
        width = widths[int(_NEARLY_ALL * (len(widths) - 1))]
        full = sum(_cells(line) + 1 + _cells(_first_word(after)) > width for line, after in inner)
        torn = sum(_tears_sentence(line, after) for line, after in inner)
        is_wrapped = full >= _MOSTLY * len(inner) and torn >= _OFTEN * len(inner)
        if not (is_wrapped and _NARROWEST <= width <= _WIDEST):
            return cls(None)
        return cls(width, _words_within(lines))

    def with_joint(self, line: str, following: str) -> str | None:
        """Return a line with what parts it from the next one, or `None` if a paragraph ends between them."""
        text = line.rstrip()
        if not text or not following.strip() or self._ends_paragraph(line, following):
            return None
        after = following.lstrip()
        if text.endswith(("--", "—")) or (_UNSPACED.match(text[-1]) and _UNSPACED.match(after)):
            return text
        if (hyphenated := _HYPHENATED.search(text[-_LONGEST_WORD:])) and after[0].islower():
            return text if self._keeps_hyphen(hyphenated[1], after) else text[:-1]
        return f"{text} "

    def _ends_paragraph(self, line: str, following: str) -> bool:
        ends = _ends_sentence(line)
        if self.width is None:
            return ends or not following[0].islower()
        if _INDENT.match(following) and not _INDENT.match(line):
            return True
        return ends and _cells(line.rstrip()) + 1 + _cells(_first_word(following)) <= self.width - _SLACK

    def _keeps_hyphen(self, head: str, after: str) -> bool:
        """Whether a hyphen at a line's end belongs to the word, and not to the wrapping."""
        found = _FIRST_LETTERS.match(after)
        head, tail = head.lower(), found.group().lower() if found else ""
        if f"{head}-{tail}" in self.words:
            return True
        return head + tail not in self.words and {head, tail} <= self.words


def _tears_sentence(line: str, after: str) -> bool:
    """Whether a sentence goes on from one line to the next; in a list of sentences it does not."""
    first = after.lstrip()[:1]
    return not _ends_sentence(line) and not first.isupper()


def _ends_sentence(line: str) -> bool:
    return _ENDS_SENTENCE.search(line.rstrip()[-_LONGEST_WORD:]) is not None


def _words_within(lines: Sequence[str]) -> frozenset[str]:
    """Return the words of lines, without the halves of those that a line's end tears."""
    words: set[str] = set()
    is_torn = False
    for line in lines:
        found = _WORD.findall(line.lower())
        was_torn, is_torn = is_torn, line.rstrip().endswith(tuple(_HYPHENS))
        words.update(found[was_torn : len(found) - is_torn])
    return frozenset(words)


def _first_word(line: str) -> str:
    return line.split(maxsplit=1)[0]


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + sum(east_asian_width(character) in "WF" for character in text)
