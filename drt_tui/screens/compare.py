"""The compare screen: contenders answer the same sentence side by side, by eye or blind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding
from textual.worker import Worker, WorkerState

from data.errors import DataError
from drt_tui.compare_keys import DIGITS, TABLE, VOTING, all_keys
from drt_tui.comparing.comparison import Column, Comparison
from drt_tui.comparing.lineup import Items, Lineup, typed_question
from drt_tui.comparing.sampling import HINT, read_sampling, typed_sampling
from drt_tui.screens.compare_voting import CompareVoting
from pipeline.errors import PipelineError
from train.errors import TrainError
from train.evaluation.contender import Question

ASKING, AHEAD = "asking", "asking ahead"


class CompareScreen(CompareVoting):
    """Hears keys and messages; nothing that a model is asked outlives it."""

    BINDINGS = [
        *(Binding(each.bound, each.action, show=False) for each in all_keys()),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        *(Binding(str(digit), f"digit({digit})", show=False) for digit in range(10)),
    ]

    _towards = 1
    """Which way a person went last through the held-out sentences."""

    def on_mount(self) -> None:
        """Open the contenders and look for held-out sentences; neither holds up the screen."""
        self.begin_voting()
        self.show_keys()
        self.status.tell("opening the contenders")
        self.start_painting()
        self.paint()
        self._open()

    @work(group="contenders", exit_on_error=False, description="the contenders, while they are compared")
    async def _open(self) -> None:
        """Keep the contenders open until the screen is left."""
        items = asyncio.create_task(asyncio.to_thread(Items, self.session.dataset))
        try:
            async with self.open_lineup(self.status.tell) as lineup:
                self.items = await items
                await self._put_up(lineup)
                await asyncio.Event().wait()
        except (TrainError, PipelineError, DataError) as error:
            self.status.tell(f"{error.message} {error.hint}".strip(), "$error")
        finally:
            items.cancel()

    async def _put_up(self, lineup: Lineup) -> None:
        comparison = Comparison(lineup.contenders)
        await self.lay_out(len(comparison.columns))
        self.lineup, self.comparison = lineup, comparison
        self.status.tell("  ·  ".join(lineup.notes))
        if self.items:
            self._show_item(0)
        else:
            self.paint()
            self.action_type()

    # what is asked

    def action_type(self) -> None:
        """Ask for a sentence."""
        self.ask("translate", self._typed, hint="a sentence in the source language")

    def _typed(self, text: str) -> None:
        if text.strip():
            self.place = None
            self._put(typed_question(text))

    def action_step(self, by: int) -> None:
        """Go to the next held-out sentence, or to the one before."""
        if not self.items:
            self.status.tell("no sentence of this project is held out for the test: i types one", "$warning")
            return
        self._towards = by
        place = 0 if self.place is None else (self.place + by) % len(self.items)
        self._show_item(place)

    def _show_item(self, place: int) -> None:
        assert self.items is not None
        self.place = place
        self._put(self.items.question(place))

    def action_again(self) -> None:
        """Ask the same again."""
        if self.comparison.question is not None:
            self._put(self.comparison.question)

    def _put(self, question: Question) -> None:
        if not self.comparison.columns:
            self.status.tell("the contenders are not open yet", "$warning")
            return
        self.workers.cancel_group(self, ASKING)
        self.draw_sides(question)
        asked = self.comparison.begin(question)
        if len(asked) == len(self.comparison.columns):
            self._stop_looking_ahead()
        self._ask_all(asked, ASKING)
        self._look_ahead()
        self.reading.restart()
        self.paint()
        for pane in self.panes:
            pane.scroll_home(animate=False)
        self.call_after_refresh(self.guard.painted)

    def _ask_all(self, columns: Sequence[Column], group: str) -> None:
        for column in columns:
            self.run_worker(
                self.comparison.ask(column),
                group=group,
                name=column.name,
                description="a contender answers",
                exit_on_error=False,
            )

    def _look_ahead(self) -> None:
        """Ask for the next held-out sentence while this one is read: nothing of it is shown before its turn."""
        if self.items and self.place is not None and not self.comparison.is_busy:
            question = self.items.question((self.place + self._towards) % len(self.items))
            self._ask_all(self.comparison.look_ahead(question), AHEAD)

    def _stop_looking_ahead(self) -> None:
        self.workers.cancel_group(self, AHEAD)
        self.comparison.forget_ahead()

    def after_vote(self) -> None:
        """Go on to the next held-out sentence; of a typed one show whose was whose."""
        if self.place is not None:
            self.action_step(1)
        else:
            self.action_reveal()

    # how it is shown

    def action_fold(self) -> None:
        """Show the thoughts, or fold them."""
        self.is_folded = not self.is_folded
        self.paint()

    def action_diff(self) -> None:
        """Hold the outputs against the next column, at last against the reference, then against nothing."""
        if self.is_blind:
            self.status.tell("not while you vote blind", "$warning")
            return
        last = len(self.comparison.columns) - (not self.references)
        now = self.diff_against
        self.diff_against = 0 if now is None else now + 1 if now < last else None
        self.paint()

    def action_reference(self) -> None:
        """Show or hide the reference translation."""
        if self.is_blind:
            self.status.tell("the reference comes with the reveal", "$warning")
            return
        self.with_reference = not self.with_reference
        self.paint()

    def action_history(self) -> None:
        """Send earlier turns along, or each message by itself as in training."""
        self._stop_looking_ahead()
        self.comparison.set_history(not self.comparison.keeps_history)
        self.paint_head()

    def action_sampling(self) -> None:
        """Change how answers are drawn."""
        self.ask("sampling", self._set_sampling, value=typed_sampling(self.comparison.sampling), hint=HINT)

    def _set_sampling(self, text: str) -> None:
        try:
            self.comparison.sampling = read_sampling(text, self.comparison.sampling)
        except ValueError as error:
            self.status.tell(str(error), "$error")
            return
        self._stop_looking_ahead()
        self._look_ahead()
        self.status.tell("from the next answer on")
        self.paint()

    def action_scroll(self, by: int) -> None:
        """Scroll all columns by some lines."""
        for pane in self.panes:
            pane.scroll_relative(y=by, animate=False)
        if self.columns.has_class("-rows"):
            self.columns.scroll_relative(y=by, animate=False)

    # what there is

    def action_help(self) -> None:
        """Show all keys."""
        from drt_tui.screens.help import HelpKey, HelpScreen

        sections = []
        for heading, keys in TABLE:
            digits = [HelpKey(key, told) for key, told in DIGITS] if heading == VOTING else []
            sections.append((heading, digits + [HelpKey(each.key, each.help, each.also) for each in keys]))
        self.app.push_screen(HelpScreen(sections))

    def offered(self) -> Iterator[SystemCommand]:
        """Yield what the palette offers."""
        for each in all_keys():
            yield SystemCommand(each.label, each.help, partial(self.run_action, each.action))

    # leaving

    def action_leave(self) -> None:
        """End marking, then what is being answered, then the screen."""
        if self.marking is not None:
            self.marking = None
            self.paint()
        elif self.comparison.is_busy:
            self.workers.cancel_group(self, ASKING)
            self._stop_looking_ahead()
            self.status.tell("stopped; r asks again")
        else:
            self.action_close()

    def action_close(self) -> None:
        """Leave; the contenders' servers end with the screen."""
        self.dismiss(None)

    def on_unmount(self) -> None:
        """Close the file of the votes."""
        self.votes.close()

    def on_key(self, event: events.Key) -> None:
        """Take note that somebody is here."""
        self.reading.note_activity()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Look ahead when an answer is whole; say when something unforeseen ended one, or the contenders."""
        if event.state is WorkerState.SUCCESS and event.worker.group in (ASKING, AHEAD):
            self._look_ahead()
        elif event.state is WorkerState.ERROR:
            self.notify(str(event.worker.error), title="compare", severity="error", timeout=20, markup=False)
