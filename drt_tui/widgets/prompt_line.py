"""One question at the bottom of the screen, answered with a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from data.text import show_controls
from drt_tui.widgets.text_input import TextInput, typed


class PromptLine(Horizontal):
    """Asks for a line of text; the last question is the one that is answered."""

    BINDINGS = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("ctrl+s", "submit", "Submit", show=False),
        Binding("tab", "next_choice", "Next choice", show=False),
    ]

    @dataclass
    class Answered(Message):
        """A line was typed; it may be empty."""

        text: str

    class Cancelled(Message):
        """The question was left."""

    question = getters.query_one("#question", Static)
    field = getters.query_one("#answer", TextInput)

    _asked = ""
    _choices: Sequence[str] = ()
    _chosen = 0

    def compose(self) -> ComposeResult:
        """Lay out the question and its field."""
        yield Static("", id="question", markup=False)
        yield TextInput(id="answer", compact=True, select_on_focus=False)

    @property
    def is_open(self) -> bool:
        """Whether a question stands there."""
        return bool(self.display)

    @property
    def choice(self) -> str:
        """What tab chose last; the first of the choices before that, empty where there are none."""
        return self._choices[self._chosen] if self._choices else ""

    def ask(self, question: str, *, value: str = "", hint: str = "", choices: Sequence[str] = ()) -> None:
        """Ask a question and take the keyboard; tab goes through the choices, the question ends with one."""
        self._asked, self._choices, self._chosen = question, choices, 0
        self._show_question()
        self.field.value = show_controls(value)
        self.field.placeholder = hint
        self.field.cursor_position = len(self.field.value)
        self.display = True
        self.screen.set_focus(self.field)

    def dismiss(self) -> None:
        """Give the keyboard back."""
        self.display = False

    def _show_question(self) -> None:
        self.question.update(f"{self._asked} {self.choice}:" if self._choices else self._asked)

    def action_next_choice(self) -> None:
        """Choose the next, after the last the first."""
        if self._choices:
            self._chosen = (self._chosen + 1) % len(self._choices)
            self._show_question()

    def action_cancel(self) -> None:
        """Leave the question."""
        self.post_message(self.Cancelled())

    def action_submit(self) -> None:
        """Answer with what is typed."""
        self.post_message(self.Answered(typed(self.field.value)))

    @on(Input.Submitted)
    def _answer(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()
