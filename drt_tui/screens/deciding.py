"""What the keys decide: accept, edit, reject, skip, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on

from data.errors import StoreError
from data.reasons import Reason
from data.records import Finding, Seen, Status
from drt_tui.review.drafts import Edit
from drt_tui.review.item import Item
from drt_tui.review.queue_choice import AUDIT
from drt_tui.review.steps import Step
from drt_tui.screens.front import Front
from drt_tui.widgets.reason_line import ReasonLine

if TYPE_CHECKING:
    from drt_tui.screens.edit import EditResult


class Deciding(Front):
    """Every decision is on disk before the screen moves on; one that is not leaves the screen as it is."""

    def decide(self, record: Callable[[Item, Seen], Status], past: str) -> bool:
        """Record a decision about the item, say so, and go on to the next. False: it was not saved."""
        item = self.item
        if item is None:
            return False
        try:
            record(item, self.seen())
        except StoreError as error:
            self.tell_error("not saved", error.message, error.hint)
            return False
        self.guard.decided(self.key)
        self.drafts.drop_lines(item.id)
        self.drop_offer()
        if item.planted is None:
            self.tell_saved(past)
        else:
            self.tell(f"{past}; that was a planted check and is no data: {item.planted.what}", "$warning")
        self.show_next()
        self._go_on_with_audit()
        return True

    def _go_on_with_audit(self) -> None:
        audit = self.desk.audit
        if audit is None or self.desk.queue.name != AUDIT:
            return
        self.tell(str(audit))
        if audit.is_over:
            self.notify(self.desk.end_audit(), title="audit", timeout=20, markup=False)
            self.paint_counts()

    def has_candidate(self) -> bool:
        """Whether there is something to judge; says so where there is not."""
        if self.item is None:
            return False
        if self.item.candidate is not None:
            return True
        live = self.generation.passes.get(self.item.id)
        if self.item.failure or (live is not None and (live.ended or live.is_stopped)):
            how = "there is no candidate: {regenerate} runs the loop again, {reject} rejects, {skip} skips"
        else:
            how = "still being generated: {reject} rejects, {skip} skips, esc stops"
        self.tell(self.keymap.told(how), "$warning")
        return False

    def action_accept(self) -> None:
        """Accept what is on view, unless the project refuses rows with such findings."""
        if not self.has_candidate() or self.item is None:
            return
        strict = set(self.session.settings.review.strict)
        findings = self.desk.examined(self.item, self.item.edit).findings if strict else ()
        refused = [finding.code for finding in findings if finding.code in strict]
        if refused:
            how = self.keymap.told("{fix} corrects, {edit} edits")
            self.tell(f"not accepted, strict: {', '.join(refused)}; {how}", "$error")
            return
        past = "accepted" if self.item.edit is None else "accepted with your changes"
        self.decide(partial(self.desk.accept, note=self.note), past)

    def action_skip(self) -> None:
        """Decide nothing."""
        self.decide(partial(self.desk.skip, note=self.note), "skipped")

    def action_output_only(self) -> None:
        """Keep the output, and have the thought written anew for a reason that is asked for."""
        if self.has_candidate():
            self.ask(
                "what is wrong with the thought?",
                self._keep_output,
                hint="enter: nothing in particular",
                kept="thought advice",
            )

    def _keep_output(self, advice: str) -> None:
        self.key = "enter"
        record = partial(self.desk.keep_output, advice=advice)
        self.decide(record, "output kept; its thought is being written anew")

    # rejecting

    def action_reject(self) -> None:
        """Ask for the reason."""
        if self.item is not None:
            self.take_keys()
            self.reasons.ask()

    @on(ReasonLine.Chosen)
    def _reject(self, event: ReasonLine.Chosen) -> None:
        self.leave_line()
        rejected, reason = self.item, event.reason
        self.key = reason.digit if reason is not None else "enter"
        is_parked = reason is not None and reason.remedy == "park"
        past = ("parked" if is_parked else "rejected") + (f": {reason.text}" if reason else "")
        saved = self.decide(partial(self.desk.reject, reason=reason, note=self.note), past)
        if saved and rejected is not None and rejected.planted is None and reason is not None:
            self._offer_remedy(rejected, reason)

    def _offer_remedy(self, item: Item, reason: Reason) -> None:
        if item.candidate is None or reason.remedy not in {"refine", "reformulate"}:
            return
        again = "translates it again" if reason.remedy == "refine" else "writes its thought again"
        about = item.sentence.group or item.sentence.source
        self.make_offer(f"{again}, told “{reason.text}”: {about}", lambda: self._remedy(item, reason))

    def _remedy(self, item: Item, reason: Reason) -> None:
        self.desk.remedy(item, reason)
        self.paint_counts()
        self.tell("being generated again; it comes back when it is ready")

    # editing

    def action_edit(self) -> None:
        """Open the editor on what is on view."""
        if self.has_candidate() and self.item is not None:
            self._open_editor(self.item)

    def _open_editor(self, item: Item) -> None:
        from drt_tui.screens.edit import EditScreen

        def look_over(edit: Edit) -> tuple[Finding, ...]:
            return self.desk.examined(item, edit).findings

        keep = partial(self.keep_draft, item)
        self.app.push_screen(EditScreen(item, keep=keep, look_over=look_over), self._edited)

    def keep_draft(self, item: Item, edit: Edit) -> None:
        """Keep an unfinished edit on disk; one of a planted row is of no use to anybody."""
        self.reading.note_activity()
        if item.planted is None:
            self._keep_version(item.id, edit)

    def _keep_version(self, sentence: str, edit: Edit) -> None:
        try:
            self.drafts.save(sentence, edit)
        except StoreError as error:
            self.tell_error("draft not kept", error.message, error.hint)

    def _edited(self, result: EditResult | None) -> None:
        """Record an edit that was saved; one that was left stays on view as the person's own version."""
        if result is None or self.item is None:
            return
        if result.is_saved:
            self.key = "ctrl+s"
            record = partial(self.desk.save_edit, edit=result.edit, note=self.note)
            self.decide(record, "accepted with your changes")
        elif result.edit != self.item.as_edit():
            self.put_on_view(result.edit)
            self.tell_open_version()

    def put_on_view(self, edit: Edit | None) -> None:
        """Show a person's version of the item, or the candidate as it was made."""
        if self.item is not None:
            self.item = self.desk.examined(self.item, edit)
            self.paint()

    # the way back

    def action_undo(self) -> None:
        """Take back the last decision and show its sentence again."""
        step = self._step(self.desk.steps.undo, "nothing to undo")
        if step is None:
            return
        self.tell_saved(f"taken back: {step.what}")
        if step.version is not None:
            self._keep_version(step.sentence, step.version)
        if step.is_decision:
            self._show_again(step.sentence)
        else:
            self._show_changed(step.sentence)

    def _show_again(self, sentence: str) -> None:
        """Put a sentence in front whose decision was taken back."""
        if self.item is not None and self.item.id != sentence:
            self.desk.queue.put_back(self.item.id)
        item = self.desk.take(sentence)
        if item is None:
            self.paint()
            self.tell("taken back; somebody else has that sentence in front of them", "$warning")
        else:
            self.show_item(item)

    def action_redo(self) -> None:
        """Do again what was undone last."""
        step = self._step(self.desk.steps.redo, "nothing to redo")
        if step is None:
            return
        self.tell_saved(f"done again: {step.what}")
        if step.what == "edit":
            self.drafts.drop(step.sentence)
        if not step.is_decision:
            self._show_changed(step.sentence)
        elif self.item is None or self.item.id == step.sentence:
            self.show_next()
        else:
            self.paint_counts()

    def _show_changed(self, sentence: str) -> None:
        """Paint the sentence in front anew, if it is this one."""
        if self.item is not None and self.item.id == sentence:
            self.item = replace(self.item, sentence=self.desk.dataset.sentence(sentence))
        self.paint()

    def _step(self, step: Callable[[], Step | None], nothing: str) -> Step | None:
        try:
            made = step()
        except StoreError as error:
            self.tell_error("not saved", error.message, error.hint)
            return None
        if made is None:
            self.tell(nothing)
        return made

    def action_reopen(self) -> None:
        """Put a judged sentence back among the pending ones."""
        if self.item is not None and self.item.is_judged:
            self.decide(self.desk.reopen, "put back among the pending ones")
        else:
            self.tell("this sentence is pending already")
