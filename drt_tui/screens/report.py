"""The Dataset report: whether the set is skewed, whether refining pays, what people change, what it costs."""

from __future__ import annotations

from contextlib import suppress

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.worker import Worker, WorkerState, get_current_worker

from data.stats.statistics import Statistics
from data.store import Dataset, ProjectFolder
from drt_tui.keys import with_twin
from drt_tui.narration import now_and_then
from drt_tui.widgets.bars import KeyBar, TopBar
from drt_tui.widgets.report_lines import report_lines
from drt_tui.widgets.sheet import Sheet

HINTS = (("up down", "scroll"), ("r", "count again"), ("w", "save as a page"), ("esc", "back"))
PAGE = "report.html"


class ReportScreen(Screen[None]):
    """Shows the statistics of a project, counted behind the screen."""

    CSS_PATH = "report.tcss"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS = [
        Binding("escape," + with_twin("q", "S"), "leave", show=False),
        Binding(with_twin("r"), "count", show=False),
        Binding(with_twin("w"), "save", show=False),
        Binding(with_twin("j"), "scroll(1)", show=False),
        Binding(with_twin("k"), "scroll(-1)", show=False),
    ]

    top = getters.query_one(TopBar)
    body = getters.query_one(VerticalScroll)
    report = getters.query_one("#report", Sheet)

    def __init__(self, folder: ProjectFolder, title: str) -> None:
        super().__init__()
        self._folder = folder
        self._title = title
        self.statistics: Statistics | None = None
        """What is on view; `None` while it is counted for the first time."""

    def compose(self) -> ComposeResult:
        """Lay out the report between the bars."""
        yield TopBar()
        with VerticalScroll():
            yield Sheet(id="report")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Begin to count."""
        self.query_one(KeyBar).show_hints(HINTS)
        self.action_count()

    def action_count(self) -> None:
        """Count anew: people and runs go on meanwhile."""
        self._tell("counting …")
        self._count()

    def action_save(self) -> None:
        """Write the report as a page that opens without a network."""
        from drt_tui.errors import TuiError
        from drt_tui.project.summary import write_page

        if self.statistics is None:
            return
        path = self._folder.exports / PAGE
        try:
            path.parent.mkdir(exist_ok=True)
            write_page(path, self.statistics, title=self._title)
        except (OSError, TuiError) as error:
            self.notify(str(error), title="not saved", severity="error", timeout=20, markup=False)
        else:
            self._tell(f"saved as {path}")

    def action_scroll(self, lines: int) -> None:
        """Scroll by a line."""
        self.body.scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    @work(
        thread=True, group="report", exclusive=True, exit_on_error=False, description="counting the dataset"
    )
    def _count(self) -> Statistics:
        from drt_tui.project.summary import project_statistics

        worker = get_current_worker()
        told = now_and_then(
            lambda done, of: f"counting … {done:,} of {of:,} sentences", self._tell_from_there
        )

        def progress(done: int, of: int) -> None:
            if worker.is_cancelled:
                raise _LeftError
            told(done, of)

        # A dataset of its own: the one of the other screens is read and changed meanwhile.
        with Dataset.open(self._folder, read_only=True) as dataset:
            return project_statistics(dataset, progress=progress)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show what was counted, or why it could not be."""
        if event.state is WorkerState.SUCCESS and isinstance(event.worker.result, Statistics):
            statistics = self.statistics = event.worker.result
            self._tell("")
            self.report.show(lambda width: report_lines(statistics, width))
        elif event.state is WorkerState.ERROR and not isinstance(event.worker.error, _LeftError):
            self._tell("")
            self.notify(str(event.worker.error), title="report", severity="error", timeout=20, markup=False)

    def _tell_from_there(self, line: str) -> None:
        with suppress(RuntimeError):  # the app has ended meanwhile
            self.app.call_from_thread(self._tell, line)

    def _tell(self, line: str) -> None:
        self.top.show_title("report", f"{self._title}   {line}" if line else self._title)
        if self.statistics is None and line:
            self.report.show(lambda width: [Content.styled(line, "$muted")])


class _LeftError(Exception):
    """The screen was left before all was counted."""
