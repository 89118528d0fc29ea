"""Why a candidate is rejected: one key."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from textual import events
from textual.content import Content
from textual.message import Message

from data.reasons import BY_DIGIT, REASONS, Reason
from drt_tui.widgets.sheet import Sheet, hang


class ReasonLine(Sheet, can_focus=True):
    """Has the keyboard from `x` until a digit, enter or escape; other keys do nothing meanwhile."""

    @dataclass
    class Chosen(Message):
        """A reason, or `None` for a rejection without one."""

        reason: Reason | None

    class Cancelled(Message):
        """Nothing is rejected."""

    def ask(self) -> None:
        """Take the keyboard."""
        self.show(_lines)
        self.display = True
        self.screen.set_focus(self)

    def dismiss(self) -> None:
        """Give the keyboard back."""
        self.display = False

    def on_key(self, event: events.Key) -> None:
        """Take every key that means something here, and keep the others from deciding anything."""
        if event.key.startswith("ctrl+"):
            return
        event.stop()
        if event.key == "escape":
            self.post_message(self.Cancelled())
        elif event.key == "enter":
            self.post_message(self.Chosen(None))
        elif event.character in BY_DIGIT:
            self.post_message(self.Chosen(BY_DIGIT[event.character]))


def _lines(width: int) -> list[Content]:
    lines: list[Content] = []
    for concern, reasons in groupby(REASONS, key=lambda reason: reason.concerns):
        choices = [_choice(reason.digit, reason.text) for reason in reasons]
        if concern == "other":
            choices += [_choice("enter", "no reason"), _choice("esc", "do not reject")]
        label = Content.styled("reject: " + concern if not lines else f"        {concern}", "$muted")
        lines.extend(hang(label, Content("   ").join(choices), width, indent=16))
    return lines


def _choice(key: str, text: str) -> Content:
    return Content.assemble((key, "bold $primary"), " ", text)
