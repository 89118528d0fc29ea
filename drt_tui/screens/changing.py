"""What the keys change: the loop from a stage on, marks and notes, and safe corrections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from textual import events, work
from textual.app import SuspendNotSupported
from textual.geometry import Region

from data.errors import StoreError
from drt_tui.review import external_editor
from drt_tui.review.curation import before, changed_at, editable
from drt_tui.review.drafts import Edit
from drt_tui.review.findings import STALE, fixed
from drt_tui.review.item import Item
from drt_tui.running.live import Line
from drt_tui.screens.front import NOTE
from drt_tui.screens.looking import Looking
from drt_tui.widgets.diff_lines import changed_text
from pipeline.errors import PipelineError
from pipeline.progress import Progress

FLAG = "flag"
ADVICE = "advice"
"""The name under which half-typed advice is kept."""
AS_SET = "the models set"
"""Choice of no other model than those that the project's roles name."""


class Changing(Looking):
    """Stage-level curation, and what goes beside a decision."""

    def action_regenerate(self) -> None:
        """Run the loop again, whole or, with the loop on view, from the stage that is chosen."""
        if self.item is None:
            return
        if self._chosen_line() is not None and self.loop.display:
            self._ask_how("again from here", self._again_from_stage)
        else:
            self._ask_how("again from the start", self._again)

    def _ask_how(self, what: str, answer: Callable[[str], object]) -> None:
        """Ask for advice and, where there are several models, for the one to ask."""
        models = self.session.models
        if len(models) < 2:
            self.ask(f"{what}, with advice:", answer, hint="enter: without advice", kept=ADVICE)
        else:
            hint = "your advice · enter: none · tab: another model"
            self.ask(f"{what} by", answer, hint=hint, choices=(AS_SET, *models), kept=ADVICE)

    def _again(self, advice: str) -> None:
        if self.item is not None:
            self._restart(Progress(), advice, self._model_chosen())

    def _again_from_stage(self, advice: str) -> None:
        line = self._chosen_line()
        if line is not None:
            self._restart(before(self._progress(), line), advice, self._model_chosen())

    def _model_chosen(self) -> str | None:
        model = self.prompt.choice
        return model if model and model != AS_SET else None

    def _restart(self, start: Progress, advice: str = "", model: str | None = None) -> None:
        """Run the loop from here on, by `model` where one is named, and watch it."""
        item = self.item
        if item is None:
            return
        self.desk.restart(item, start, advice, model)
        self.item = item.while_made_anew()
        self.view, self.chosen_stage = "thought", None
        self.tell("runs again; esc stops it")
        self.paint()

    # stages

    def on_stage_key(self, event: events.Key) -> bool:
        """Choose or change a stage while the loop is on view; False: the key means nothing here."""
        lines = self.lines()
        if self.item is None or not lines or not self.loop.display:
            return False
        if event.key in {"up", "down"}:
            step = -1 if event.key == "up" else 1
            start = len(lines) if self.chosen_stage is None and step < 0 else -1
            place = start if self.chosen_stage is None else self.chosen_stage
            self.chosen_stage = min(max(place + step, 0), len(lines) - 1)
            self.repaint_loop()
            self._scroll_to_stage()
        elif event.key == "enter" and self.chosen_stage is not None:
            self._change_stage()
        elif event.character is not None and event.character in "123456789":
            self._take_draft(int(event.character) - 1)
        else:
            return False
        return True

    def _scroll_to_stage(self) -> None:
        row, height = self.loop.chosen_rows
        self.body.scroll_to_region(Region(0, row, 1, height), animate=False)

    def _change_stage(self) -> None:
        line = self._chosen_line()
        if line is None or line.kind == "working":
            self.tell("stop the loop with esc before you change the running stage")
            return
        if line.kind == "thought":
            self.action_edit()
            return
        value = editable(self._progress(), line)
        kept = f"{line.kind} {line.round}"
        self.ask(line.label.strip(), lambda text: self._stage_changed(line, text), value=value, kept=kept)

    def _stage_changed(self, line: Line, text: str) -> None:
        try:
            start = changed_at(self._progress(), line, text)
        except ValueError as error:
            self.tell(str(error), "$error")
            return
        self._restart(start)

    def _take_draft(self, number: int) -> None:
        made = self._progress()
        if number >= len(made.drafts):
            self.tell(f"there is no draft {number + 1}")
            return
        self._restart(Progress(made.keywords, made.drafts, None, made.drafts[number].text))
        self.tell(f"draft {number + 1} is the output now; its thought is being written")

    def action_stop(self) -> None:
        """Leave what is on view beside the loop, or stop that; what it made can be changed and gone on from."""
        if self.view != "other" and self.item is not None and self.desk.generation.stop(self.item.id):
            how = "stopped: up and down choose a stage, enter changes it, {regenerate} runs again"
            self.tell(self.keymap.told(how))
        elif self.view != "thought":
            self.drop_offer()
            self.view, self.chosen_stage = "thought", None
            self.paint()

    # beside the decision

    def action_note(self) -> None:
        """Write a note that goes with the decision."""
        if self.item is not None:
            self.ask("note", self._noted, value=self.note, kept=NOTE)

    def _noted(self, text: str) -> None:
        self.note = text
        self.keep_line(NOTE, text)
        self.tell(f"note: {text}" if text else "no note")

    def action_flag(self) -> None:
        """Mark the sentence, or take the mark away."""
        item = self.item
        if item is None:
            return
        is_on = FLAG not in item.flags
        try:
            self.desk.dataset.set_flag(item.id, FLAG, is_on)
        except StoreError as error:
            self.tell_error("not saved", error.message, error.hint)
            return
        self.item = replace(item, flags=self.desk.dataset.row(item.id).flags)
        self.tell_saved("flagged" if is_on else "flag taken away")
        self.paint()

    def action_bad_reference(self) -> None:
        """Mark the reference as bad, or as good again; it is on view then."""
        item = self.item
        if item is None:
            return
        if not item.sentence.references:
            self.tell("there is no reference")
            return
        try:
            marked = self.desk.mark_reference(item)
        except StoreError as error:
            self.tell_error("not saved", error.message, error.hint)
            return
        self.item, self.with_reference = replace(item, sentence=marked), True
        is_bad = not all(reference.good for reference in marked.references)
        self.tell_saved(
            "reference marked as bad; the same key takes it back" if is_bad else "the reference counts again"
        )
        self.paint()

    def action_fix(self) -> None:
        """Put a version on view in which everything is corrected that can be corrected safely."""
        item = self.item
        if not self.has_candidate() or item is None or item.candidate is None:
            return
        edit = fixed(item, languages=(self.session.source, self.session.target))
        if edit == item.as_edit():
            self.tell(self.keymap.told("nothing here can be corrected safely; {edit} edits"))
            return
        self._take_version(item, edit, "corrected")

    # having the thought mended

    def action_mend(self) -> None:
        """Have the sentences mended that still argue for the output as it was."""
        item = self.item
        if not self.has_candidate() or item is None:
            return
        stale = [(f.span.start, f.span.end) for f in item.findings if f.code == STALE and f.span is not None]
        if not stale:
            self.tell("the thought argues for nothing that was changed")
        else:
            self.tell(f"mending {len(stale)} sentence{'s' if len(stale) != 1 else ''} ...")
            self._mend(item, stale)

    @work(group="mend", exclusive=True, exit_on_error=False, description="mending a thought")
    async def _mend(self, item: Item, stale: list[tuple[int, int]]) -> None:
        engines = self.generation.engines
        if engines is None or item.candidate is None:
            self.tell("no model is open", "$error")
            return
        try:
            thought = await engines.mend(
                item.sentence, thought=item.thought, old=item.candidate.output, new=item.output, stale=stale
            )
        except PipelineError as error:
            self.tell("not mended")
            self.tell_error("not mended", error.message, error.hint)
            return
        if self.item is item:
            self._offer_mended(item, replace(item.as_edit(), thought=thought))

    def _offer_mended(self, item: Item, edit: Edit) -> None:
        self.show_other("mended thought", lambda width: changed_text(item.thought, edit.thought).wrap(width))
        self.make_offer("takes the mended thought", lambda: self._take_version(item, edit, "mended"))
        self.tell("mended: enter takes it, esc leaves it")

    def _take_version(self, item: Item, edit: Edit, how: str) -> None:
        """Put a changed version on view, and keep it as a draft."""
        self.keep_draft(item, edit)
        self.view = "thought"
        self.put_on_view(edit)
        keys = self.keymap.told("{accept} accepts it so, {diff} shows what changed")
        self.tell(f"{how}: {keys}", "$success")

    # another editor

    async def action_external(self) -> None:
        """Edit thought and output in the person's own editor; the loop goes on meanwhile."""
        item = self.item
        if not self.has_candidate() or item is None:
            return
        start = item.as_edit()
        text = self.drafts.kept_text(item.id) or external_editor.written(start, item.sentence.source)
        try:
            with self.app.batch_update(), self.app.suspend():
                returned = await asyncio.to_thread(external_editor.edit_outside, text)
        except SuspendNotSupported:
            self.tell(
                self.keymap.told("this terminal cannot be left for an editor; {edit} edits here"), "$error"
            )
            return
        except (OSError, ValueError) as error:
            self.tell_error("no editor", f"{error}.", "Set EDITOR to the editor you use.")
            return
        self._take_text(item, start, returned)

    def _take_text(self, item: Item, start: Edit, returned: external_editor.Returned) -> None:
        try:
            edit = external_editor.read(returned, start)
        except external_editor.BrokenFileError as error:
            self._keep_text(item, returned.text)
            self.tell(f"not read: {error}; {self.keymap.told('{external} opens your text again')}", "$error")
            return
        self.drafts.drop_text(item.id)
        if edit != start:
            self._take_version(item, edit, "your version")

    def _keep_text(self, item: Item, text: str) -> None:
        try:
            self.drafts.keep_text(item.id, text)
        except StoreError as error:
            self.tell_error("your text is not kept", error.message, error.hint)

    def _chosen_line(self) -> Line | None:
        lines = self.lines()
        place = self.chosen_stage
        return lines[place] if place is not None and place < len(lines) else None

    def _progress(self) -> Progress:
        item = self.item
        if item is None:
            return Progress()
        if item.candidate is not None:
            candidate = item.candidate
            return Progress(candidate.keywords or None, candidate.drafts, candidate.thought, candidate.output)
        live = self.generation.passes.get(item.id)
        return live.progress if live is not None else Progress()
