"""What is asked of a dataset all day; no question scans all rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from data.records import Candidate, Decision, Example, Record, Sentence, Status
from data.store.contents import Contents
from data.store.documents import DecisionHead, IndexRow, damaged_row, plain_sentence
from data.store.standing import ruling
from data.store.storage import JournalStorage

R = TypeVar("R", bound=Record)


class Reading:
    """The questions, answered from what the last change or `follow` took in.

    All of them raise `StoreError` where a row that they look at is damaged.
    """

    def __init__(self, storage: JournalStorage, annotator: str) -> None:
        self._storage = storage
        self.annotator = annotator

    def count(self, status: Status | None = None) -> int:
        """Return how many sentences there are, or have a status."""
        counts = self._contents.sentences.counts()
        return sum(counts.values()) if status is None else counts[status]

    def counts(self) -> dict[Status, int]:
        """Return how many sentences have each status; every status is a key."""
        return self._contents.sentences.counts()

    def held_out(self) -> dict[Status, int]:
        """Return how many of the sentences kept for validation and test have each status."""
        return self._contents.sentences.held_out()

    def groups(self) -> dict[str, int]:
        """Return how many sentences each group has."""
        return self._contents.sentences.groups()

    def ids(self, status: Collection[Status] | None = None, group: str | None = None) -> Sequence[str]:
        """Return ids of sentences in import order."""
        return [row.id for row in self._contents.sentences.rows(status, group)]

    def rows(self, status: Collection[Status] | None = None, group: str | None = None) -> Iterator[IndexRow]:
        """Yield what is known of sentences without reading them, in import order."""
        return self._contents.sentences.rows(status, group)

    def next_id(self, status: Collection[Status], after: str | None = None) -> str | None:
        """Return the first sentence with one of the statuses, behind sentence `after` in import order."""
        row = self._contents.sentences.next(status, self._contents.number_of(after) if after else 0)
        return row.id if row else None

    def __contains__(self, sentence_id: object) -> bool:
        return isinstance(sentence_id, str) and self._contents.sentences.number(sentence_id) is not None

    def row(self, sentence_id: str) -> IndexRow:
        """Return what is known of a sentence without reading it."""
        return self._contents.row(sentence_id)

    def sentence(self, sentence_id: str) -> Sentence:
        """Return a sentence."""
        document = self._contents.document("sentences", self._contents.number_of(sentence_id))
        return _read(_sentence, document)

    def candidate(self, candidate_id: str) -> Candidate:
        """Return a candidate."""
        return _read(Candidate.model_validate_json, self._contents.candidate_document(candidate_id))

    def candidates_of(self, sentence_id: str) -> tuple[str, ...]:
        """Return the ids of a sentence's candidates, oldest first."""
        return self.row(sentence_id).candidates

    def candidate_with(self, sentence_id: str, settings: str) -> str | None:
        """Return the newest candidate of a sentence that was made under these settings, if any."""
        heads = map(self._contents.candidate_head, reversed(self.candidates_of(sentence_id)))
        return next((head.id for head in heads if head.settings == settings), None)

    def decisions_of(self, sentence_id: str) -> tuple[Decision, ...]:
        """Return all decisions on a sentence, undos and redos among them, in journal order."""
        return tuple(self.decision(head.id) for head in self._contents.decisions_on(sentence_id))

    def decisions(self) -> Iterator[Decision]:
        """Yield all decisions in journal order."""
        rows = self._contents.tables["decisions"]
        return (
            _read(Decision.model_validate_json, self._contents.document("decisions", row)) for row in rows
        )

    def decision(self, decision_id: str) -> Decision:
        """Return a decision that exists."""
        return _read(Decision.model_validate_json, self._contents.decision_document(decision_id))

    def decision_heads(self) -> list[DecisionHead]:
        """Return who did what, without what was said about it, in journal order."""
        return self._contents.decisions.heads()

    def ruling(self, sentence_id: str) -> Decision | None:
        """Return the decision that gives a sentence its status, if one does."""
        head = ruling(self._contents.decisions_on(sentence_id))
        return self.decision(head.id) if head else None

    def example(self, sentence_id: str) -> Example | None:
        """Return the curated row of a sentence, if it has one."""
        document = self._contents.tables["examples"].get(self._contents.number_of(sentence_id))
        return None if document is None else _read(Example.model_validate_json, document)

    def examples(self) -> Iterator[Example]:
        """Yield all curated rows in import order, one at a time."""
        rows = self._contents.tables["examples"]
        return (_read(Example.model_validate_json, self._contents.document("examples", row)) for row in rows)

    def failure(self, sentence_id: str) -> str | None:
        """Return why a sentence failed or was parked, in words or reason codes."""
        row = self.row(sentence_id)
        if row.status is Status.FAILED:
            return row.failed
        decision = self.ruling(sentence_id) if row.status is Status.PARKED else None
        return None if decision is None else decision.note or ", ".join(decision.reasons)

    def look_at_all(self) -> None:
        """Find all rows now, in whatever thread: the first questions after the opening find theirs without."""
        self._contents.look_at_all()

    def meta(self, key: str) -> Any:
        """Return a value noted with `note_meta`, or `None`."""
        return self._contents.meta.value(key)

    def last_decision(self) -> str | None:
        """Return the id of this annotator's last decision that still counts: what `undo` takes back."""
        done = self._contents.decisions.steps(self.annotator).done
        return done[-1] if done else None

    @property
    def _contents(self) -> Contents:
        return self._storage.contents


def _read(parse: Callable[[bytes], R], document: bytes) -> R:
    try:
        return parse(document)
    except ValidationError as error:
        raise damaged_row(error.errors()[0]["msg"]) from error
    except ValueError as error:
        raise damaged_row(error) from error


def _sentence(document: bytes) -> Sentence:
    return Sentence.model_validate(plain_sentence(document))
