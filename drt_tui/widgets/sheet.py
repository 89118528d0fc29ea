"""Lines of text that know their width: the one widget that shows what others wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from data.text import show_controls

Build = Callable[[int], Sequence[Content]]
"""Makes the lines for a width in cells."""


class Sheet(Widget):
    """Shows the lines that a function makes for its width; nothing in them is read as markup."""

    DEFAULT_CSS = """
    Sheet {
        height: auto;
        width: 1fr;
    }
    """

    virtual_size = Reactive(Size(0, 0), repaint=False)
    """Nothing in a sheet scrolls: another size of it is no reason to lay out the screen a second time."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._build: Build = _nothing
        self._lines: list[Content] = []
        self._width = -1

    def show(self, build: Build) -> bool:
        """Show the lines that `build` makes; return whether the screen is laid out anew for them.

        That takes a multiple of painting lines that changed, and is due only where there are more or fewer.
        What is hidden is neither built nor laid out before it is to be seen.
        """
        width, before = self._width, self._lines
        self._build, self._width = build, -1
        if not self.display:
            return False
        if width <= 0 or width != self.size.width:
            self.refresh(layout=True)
            return True
        after = self._at(width)
        if len(after) != len(before):
            self.refresh(layout=True)
            return True
        changed = [
            Region(0, y, width, 1)
            for y, (old, new) in enumerate(zip(before, after, strict=True))
            if not new.is_same(old)
        ]
        if changed:
            self.refresh(*changed)
        return False

    def render_line(self, y: int) -> Strip:
        """Paint one line; those out of view are never looked at."""
        width, style = self.size.width, self.visual_style
        lines = self._at(width)
        if y >= len(lines):
            return Strip.blank(width, style.rich_style)
        line = lines[y]
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(y)) is not None:
            start, end = span
            chosen = self.screen.get_visual_style("screen--selection")
            line = line.stylize(chosen, start, len(line) if end == -1 else end)
        strip = Strip(line.render_segments(style), line.cell_length)
        return strip.adjust_cell_length(width, style.rich_style).apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected with the mouse."""
        return selection.extract("\n".join(line.plain for line in self._lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint the selection."""
        self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take the width there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are at this width."""
        return len(self._at(width))

    def _at(self, width: int) -> list[Content]:
        if width != self._width:
            self._width = width
            made = self._build(width) if width > 0 else ()
            self._lines = [flat for line in made for flat in _flat(line)]
        return self._lines


def plain(text: str, style: str = "") -> Content:
    """Return text that we did not write, with its control characters spelled out."""
    return Content.styled(show_controls(text), style)


def hang(
    label: Content, body: Content, width: int, *, indent: int, tail: Content | None = None
) -> list[Content]:
    """Return `body` wrapped beside `label`, its further lines indented as far; `tail` ends the first line."""
    room = max(8, width - indent)
    first_room = room - (tail.cell_length + 2 if tail else 0)
    lines = body.wrap(room) or [Content()]
    if tail and lines[0].cell_length > first_room:
        lines = _narrow_first(body, first_room, room)
    head = _padded(label, indent) + lines[0]
    if tail:
        head = _padded(head, width - tail.cell_length) + tail
    return [head, *(Content(" " * indent) + line for line in lines[1:])]


def spread(left: Content, right: Content, width: int) -> Content:
    """Return one line with `left` at its start and `right` at its end; `left` is cut where both do not fit."""
    room = width - right.cell_length
    if room < 8:
        return left.truncate(width, ellipsis=True)
    if left.cell_length >= room:
        left = left.truncate(room - 1, ellipsis=True)
    return _padded(left, room) + right


def set_width(text: Content, width: int) -> Content:
    """Return text cut or padded to a width in cells."""
    return _padded(text.truncate(width, ellipsis=True), width)


def _flat(line: Content) -> Iterable[Content]:
    """Yield a line that holds line breaks or tabs as lines that hold none."""
    if "\t" in line.plain:
        line = line.expand_tabs(4)
    return line.split("\n", allow_blank=True) if "\n" in line.plain else (line,)


def _padded(text: Content, width: int) -> Content:
    return text + " " * max(0, width - text.cell_length)


def _narrow_first(body: Content, first: int, room: int) -> list[Content]:
    """Wrap `body` so that its first line is narrower than the others."""
    head = body.wrap(max(4, first))[0]
    start = len(head.plain)
    while start < len(body.plain) and body.plain[start].isspace():
        start += 1
    rest = body[start:]
    return [head, *(rest.wrap(room) if rest.plain else ())]


def _nothing(width: int) -> Sequence[Content]:
    return ()
