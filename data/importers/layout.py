"""How the rows of a delimited file usually look: the yardstick for a row that looks otherwise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from data.importers.cells import DELIMITERS, Piece, Split, split
from data.scripts import has_script, main_script

MOST_CHARACTERS = 500_000
"""Characters that a row may have."""
MOST_LINES = 100
"""Lines that a quoted cell may span."""

_RARE = 0.1
_MOST = 0.5
_COMMON = 0.25
_REGULAR = 0.9
_CLEARLY = 0.3
_ENOUGH = 4
_ANY_WORDS = frozenset({"any"})
_SENTENCE_ENDS = (".", "?", "!", "。", "？", "！", "…")
_THOUSANDS = re.compile(r"\d{3}(?!\d)")

Accepts = Callable[[Sequence[str]], bool]
"""Whether cells of a first row are a header with the columns that are asked for."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the ordinary rows of a file have in common."""

    delimiter: str | None
    """`None`: one column, every line is a cell."""
    width: int
    scripts: tuple[frozenset[str], ...]
    """By column, the scripts that its cells are in."""
    quotes: bool = False
    """Cells are quoted where they must be, so a lone quote at a cell's edge is damage, not text."""
    spaced: bool = False
    """A space after a delimiter is usual; where it is not, a comma with a space belongs to the text."""
    tabs: bool = False
    """Tabs occur within cells."""
    sure: bool = False
    """Enough rows were seen, and each column has its script."""

    def cut(self, line: str, *, may_open: bool = False) -> Split:
        """Cut a line as the file's rows are cut."""
        return split(line, self.delimiter, spaced=self.spaced, may_open=may_open)

    def keeps_scripts(self, row: Split, columns: Sequence[int] | None = None) -> bool:
        """Whether each cell with letters has at least one of its column's script."""
        wanted = range(len(row.pieces)) if columns is None else columns
        return all(self._suits(row.cells[column], column) for column in wanted)

    def trades_scripts(self, row: Split, columns: Sequence[int]) -> bool:
        """Whether one of these cells is without its column's script, and in that of another column."""
        return any(
            not self._suits(row.cells[column], column)
            and any(main_script(row.cells[column]) in usual for usual in self.scripts)
            for column in columns
        )

    def joins_text(self, row: Split, joined: Split) -> bool:
        """Whether what `joined` puts together may be one text, and holds no cell too many.

        What is quoted stands alone. A delimiter without a space behind it stands between figures of
        one number, or within a sentence of which both sides are in the column's script.
        """
        for column, whole in enumerate(joined.pieces):
            parts = [piece for piece in row.pieces if whole.start <= piece.start and piece.end <= whole.end]
            if not all(self._continues(left, right, column) for left, right in pairwise(parts)):
                return False
        return True

    def _continues(self, left: Piece, right: Piece, column: int) -> bool:
        if left.quoted or right.quoted:
            return False
        if right.text.startswith(" ") or (left.text[-1:].isdigit() and _THOUSANDS.match(right.text)):
            return True
        in_script = all(self._has_own_script(piece.text, column) for piece in (left, right))
        return in_script and not left.text.endswith(_SENTENCE_ENDS)

    def leaves_a_cut(self, reading: Split) -> bool:
        """Whether a cell of a line cut at another delimiter holds this file's, and not as a text would.

        Commas stand in every text, semicolons with a space behind them.
        """
        if self.delimiter is None or self.delimiter == ",":
            return False
        within_text = " " if self.delimiter == ";" and not self.spaced else "\\Z"
        cut = re.compile(rf"{re.escape(self.delimiter)}(?!{within_text})")
        return any(not piece.quoted and cut.search(piece.text) for piece in reading.pieces)

    def is_clean(self, row: Split) -> bool:
        """Whether the row has the usual width, its usual scripts throughout, and no sign of a tear."""
        return (
            len(row.pieces) == self.width
            and not self.looks_torn(row)
            and all(
                (script := main_script(cell)) is None or not usual or script in usual
                for cell, usual in zip(row.cells, self.scripts, strict=True)
            )
        )

    def looks_torn(self, row: Split) -> bool:
        """Whether a cut lies where ordinary rows have none, or a cell holds a foreign delimiter."""
        tabs_are_foreign = not self.tabs and self.delimiter != "\t"
        if tabs_are_foreign and any("\t" in piece.text and not piece.quoted for piece in row.pieces):
            return True
        return not all(self._usual_cut(row, number) for number in range(len(row.pieces) - 1))

    def _usual_cut(self, row: Split, number: int) -> bool:
        left, right = row.pieces[number : number + 2]
        if left.quoted or right.quoted or self.delimiter == "\t":
            return True
        if right.text.startswith(" ") and not self.spaced:
            return False
        return not (left.text[-1:].isdigit() and _THOUSANDS.match(right.text) and self._worded(number))

    def _worded(self, number: int) -> bool:
        """Whether the columns on both sides of a cut hold words rather than figures."""
        return all(self.scripts[number : number + 2])

    def _suits(self, cell: str, column: int) -> bool:
        return main_script(cell) is None or self._has_own_script(cell, column)

    def _has_own_script(self, cell: str, column: int) -> bool:
        usual = self.scripts[column] if column < len(self.scripts) else frozenset()
        return not usual or any(has_script(cell, script) for script in usual)


