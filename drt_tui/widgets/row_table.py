"""All rows in a table that only ever looks at those on screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.binding import Binding
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from data.records import Status
from data.text import show_controls
from drt_tui.review.codes import Codes
from drt_tui.widgets.sheet import Sheet, set_width

if TYPE_CHECKING:
    from data.store import Dataset, IndexRow

_SIGNS = {
    Status.NEW: (" ", "$faint"), Status.GENERATED: ("○", "$primary"), Status.ACCEPTED: ("✓", "$success"),
    Status.EDITED: ("✎", "$success"), Status.AUTO: ("»", "$secondary"), Status.REJECTED: ("✗", "$error"),
    Status.SKIPPED: ("-", "$muted"), Status.PARKED: ("#", "$warning"), Status.FAILED: ("!", "$error"),
}  # fmt: skip
NUMBER, STATUS, SCORE, IDIOM = 9, 12, 7, 16
WIDE = 100
"""Width from which there is room for the idiom."""
_SPARE = 40
"""Characters beyond the width of a column, for those that take no room."""
STILL_SECONDS = 0.15
"""How long the table waits with looking for findings, so that scrolling never does."""
CACHED = 400
"""Painted lines that are kept."""


class ColumnHeads(Sheet):
    """Names the columns, and says by which one the rows are sorted."""

    def on_mount(self) -> None:
        """Rows come in file order at first."""
        self.mark("file")

    def mark(self, sort: str) -> None:
        """Say that the rows are sorted by this column."""
        self.show(lambda width: [_heads(width, sort)])


def _heads(width: int, sort: str) -> Content:
    idiom, half = _widths(width)
    columns = [("file", "#", NUMBER), ("status", "status", STATUS), ("score", "score", SCORE)]
    columns += [("idiom", "idiom", idiom)] if idiom else []
    columns += [("", "source", half), ("findings", "findings, output", half)]
    line = Content()
    for name, label, room in columns:
        text = Content.styled(label, "bold $primary" if name == sort else "$faint")
        text = text.right(room - 1) + " " if name == "file" else set_width(text, room)
        line += text
    return line


class RowTable(ScrollView, can_focus=True):
    """Rows of the dataset in some order; a cursor, and marks for doing something with many."""

    BINDINGS = [
        Binding("up,k,ㅏ", "move(-1)", show=False),
        Binding("down,j,ㅓ", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "go(0)", show=False),
        Binding("end", "go(-1)", show=False),
        Binding("space", "mark", show=False),
        Binding("enter", "open", show=False),
    ]
    COMPONENT_CLASSES = {"row-table--cursor"}

    cursor: var[int] = var(0)

    @dataclass
    class Opened(Message):
        """A row is to be reviewed."""

        sentence: str

    @dataclass
    class Marked(Message):
        """The marks changed."""

        count: int

    def __init__(self, dataset: Dataset, codes: Codes, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marked: set[str] = set()
        self._dataset = dataset
        self._codes = codes
        self._looking: Timer | None = None
        self._sentences: Sequence[str] = ()
        self._numbers: dict[str, int] = {}
        self._strips: LRUCache[tuple[str, int, bool, bool], Strip] = LRUCache(CACHED)
        self._styles: dict[tuple[str, bool], RichStyle] = {}

    def show_rows(self, sentences: Sequence[str], *, keep_cursor: bool = False) -> None:
        """Show these rows; the sequence may grow afterwards, see `note_more`."""
        self._sentences = sentences
        self.cursor = min(self.cursor, max(0, len(sentences) - 1)) if keep_cursor else 0
        self.refresh_rows()
        if not keep_cursor:
            self.scroll_home(animate=False)

    def number_rows(self, sentences: Sequence[str]) -> None:
        """Give rows their numbers: their places in the file order, from 1."""
        self._numbers = {sentence: number for number, sentence in enumerate(sentences, 1)}

    def note_more(self) -> None:
        """Take note that the rows shown have become more."""
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._sentences))
        self.refresh()

    def refresh_rows(self) -> None:
        """Look at the rows again: they were changed."""
        self._strips.clear()
        self.note_more()

    @property
    def current(self) -> str | None:
        """The sentence under the cursor."""
        return self._sentences[self.cursor] if self.cursor < len(self._sentences) else None

    def render_line(self, y: int) -> Strip:
        """Paint one line of the part that is in view."""
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        if place >= len(self._sentences):
            return Strip.blank(width, self.rich_style)
        sentence = self._sentences[place]
        key = (sentence, width, place == self.cursor, sentence in self.marked)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._painted(*key)
        return strip

    def notify_style_update(self) -> None:
        """Forget what was painted in other colours."""
        self._strips.clear()
        self._styles.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Fit the rows to the width."""
        self.note_more()

    def watch_cursor(self, before: int, after: int) -> None:
        """Paint the two lines concerned and keep the cursor in view."""
        self.refresh_line(before - self.scroll_offset.y)
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if after < top:
            self.scroll_to(y=after, animate=False, immediate=True)
        elif after >= top + height:
            self.scroll_to(y=after - height + 1, animate=False, immediate=True)
        self.refresh()

    def action_move(self, step: int) -> None:
        """Move the cursor by lines."""
        self.cursor = min(max(self.cursor + step, 0), max(0, len(self._sentences) - 1))

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_go(self, place: int) -> None:
        """Move the cursor to a place, the last for -1."""
        self.cursor = place if place >= 0 else max(0, len(self._sentences) - 1)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on."""
        if self.current is not None:
            self.marked ^= {self.current}
            self.post_message(self.Marked(len(self.marked)))
            self.action_move(1)
            self.refresh()

    def action_open(self) -> None:
        """Open the row in review."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def _known_codes(self, row: IndexRow) -> tuple[str, ...]:
        """Return what is found of a row; where that is not known yet, have it looked for when all is still."""
        known = self._codes.known(row)
        if known is None:
            if self._looking is None:
                self._looking = self.set_timer(STILL_SECONDS, self._look_over)
            else:
                self._looking.reset()
        return row.codes if known is None else known

    def _look_over(self) -> None:
        """Look for findings in the rows in view, and paint them again."""
        self._looking = None
        top = self.scroll_offset.y
        for sentence in self._sentences[top : top + self.scrollable_content_region.height]:
            self._codes.of(self._dataset.row(sentence))
        self._strips.clear()
        self.refresh()

    def _painted(self, sentence: str, width: int, is_cursor: bool, is_marked: bool) -> Strip:
        pieces = self._pieces(sentence, width, is_marked)
        return Strip([Segment(text, self._style(name, is_cursor)) for text, name in pieces if text], width)

    def _style(self, name: str, is_cursor: bool) -> RichStyle:
        """Return a style of the theme on the ground of a line; finding it takes longer than painting with it."""
        found = self._styles.get((name, is_cursor))
        if found is None:
            ground = self.get_visual_style("row-table--cursor") if is_cursor else self.visual_style
            found = Content.styled("x", name).render_segments(ground)[0].style or self.rich_style
            self._styles[name, is_cursor] = found
        return found

    def _pieces(self, sentence: str, width: int, is_marked: bool) -> Iterator[tuple[str, str]]:
        """Yield the texts of a line with the names of their styles; together they are as wide as the line."""
        row = self._dataset.row(sentence)
        source = self._dataset.sentence(sentence).source
        output = self._dataset.candidate(row.candidates[-1]).output if row.candidates else ""
        sign, colour = _SIGNS[row.status]
        score = "" if row.score is None else str(row.score)
        idiom, half = _widths(width)
        yield "*" if is_marked else " ", "bold $accent"
        yield fitted(f"{self._numbers.get(sentence, 0):>{NUMBER - 2},}", NUMBER - 2) + " ", "$faint"
        yield f"{sign} ", colour
        yield fitted(row.status.value, STATUS - 2), "$muted"
        yield f"{score:>{SCORE - 2}}  ", ""
        if idiom:
            yield fitted(_one_line(row.group or "", idiom), idiom - 1) + " ", "$muted"
        yield fitted(_one_line(source, half), half - 2) + "  ", ""
        left = max(0, width - NUMBER - STATUS - SCORE - idiom - half)
        marks = _one_line(" ".join([*row.flags, *self._known_codes(row)]), left)
        if marks:
            marks = f"{marks}  " if cell_len(marks) + 2 < left else fitted(marks, left)
            yield marks, "$warning"
        yield fitted(_one_line(output, half), left - cell_len(marks)), "$muted"


def fitted(text: str, width: int) -> str:
    """Return text cut or padded to a width in cells."""
    if width <= 0:
        return ""
    room = width - cell_len(text)
    return text + " " * room if room >= 0 else set_cell_size(text, width - 1) + "…"


def _one_line(text: str, width: int) -> str:
    """Return the beginning of a text, somewhat longer than fits: only that is worth measuring."""
    return show_controls(text[: width + _SPARE].replace("\n", " ").replace("\t", " "))


def _widths(width: int) -> tuple[int, int]:
    """Return the widths of the idiom's column, 0 where there is no room, and of the source's."""
    idiom = IDIOM if width >= WIDE else 0
    return idiom, max(10, (width - NUMBER - STATUS - SCORE - idiom) // 2)
