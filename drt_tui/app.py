"""The app: its screens, its themes, and what they are built on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.app import SystemCommand
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from drt_tui.errors import SettingsProblem
from drt_tui.keys import COMMANDS
from drt_tui.one_by_one import OneByOne
from drt_tui.palette import Offering
from drt_tui.project.session import Session
from drt_tui.review.codes import Codes
from drt_tui.review.desk import Desk
from drt_tui.review.drafts import Drafts
from drt_tui.review.findings import findings_of
from drt_tui.review.glossary import Glossary
from drt_tui.review.ordering import in_order
from drt_tui.review.queue import ReviewQueue
from drt_tui.running.background import BackgroundRun
from drt_tui.running.engines import open_engines
from drt_tui.running.generation import Generation
from drt_tui.screens.review import ReviewScreen
from drt_tui.themes import DARK, THEMES, quiet_colours
from drt_tui.widgets.run_lines import told_at_end

if TYPE_CHECKING:
    from drt_tui.screens.train_steering import Steering
    from train.run.folder import RunFolder

AUTOGEN = "autogen"
IDLE_S = 60.0
"""Who has pressed no key for so long is taken to be away."""
_TERMINAL_CHECK_S = 2.0


class DrtApp(OneByOne):
    """Shows one project."""

    TITLE = "drt-tui"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, session: Session, *, opening: Screen[None] | None = None) -> None:
        """Show `opening` and end with it; without one begin with review.

        Raises:
            SettingsProblem: there is no such theme, or the settings of review cannot be used.
        """
        super().__init__()
        self._session = session
        self._theme = self._theme_of(session)
        spawn = partial(
            self.run_worker,
            name=AUTOGEN,
            group=AUTOGEN,
            description="autogen behind the screens",
            exit_on_error=False,
        )
        self._autogen = BackgroundRun(session, spawn, self.post_message)
        self._review = self._review_screen() if opening is None else None
        self._opening = opening

    def on_mount(self) -> None:
        """Open the first screen; a polite kill ends the app as `quit` does, and restores the terminal."""
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        if not self.is_headless:
            self.set_interval(_TERMINAL_CHECK_S, self._end_with_the_terminal)
        self.set_interval(IDLE_S, self._fold_when_idle)
        self.theme = self._theme
        if self._review is not None:
            self.push_screen(self._review)
        elif self._opening is not None:
            self.push_screen(self._opening, lambda _: self.exit())

    def _theme_of(self, session: Session) -> str:
        for theme in THEMES:
            self.register_theme(theme)
        name = session.settings.ui.theme or DARK.name
        if name not in self.available_themes:
            ours = ", ".join(theme.name for theme in THEMES)
            raise SettingsProblem(f"[ui] theme: there is no theme {name!r}.", hint=f"Ours are {ours}.")
        return name

    def _end_with_the_terminal(self) -> None:
        """A terminal may go without a hangup signal; its reader would then spin for ever."""
        if sys.__stdin__ is not None and not os.isatty(sys.__stdin__.fileno()):
            self.exit()

    def _fold_when_idle(self) -> None:
        """Fold while nobody waits for the screen: after a crash, a long journal would slow the next start."""
        if monotonic() - self.last_typed >= IDLE_S:
            folding = self._session.dataset.fold_in_passing
            self.run_worker(folding, group="folding", thread=True, exit_on_error=False)

    def action_compare(self) -> None:
        """Ask backbone and DRT model of the newest finished run the same, side by side."""
        self._compare(None)

    def on_steering_compare_asked(self, event: Steering.CompareAsked) -> None:
        """Compare with the model of the run that was pointed at."""
        self._compare(event.run.folder)

    def _compare(self, run: RunFolder | None) -> None:
        from drt_tui.comparing.served_lineup import lineup_for_screen
        from drt_tui.screens.compare import CompareScreen

        lineup = lineup_for_screen(self._session, run=run)
        self.push_screen(CompareScreen(self._session, lineup))

    def get_css_variables(self) -> dict[str, str]:
        """Add two quieter text colours, `$muted` and `$faint`, to whatever theme is chosen."""
        variables = super().get_css_variables() | quiet_colours(self.current_theme)
        self.theme_variables = variables
        return variables

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every command of a screen's key table in the palette."""
        own = list(self._offered(screen))
        told_better = {"keys", *(command.title for command in own)}
        for command in super().get_system_commands(screen):
            if command.title.casefold() not in told_better:
                yield command
        yield from own

    def _offered(self, screen: Screen[object]) -> Iterator[SystemCommand]:
        if isinstance(screen, Offering):
            yield from screen.offered()
        elif isinstance(screen, ReviewScreen):
            for command in COMMANDS:
                yield SystemCommand(command.label, command.help, getattr(screen, f"action_{command.id}"))

    async def on_unmount(self) -> None:
        """End the run behind the screens; what was answered is kept."""
        await self._autogen.close()

    @on(BackgroundRun.Over)
    def _run_over(self, event: BackgroundRun.Over) -> None:
        """Say so where it cannot be seen."""
        from drt_tui.screens.autogen import AutogenScreen

        if not isinstance(self.screen, AutogenScreen):
            severity: SeverityLevel = "error" if event.view.state == "broken" else "information"
            self.notify(told_at_end(event.view), title=AUTOGEN, severity=severity, timeout=20, markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say when a run died of something unforeseen."""
        if event.worker.group == AUTOGEN and event.state is WorkerState.ERROR:
            self.notify(
                str(event.worker.error), title="autogen broke", severity="error", timeout=20, markup=False
            )

    def _review_screen(self) -> ReviewScreen:
        session = self._session
        review = session.settings.review
        generation = Generation(
            session.dataset, lambda: open_engines(session, generation.say), at_once=review.prefetch + 1
        )
        drafts = Drafts(session.folder.root / "drafts", session.dataset.annotator)
        glossary = Glossary.read(session.folder.root / review.glossary) if review.glossary else Glossary()
        examine = partial(
            findings_of,
            languages=(session.source, session.target),
            settings=session.settings.lint,
            glossary=glossary,
        )
        begun = [sentence for sentence in drafts.begun() if sentence in session.dataset]
        sentences = in_order(
            session.dataset, review.order, first=(*begun, *(session.ids or ())), preferred=session.preferred,
            first_choice=session.settings.roles.of, codes=Codes(session.dataset, examine).of,
        )  # fmt: skip
        queue = ReviewQueue(session.dataset, sentences)
        desk = Desk(
            session.dataset, generation, queue, drafts,
            prefetch=review.prefetch, examine=examine, blind=review.blind, checks=review.checks,
        )  # fmt: skip
        return ReviewScreen(session, desk, generation, glossary, self._autogen)
