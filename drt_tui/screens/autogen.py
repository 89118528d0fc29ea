"""The Autogen screen: how a run goes on, the keys that steer it, and the way to what came of it."""

from __future__ import annotations

import re

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from data.records import Status
from drt_tui.keys import with_twin
from drt_tui.project.session import Session
from drt_tui.review.queue import counts_for_people
from drt_tui.running.background import BackgroundRun, Outcome, RunView
from drt_tui.running.preparing import GenerationPlan
from drt_tui.widgets.bars import KeyBar, StatusBar, TopBar
from drt_tui.widgets.prompt_line import PromptLine
from drt_tui.widgets.run_lines import run_lines
from drt_tui.widgets.sheet import Sheet, plain

POLLS_A_SECOND = 4
HINTS = (
    ("s", "start"), ("p", "pause"), ("+ -", "ceiling"), ("x", "stop"), ("enter", "review"), ("esc", "back"),
)  # fmt: skip
_MOST_SHOWN = 400
"""Characters of a text that are shown in the list."""


class AutogenScreen(Screen[str | None]):
    """Shows a run, which goes on without it; returns the sentence that is to be reviewed."""

    CSS_PATH = "autogen.tcss"
    AUTO_FOCUS = "OptionList"
    BINDINGS = [
        Binding(with_twin("s"), "start", show=False),
        Binding(with_twin("p"), "pause", show=False),
        Binding(with_twin("x"), "stop", show=False),
        Binding("plus,equals_sign", "ceiling(1)", show=False),
        Binding("minus", "ceiling(-1)", show=False),
        Binding(with_twin("j"), "move(1)", show=False),
        Binding(with_twin("k"), "move(-1)", show=False),
        Binding("escape," + with_twin("q"), "leave", show=False),
    ]

    top = getters.query_one(TopBar)
    figures = getters.query_one("#figures", Sheet)
    outcomes = getters.query_one(OptionList)
    prompt = getters.query_one(PromptLine)
    status = getters.query_one(StatusBar)

    def __init__(self, session: Session, run: BackgroundRun) -> None:
        super().__init__()
        self._session = session
        self._run = run
        self._listed = -1
        """The version of the run that the list shows."""
        self._shown: RunView | None = None

    def compose(self) -> ComposeResult:
        """Lay out figures and list between the bars."""
        yield TopBar()
        yield Sheet(id="figures")
        yield OptionList(markup=False)
        yield PromptLine()
        yield StatusBar(self._session.model_label, built_in=self._session.built_in, id="status")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Look at the run again and again."""
        self.top.show_title("autogen", self._session.title)
        self.outcomes.border_title = "newest, and what failed"
        self.query_one(KeyBar).show_hints(HINTS)
        self._look()
        self.set_interval(1 / POLLS_A_SECOND, self._look)

    # painting

    def _look(self) -> None:
        view = self._run.view()
        if view != self._shown:
            self._shown = view
            if view.state == "idle":
                self.figures.show(lambda width: self._idle_lines())
            else:
                self.figures.show(lambda width: run_lines(view, width))
        if self._run.version != self._listed:
            self._listed = self._run.version
            self._list_again()

    def _idle_lines(self) -> list[Content]:
        count = self._left()
        return [
            Content.styled(f"{count:,} sentences have no candidate.", "bold"),
            Content.styled("s generates them, or as many as you say; you can review meanwhile.", "$muted"),
        ]

    def _left(self) -> int:
        counts = counts_for_people(self._session.dataset)
        return counts[Status.NEW] + counts[Status.FAILED]

    def _list_again(self) -> None:
        """List what there is now; the cursor stays on its sentence."""
        options, chosen = self.outcomes, self.outcomes.highlighted_option
        newest = self._run.newest
        shown = [Option(_outcome_line(newest), _NEWEST)] if newest is not None else []
        failures = reversed(self._run.failures.values())
        shown += [Option(_outcome_line(failure), failure.sentence) for failure in failures]
        options.clear_options().add_options(shown)
        places = {option.id: place for place, option in enumerate(shown)}
        if shown:
            options.highlighted = places.get(chosen.id if chosen else None, 0)

    # keys

    def action_start(self) -> None:
        """Ask how many sentences, and for how much."""
        if not self._run.is_over:
            self.status.tell("a run is under way; x stops it", "$warning")
            return
        self.prompt.ask("generate", hint=f"100 $5: so many, for so much   enter: all {self._left():,}")

    @on(PromptLine.Answered)
    def _answered(self, event: PromptLine.Answered) -> None:
        self._leave_prompt()
        try:
            limit, budget = read_amounts(event.text)
        except ValueError as error:
            self.status.tell(str(error), "$error")
            return
        self.status.tell("")
        self._run.start(GenerationPlan(limit, budget_usd=budget))
        self._look()

    @on(PromptLine.Cancelled)
    def _leave_prompt(self) -> None:
        self.prompt.dismiss()
        self.outcomes.focus()

    def action_pause(self) -> None:
        """Make no new call, or go on."""
        self._run.pause()
        self._look()

    def action_ceiling(self, step: int) -> None:
        """Allow more or fewer calls in flight: by one, above eight by an eighth."""
        view = self._run.view()
        if view.most:
            self._run.allow(step * max(1, view.most // 8))
            self._look()

    def action_stop(self) -> None:
        """Finish the calls in flight; once more, end at once."""
        if self._run.is_over:
            self.status.tell("nothing runs")
        self._run.stop()
        self._look()

    def action_move(self, step: int) -> None:
        """Move the cursor by a line."""
        (self.outcomes.action_cursor_down if step > 0 else self.outcomes.action_cursor_up)()

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        newest = self._run.newest
        if newest is not None and event.option.id == _NEWEST:
            self.dismiss(newest.sentence)
        else:
            self.dismiss(event.option.id)

    def action_leave(self) -> None:
        """Go back to review; the run goes on."""
        self.dismiss(None)


_NEWEST = "newest"
"""The option that always shows the last candidate."""


def read_amounts(text: str) -> tuple[int | None, float | None]:
    """Return a limit and a budget in US dollars, each `None` where it is left out: `100 $5`, `100`, `$5`.

    Raises:
        ValueError: the text says something else.
    """
    match = re.fullmatch(r"\s*(?P<limit>[\d,]+)?\s*(?:\$\s*(?P<budget>\d+(?:\.\d+)?))?\s*", text)
    limit = int(match["limit"].replace(",", "") or 0) if match and match["limit"] else None
    if match is None or limit == 0:
        raise ValueError(f"{text.strip()!r} is not understood; e.g. 100, or 100 $5, or $5")
    return limit, float(match["budget"]) if match["budget"] else None


def _outcome_line(outcome: Outcome) -> Content:
    """Return two lines: what it is and of which source, and below the output or the reason."""
    if not outcome.failed_at:
        label = Content.styled("newest", "$success")
    elif outcome.is_to_be_tried_again:
        label = Content.styled(f"failed once at {outcome.failed_at}", "$warning")
    else:
        label = Content.styled(f"failed at {outcome.failed_at}", "$error")
    head = label + "  " + plain(_short(outcome.source))
    return head + "\n  " + plain(_short(outcome.text), "$muted")


def _short(text: str) -> str:
    return text[:_MOST_SHOWN].replace("\n", " ").replace("\t", " ")
