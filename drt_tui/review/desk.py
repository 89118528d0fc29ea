"""The desk of one person: which sentence lies on it, what is decided of it, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from data.ids import new_id
from data.reasons import Reason
from data.records import PENDING, Decision, Seen, Sentence, Status, Verdicts
from drt_tui.review.audit import Audit, give_back, remember, remembered
from drt_tui.review.blind import is_blind, without_trace
from drt_tui.review.codes import Codes, Examine
from drt_tui.review.drafts import Drafts, Edit
from drt_tui.review.figures import Figures
from drt_tui.review.hints import Memory
from drt_tui.review.item import Item, load_item
from drt_tui.review.mended_sentence import with_next_reference_bad, with_reference, with_source
from drt_tui.review.planted import Checks, spoilt
from drt_tui.review.queue import ReviewQueue
from drt_tui.review.steps import Change, Steps
from drt_tui.running.engines import Order
from drt_tui.running.generation import Generation
from pipeline.progress import Progress

if TYPE_CHECKING:
    from data.store import Dataset, Lease

Kind = Literal["accept", "edit", "reject", "skip", "reopen"]
GOOD = Verdicts(output="good", thought="good")
UNSAID = Verdicts()


class Desk:
    """Takes sentences from a queue, records decisions about them, and keeps the loop ahead.

    Every method that decides returns once the decision is on disk, and raises
    `data.errors.StoreError` where it is not; nothing has changed then.
    """

    def __init__(
        self,
        dataset: Dataset,
        generation: Generation,
        queue: ReviewQueue,
        drafts: Drafts,
        *,
        prefetch: int,
        examine: Examine,
        blind: float = 0.0,
        checks: float = 0.0,
    ) -> None:
        """`blind` and `checks` are shares: of sentences met blind, and of planted rows."""
        self.dataset = dataset
        self.generation = generation
        self.queue = queue
        self.drafts = drafts
        self.figures = Figures()
        self.steps = Steps(dataset, self.figures)
        self.memory = Memory(dataset)
        self.checks = Checks(dataset, checks)
        self._audit: Audit | None = remembered(dataset)
        self._prefetch = prefetch
        self._blind = blind
        self._examine = examine
        self.codes = Codes(dataset, examine)
        self.is_examining = True
        """Items are looked over as they are loaded; the linter is loaded with the first of them."""
        self._lease: Lease | None = None

    # taking sentences

    def take_next(self) -> Item | None:
        """Put the next sentence on the desk that no other process has on its own; `None`: none is left."""
        if self.queue.name == "pending" and self.checks.is_due() and (planted := self._plant()):
            return planted
        while (sentence := self.queue.advance()) is not None:
            if (item := self.take(sentence)) is not None:
                return item
        self.close()
        return None

    def _plant(self) -> Item | None:
        """Put a known-bad row on the desk, made of one that comes later; `None`: there are too few."""
        ready = [one for one in self.dataset.ids({Status.GENERATED}) if one in self.queue]
        if len(ready) < 2:
            return None
        sentence, other = self.checks.chance.sample(ready, 2)
        item = self.take(sentence)
        if item is None or item.candidate is None:
            return None
        newest = self.dataset.row(other).candidates[-1]
        bad = spoilt(item.candidate, self.dataset.candidate(newest), self.checks.chance)
        if bad is None:
            return None
        candidate, fault = bad
        return self.examined(replace(item, candidate=candidate, planted=fault), None)

    def take(self, sentence: str) -> Item | None:
        """Put this sentence on the desk; `None`: another process has it."""
        if self._lease is None or self._lease.sentence != sentence:
            lease = self.dataset.claim(sentence, "review")
            if lease is None:
                return None
            self.close()
            self._lease = lease
        self.look_ahead(sentence)
        return self.load(sentence)

    def load(self, sentence: str, *, candidate: str | None = None) -> Item:
        """Return a sentence with one of its candidates, and what is found of it."""
        item = load_item(self.dataset, sentence, candidate=candidate, edit=self.drafts.load(sentence))
        if not item.is_judged and is_blind(sentence, self.dataset.annotator, self._blind):
            item = replace(item, is_blind=True, findings=without_trace(item.findings))
        return self.examined(item, item.edit) if self.is_examining else item

    def examined(self, item: Item, edit: Edit | None) -> Item:
        """Return the item with this version of its texts on view, and what is found of it."""
        if item.candidate is None:
            return item
        findings = self._examine(item.sentence, item.candidate, edit)
        return replace(item, edit=edit, findings=without_trace(findings) if item.is_blind else findings)

    def look_ahead(self, current: str | None = None) -> None:
        """Have as many sentences ready ahead as is wished, the one on the desk before all others."""
        wanted = self.queue.upcoming(self._prefetch - self.queue.ready_ahead(self._prefetch))
        if current is not None and self._is_to_be_made(current):
            wanted = [current, *(sentence for sentence in wanted if sentence != current)]
        self.generation.want(wanted)

    def _is_to_be_made(self, sentence: str) -> bool:
        row = self.dataset.row(sentence)
        return row.status is Status.NEW and not row.is_held_out

    def follow(self) -> frozenset[str]:
        """Take in what other processes have done; return the sentences concerned."""
        changed = self.dataset.follow()
        for sentence in changed:
            status = self.dataset.row(sentence).status
            if status in PENDING:
                self.queue.append([sentence])
            if status is Status.GENERATED:
                self.queue.note_ready(sentence)
        return changed

    def close(self) -> None:
        """Leave the desk empty."""
        if self._lease is not None:
            self._lease.release()
            self._lease = None

    # deciding

    def accept(self, item: Item, seen: Seen, *, note: str = "") -> Status:
        """Record that output and thought on view are good: as made, or as the person changed them."""
        if item.planted is not None and item.edit is None:
            return self._checked(item, caught=False)
        if item.edit is not None:
            return self.save_edit(item, seen, edit=item.edit, note=note)
        return self._decide(item, "accept", seen, verdicts=GOOD, note=note)

    def save_edit(self, item: Item, seen: Seen, *, edit: Edit, note: str = "") -> Status:
        """Record a person's own version; where nothing differs from what was made this is `accept`."""
        candidate = item.candidate
        if candidate is None:
            raise ValueError("there is no candidate to be edited")
        if item.planted is not None:
            return self._checked(
                item, caught=(edit.output, edit.thought) != (candidate.output, candidate.thought)
            )
        mended = with_reference(with_source(item.sentence, edit.source), edit.reference)
        if mended != item.sentence:
            self.dataset.update_sentence(mended)
        output = edit.output if edit.output != candidate.output else None
        thought = edit.thought if edit.thought != candidate.thought else None
        verdicts = Verdicts(
            output="good" if output is None else "bad", thought="good" if thought is None else "bad"
        )
        kind: Kind = "accept" if output is None and thought is None else "edit"
        status = self._decide(item, kind, seen, verdicts=verdicts, note=note, output=output, thought=thought)
        if mended != item.sentence:
            self.steps.note_mended(item.sentence, mended)
        self.drafts.drop(item.id)
        return status

    def reject(self, item: Item, seen: Seen, *, reason: Reason | None, note: str = "") -> Status:
        """Record a rejection; a source that is at fault is parked, which no model is blamed for."""
        if item.planted is not None:
            return self._checked(item, caught=True)
        concerns = reason.concerns if reason is not None else None
        verdicts = Verdicts(
            output="bad" if concerns == "output" else None, thought="bad" if concerns == "thought" else None
        )
        reasons = (reason.code,) if reason is not None else ()
        return self._decide(item, "reject", seen, verdicts=verdicts, reasons=reasons, note=note)

    def skip(self, item: Item, seen: Seen, *, note: str = "") -> Status:
        """Record that nothing is decided; a planted row that is skipped is no check."""
        if item.planted is not None:
            return item.status
        return self._decide(item, "skip", seen, note=note)

    def reopen(self, item: Item, seen: Seen) -> Status:
        """Put a judged sentence back among the pending ones."""
        if item.status is Status.FAILED:
            return self.dataset.reopen(item.id)
        return self._decide(item, "reopen", seen)

    def keep_output(self, item: Item, seen: Seen, *, advice: str) -> Status:
        """Record that the output is good and the thought is not, and have the thought written anew."""
        if item.planted is not None:
            return self._checked(item, caught=not item.planted.in_output)
        verdicts = Verdicts(output="good", thought="bad")
        status = self._decide(item, "reopen", seen, verdicts=verdicts, note=advice)
        self.rewrite_thought(item, advice, output=item.output)
        return status

    def _checked(self, item: Item, *, caught: bool) -> Status:
        self.checks.note(caught=caught)
        return item.status

    def mark_reference(self, item: Item) -> Sentence:
        """Mark the next reference as bad, so that no figure is taken against it; after the last, all are good."""
        sentence = self.dataset.sentence(item.id)
        marked = with_next_reference_bad(sentence)
        put = self.dataset.update_sentence
        put(marked)
        self.steps.note(Change("reference", item.id, partial(put, sentence), partial(put, marked)))
        return marked

    # having things made anew

    def rewrite_thought(self, item: Item, advice: str = "", *, output: str) -> None:
        """Have only the thought written anew, for this output."""
        self.restart(item, replace(progress_to_refine(item), output=output), advice)

    def remedy(self, item: Item, reason: Reason) -> None:
        """Have a rejected sentence made anew with the reason as advice; it is pending again."""
        self._decide(item, "reopen", Seen())
        if reason.remedy == "reformulate":
            self.rewrite_thought(item, reason.text, output=item.output)
        else:
            self.restart(item, progress_to_refine(item), reason.text)

    def restart(self, item: Item, start: Progress, advice: str = "", model: str | None = None) -> None:
        """Run the loop from these artefacts on, asking `model` first if one is named."""
        self.generation.order(Order(item.id, start, advice or None, len(item.candidates), model))

    def _decide(
        self,
        item: Item,
        kind: Kind,
        seen: Seen,
        *,
        verdicts: Verdicts = UNSAID,
        reasons: Sequence[str] = (),
        note: str = "",
        output: str | None = None,
        thought: str | None = None,
    ) -> Status:
        decision = Decision(
            id=new_id(),
            sentence=item.id,
            candidate=item.candidate.id if item.candidate else None,
            kind=kind,
            by=self.dataset.annotator,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            verdicts=verdicts,
            reasons=tuple(reasons),
            note=note,
            seen=seen,
            blind=item.is_blind,
            output=output,
            thought=thought,
        )
        audit = self.audit
        status = self.dataset.decide(decision)
        if kind != "reopen":
            self.figures.note(decision, item.candidate)
        if item.candidate is None:
            self.generation.stop(item.id)
        if audit is not None and item.id in audit.drawn and kind in {"accept", "edit", "reject"}:
            self._audit = audit.noted(item.id, is_fault=kind == "reject" or output is not None)
            remember(self.dataset, self._audit)
        return status

    # auditing

    @property
    def audit(self) -> Audit | None:
        """The bulk acceptance whose sample is being read."""
        audit = self._audit
        return audit if audit is not None and audit.is_under_way(self.dataset) else None

    def begin_audit(self, audit: Audit) -> None:
        """Take the sample of a bulk acceptance to be read."""
        self._audit = audit

    def end_audit(self) -> str:
        """Return what came of an audit that is over, in words; rows are given back where it failed."""
        audit, self._audit = self._audit, None
        if audit is None:
            return ""
        if audit.bound <= audit.limit and not audit.has_failed:
            remember(self.dataset, None)
            return f"{audit}: within {audit.limit:.0%}, all stay accepted"
        count = give_back(self.dataset, audit)
        return f"{audit}: over {audit.limit:.0%}, {count:,} rows are pending again (undo takes that back)"


def progress_to_refine(item: Item) -> Progress:
    """Return the candidate's keywords and drafts, with nothing decided of output and thought."""
    candidate = item.candidate
    if candidate is None:
        return Progress()
    return Progress(candidate.keywords or None, candidate.drafts)
