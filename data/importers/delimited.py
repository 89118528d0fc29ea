"""Delimited text (csv, tsv) row by row; a damaged row is mended only where one reading fits.

What counts as a row is what a spreadsheet shows: a quoted cell may span lines, and empty lines count
but are no rows. A quote that nothing closes never swallows what follows: a cell spans lines only if
the whole then has the usual width and its lines are not ordinary rows by themselves.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence

from data.importers.cells import DELIMITERS, Piece, Split, split
from data.importers.decoding import Line
from data.importers.layout import MOST_CHARACTERS, MOST_LINES, Layout
from data.importers.rows import Cells, Unreadable
from data.scripts import main_script

_SURELY_ROWS = 3
_UNCLOSED = "a quote is opened and not closed"
_QUOTED_UNDOUBLED = re.compile(r'"(?:(?:[^"]*[\s(\[])?"(?=\S)[^"]*(?<=\S)")+[^"]*"')
"""A quoted text whose own quotes, each pair opened before a word, stand single."""


class DelimitedRows:
    """The rows of a delimited file, in order; each is cells, or unreadable."""

    def __init__(
        self,
        lines: Iterator[Line],
        layout: Layout,
        vital: Sequence[int] = (),
        header: tuple[str, ...] | None = None,
    ) -> None:
        """Read `lines`. The columns `vital` must keep their script, except in the `header`."""
        self._lines = lines
        self._layout = layout
        self._vital = vital
        self._header = header
        self._ahead: deque[Line] = deque()

    def __iter__(self) -> Iterator[Cells | Unreadable]:
        row = 0
        while (line := self._next()) is not None:
            row += 1
            if line.trouble:
                yield Unreadable(row, line.trouble)
            elif line.text.strip():
                cells = self._row(line.text)
                if isinstance(cells, str):
                    yield Unreadable(row, cells)
                elif any(cell.strip() for cell in cells):
                    yield Cells(row, cells)

    def _next(self) -> Line | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _peek(self, number: int) -> Line | None:
        while len(self._ahead) <= number:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[number]

    def _row(self, text: str) -> tuple[str, ...] | str:
        """Return the cells of the row that begins with `text`, or why there is no telling them."""
        if len(text) > MOST_CHARACTERS:
            return f"the line has {len(text):,} characters; no row has more than {MOST_CHARACTERS:,}"
        start = self._layout.cut(text, may_open=True)
        if start.open_from is None:
            return self._one_line(start)
        if self._layout.delimiter is None:
            return _UNCLOSED
        if (spanning := self._spanning(text)) is not None:
            return spanning
        return self._one_line(self._layout.cut(text))

    def _spanning(self, text: str) -> tuple[str, ...] | None:
        """Return the cells of a row whose quoted cell goes on in the next lines, and take those lines."""
        lines = [text]
        while len(lines) <= MOST_LINES and sum(map(len, lines)) <= MOST_CHARACTERS:
            line = self._peek(len(lines) - 1)
            if line is None or line.trouble:
                return None
            lines.append(line.text)
            if '"' not in line.text:
                continue
            row = self._layout.cut("\n".join(lines), may_open=True)
            if row.open_from is not None:
                continue
            whole = all(piece.quoted or "\n" not in piece.text for piece in row.pieces)
            if not whole or len(row.pieces) != self._layout.width or self._are_rows(lines):
                return None
            for _ in lines[1:]:
                self._ahead.popleft()
            return row.cells
        return None

    def _are_rows(self, lines: Sequence[str]) -> bool:
        """Whether lines that a quote would tie together are rows by themselves, and the quote is stray."""
        first, *others = (self._layout.cut(line) for line in lines)
        begins_as_row = any(map(self._is_row, (first, *first.joined(self._layout.width))))
        rows = [self._is_row(row) for row in others]
        return (begins_as_row and any(rows)) or sum(rows[:-1]) >= _SURELY_ROWS

    def _is_row(self, row: Split) -> bool:
        if not self._layout.sure or not self._layout.is_clean(row):
            return False
        return all(main_script(cell) is not None for cell in row.cells)

    def _one_line(self, row: Split) -> tuple[str, ...] | str:
        width = self._layout.width
        row = _without_empty_tail(row, width)
        if row.cells == self._header:
            return row.cells
        if self._layout.is_clean(row):
            return self._taken(row)
        right_width = len(row.pieces) == width
        readings = {
            reading.cells: cells
            for reading, cells in self._other_readings(row)
            if self._layout.keeps_scripts(reading)
        }
        if right_width and not readings:
            return self._as_it_stands(row)
        if len(readings) == 1 and not (right_width and self._is_plausible(row)):
            return next(iter(readings.values()))
        if readings:
            return "its columns can be told apart in more than one way: quote the cells that hold a delimiter"
        return _other_width(row, width)

    def _as_it_stands(self, row: Split) -> tuple[str, ...] | str:
        """Take a row of the right width that no other reading explains better, unless it looks shifted."""
        layout, vital = self._layout, [column for column in self._vital if column < len(row.pieces)]
        surely_cut = layout.delimiter == "\t" or all(piece.quoted for piece in row.pieces)
        if layout.trades_scripts(row, vital) if surely_cut else not layout.keeps_scripts(row, vital):
            return "a column is in another script than in the other rows: its columns look shifted"
        return self._taken(row)

    def _is_plausible(self, row: Split) -> bool:
        return self._layout.keeps_scripts(row) and not self._layout.looks_torn(row)

    def _other_readings(self, row: Split) -> Iterator[tuple[Split, tuple[str, ...] | str]]:
        """Yield every other way to read a line, each with its cells or what is against taking them."""
        width = self._layout.width
        if len(row.pieces) > width:
            loose = row if self._layout.spaced else row.tightened()
            for joined in loose.joined(width):
                if not self._layout.looks_torn(joined):
                    is_text = self._layout.joins_text(loose, joined)
                    yield joined, self._taken(joined) if is_text else _other_width(row, width)
        for delimiter in DELIMITERS:
            if delimiter != self._layout.delimiter and width > 1:
                other = split(row.line, delimiter)
                for reading in (other, other.tightened()):
                    if len(reading.pieces) == width and not self._layout.leaves_a_cut(reading):
                        yield reading, reading.cells
        if len(row.pieces) == 1 and row.pieces[0].quoted:
            inner = _without_empty_tail(self._layout.cut(row.pieces[0].text), width)
            if len(inner.pieces) == width:
                yield inner, self._taken(inner)

    def _taken(self, row: Split) -> tuple[str, ...] | str:
        return _UNCLOSED if self._opens_a_quote(row) else self._mended(row).cells

    def _opens_a_quote(self, row: Split) -> bool:
        """Whether a quote is opened that nothing closes, and there is no telling text from damage.

        Where cells are quoted that must be, it can only be damage; in tab-separated text it is text.
        """
        if self._layout.quotes or self._layout.delimiter == "\t":
            return False
        return any(piece.text.lstrip().startswith('"') and _has_lone_quote(piece) for piece in row.pieces)

    def _mended(self, row: Split) -> Split:
        """Take quotes that are damage off a cell's edges, in a file that quotes what must be quoted."""
        if not self._layout.quotes:
            return row
        return Split(row.line, tuple(_without_stray_quotes(piece) for piece in row.pieces))


def _has_lone_quote(piece: Piece) -> bool:
    return not piece.quoted and piece.text.count('"') % 2 == 1


def _without_stray_quotes(piece: Piece) -> Piece:
    """Take off a quote without its partner, and those around a cell whose inner quotes were not doubled."""
    text = piece.text.strip()
    if _has_lone_quote(piece) and (text.startswith('"') or text.endswith('"')):
        inner = text.removeprefix('"').removesuffix('"').replace('""', '"')
        return Piece(inner, piece.start, piece.end)
    if not piece.quoted and _QUOTED_UNDOUBLED.fullmatch(text):
        return Piece(text[1:-1], piece.start, piece.end)
    return piece


def _without_empty_tail(row: Split, width: int) -> Split:
    """Drop empty cells beyond the file's width: delimiters that a spreadsheet left at the line's end."""
    if len(row.pieces) > width and not any(cell.strip() for cell in row.cells[width:]):
        return Split(row.line, row.pieces[:width])
    return row


def _other_width(row: Split, width: int) -> str:
    columns = len(row.pieces)
    return f"{'1 column' if columns == 1 else f'{columns} columns'} where the file has {width}"
