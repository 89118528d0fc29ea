"""One line of delimited text as cells, quotes understood, nothing assumed about its neighbours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from math import comb

DELIMITERS = (",", "\t", ";", "|")
MOST_READINGS = 2000
"""A line with more ways than this to put its pieces together is not worth the search."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two delimiters. `text` is without its quotes if it is `quoted`."""

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """A line cut at a delimiter. `open_from` is the piece whose quote is still open at the end."""

    line: str
    pieces: tuple[Piece, ...]
    open_from: int | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the pieces."""
        return tuple(piece.text for piece in self.pieces)

    def tightened(self) -> Split:
        """Put together what is only parted by a delimiter with a space behind it, as within a sentence."""
        groups: list[list[Piece]] = []
        for piece in self.pieces:
            if groups and piece.text.startswith(" ") and not piece.quoted and not groups[-1][-1].quoted:
                groups[-1].append(piece)
            else:
                groups.append([piece])
        return Split(self.line, tuple(map(self._join, groups)), self.open_from)

    def joined(self, width: int) -> list[Split]:
        """Return every way to put neighbouring pieces together again so that `width` remain."""
        count = len(self.pieces)
        if count < width or comb(count - 1, width - 1) > MOST_READINGS:
            return []
        bounds = ((0, *ends, count) for ends in combinations(range(1, count), width - 1))
        groups = ([self.pieces[first:end] for first, end in pairwise(each)] for each in bounds)
        return [Split(self.line, tuple(map(self._join, each))) for each in groups]

    def _join(self, group: Sequence[Piece]) -> Piece:
        if len(group) == 1:
            return group[0]
        start, end = group[0].start, group[-1].end
        return Piece(self.line[start:end], start, end)


def split(line: str, delimiter: str | None, *, spaced: bool = False, may_open: bool = False) -> Split:
    """Cut a line at `delimiter` (`None`: it is one cell).

    A piece is quoted if its quotes stand right at the delimiters around it, or, where delimiters are
    `spaced`, with spaces between; every other quote is a character of the text. With `may_open`, a
    piece whose quote nothing closes takes the rest of the line.
    """
    pieces: list[Piece] = []
    quoted, opened = _patterns(delimiter, spaced)
    at = 0
    while True:
        if match := quoted.match(line, at):
            pieces.append(Piece(match.group(1).replace('""', '"'), at, match.end(), quoted=True))
        elif may_open and opened.match(line, at):
            pieces.append(Piece(line[at:], at, len(line)))
            return Split(line, tuple(pieces), open_from=len(pieces) - 1)
        else:
            end = line.find(delimiter, at) if delimiter else -1
            end = len(line) if end < 0 else end
            pieces.append(Piece(line[at:end], at, end))
        if pieces[-1].end >= len(line):
            return Split(line, tuple(pieces))
        at = pieces[-1].end + 1
        if at == len(line):
            return Split(line, (*pieces, Piece("", at, at)))


@cache
def _patterns(delimiter: str | None, spaced: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what matches a quoted piece, and one whose quote is still open at the line's end."""
    space = " *" if spaced else ""
    before = re.escape(delimiter) if delimiter else r"\Z"
    text = r'[^"]*+(?:""[^"]*+)*+'
    return re.compile(rf'{space}"({text})" *(?={before}|\Z)'), re.compile(rf'{space}"{text}\Z')
