"""The lines of a book as its sentences, each with the line on which it begins."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from data.running_text.boundaries import Placed, SentenceSplitter
from data.running_text.headings import edition_mark, is_heading
from data.running_text.wrapping import Wrapping


class Passage(NamedTuple):
    """A sentence or a heading, and the number of the line where it begins."""

    line: int
    text: str
    is_heading: bool = False


class NumberedLine(NamedTuple):
    """A line of a file; lines count from 1."""

    number: int
    text: str


def passages(lines: Iterable[NumberedLine], wrapping: Wrapping) -> Iterator[Passage]:
    """Yield the sentences and headings of a text in order. Only the paragraph's last sentence is kept."""
    paragraph = _Paragraph()
    stands_alone = True
    for line, following in _with_next(lines):
        if not line.text.strip():
            stands_alone = True
            continue
        if stands_alone and is_heading(line.text):
            yield Passage(line.number, line.text.strip(), is_heading=True)
            continue
        stands_alone = False
        joined = wrapping.with_joint(line.text, following)
        yield from paragraph.feed(line.number, line.text.strip() if joined is None else joined.lstrip())
        if joined is None:
            yield from paragraph.end()
            paragraph = _Paragraph()


def without_edition(lines: Iterable[NumberedLine], *, begins_later: bool) -> Iterator[NumberedLine]:
    """Leave out what an electronic edition says before the book (`begins_later`) and behind it."""
    is_inside = not begins_later
    for line in lines:
        mark = edition_mark(line.text)
        if mark == "END" and is_inside:
            return
        if is_inside and not mark:
            yield line
        is_inside = is_inside or mark == "START"


class _Paragraph:
    """A paragraph that is being read, and where its lines begin."""

    def __init__(self) -> None:
        self._splitter = SentenceSplitter()
        self._length = 0
        self._lines: deque[tuple[int, int]] = deque()
        """Place in the paragraph and number of each line that is not behind the last sentence."""

    def feed(self, number: int, text: str) -> Iterator[Passage]:
        self._lines.append((self._length, number))
        self._length += len(text)
        yield from map(self._passage, self._splitter.feed(text))

    def end(self) -> Iterator[Passage]:
        yield from map(self._passage, self._splitter.end())

    def _passage(self, sentence: Placed) -> Passage:
        while len(self._lines) > 1 and self._lines[1][0] <= sentence.start:
            self._lines.popleft()
        return Passage(self._lines[0][1], sentence.text)


def _with_next(lines: Iterable[NumberedLine]) -> Iterator[tuple[NumberedLine, str]]:
    """Yield each line with the text of the next one; behind the last one there is a blank."""
    last: NumberedLine | None = None
    for line in chain(lines, [NumberedLine(0, "")]):
        if last is not None:
            yield last, line.text
        last = line
