"""The Train screen: all runs of the project, what became of each, and the way to a new one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from drt_tui.errors import SettingsProblem
from drt_tui.keys import with_twin
from drt_tui.project.session import Session
from drt_tui.screens.train_notes import read_notes
from drt_tui.screens.train_steering import Steering
from drt_tui.training.saved import present_train_settings
from drt_tui.widgets.bars import KeyBar, StatusBar, TopBar
from drt_tui.widgets.prompt_line import PromptLine
from drt_tui.widgets.sheet import Sheet
from drt_tui.widgets.training_lines import Training, training_line, training_lines
from train.errors import RunProblem
from train.report import TrainReport, read_report
from train.run.folder import RunFolder
from train.run.observe import Run, observe_all
from train.settings import TrainSettings

SECONDS_BETWEEN_LOOKS = 2.0
HINTS = (
    ("n", "new"), ("enter", "watch"), ("r", "resume"), ("m", "notes"), ("d", "differ"), ("c", "compare"),
    ("D", "delete"), ("x", "stop"), ("a", "again, changed"), ("space", "mark"), ("pgdn", "more"),
    ("esc", "back"),
)  # fmt: skip
_LIVE = frozenset({"running", "created"})


class TrainScreen(Steering):
    """Lists the runs; opens on the one that is running, or on a new one where there is none yet."""

    CSS_PATH = "train.tcss"
    AUTO_FOCUS = "OptionList"
    BINDINGS = [
        Binding(with_twin("n"), "new", show=False),
        Binding(with_twin("a"), "again", show=False),
        Binding(with_twin("d"), "differences", show=False),
        Binding("space", "mark", show=False),
        Binding(with_twin("j"), "move(1)", show=False),
        Binding(with_twin("k"), "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("escape," + with_twin("q"), "leave", show=False),
    ]

    top = getters.query_one(TopBar)
    options = getters.query_one(OptionList)
    detail = getters.query_one("#detail", Sheet)
    scroll = getters.query_one("#scroll", VerticalScroll)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._trainings: dict[str, Training] = {}
        self._marked: list[str] = []
        self._is_new = True
        """Nothing was shown yet: where to go first is still to be decided."""

    def compose(self) -> ComposeResult:
        """Lay out the list above what is known of the run under the cursor."""
        yield TopBar()
        yield OptionList(markup=False)
        with VerticalScroll(id="scroll", can_focus=False):
            yield Sheet(id="detail")
        yield PromptLine()
        yield StatusBar("", built_in=False, id="status")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Look for runs, and again while one of them is running."""
        self.top.show_title("train", self._session.title)
        self.query_one(KeyBar).show_hints(HINTS)
        self.look_again()
        self.set_interval(SECONDS_BETWEEN_LOOKS, self._look_while_running)

    def on_screen_resume(self) -> None:
        """Look again after another screen was in front."""
        if not self._is_new:
            self.look_again()

    @property
    def chosen(self) -> Run | None:
        """The run under the cursor."""
        option = self.options.highlighted_option
        training = self._trainings.get(option.id or "") if option else None
        return training.run if training else None

    def focus_first(self) -> None:
        """The list has the keyboard."""
        self.options.focus()

    # looking

    def _look_while_running(self) -> None:
        if self.is_current and any(each.run.status in _LIVE for each in self._trainings.values()):
            self.look_again()

    def look_again(self) -> None:
        """Look at all runs, in a thread."""
        self._look()

    @work(group="runs", exclusive=True, exit_on_error=False, description="looking at the runs")
    async def _look(self) -> None:
        found = await asyncio.to_thread(read_trainings, self._session.folder.runs)
        self._trainings = {training.run.id: training for training in found}
        self._marked = [id for id in self._marked if id in self._trainings]
        self._list_again()
        if self._is_new:
            self._is_new = False
            self._go_on()

    def _go_on(self) -> None:
        """Attach to a run that is running; where there was never a run, prepare one."""
        live = next((each.run for each in self._trainings.values() if each.run.status in _LIVE), None)
        if live is not None:
            self._watch(live.folder)
        elif not self._trainings:
            self.action_new()

    def _list_again(self) -> None:
        options, chosen = self.options, self.options.highlighted_option
        width = max(20, self.size.width - 4)
        marked = set(self._marked)
        shown = [
            Option(training_line(training, is_marked=id in marked, width=width), id)
            for id, training in self._trainings.items()
        ]
        places = {option.id: place for place, option in enumerate(shown)}
        with self.prevent(OptionList.OptionHighlighted):
            options.clear_options().add_options(shown)
            options.highlighted = places.get(chosen.id if chosen else None, 0) if shown else None
        self._show_detail()

    def on_resize(self) -> None:
        """Fit the list to the width."""
        self._list_again()

    @on(OptionList.OptionHighlighted)
    def _show_detail(self) -> None:
        run = self.chosen
        if run is None:
            self.detail.show(lambda width: _nothing_yet(width))
        else:
            training = self._trainings[run.id]
            self.detail.show(lambda width: training_lines(training, width))

    # keys

    def action_new(self) -> None:
        """Prepare a run with the project's settings, as they are by now."""
        try:
            self._set_up(present_train_settings(self._session))
        except SettingsProblem as problem:
            self.status.tell(f"{problem.message} {problem.hint}", "$error")

    def action_again(self) -> None:
        """Prepare a run with the settings of this one, to change some."""
        run = self.chosen
        if run is not None and run.state is not None:
            self._set_up(run.state.settings)

    def _set_up(self, settings: TrainSettings) -> None:
        from drt_tui.screens.train_setup import SetupScreen

        self.app.push_screen(SetupScreen(self._session, settings), self._started)

    def _started(self, run: Run | None) -> None:
        if run is not None:
            self._watch(run.folder)

    @on(OptionList.OptionSelected)
    def _open(self) -> None:
        run = self.chosen
        if run is not None and run.state is not None:
            self._watch(run.folder)
        elif run is not None:
            self.status.tell(run.message, "$error")

    def _watch(self, folder: RunFolder) -> None:
        from drt_tui.screens.train_run import RunScreen

        self.app.push_screen(RunScreen(self._session, folder))

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away; the last two marks count."""
        run = self.chosen
        if run is None:
            return
        others = [id for id in self._marked if id != run.id]
        self._marked = others if run.id in self._marked else [*others, run.id][-2:]
        self._list_again()
        self.action_move(1)

    def action_differences(self) -> None:
        """Show what the marked runs differ in, or the one under the cursor and the one before it."""
        from drt_tui.screens.train_differences import DifferencesScreen

        pair = self._pair()
        if pair is None:
            self.status.tell("two runs are needed that can be read; space marks them", "$warning")
        else:
            self.app.push_screen(DifferencesScreen(*pair))

    def _pair(self) -> tuple[Run, Run] | None:
        runs = [each.run for each in self._trainings.values() if each.run.state is not None]
        marked = [run for run in runs if run.id in self._marked]
        if len(marked) < 2 and self.chosen in runs:
            at = runs.index(self.chosen)
            marked = [run for run in (marked or runs[at + 1 : at + 2]) if run is not self.chosen] + [
                self.chosen
            ]
        return (marked[0], marked[1]) if len(marked) == 2 else None

    def action_move(self, step: int) -> None:
        """Move the cursor by a line."""
        (self.options.action_cursor_down if step > 0 else self.options.action_cursor_up)()

    def action_page(self, pages: int) -> None:
        """Show more of what is known of the run under the cursor."""
        (self.scroll.scroll_page_down if pages > 0 else self.scroll.scroll_page_up)(animate=False)

    def action_leave(self) -> None:
        """Go back; what runs goes on."""
        self.dismiss(None)


def read_trainings(runs: Path) -> list[Training]:
    """Return all runs with their reports and notes, the newest first."""
    return [Training(run, _report(run), read_notes(run.folder)) for run in observe_all(runs)]


def _report(run: Run) -> TrainReport | None:
    if run.status not in {"done", "stopped"}:
        return None
    try:
        return read_report(run.folder)
    except RunProblem:
        return None


def _nothing_yet(width: int) -> list[Content]:
    return [
        Content.styled("No run yet.", "bold"),
        *Content.styled("n shows what would be trained, and starts it.", "$muted").wrap(width),
    ]
