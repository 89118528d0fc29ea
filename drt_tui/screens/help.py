"""All keys on one page."""

from __future__ import annotations

from itertools import groupby

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from drt_tui.keys import COMMANDS, Command, Keymap, jamo_twin
from drt_tui.widgets.sheet import Sheet, hang

_HEADINGS = {"decide": "Decide", "look": "Look", "change": "Change", "move": "Move", "app": "The app"}


class HelpScreen(ModalScreen[None]):
    """Lists the commands of the one table, by what they are for."""

    CSS_PATH = "help.tcss"
    BINDINGS = [Binding("escape,q,question_mark,ㅂ", "dismiss", "Close")]

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Show the page."""
        with VerticalScroll(id="page") as page:
            page.border_title = "keys"
            page.border_subtitle = "esc closes"
            sheet = Sheet()
            sheet.show(self._lines)
            yield sheet

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        for group, commands in groupby(COMMANDS, key=lambda command: command.group):
            lines.append(Content.styled(_HEADINGS[group], "bold $primary"))
            for command in commands:
                lines.extend(hang(self._keys(command), Content(command.help), width, indent=16))
            lines.append(Content())
        return lines[:-1]

    def _keys(self, command: Command) -> Content:
        key = self._keymap.shown(command)
        twin = jamo_twin(key) if len(key) == 1 else None
        others = " ".join(part for part in (twin, (command.control or "").replace("ctrl+", "^")) if part)
        return Content.assemble(("  " + key, "bold"), " ", (others, "$muted"))