def layout_of(lines: Sequence[str], accepts: Accepts, usual: str | None = None) -> Layout:
    """Learn the layout of a file from its first lines.

    `accepts` recognises a header row; `usual` is the delimiter that the file's name promises.
    """
    lines = [line for line in lines if line.strip() and len(line) <= MOST_CHARACTERS]
    best: tuple[tuple[bool, float, bool], Layout] | None = None
    for delimiter in DELIMITERS if lines else ():
        tight, spaced = (_learn(lines, delimiter, spaced, accepts) for spaced in (False, True))
        is_spaced = tight.layout.width < 2 or spaced.share > tight.share + _CLEARLY
        learned = spaced if is_spaced else tight
        if learned.layout.width < 2 or not (learned.named or learned.share >= learned.needed):
            continue
        rank = (learned.named, learned.share, delimiter == usual)
        if best is None or rank > best[0]:
            best = (rank, learned.layout)
    return best[1] if best else Layout(delimiter=None, width=1, scripts=(frozenset(),))


@dataclass(frozen=True, slots=True)
class _Learned:
    """A layout, the share of rows that have it, and whether the first row is a header."""

    layout: Layout
    share: float
    named: bool

    @property
    def needed(self) -> float:
        """Commas with spaces stand in every text: as delimiters they must be in nearly every row."""
        return _REGULAR if self.layout.spaced else _COMMON


def _learn(lines: Sequence[str], delimiter: str, spaced: bool, accepts: Accepts) -> _Learned:
    rows = _whole_rows(lines, delimiter, spaced)
    head = split(lines[0], delimiter, spaced=spaced).cells
    named = accepts([cell.strip() for cell in head])
    width = len(head) if named else _usual_width(rows)
    ordinary = [row for row in rows if len(row.pieces) == width]
    layout = Layout(
        delimiter=delimiter,
        width=width,
        scripts=(_ANY_WORDS,) * width,
        quotes=_quotes(lines, delimiter, spaced),
        spaced=spaced,
        tabs=sum("\t" in row.line for row in ordinary) > _RARE * len(ordinary),
    )
    whole = [row for row in ordinary[named:] if not layout.looks_torn(row)]
    scripts = tuple(_usual_scripts([row.cells[column] for row in whole]) for column in range(width))
    layout = replace(layout, scripts=scripts, sure=all(scripts) and len(whole) >= _ENOUGH)
    return _Learned(layout, len(ordinary) / len(rows) if rows else 0.0, named)


def _quotes(lines: Sequence[str], delimiter: str, spaced: bool) -> bool:
    """Whether most cells are quoted, or more because they must be than begin with a quote that is none."""
    pieces = [piece for line in lines for piece in split(line, delimiter, spaced=spaced).pieces]
    if sum(piece.quoted for piece in pieces) > _MOST * len(pieces):
        return True
    needed = sum(piece.quoted and (delimiter in piece.text or '"' in piece.text) for piece in pieces)
    return needed > sum(not piece.quoted and piece.text.startswith('"') for piece in pieces)


def _whole_rows(lines: Sequence[str], delimiter: str, spaced: bool) -> list[Split]:
    """Return the rows that lie on one line; the lines of a quoted cell that spans several are left out."""
    rows: list[Split] = []
    at = 0
    while at < len(lines):
        row = split(lines[at], delimiter, spaced=spaced, may_open=True)
        at += 1
        if row.open_from is None:
            rows.append(row if spaced else row.tightened())
            continue
        ends = (place for place in range(at, min(at + MOST_LINES, len(lines))) if lines[place].count('"') % 2)
        at = next(ends, at - 1) + 1
    return rows


def _usual_width(rows: Sequence[Split]) -> int:
    widths = Counter(len(row.pieces) for row in rows)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _usual_scripts(cells: Sequence[str]) -> frozenset[str]:
    scripts = Counter(script for cell in cells if (script := main_script(cell)) is not None)
    return frozenset(script for script, count in scripts.items() if count > _COMMON * scripts.total())
