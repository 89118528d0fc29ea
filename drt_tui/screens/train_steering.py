"""What can be done with a run wherever it is on view: stop, resume, delete, end, note, compare."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from textual import getters, work
from textual.binding import Binding
from textual.message import Message
from textual.worker import Worker, WorkerState

from data.errors import DataError
from drt_tui.keys import with_twin
from drt_tui.screens.asking import Asking
from drt_tui.widgets.bars import StatusBar
from train.errors import TrainError
from train.run import control
from train.run.observe import Run

YES = frozenset({"y", "yes", "ㅛ"})


class Steering(Asking[None]):
    """Asks where something would be lost, and works in a thread."""

    BINDINGS = [
        Binding(with_twin("x"), "stop", show=False),
        Binding(with_twin("r"), "resume", show=False),
        Binding("D", "delete", show=False),
        Binding("K", "kill", show=False),
        Binding(with_twin("m"), "notes", show=False),
        Binding(with_twin("c"), "compare", show=False),
    ]

    status = getters.query_one(StatusBar)

    class CompareAsked(Message):
        """The model of a run is to be seen beside its backbone."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    @property
    def chosen(self) -> Run | None:
        """The run that the keys are about."""
        raise NotImplementedError

    def look_again(self) -> None:
        """Show what has become of the runs."""
        raise NotImplementedError

    def run_deleted(self) -> None:
        """Go on without the run."""
        self.look_again()

    # keys

    def action_stop(self) -> None:
        """Ask whether to keep a checkpoint, and stop after the step that is under way."""
        run = self._needs("running", "it does not run")
        if run is not None:
            self.ask(
                f"stop {run.id}",
                partial(self._stop, run),
                hint="enter: with a checkpoint   discard: without   esc: let it run",
            )

    def _stop(self, run: Run, text: str) -> None:
        word = text.strip().lower()
        if word not in {"", "save", "discard"}:
            self.status.tell(f"{word!r} is not understood; enter, or discard", "$error")
            return
        is_saved = word != "discard"
        told = "with a checkpoint" if is_saved else "without a checkpoint"
        self.do(lambda: control.stop(run.folder, save=is_saved), f"stopping after this step, {told}")

    def action_resume(self) -> None:
        """Go on from the newest checkpoint."""
        run = self.chosen
        if run is None:
            return
        if run.resumable:
            self.status.tell(f"starting {run.id} again …")
            self.do(lambda: control.resume(run.folder), "it goes on")
        elif run.status in {"running", "done"}:
            self.status.tell(f"it is {run.status}", "$warning")
        else:
            self.status.tell(run.message or "there is no checkpoint to go on from", "$warning")

    def action_delete(self) -> None:
        """Ask, and delete a run's folder."""
        run = self.chosen
        if run is None:
            return
        if run.status == "running":
            self.status.tell("it runs; x stops it first", "$warning")
            return
        self.ask(
            f"delete {run.id} with all it learned", partial(self._delete, run), hint="yes   esc: keep it"
        )

    def _delete(self, run: Run, text: str) -> None:
        if text.strip().lower() not in YES:
            self.status.tell("kept; yes deletes it")
            return
        self.do(lambda: control.delete(run.folder), f"{run.id} deleted", self.run_deleted)

    def action_kill(self) -> None:
        """Ask, and end the process of a run that does not answer any more."""
        run = self._needs("running", "it does not run")
        if run is not None:
            self.ask(
                f"end {run.id} at once; all since its last checkpoint is lost",
                partial(self._kill, run),
                hint="yes   esc: let it run",
            )

    def _kill(self, run: Run, text: str) -> None:
        if text.strip().lower() in YES:
            self.do(lambda: control.kill(run.folder), f"{run.id} was ended")

    def action_notes(self) -> None:
        """Write about the run."""
        from drt_tui.screens.train_notes import NotesScreen

        run = self.chosen
        if run is not None:
            self.app.push_screen(NotesScreen(run.folder), lambda _: self.look_again())

    def action_compare(self) -> None:
        """Ask backbone and model the same, side by side."""
        run = self.chosen
        if run is None or not run.folder.adapter.exists():
            self.status.tell("nothing was learned yet that could be compared", "$warning")
        else:
            self.post_message(self.CompareAsked(run))

    # how it is done

    @work(group="steering", exit_on_error=False, description="doing something with a run")
    async def do(
        self, act: Callable[[], object], told: str, then: Callable[[], object] | None = None
    ) -> None:
        """Do something that may take seconds, and say what came of it."""
        try:
            await asyncio.to_thread(act)
        except (TrainError, DataError) as error:
            self.tell_error(error.message, error.hint)
        except OSError as error:
            self.tell_error(f"{error.filename}: {error.strerror}.")
        else:
            self.status.tell(told, "$success")
        (then or self.look_again)()

    def tell_error(self, message: str, hint: str = "") -> None:
        """Say what went wrong and what to do next."""
        self.status.tell("")
        self.notify(f"{message} {hint}".strip(), title="train", severity="error", timeout=20, markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say when something died of what nobody foresaw."""
        if event.state is WorkerState.ERROR:
            self.tell_error(str(event.worker.error))

    def _needs(self, status: str, otherwise: str) -> Run | None:
        run = self.chosen
        if run is None or run.status != status:
            self.status.tell(otherwise, "$warning")
            return None
        return run
