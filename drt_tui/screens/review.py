"""The review screen: one sentence, its translation, its thought, and the keys that judge them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from rapidfuzz import process
from textual import events, on, work
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from data.errors import StoreError
from data.records import Status
from drt_tui.keygate import TOGETHER_SECONDS
from drt_tui.keys import PAGING, SCROLLING, Command
from drt_tui.pauses import spare_what_is_loaded
from drt_tui.review.findings import OTHER_CODES
from drt_tui.review.item import Item
from drt_tui.running.engines import Engines
from drt_tui.running.generation import Generation
from drt_tui.screens.moving import Moving
from pipeline.errors import PipelineError

IDIOMS_AHEAD = 6
"""Sentences ahead whose idioms are looked for while one is read."""
FOLLOW_SECONDS = 1.0
"""How often the work of other processes is taken in."""

FOOTER = ("accept", "output_only", "edit", "reject", "skip", "undo", "regenerate", "trace", "diff", "help")


class ReviewScreen(Moving):
    """Hears keys and messages, and hands them to whoever knows what to do."""

    _late_jamo: Timer | None = None
    _has_no_tokenizer = False
    """Idioms cannot be looked for."""

    def on_mount(self) -> None:
        """Put the first sentence on the desk; all that takes longer begins when it is on screen."""
        self.start_painting()
        self.generation.tell = self.post_message
        self.set_interval(FOLLOW_SECONDS, self.follow)
        self.watch(self.app, "app_focus", self._person_left_or_came, init=False)
        self.keybar.show_keys(self.keymap, FOOTER)
        for notice in self.session.notices:
            self.notify(notice, markup=False)
        self.desk.is_examining = False
        self.show_next()
        if (audit := self.desk.audit) is not None:
            self.make_offer(f"goes on with the {audit}", lambda: self.open_audit(audit))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._load_linter()
        self.run_worker(
            self.generation.run(),
            name="generation",
            group="generation",
            description="the loop",
            exit_on_error=False,
        )

    @work(group="linter", exit_on_error=False, description="loading the linter")
    async def _load_linter(self) -> None:
        """Load the linter and look over what is in front; no key is to wait for the rest of the dataset."""
        await asyncio.to_thread(import_module, "data.lint.linter")
        await asyncio.to_thread(self.desk.dataset.look_at_all)
        spare_what_is_loaded()
        self._tell_unknown_checks()
        self.desk.is_examining = True
        if self.item is not None and self.item.candidate is not None:
            self.put_on_view(self.item.edit)

    def _tell_unknown_checks(self) -> None:
        """Say so where a check that `strict` names does not exist: nothing would ever be refused for it."""
        from data.lint import codes

        known = {*codes(), *OTHER_CODES}
        unknown = [code for code in self.session.settings.review.strict if code not in known]
        for code in unknown:
            near = process.extractOne(code, known)
            hint = f"Did you mean {near[0]!r}?" if near else ""
            self.tell_error("[review] strict", f"There is no check {code!r}.", hint)

    def look_for_idioms(self, item: Item) -> None:
        """Have the idioms of this sentence and of those that are next found and marked."""
        engines = self.generation.engines
        if engines is not None and not self._has_no_tokenizer:
            self._mark_idioms(engines, item.id, self.desk.queue.ahead(IDIOMS_AHEAD))

    @work(group="idioms", exclusive=True, exit_on_error=False, description="looking for idioms")
    async def _mark_idioms(self, engines: Engines, current: str, ahead: Sequence[str]) -> None:
        try:
            await engines.mark_idioms([current])
            if self.item is not None and self.item.id == current and not self.item.sentence.spans:
                self.item = replace(self.item, sentence=self.desk.dataset.sentence(current))
                self.source.show_item(self.item, with_reference=self.with_reference)
            await engines.mark_idioms(ahead)
        except (PipelineError, StoreError) as error:
            self._has_no_tokenizer = True
            self.tell(f"idioms are not marked: {error.message}", "$warning")

    def on_screen_suspend(self) -> None:
        """Another screen is in front: what is done there is not reading, unless it is an edit."""
        self.reading.pause()

    def on_screen_resume(self) -> None:
        """The sentence is in front again."""
        self.reading.resume()

    def _person_left_or_came(self, is_here: bool) -> None:
        if is_here:
            self.reading.resume()
        else:
            self.reading.pause()

    def on_unmount(self) -> None:
        """Let others have the sentence."""
        self.desk.close()

    # keys

    async def on_key(self, event: events.Key) -> None:
        """Run the command of a key, unless the key is held down or came late from an input method."""
        self.reading.note_activity()
        if self.focused is not None:
            return
        key = pressed(event)
        self._drop_late_jamo()
        if not self.guard.lets_through(key):
            event.stop()
            return
        if self._is_for_the_view(event, key):
            event.stop()
            return
        command = self.keymap.command(key)
        if command is None:
            return
        event.stop()
        if self.keymap.is_twin(key):
            self.keybar.show_keys(self.keymap, FOOTER, control=True)
            self._late_jamo = self.set_timer(TOGETHER_SECONDS, lambda: self._run_late(key, command))
        else:
            await self._run(key, command)

    def _is_for_the_view(self, event: events.Key, key: str) -> bool:
        """Scroll, choose a stage, or take an offer."""
        if self.on_stage_key(event):
            return True
        if key in SCROLLING:
            self.action_scroll_body(SCROLLING[key])
        elif key in PAGING:
            self.action_page_body(PAGING[key])
        elif key == "enter":
            self.action_take_offer()
        elif key == "escape":
            self.action_stop()
        else:
            return False
        return True

    def _drop_late_jamo(self) -> None:
        if self._late_jamo is not None:
            self._late_jamo.stop()
            self._late_jamo = None
            self.notify("A Hangul letter came late and was dropped; the ctrl keys work at once.", timeout=6)

    async def _run_late(self, key: str, command: Command) -> None:
        self._late_jamo = None
        await self._run(key, command)

    async def _run(self, key: str, command: Command) -> None:
        self.key = key
        await self.run_action(command.id)

    def action_help(self) -> None:
        """Show all keys."""
        from drt_tui.screens.help import HelpScreen, review_help

        self.app.push_screen(HelpScreen(review_help(self.keymap)))

    def action_quit(self) -> None:
        """Leave; everything is saved already."""
        self.app.exit()

    # what others report

    @on(Generation.PassEnded)
    def _pass_ended(self, event: Generation.PassEnded) -> None:
        item = self.item
        self.status.show_usage(self.generation.usage)
        if item is not None and item.id == event.sentence and item.candidate is None:
            if self.desk.dataset.row(item.id).status is not Status.NEW:
                self.show_ready(item.id)
        else:
            self.desk.queue.note_ready(event.sentence)
            if item is not None and item.id == event.sentence:
                self.tell(self.keymap.told("a newer candidate is ready: {newer} shows it"))
        self.desk.look_ahead(item.id if item else None)
        if item is None:
            self.show_next()
        else:
            self.paint_counts()

    @on(Generation.Preparing)
    def _generation_prepares(self, event: Generation.Preparing) -> None:
        self.tell(event.line, "$muted")

    @on(Generation.Opened)
    def _generation_opened(self) -> None:
        if self.item is not None:
            self.look_for_idioms(self.item)

    @on(Generation.Stopped)
    def _generation_stopped(self, event: Generation.Stopped) -> None:
        live = self.generation.passes.get(self.item.id) if self.item is not None else None
        if live is not None and live.ended:
            self.tell(self.keymap.told("the loop stopped; {regenerate} runs it again"), "$error")
        else:
            self.tell_error("the loop stopped", event.error.message, event.error.hint)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say when the loop's worker died of something unforeseen."""
        if event.state is WorkerState.ERROR:
            self.tell_error("the loop stopped", str(event.worker.error))


def pressed(event: events.Key) -> str:
    """Return what was pressed: the character of a printable key, else the key's name."""
    if event.character is not None and event.is_printable and not event.character.isspace():
        return event.character
    return event.key
