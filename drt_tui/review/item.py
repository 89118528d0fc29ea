"""What lies in front of a person: a sentence, one of its candidates, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data.reasons import BY_CODE
from data.records import Candidate, Decision, Finding, Sentence, Status
from drt_tui.review.drafts import Edit
from drt_tui.review.planted import Fault

if TYPE_CHECKING:
    from data.store import Dataset


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence and the candidate being looked at, `None` while there is none."""

    sentence: Sentence
    status: Status
    flags: tuple[str, ...]
    candidates: tuple[str, ...]
    """Ids, oldest first."""
    candidate: Candidate | None
    decision: Decision | None = None
    """The decision that gives the sentence its status, if one does."""
    edit: Edit | None = None
    """The person's own version, where one was begun; it is what is shown and what is accepted."""
    findings: tuple[Finding, ...] = ()
    failure: str = ""
    """Why there is no candidate, or why it was parked; empty where neither is so."""
    is_blind: bool = False
    """What the loop thought of it, and who made it, is not to be shown."""
    planted: Fault | None = None
    """What was done to the candidate where it is a check of the person, and no data."""

    @property
    def id(self) -> str:
        """The sentence's id."""
        return self.sentence.id

    @property
    def output(self) -> str:
        """The output on view."""
        if self.edit is not None:
            return self.edit.output
        return self.candidate.output if self.candidate is not None else ""

    @property
    def thought(self) -> str:
        """The thought on view."""
        if self.edit is not None:
            return self.edit.thought
        return self.candidate.thought if self.candidate is not None else ""

    @property
    def source(self) -> str:
        """The source on view."""
        return (self.edit.source if self.edit is not None else "") or self.sentence.source

    @property
    def reference(self) -> str:
        """The first reference, empty where there is none."""
        return self.sentence.references[0].text if self.sentence.references else ""

    @property
    def place(self) -> int:
        """Place of the candidate among all, from 0; -1 where there is none."""
        return self.candidates.index(self.candidate.id) if self.candidate is not None else -1

    @property
    def is_judged(self) -> bool:
        """Whether the sentence has left the pending ones."""
        return self.status not in {Status.NEW, Status.GENERATED}

    @property
    def judgement(self) -> str:
        """What was decided of the sentence, by whom and why; empty while it is pending."""
        if not self.is_judged:
            return ""
        if self.decision is None:
            return self.status.value
        reasons = (BY_CODE[code].text if code in BY_CODE else code for code in self.decision.reasons)
        why = ", ".join(reasons)
        return f"{self.status.value} by {self.decision.by}" + (f": {why}" if why else "")

    @property
    def has_open_version(self) -> bool:
        """Whether a person's version is on view that nobody accepted yet."""
        return self.edit is not None and self.edit != self._accepted_version

    @property
    def _accepted_version(self) -> Edit | None:
        if self.decision is None or self.candidate is None:
            return None
        return version_of(self.decision, self.candidate, self.sentence)

    def while_made_anew(self) -> Item:
        """Return the sentence as it is in front while a new candidate is being made of it."""
        return replace(self, candidate=None, edit=None, findings=(), planted=None)

    def as_edit(self) -> Edit:
        """Return what is on view as the start of an edit.

        Raises:
            ValueError: there is no candidate to be edited.
        """
        if self.candidate is None:
            raise ValueError("there is no candidate yet")
        if self.edit is not None:
            return replace(self.edit, source=self.source)
        return Edit(self.candidate.id, self.output, self.thought, self.reference, self.source)


def load_item(
    dataset: Dataset, sentence_id: str, *, candidate: str | None = None, edit: Edit | None = None
) -> Item:
    """Return the sentence with the candidate of that id, or with its newest one.

    `edit` counts only where it is of that candidate. A sentence that was judged shows the text that
    was accepted.
    """
    row = dataset.row(sentence_id)
    ruling = dataset.ruling(sentence_id)
    if candidate is None and ruling is not None and ruling.kind in {"accept", "edit", "auto"}:
        candidate = ruling.candidate
    chosen = dataset.candidate(candidate or row.candidates[-1]) if row.candidates else None
    sentence = dataset.sentence(sentence_id)
    if chosen is not None and edit is None and ruling is not None:
        edit = version_of(ruling, chosen, sentence)
    return Item(
        sentence=sentence,
        status=row.status,
        flags=row.flags,
        candidates=row.candidates,
        candidate=chosen,
        decision=ruling,
        findings=chosen.findings if chosen is not None else (),
        failure=dataset.failure(sentence_id) or "",
        edit=edit if edit is not None and chosen is not None and edit.candidate == chosen.id else None,
    )


def version_of(decision: Decision, candidate: Candidate, sentence: Sentence) -> Edit | None:
    """Return the version that a decision accepted in place of what was made; `None`: it accepted no other."""
    if decision.kind != "edit":
        return None
    return Edit(
        decision.candidate or candidate.id,
        decision.output or candidate.output,
        decision.thought or candidate.thought,
        sentence.references[0].text if sentence.references else "",
        sentence.source,
    )
