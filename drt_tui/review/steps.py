"""The way back: what a person decided, and what they did beside deciding, undone in its turn.

The store undoes decisions, also after a restart. A source or reference that was mended with a
decision goes with it, as long as that. What was done to rows beside decisions (tags, references
marked as bad) can be taken back while the app runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from data.records import Sentence
from data.store import Dataset
from drt_tui.review.drafts import Edit
from drt_tui.review.figures import Figures
from drt_tui.review.item import version_of

_MENDED = "mended"
_Stack: TypeAlias = "list[tuple[str | None, Change]]"


@dataclass(frozen=True, slots=True)
class Change:
    """Something done that is no decision, and how it is taken back and done again."""

    what: str
    sentence: str
    take_back: Callable[[], object]
    do_again: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Step:
    """What was just taken back or done again."""

    what: str
    sentence: str
    is_decision: bool = False
    version: Edit | None = None
    """The person's version that is accepted no longer."""


class Steps:
    """One person's undo and redo, in the order in which things were done."""

    def __init__(self, dataset: Dataset, figures: Figures) -> None:
        """`figures` are kept right."""
        self._dataset = dataset
        self._figures = figures
        self._done: _Stack = []
        """Changes, each with the decision that counted last when it was made."""
        self._undone: _Stack = []

    def note(self, change: Change) -> None:
        """Remember a change that was made."""
        self._done.append((self._dataset.last_decision(), change))
        self._undone.clear()

    def note_mended(self, before: Sentence, after: Sentence) -> None:
        """Remember that the last decision came with a mended sentence.

        Raises:
            NotSaved: the disk refused.
        """
        texts = {"before": before.model_dump(mode="json"), "after": after.model_dump(mode="json")}
        self._dataset.note_meta(f"{_MENDED}/{self._dataset.last_decision()}", texts)

    def undo(self) -> Step | None:
        """Take back the last thing done; `None`: there is nothing.

        Raises:
            StoreError: it was not saved.
        """
        last = self._dataset.last_decision()
        if self._done and self._done[-1][0] == last:
            return self._move(self._done, self._undone, lambda change: change.take_back())
        version = self._version_with(last)
        self._put_sentence(last, "before")
        undone = self._dataset.undo()
        if undone is None:
            return None
        self._figures.take_back(undone)
        return Step(undone.kind, undone.sentence, is_decision=True, version=version)

    def redo(self) -> Step | None:
        """Do again what was taken back last; `None`: there is nothing.

        Raises:
            StoreError: it was not saved.
        """
        if self._undone and self._undone[-1][0] == self._dataset.last_decision():
            return self._move(self._undone, self._done, lambda change: change.do_again())
        redone = self._dataset.redo()
        if redone is None:
            return None
        self._figures.do_again(redone)
        self._put_sentence(redone.id, "after")
        return Step(redone.kind, redone.sentence, is_decision=True)

    def _version_with(self, last: str | None) -> Edit | None:
        """Return the version of a person's own that a decision accepted, if it did."""
        decision = self._dataset.decision(last) if last is not None else None
        if decision is None or decision.candidate is None:
            return None
        candidate = self._dataset.candidate(decision.candidate)
        return version_of(decision, candidate, self._dataset.sentence(decision.sentence))

    def _move(self, source: _Stack, target: _Stack, act: Callable[[Change], object]) -> Step:
        _, change = source[-1]
        act(change)
        target.append(source.pop())
        return Step(change.what, change.sentence)

    def _put_sentence(self, decision: str | None, when: Literal["before", "after"]) -> None:
        """Put the sentence as it was before or after it was mended with this decision, if it was."""
        mended = self._dataset.meta(f"{_MENDED}/{decision}")
        if isinstance(mended, dict):
            self._dataset.update_sentence(Sentence.model_validate(mended[when]))
