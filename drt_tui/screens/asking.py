"""A screen that asks for a line of text at its bottom."""

from __future__ import annotations

from collections.abc import Callable

from textual import getters, on
from textual.screen import ScreenResultType

from drt_tui.screens.calm import CalmScreen
from drt_tui.widgets.bars import KeyBar
from drt_tui.widgets.prompt_line import PromptLine


class Asking(CalmScreen[ScreenResultType]):
    """The line of the keys is lent to the question, so that nothing else moves; they mean nothing meanwhile."""

    prompt = getters.query_one(PromptLine)
    keybar = getters.query_one(KeyBar)

    answer: Callable[[str], object] | None = None
    """What to do with the line that is asked for; `None` for one that is of use while it is typed."""

    def ask(
        self, question: str, answer: Callable[[str], object] | None, *, value: str = "", hint: str = ""
    ) -> None:
        """Ask for a line."""
        self.answer = answer
        self.keybar.display = False
        self.prompt.ask(question, value=value, hint=hint)

    @on(PromptLine.Answered)
    def _answered(self, event: PromptLine.Answered) -> None:
        answer = self.answer
        self._leave_prompt()
        if answer is not None:
            answer(event.text)

    @on(PromptLine.Cancelled)
    def _leave_prompt(self) -> None:
        self.prompt.dismiss()
        self.keybar.display = True
        self.focus_first()

    def focus_first(self) -> None:
        """Put the focus where it belongs while nothing is asked."""
        self.set_focus(None)
