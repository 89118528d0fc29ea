"""All keys on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from drt_tui.keys import COMMANDS, Command, Keymap
from drt_tui.widgets.sheet import Sheet, hang

_HEADINGS = {"decide": "Decide", "look": "Look", "change": "Change", "move": "Move", "app": "The app"}


@dataclass(frozen=True, slots=True)
class HelpKey:
    """A key and what it does."""

    key: str
    help: str
    others: str = ""
    """Keys that do the same."""


Section = tuple[str, Sequence[HelpKey]]
"""A heading and its keys."""


class HelpScreen(ModalScreen[None]):
    """Lists a screen's keys, by what they are for."""

    CSS_PATH = "help.tcss"
    BINDINGS = [Binding("escape,q,question_mark,ㅂ", "dismiss", "Close")]

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections

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
        for heading, keys in self._sections:
            lines.append(Content.styled(heading, "bold $primary"))
            for each in keys:
                shown = Content.assemble(("  " + each.key, "bold"), " ", (each.others, "$muted"))
                lines.extend(hang(shown, Content(each.help), width, indent=16))
            lines.append(Content())
        return lines[:-1]


def review_help(keymap: Keymap) -> list[Section]:
    """Return the commands of the review screen's table, with a project's own keys."""
    return [
        (_HEADINGS[group], [_told(command, keymap) for command in commands])
        for group, commands in groupby(COMMANDS, key=lambda command: command.group)
    ]


def _told(command: Command, keymap: Keymap) -> HelpKey:
    control = (command.control or "").replace("ctrl+", "^")
    others = " ".join(part for part in (keymap.twin(command), control) if part)
    return HelpKey(keymap.shown(command), command.help, others)
