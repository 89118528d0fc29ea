"""A column of the compare screen: a frame with a name, and an answer that scrolls within it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from data.text import show_controls
from drt_tui.comparing.comparison import Column
from drt_tui.widgets.column_lines import Look, column_lines
from drt_tui.widgets.sheet import Sheet


class ColumnPane(VerticalScroll, can_focus=False):
    """Shows one answer; paints only what changed since the last time."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = Sheet()
        self._shown: tuple[object, ...] = ()
        self._title = ""

    def compose(self) -> ComposeResult:
        """Lay out the answer."""
        yield self.sheet

    def show(self, column: Column, title: str, look: Look) -> bool:
        """Show a column, and return whether anything had to be painted."""
        wanted = (column.version, title, look)
        if wanted == self._shown:
            return False
        self._shown = wanted
        self._entitle(title)
        if column.is_busy:
            self.sheet.show(lambda width: self._end_of(column_lines(column, look, width)))
        else:
            self.sheet.show(lambda width: column_lines(column, look, width))
        return True

    def _end_of(self, lines: list[Content]) -> list[Content]:
        """Return the page that holds the last line, always as many lines: what grows moves nothing else.

        A full page is turned by half, so that between two turns only the last lines change.
        """
        room = max(4, self.size.height)
        half = room // 2
        start = max(0, -(-(len(lines) - room) // half) * half)
        page = lines[start : start + room]
        return [*page, *([Content()] * (room - len(page)))]

    def show_note(self, title: str, note: str) -> None:
        """Show words in place of an answer."""
        if (title, note) == self._shown:
            return
        self._shown = (title, note)
        self._entitle(title)
        self.sheet.show(lambda width: [Content.styled(note, "$faint")])

    def _entitle(self, title: str) -> None:
        """Name the frame; only a new name has it painted anew."""
        if title != self._title:
            self._title = title
            self.border_title = Content(show_controls(title))
