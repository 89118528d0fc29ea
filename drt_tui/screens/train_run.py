"""One run as it goes on: its figures, its loss, what the doctor says, and what the model answers by now."""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from typing import TYPE_CHECKING

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content

from data.format import Format
from drt_tui.keys import with_twin
from drt_tui.project.session import Session
from drt_tui.screens.train_steering import Steering
from drt_tui.training.setting_out import training_format
from drt_tui.training.watched import Watched
from drt_tui.training.words import clock
from drt_tui.widgets.bars import KeyBar, StatusBar, TopBar
from drt_tui.widgets.check_lines import brief_check_lines
from drt_tui.widgets.prompt_line import PromptLine
from drt_tui.widgets.sheet import Sheet, plain
from drt_tui.widgets.watched_lines import answer_lines, progress_lines, result_lines
from train.errors import RunProblem
from train.prepare import Preflight
from train.report import TrainReport, read_preflight, read_report
from train.run.events import AnyEvent, EventTail
from train.run.folder import RunFolder
from train.run.heartbeat import Beat, last_beat
from train.run.observe import Run, observe

if TYPE_CHECKING:
    from drt_tui.widgets.loss_plot import LossPlot

SECONDS_BETWEEN_LOOKS = 0.25
SILENCE_SECONDS = 60.0
"""A worker says every two seconds that it lives; after so long it is stuck."""
MOST_AT_ONCE = 2_000
"""Events taken in before the screen may do something else."""
HINTS = (
    ("x", "stop"), ("r", "resume"), ("tab", "answers"), ("j k", "scroll"), ("m", "notes"), ("c", "compare"),
    ("K", "kill"), ("D", "delete"), ("esc", "back"),
)  # fmt: skip
WIDE = 120
"""Width from which answers stand beside the plot."""


