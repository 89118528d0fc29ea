"""A text file, such as a book, as sentences that know their place in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path

from data.errors import FileProblem
from data.importers.decoding import Line, read_lines
from data.importers.layout import MOST_CHARACTERS
from data.importers.reader import check_readable
from data.importers.rows import BadRow
from data.records import Origin, Sentence, sentence_id
from data.running_text import Lengths, NumberedLine, Passage, Wrapping, count_words, passages, without_edition
from data.running_text.headings import edition_mark
from data.text import nfc

CONTEXT = 5
"""Sentences before it that a sentence keeps, for prompts that show some."""
_LEARNED_LINES = 5000
_LEARNED_CHARACTERS = 1 << 20


class LeftOut(StrEnum):
    """Why a stretch of a text is no sentence to translate."""

    HEADING = "heading"
    SHORT = "short"
    LONG = "long"


def is_running_text(path: Path) -> bool:
    """Whether a file can be split into sentences, and is no table of them."""
    return path.suffix.lower() == ".txt"


def read_running_text(
    path: Path, lengths: Lengths, *, licence: str | None = None
) -> Iterator[Sentence | LeftOut | BadRow]:
    """Return the sentences of a text in order, and what is left out in its place.

    The document is the file's name. A sentence's position counts the sentences of the text from 1,
    also those that are left out; its row is the line on which it begins; it keeps the sentences
    before it, back to the last heading. The file is streamed.

    Raises:
        FileProblem: the file cannot be read.
    """
    path = Path(path)
    check_readable(path)
    return _sentences(path, lengths, licence)


def _sentences(path: Path, lengths: Lengths, licence: str | None) -> Iterator[Sentence | LeftOut | BadRow]:
    bad: deque[BadRow] = deque()
    before: deque[str] = deque(maxlen=CONTEXT)
    position = 0
    for passage in _passages(path, bad):
        while bad:
            yield bad.popleft()
        if passage.is_heading:
            before.clear()
            yield LeftOut.HEADING
            continue
        position += 1
        words = count_words(passage.text)
        if words < lengths.fewest:
            yield LeftOut.SHORT
        elif words > lengths.most:
            yield LeftOut.LONG
        else:
            yield Sentence(
                id=sentence_id(passage.text), source=passage.text, document=nfc(path.name), position=position,
                before=tuple(before), licence=licence, origin=Origin(file=path.name, row=passage.line),
            )  # fmt: skip
        before.append(passage.text)
    yield from bad


def _passages(path: Path, bad: deque[BadRow]) -> Iterator[Passage]:
    lines = _readable(path, read_lines(path), bad)
    first = list(_first_lines(lines))
    if not first and not bad:
        raise FileProblem(f"{path} holds no text.", hint="Check its encoding.")
    texts = [line.text for line in first]
    begins_later = any(edition_mark(text) == "START" for text in texts)
    book = without_edition(chain(first, lines), begins_later=begins_later)
    return passages(book, Wrapping.of(texts))


def _readable(path: Path, lines: Iterator[Line], bad: deque[BadRow]) -> Iterator[NumberedLine]:
    """Yield the lines in NFC; note those that are no text."""
    for number, line in enumerate(lines, 1):
        trouble = line.trouble or ("holds a NUL character: the line is damaged" if "\0" in line.text else "")
        if trouble:
            bad.append(BadRow(str(path), number, trouble))
        yield NumberedLine(number, "" if trouble else nfc(line.text))


def _first_lines(lines: Iterator[NumberedLine]) -> Iterator[NumberedLine]:
    characters = 0
    for line in islice(lines, _LEARNED_LINES):
        yield line
        characters += min(len(line.text), MOST_CHARACTERS)
        if characters > _LEARNED_CHARACTERS:
            return
