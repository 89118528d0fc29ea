"""What the review screen shows, and how it is painted; what the keys do is in the modules beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import Literal

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input

from data.errors import StoreError
from data.records import Seen
from drt_tui.keygate import HeldKeyGuard
from drt_tui.keys import Keymap
from drt_tui.one_by_one import OneByOne
from drt_tui.project.session import Session
from drt_tui.review.blind import without_judgements
from drt_tui.review.desk import Desk
from drt_tui.review.findings import STALE, fixed
from drt_tui.review.glossary import Glossary
from drt_tui.review.item import Item
from drt_tui.review.ordering import OrderName
from drt_tui.review.queue import counts_for_people
from drt_tui.review.queue_choice import AUDIT, FLAGGED, QUEUES
from drt_tui.review.reading_time import ReadingTime
from drt_tui.running.background import BackgroundRun
from drt_tui.running.generation import Generation
from drt_tui.running.live import NO_CANDIDATE, Line, LivePass, loop_lines, progress_of
from drt_tui.screens.calm import CalmScreen
from drt_tui.widgets.bars import KeyBar, StatusBar, TopBar
from drt_tui.widgets.facts import Fact, facts_of
from drt_tui.widgets.findings_pane import FindingsPane
from drt_tui.widgets.loop_sheet import LoopSheet
from drt_tui.widgets.output_pane import OutputPane
from drt_tui.widgets.prompt_line import PromptLine
from drt_tui.widgets.reason_line import ReasonLine
from drt_tui.widgets.sheet import Build, Sheet, plain
from drt_tui.widgets.source_pane import SourcePane
from drt_tui.widgets.text_input import typed
from drt_tui.widgets.thought_sheet import ThoughtSheet

FRAMES_A_SECOND = 8
"""How often streamed text is painted."""
AFTER_A_KEY = 0.08
"""Seconds in which nothing that streams is painted."""

NOTE = "note"
"""The name under which a note is kept until its decision."""

View = Literal["thought", "loop", "other"]


class Front(CalmScreen[None]):
    """The widgets of the review screen and the state they show."""

    CSS_PATH = "review.tcss"
    AUTO_FOCUS = ""

    top = getters.query_one("#top", TopBar)
    source = getters.query_one(SourcePane)
    output = getters.query_one(OutputPane)
    findings = getters.query_one(FindingsPane)
    front = getters.query_one("#front", VerticalScroll)
    body = getters.query_one("#body", VerticalScroll)
    thought = getters.query_one(ThoughtSheet)
    loop = getters.query_one(LoopSheet)
    other = getters.query_one("#other", Sheet)
    offer = getters.query_one("#offer", Sheet)
    reasons = getters.query_one(ReasonLine)
    prompt = getters.query_one(PromptLine)
    status = getters.query_one("#status", StatusBar)
    keybar = getters.query_one("#keys", KeyBar)

    def __init__(
        self,
        session: Session,
        desk: Desk,
        generation: Generation,
        glossary: Glossary,
        autogen: BackgroundRun,
    ) -> None:
        super().__init__()
        self.session = session
        self.desk = desk
        self.generation = generation
        self.glossary = glossary
        self.autogen = autogen
        self.keymap = Keymap(session.settings.review.keys)
        self.guard = HeldKeyGuard()
        self.key = ""
        """The key that runs the present command."""
        self.reading = ReadingTime()
        self.drafts = desk.drafts
        self.item: Item | None = None
        self.note = ""
        """What goes with the next decision."""
        self._kept_line = ""
        """The name under which the line that is being typed is kept."""
        self.searched = ""
        """What was searched for last."""
        self.order: OrderName = session.settings.review.order
        self.view: View = "thought"
        self.whole = False
        self.with_reference = False
        self.chosen_stage: int | None = None
        self._live_version = -1
        self._live_timer: Timer | None = None
        self._answer: Callable[[str], object] | None = None
        self._accept_offer: Callable[[], object] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the screen, in the order in which it is read."""
        yield TopBar(id="top")
        with VerticalScroll(id="front", can_focus=False):
            yield SourcePane()
            yield OutputPane()
            yield FindingsPane()
        with VerticalScroll(id="body", can_focus=False):
            yield ThoughtSheet()
            yield LoopSheet()
            yield Sheet(id="other")
        yield Sheet(id="offer")
        yield StatusBar(self.session.model_label, built_in=self.session.built_in, id="status")
        yield ReasonLine()
        yield PromptLine(id="prompt")
        yield KeyBar(id="keys")

    def start_painting(self) -> None:
        """Begin to paint what streams."""
        self._live_timer = self.set_interval(1 / FRAMES_A_SECOND, self._paint_stream, pause=True)

    def show_item(self, item: Item | None) -> None:
        """Put an item on screen, folded, from its top."""
        self.item, self.chosen_stage = item, None
        self.note = self.drafts.line(item.id, NOTE) if item is not None else ""
        self.view, self.whole = "thought", False
        self.reading.restart()
        self.paint()
        self.front.scroll_home(animate=False)
        self.body.scroll_home(animate=False)
        self.call_after_refresh(self.guard.painted)
        if item is not None:
            self.look_for_idioms(item)
        if item is not None and item.has_open_version:
            self.tell_open_version()
        elif self.note:
            self.tell(f"note: {self.note}")

    def look_for_idioms(self, item: Item) -> None:
        """Have the idioms of this sentence and of those that are next found and marked."""
        raise NotImplementedError

    def show_ready(self, sentence: str) -> None:
        """Show the candidate of the sentence in front, now that its pass has ended."""
        self.item = self.desk.load(sentence)
        self.tell("ready")
        self.paint()
        self.body.scroll_home(animate=False)

    def show_next(self) -> None:
        """Put the next sentence of the queue on screen."""
        self.show_item(self.desk.take_next())

    def tell_error(self, title: str, message: str, hint: str = "") -> None:
        """Show what went wrong and what to do next."""
        self.notify(f"{message} {hint}".strip(), title=title, severity="error", timeout=20, markup=False)

    def seen(self) -> Seen:
        """Return what was on screen, and for how long."""
        return Seen(thought="whole" if self.whole else "folded", seconds=self.reading.seconds)

    def tell(self, note: str, style: str = "$muted") -> None:
        """Say something in the status line."""
        self.status.tell(note, style)

    def tell_open_version(self) -> None:
        """Say that what is on view was typed by the person, and is not accepted yet."""
        how = self.keymap.told("{accept} accepts it, {edit} goes on")
        self.tell(f"your version, kept but not accepted yet: {how}", "$warning")

    def tell_saved(self, note: str) -> None:
        """Say what was decided, now that it is on disk."""
        self.tell(note, "$success")
        self.status.show_saved(datetime.now().strftime("%H:%M"))  # noqa: DTZ005 - the time on the wall

    # questions and offers

    def ask(
        self,
        question: str,
        answer: Callable[[str], object],
        *,
        value: str = "",
        hint: str = "",
        choices: Sequence[str] = (),
        kept: str = "",
    ) -> None:
        """Ask for a line of text at the bottom of the screen; tab goes through `choices`.

        What is typed survives the end of the app under the name `kept`, if one is given.
        """
        self._answer, self._kept_line = answer, kept
        self.take_keys()
        half_typed = self.drafts.line(self.item.id, kept) if kept and self.item is not None else ""
        self.prompt.ask(question, value=half_typed or value, hint=hint, choices=choices)

    @on(Input.Changed, "#answer")
    def _typed(self, event: Input.Changed) -> None:
        if self.prompt.is_open:
            self.keep_line(self._kept_line, typed(event.value))

    def keep_line(self, name: str, text: str) -> None:
        """Keep a line that belongs to the item on disk, under a name; nothing is kept without one."""
        if not name or self.item is None:
            return
        try:
            self.drafts.keep_line(self.item.id, name, text)
        except StoreError as error:
            self.tell_error("line not kept", error.message, error.hint)

    @on(PromptLine.Answered)
    def _answered(self, event: PromptLine.Answered) -> None:
        self.leave_line()
        if self._answer is not None:
            self._answer(event.text)

    @on(ReasonLine.Cancelled)
    @on(PromptLine.Cancelled)
    def leave_line(self) -> None:
        """Give the keyboard back to the screen; of what was typed only a note is kept."""
        self.keep_line(self._kept_line, self.note if self._kept_line == NOTE else "")
        self._kept_line = ""
        self.reasons.dismiss()
        self.prompt.dismiss()
        self.keybar.display = True
        self.set_focus(None)

    def take_keys(self) -> None:
        """Lend the line of the keys to a question, during which they mean nothing else: no other line moves."""
        self.keybar.display = False

    def make_offer(self, text: str, accept: Callable[[], object]) -> None:
        """Offer something in a line at the bottom: enter takes it, the next decision lets it go."""
        self._accept_offer = accept
        line = Content.assemble(("enter", "bold $primary"), " ") + plain(text, "$muted")
        self.offer.show(lambda width: [line.truncate(width, ellipsis=True)])
        self.offer.display = True

    def drop_offer(self) -> None:
        """Let an offer go."""
        self._accept_offer = None
        self.offer.display = False

    def action_take_offer(self) -> None:
        """Do what is offered."""
        accept = self._accept_offer
        self.drop_offer()
        if accept is not None:
            accept()

    # painting

    def paint(self) -> None:
        """Paint all that depends on the item."""
        self.paint_counts()
        item = self.item
        self.source.display = self.output.display = item is not None
        if item is None:
            self.findings.display = False
            self._paint_nothing()
            return
        self.status.hide_model(item.is_blind)
        self.source.show_item(item, with_reference=self.with_reference)
        self.findings.show_findings(item.findings, self._what_can_be_corrected(item))
        is_live = item.candidate is None
        if not is_live:
            self.output.show_item(item)
        self._show_sheet("loop" if is_live else self.view)
        assert self._live_timer is not None
        if is_live:
            self._live_version = -1
            self._live_timer.resume()
            self._paint_live()
        else:
            self._live_timer.pause()
            self._paint_body(item)

    def _what_can_be_corrected(self, item: Item) -> str:
        """Say which keys mend something, if any do."""
        if item.candidate is None or not item.findings or not self.desk.is_examining:
            return ""
        languages = (self.session.source, self.session.target)
        hints = ["{fix} corrects what is safe to correct"] * (
            fixed(item, languages=languages) != item.as_edit()
        )
        hints += ["{mend} has the thought mended"] * any(finding.code == STALE for finding in item.findings)
        return self.keymap.told(" · ".join(hints))

    def paint_counts(self) -> None:
        """Paint the line at the top."""
        counts = counts_for_people(self.desk.dataset)
        self.top.show_counts(self.session.title, self.desk.queue.name, counts)

    def show_other(self, title: str, build: Build) -> None:
        """Show something else in the body: a difference, hints, figures."""
        self.view = "other"
        self._show_sheet("other")
        self.other.show(build)
        self.body.border_title = title
        self.body.scroll_home(animate=False)

    def lines(self) -> tuple[Line, ...]:
        """Return the stages on view, running or finished."""
        item = self.item
        if item is None:
            return ()
        if item.candidate is not None:
            lines = loop_lines(progress_of(item.candidate))
        else:
            live = self.generation.passes.get(item.id)
            lines = live.lines() if live is not None else ()
        return without_judgements(lines) if item.is_blind else lines

    def repaint_loop(self) -> None:
        """Paint the stages again, e.g. because another one is chosen."""
        live = self.generation.passes.get(self.item.id) if self.item is not None else None
        is_live = self.item is not None and self.item.candidate is None
        note = self._note_of(live) if live is not None and is_live else ""
        self.loop.show_lines(self.lines(), self.chosen_stage, note, self._facts())

    def _facts(self) -> tuple[Fact, ...]:
        if self.item is None or not self.desk.is_examining:
            return ()
        return facts_of(self.item, off=self.session.settings.lint.off)

    def _note_of(self, live: LivePass) -> str:
        return self._how_to_go_on(live.ended) if live.ended else live.note

    def _how_to_go_on(self, ended: str) -> str:
        how = self.keymap.told("{regenerate} runs it again")
        return f"{ended} {how}" if ended.endswith(".") else f"{ended}; {how}"

    def _show_sheet(self, view: View) -> None:
        self.thought.display = view == "thought"
        self.loop.display = view == "loop"
        self.other.display = view == "other"

    def _paint_body(self, item: Item) -> None:
        assert item.candidate is not None
        if self.view == "loop":
            self.repaint_loop()
            self.body.border_title = "loop"
        elif self.view == "thought":
            self.thought.show_item(item, item.candidate, whole=self.whole)
            self.body.border_title = self.thought.summary

    def _paint_stream(self) -> None:
        """Paint what streams, unless a key is just being answered: what it did is seen first."""
        if not isinstance(self.app, OneByOne) or monotonic() - self.app.last_typed >= AFTER_A_KEY:
            self._paint_live()

    def _paint_live(self) -> None:
        """Paint what a running pass said since the last time."""
        item = self.item
        if item is None or item.candidate is not None:
            return
        live = self.generation.passes.get(item.id)
        if live is None:
            if item.decision is not None:
                title, note = item.status.value, item.judgement
            elif item.failure:
                title, note = NO_CANDIDATE, self._how_to_go_on(item.failure)
            else:
                title, note = "waiting for its turn", ""
            self.body.border_title = f"loop · {title}"
            self.output.show_waiting()
            self.loop.show_lines((), note=note)
        elif live.version != self._live_version:
            self._live_version = live.version
            self.body.border_title = f"loop · {live.title}" if live.title else "loop"
            self.output.show_live(live)
            has_grown = self.loop.show_lines(self.lines(), self.chosen_stage, self._note_of(live))
            if has_grown and self.chosen_stage is None:
                self.body.scroll_end(animate=False)

    def _paint_nothing(self) -> None:
        assert self._live_timer is not None
        self._live_timer.pause()
        if self.desk.dataset.count():
            name = self.desk.queue.name
            is_search = name not in {*QUEUES, FLAGGED, AUDIT}
            what = f"There is nothing more like {name}." if is_search else f"Nothing is {name} any more."
            how = self.keymap.told(
                "{queues} shows the other queues, {dataset} all rows; {quit} leaves. All is saved."
            )
        else:
            what = "There is no sentence in this project yet."
            how = self.keymap.told(
                "{quit} leaves; then: drt-tui import FILE, or drt-tui review --demo to see how it works."
            )
        lines = [plain(what, "bold"), Content.styled(how, "$muted")]
        self.show_other("", lambda width: lines)