class RunScreen(Steering):
    """Follows a run by its files: it may be watched from several places, or from none."""

    CSS_PATH = "train_run.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = [
        Binding("down," + with_twin("j"), "scroll(2)", show=False),
        Binding("up," + with_twin("k"), "scroll(-2)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("tab", "turn", show=False, priority=True),
        Binding("escape," + with_twin("q"), "leave", show=False),
    ]

    top = getters.query_one(TopBar)
    result = getters.query_one("#result", Sheet)
    figures = getters.query_one("#figures", Sheet)
    frame = getters.query_one("#plot", Container)
    checks = getters.query_one("#checks", Sheet)
    answers = getters.query_one("#answers", Sheet)
    scroll = getters.query_one("#scroll", VerticalScroll)

    def __init__(self, session: Session, folder: RunFolder) -> None:
        super().__init__()
        self._session = session
        self._folder = folder
        self._format: Format = training_format(session.settings)
        self._watched = Watched()
        self._tail = EventTail(folder.events)
        self._run: Run | None = None
        self._report: TrainReport | None = None
        self._before: Preflight | None = None
        """What was known before the start."""
        self._plot: LossPlot | None = None
        self._is_stopping = False
        """Somebody asked it to stop, and it has not yet."""
        self._shown = -1
        """The version of what is watched that is on screen."""

    def compose(self) -> ComposeResult:
        """Lay out what goes on above, or beside, what the model answers."""
        yield TopBar()
        yield Sheet(id="result")
        yield Sheet(id="figures")
        with Container(id="parts"):
            yield Container(id="plot")
            with VerticalScroll(id="scroll", can_focus=False) as scroll:
                scroll.border_title = "checks, and answers to held-out rows"
                yield Sheet(id="checks")
                yield Sheet(id="answers")
        yield PromptLine()
        yield StatusBar("", built_in=False, id="status")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Begin to follow."""
        self.top.show_title(f"train  {self._folder.id}", self._session.title)
        self.frame.border_title = "loss"
        self.query_one(KeyBar).show_hints(HINTS)
        self._load_plot()
        self.look_again()

    @property
    def chosen(self) -> Run | None:
        """The run on view."""
        return self._run

    def run_deleted(self) -> None:
        """There is nothing to look at any more."""
        self.dismiss(None)

    # following

    def look_again(self) -> None:
        """Follow the run from where it was left, until it has ended."""
        self._follow()

    @work(group="following", exclusive=True, exit_on_error=False, description="following a run")
    async def _follow(self) -> None:
        try:
            while True:
                run, events, beat, self._is_stopping = await asyncio.to_thread(self._look)
                await self._take(events)
                if beat is not None and run.state is not None and run.state.plan.device == "cpu":
                    self._watched.hold(beat.used)
                if self._run is None:
                    self._before = await asyncio.to_thread(read_preflight, self._folder)
                is_over = run.status not in {"running", "created"}
                if is_over:
                    self._watched.close()
                    self._report = await asyncio.to_thread(_report, run)
                self._show(run)
                if is_over:
                    return
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        except RunProblem as problem:
            said = plain(f"{problem.message} {problem.hint}", "$error")
            self.result.show(said.wrap)

    async def _take(self, events: list[AnyEvent]) -> None:
        """Take in what was said; of a long run a part at a time, so that keys are heard in between."""
        for at in range(0, len(events), MOST_AT_ONCE):
            self._watched.take(events[at : at + MOST_AT_ONCE])
            await asyncio.sleep(0)

    def _look(self) -> tuple[Run, list[AnyEvent], Beat | None, bool]:
        """Look at the process first: what it said before it ended is then read as well."""
        run = observe(self._folder)
        is_running = run.status == "running"
        beat = last_beat(self._folder.heartbeat) if is_running else None
        return run, self._tail.read(), beat, is_running and self._folder.stop.exists()

    @work(group="plot", exit_on_error=False, description="loading the plot")
    async def _load_plot(self) -> None:
        """Load what draws, and draw what is known by then."""
        module = await asyncio.to_thread(import_module, "drt_tui.widgets.loss_plot")
        plot: LossPlot = module.LossPlot()
        await self.frame.mount(plot)
        self._plot = plot
        plot.show(self._watched.losses, self._watched.held_out)

    # painting

    def _show(self, run: Run) -> None:
        watched, is_new = self._watched, self._shown != self._watched.version
        if run != self._run or is_new or run.status == "running":
            self._show_result(run)
        if run != self._run and run.state is not None:
            self._format = run.state.format
        self._run = run
        if not is_new:
            return
        self._shown = watched.version
        memory = self._before.memory if self._before is not None else None
        self.figures.show(lambda width: progress_lines(watched, memory, width))
        self.checks.show(lambda width: self._check_lines(width))
        self.answers.show(lambda width: answer_lines(watched, self._format, self._source_of, width))
        if self._plot is not None:
            self._plot.show(watched.losses, watched.held_out)

    def _show_result(self, run: Run) -> None:
        silence, is_stopping = _silence(run), self._is_stopping

        def build(width: int) -> list[Content]:
            lines = result_lines(run, self._report, self._watched, width)
            if is_stopping:
                lines.append(Content.styled("It stops after the step that is under way.", "$warning"))
            if silence is not None:
                said = f"It has given no sign of life for {clock(silence)}; K ends it."
                lines += plain(said, "$warning").wrap(width)
            return lines

        self.result.show(build)

    def _check_lines(self, width: int) -> list[Content]:
        warnings = [
            line for text in self._watched.warnings for line in plain(f"! {text}", "$warning").wrap(width)
        ]
        before = self._before.checks if self._before is not None else ()
        return [*warnings, *brief_check_lines((*before, *self._watched.checks), width)]

    def _source_of(self, sentence: str) -> str:
        dataset = self._session.dataset
        return dataset.sentence(sentence).source if sentence in dataset else sentence

    # keys

    def action_scroll(self, lines: int) -> None:
        """Scroll the answers."""
        self.scroll.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll the answers by pages."""
        (self.scroll.scroll_page_down if pages > 0 else self.scroll.scroll_page_up)(animate=False)

    def action_turn(self) -> None:
        """Give the answers all the room, or give it back: where there is little, the plot takes most."""
        if not self.prompt.is_open:
            self.toggle_class("-reading")

    def action_leave(self) -> None:
        """Go back; the run goes on."""
        self.dismiss(None)


def _report(run: Run) -> TrainReport | None:
    if run.status != "done":
        return None
    try:
        return read_report(run.folder)
    except RunProblem:
        return None


def _silence(run: Run) -> float | None:
    """Return for how many seconds a running worker has given no sign of life, where that is too long."""
    beat = last_beat(run.folder.heartbeat) if run.status == "running" else None
    seconds = time.time() - beat.at if beat is not None else 0.0
    return seconds if seconds > SILENCE_SECONDS else None
