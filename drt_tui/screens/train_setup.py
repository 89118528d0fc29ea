"""A run before it is started: its settings with their reasons, and exactly what would be trained."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from data.errors import DataError
from data.records import Status
from drt_tui.errors import SettingsProblem
from drt_tui.keys import with_twin
from drt_tui.project.holding_out import settled
from drt_tui.project.session import Session
from drt_tui.training.form import GROUPS, changed, choices_of, default_of, next_choice, written
from drt_tui.training.saved import save_train_settings
from drt_tui.training.setting_out import TrainingOrder, prepare, start
from drt_tui.widgets.bars import KeyBar, StatusBar, TopBar
from drt_tui.widgets.preflight_lines import Examined, preflight_lines, row_lines
from drt_tui.widgets.prompt_line import PromptLine
from drt_tui.widgets.setting_lines import reason_lines, setting_line
from drt_tui.widgets.sheet import Sheet, plain
from train.errors import TrainError
from train.run.observe import Run
from train.settings import TrainSettings

HINTS = (
    ("s", "start"), ("enter", "change"), ("tab", "report"), ("^s", "save"), ("[ ]", "rows"),
    ("backspace", "default"), ("p", "look again"), ("esc", "back"),
)  # fmt: skip
WIDE = 120
"""Width from which the report stands beside the form."""


@dataclass(frozen=True, slots=True)
class _Unfit:
    """Why nothing can be trained as asked, and what to do."""

    message: str
    hint: str


class _Cancelled(Exception):
    """The settings have changed while their preflight was under way."""


class SetupScreen(Screen[Run | None]):
    """Changes settings, looks at what they come to, and returns the run that was started."""

    CSS_PATH = "train_setup.tcss"
    AUTO_FOCUS = "#form"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = [
        Binding(with_twin("s"), "start", show=False),
        Binding(with_twin("p"), "preflight", show=False),
        Binding("tab", "turn", show=False, priority=True),
        Binding("left_square_bracket", "row(-1)", show=False),
        Binding("right_square_bracket", "row(1)", show=False),
        Binding("backspace", "default", show=False),
        Binding("ctrl+s", "save", show=False),
        Binding(with_twin("j"), "move(1)", show=False),
        Binding(with_twin("k"), "move(-1)", show=False),
        Binding("escape," + with_twin("q"), "leave", show=False),
    ]

    @dataclass
    class Progressed(Message):
        """How far a preflight is."""

        text: str

    top = getters.query_one(TopBar)
    form = getters.query_one("#form", OptionList)
    reason = getters.query_one("#reason", Sheet)
    report = getters.query_one("#report", Sheet)
    row = getters.query_one("#row", Sheet)
    scroll = getters.query_one("#scroll", VerticalScroll)
    prompt = getters.query_one(PromptLine)
    status = getters.query_one(StatusBar)

    def __init__(self, session: Session, settings: TrainSettings) -> None:
        super().__init__()
        self._session = session
        self._settings = settings
        self._found: Examined | _Unfit | None = None
        """What the preflight of the present settings found; `None` while it is under way."""
        self._place = 0
        """Of the row that is written out."""
        self._is_starting = False

    def compose(self) -> ComposeResult:
        """Lay out form and report, beside each other where there is room."""
        yield TopBar()
        with Container(id="parts"):
            with Vertical(id="left"):
                yield OptionList(id="form", markup=False)
                yield Sheet(id="reason")
            with VerticalScroll(id="scroll") as scroll:
                scroll.border_title = "what would be trained"
                yield Sheet(id="report")
                yield Sheet(id="row")
        yield PromptLine()
        yield StatusBar("", built_in=False, id="status")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Show the settings, and begin to look at what they come to."""
        counts = self._session.dataset.counts()
        told = " · ".join(
            f"{counts[status]:,} {status.value}" for status in (Status.ACCEPTED, Status.EDITED, Status.AUTO)
        )
        self.top.show_title("train  new run", f"{self._session.title}: {told}")
        self.query_one(KeyBar).show_hints(HINTS)
        self._show_form()
        self.action_preflight()

    # the form

    @property
    def _setting(self) -> str | None:
        option = self.form.highlighted_option
        return option.id if option is not None else None

    def _show_form(self) -> None:
        form, chosen = self.form, self._setting
        width = max(20, form.scrollable_content_region.width or self.size.width - 4)
        plan = self._found.prepared.report.plan if isinstance(self._found, Examined) else None
        shown: list[Option] = []
        for group, names in GROUPS.items():
            shown.append(Option(Content.styled(group, "bold $primary"), disabled=True))
            shown += [Option(setting_line(self._settings, name, plan, width), name) for name in names]
        places = {option.id: place for place, option in enumerate(shown) if option.id}
        with self.prevent(OptionList.OptionHighlighted):
            form.clear_options().add_options(shown)
            form.highlighted = places[chosen] if chosen else 1
        self._show_reason()

    def on_resize(self) -> None:
        """Fit the form to the width."""
        self.call_after_refresh(self._show_form)

    @on(OptionList.OptionHighlighted)
    def _show_reason(self) -> None:
        name, settings = self._setting, self._settings
        if name is not None:
            self.reason.show(lambda width: reason_lines(settings, name, width))

    @on(OptionList.OptionSelected)
    def _change(self, event: OptionList.OptionSelected) -> None:
        """Take the next of a few choices, or ask for a value."""
        name = event.option.id or ""
        if choices_of(name):
            self._take(next_choice(self._settings, name))
        else:
            value = written(getattr(self._settings, name))
            self.prompt.ask(name, value=value, hint=f"nothing: {written(default_of(name))}")

    @on(PromptLine.Answered)
    def _answered(self, event: PromptLine.Answered) -> None:
        name = self._setting
        try:
            settings = changed(self._settings, name, event.text) if name else self._settings
        except ValueError as error:
            self.status.tell(str(error), "$error")
            return
        self._leave_prompt()
        self._take(settings)

    @on(PromptLine.Cancelled)
    def _leave_prompt(self) -> None:
        self.status.tell("")
        self.prompt.dismiss()
        self.form.focus()

    def action_default(self) -> None:
        """Give the setting its default again."""
        if self._setting is not None:
            self._take(changed(self._settings, self._setting, ""))

    def _take(self, settings: TrainSettings) -> None:
        if settings != self._settings:
            self._settings = settings
            self.action_preflight()

    def action_save(self) -> None:
        """Keep all values as the project's own, for the next runs."""
        path = self._session.folder.settings
        try:
            names = save_train_settings(path, self._settings)
        except SettingsProblem as problem:
            self.status.tell(f"not saved: {problem.message} {problem.hint}", "$error")
            return
        said = f"saved in {path.name}: {', '.join(names)}" if names else f"{path.name} says so already"
        self.status.tell(said, "$success")

    # the preflight

    def action_preflight(self) -> None:
        """Look at what would be trained; a look that is under way is given up."""
        self._found = None
        self._place = 0
        self._show_form()
        self.status.tell("looking at what would be trained …")
        self._say("reading the rows …")
        self._look()

    @work(
        group="preflight", exclusive=True, exit_on_error=False, description="looking at what would be trained"
    )
    async def _look(self) -> None:
        given_up = threading.Event()

        def rendered(done: int, total: int) -> None:
            if given_up.is_set():
                raise _Cancelled
            self.post_message(self.Progressed(f"rendered and masked {done:,} of {total:,} rows …"))

        try:
            await settled(self._session, lambda text: self.post_message(self.Progressed(text)))
            self._found = await asyncio.to_thread(self._examined, self._settings, rendered)
        except (TrainError, DataError) as error:
            self._found = _Unfit(error.message, error.hint)
        except asyncio.CancelledError:
            given_up.set()
            raise
        self._show_form()
        self._show_report()
        self._tell_verdict()

    def _tell_verdict(self) -> None:
        """Say in a line what the report says in full: where there is little room, it is not on view."""
        found = self._found
        if isinstance(found, _Unfit):
            self.status.tell(f"✗ {found.message}", "$error")
        elif isinstance(found, Examined):
            report = found.prepared.report
            rows = f"{report.rows:,} rows to train, {report.valid_rows:,} held out"
            if report.ok:
                self.status.tell(f"✓ {rows}; s starts", "$success")
            else:
                self.status.tell(f"✗ {rows}; a check failed, tab shows which", "$error")

    def _examined(self, settings: TrainSettings, progressed: Callable[[int, int], None]) -> Examined:
        session = self._session
        return Examined.of(prepare(session.dataset, session.settings, TrainingOrder(settings), progressed))

    @on(Progressed)
    def _tell_progress(self, event: Progressed) -> None:
        if self._found is None:
            self._say(event.text)

    def _say(self, text: str) -> None:
        self.row.show(lambda width: [])
        self.report.show(lambda width: [Content.styled(text, "$muted")])

    def _show_report(self) -> None:
        found = self._found
        if isinstance(found, Examined):
            self.report.show(preflight_lines(found, self._source_of))
            self._show_row(found)
        elif isinstance(found, _Unfit):
            self.report.show(
                lambda width: [
                    *plain(f"✗ {found.message}", "bold $error").wrap(width),
                    *plain(found.hint, "$muted").wrap(width),
                ]
            )

    def _source_of(self, sentence: str) -> str:
        dataset = self._session.dataset
        return dataset.sentence(sentence).source if sentence in dataset else sentence

    def action_row(self, step: int) -> None:
        """Write out the next row, or the one before."""
        if isinstance(self._found, Examined) and self._found.rows:
            self._place = (self._place + step) % self._found.rows
            self._show_row(self._found)
            self._turn(to_report=True)
            self.call_after_refresh(self.scroll.scroll_to_widget, self.row, animate=False, top=True)

    def _show_row(self, found: Examined) -> None:
        place = self._place
        self.row.show(lambda width: row_lines(found, place, width))

    # start

    def action_start(self) -> None:
        """Start the run as the report says."""
        found = self._found
        if found is None:
            self.status.tell("the rows are still being looked at", "$warning")
        elif isinstance(found, _Unfit):
            self.status.tell(found.message, "$error")
        elif not found.prepared.report.ok:
            self.status.tell("a check failed: the report says what to do", "$error")
        elif not self._is_starting:
            self._is_starting = True
            self.status.tell("starting …")
            self._start(found)

    @work(group="start", exit_on_error=False, description="starting a run")
    async def _start(self, found: Examined) -> None:
        order = TrainingOrder(self._settings)
        try:
            run = await asyncio.to_thread(start, self._session.folder, found.prepared, order)
        except TrainError as error:
            self.status.tell("")
            self._tell_error(error.message, error.hint)
        else:
            self.dismiss(run)
        finally:
            self._is_starting = False

    def _tell_error(self, message: str, hint: str = "") -> None:
        self.notify(f"{message} {hint}".strip(), title="train", severity="error", timeout=20, markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say when something died of what nobody foresaw."""
        if event.state is WorkerState.ERROR:
            self.status.tell("")
            self._tell_error(str(event.worker.error))

    # moving

    def action_turn(self) -> None:
        """Go from the form to the report, or back."""
        if self.prompt.is_open:
            return
        self._turn(to_report=not self.has_class("-reading"))

    def _turn(self, *, to_report: bool) -> None:
        self.set_class(to_report, "-reading")
        self.set_focus(self.scroll if to_report else self.form)

    def action_move(self, step: int) -> None:
        """Move by a line in the form, or scroll the report."""
        if self.has_class("-reading"):
            self.scroll.scroll_relative(y=step * 2, animate=False)
        else:
            (self.form.action_cursor_down if step > 0 else self.form.action_cursor_up)()

    def action_leave(self) -> None:
        """Start nothing; what is being started is waited for."""
        if not self._is_starting:
            self.dismiss(None)
