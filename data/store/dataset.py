"""The dataset of a project as the app sees it: records in, records out."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from data.ids import new_id
from data.records import Candidate, Decision, Example, Sentence, Status
from data.store.contents import Contents
from data.store.documents import DecisionHead, IndexRow, dumps, plain_sentence, sentence_document
from data.store.folder import ProjectFolder
from data.store.judging import UNDECIDED, Judging
from data.store.leases import Lease, Leases, Purpose
from data.store.standing import ruling
from data.store.storage import JournalStorage

_BATCH = 500
"""Sentences, candidates or decisions in one line of the journal."""
_Item = TypeVar("_Item")
_Made = TypeVar("_Made", Candidate, Decision)


class Added(NamedTuple):
    """What came of an import: new sentences, and those that were there already."""

    added: int
    duplicates: int


class Dataset:
    """Sentences, candidates, decisions and examples of one project.

    Each changing call is one transaction: when it returns, it is on the disk; when it raises
    `NotSaved`, nothing of it counts and it may be repeated. It sees what other processes appended
    before it. Reading calls see what the last changing call or `follow` took in, and none of them
    scans all rows. May be used from several threads.
    """

    def __init__(self, storage: JournalStorage, annotator: str) -> None:
        self._storage = storage
        self._leases = Leases(storage.folder)
        self.annotator = annotator

    @classmethod
    def open(cls, folder: ProjectFolder, *, annotator: str | None = None, read_only: bool = False) -> Dataset:
        """Open a project, which may be empty; no file is created before the first change.

        Args:
            folder: The project.
            annotator: In whose name to decide; the login name where it is not given.
            read_only: Refuse changes.

        Raises:
            StoreError: a file of the project is damaged or missing.
            NewerSchema: a newer version of this program wrote it.
        """
        return cls(JournalStorage(folder, read_only=read_only), annotator or login_name())

    def __enter__(self) -> Dataset:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all files; all changes are saved already."""
        self._storage.close()

    @property
    def folder(self) -> ProjectFolder:
        """The project."""
        return self._storage.folder

    @property
    def read_only(self) -> bool:
        """Changes are refused."""
        return self._storage.read_only

    @property
    def notices(self) -> list[str]:
        """What a person should know, e.g. that a torn line was cut off."""
        return self._storage.notices

    # Reading

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
        return Sentence.model_validate(plain_sentence(document))

    def candidate(self, candidate_id: str) -> Candidate:
        """Return a candidate."""
        return Candidate.model_validate_json(self._contents.candidate_document(candidate_id))

    def candidates_of(self, sentence_id: str) -> tuple[str, ...]:
        """Return the ids of a sentence's candidates, oldest first."""
        return self.row(sentence_id).candidates

    def candidate_with(self, sentence_id: str, settings: str) -> str | None:
        """Return the newest candidate of a sentence that was made under these settings, if any."""
        heads = map(self._contents.candidate_head, reversed(self.candidates_of(sentence_id)))
        return next((head.id for head in heads if head.settings == settings), None)

    def decisions_of(self, sentence_id: str) -> tuple[Decision, ...]:
        """Return all decisions on a sentence, undos and redos among them, in journal order."""
        return tuple(self.decision(head.id) for head in self._contents.decisions.of_sentence(sentence_id))

    def decisions(self) -> Iterator[Decision]:
        """Yield all decisions in journal order."""
        rows = self._contents.tables["decisions"]
        return (Decision.model_validate_json(self._contents.document("decisions", row)) for row in rows)

    def decision(self, decision_id: str) -> Decision:
        """Return a decision that exists."""
        return Decision.model_validate_json(self._contents.decision_document(decision_id))

    def decision_heads(self) -> list[DecisionHead]:
        """Return who did what, without what was said about it, in journal order."""
        return self._contents.decisions.heads()

    def ruling(self, sentence_id: str) -> Decision | None:
        """Return the decision that gives a sentence its status, if one does."""
        head = ruling(self._contents.decisions.of_sentence(sentence_id))
        return self.decision(head.id) if head else None

    def example(self, sentence_id: str) -> Example | None:
        """Return the curated row of a sentence, if it has one."""
        document = self._contents.tables["examples"].get(self._contents.number_of(sentence_id))
        return None if document is None else Example.model_validate_json(document)

    def examples(self) -> Iterator[Example]:
        """Yield all curated rows in import order, one at a time."""
        rows = self._contents.tables["examples"]
        return (Example.model_validate_json(self._contents.document("examples", row)) for row in rows)

    def failure(self, sentence_id: str) -> str | None:
        """Return why a sentence failed or was parked, in words or reason codes."""
        row = self.row(sentence_id)
        if row.status is Status.FAILED:
            return row.failed
        decision = self.ruling(sentence_id) if row.status is Status.PARKED else None
        return None if decision is None else decision.note or ", ".join(decision.reasons)

    def meta(self, key: str) -> Any:
        """Return a value noted with `note_meta`, or `None`."""
        return self._contents.meta.value(key)

    # Changing

    def add_sentences(self, sentences: Iterable[Sentence]) -> Added:
        """Add sentences; one that is there already is counted and left as it is.

        Saved in batches: after `NotSaved` the first ones may be there, and repeating adds the rest.
        """
        added = duplicates = 0
        for batch in _batches(sentences):
            with self._storage.transaction() as transaction:
                known = self._contents.sentences
                new: dict[str, Sentence] = {}
                for sentence in batch:
                    if known.number(sentence.id) is None:
                        new.setdefault(sentence.id, sentence)
                for sentence in new.values():
                    row = IndexRow(sentence.id, Status.NEW, sentence.group)
                    transaction.put("sentences", sentence_document(sentence, row))
            added += len(new)
            duplicates += len(batch) - len(new)
        return Added(added, duplicates)

    def update_sentence(self, sentence: Sentence) -> None:
        """Replace what is known of a sentence (references, spans, split …); its status stays."""
        self.update_sentences([sentence])

    def update_sentences(self, sentences: Iterable[Sentence]) -> None:
        """Replace what is known of sentences; saved in batches, which may be repeated after `NotSaved`."""
        for batch in _batches(sentences):
            with self._storage.transaction() as transaction:
                for sentence in batch:
                    Judging(transaction).replace(sentence)

    def add_candidate(self, candidate: Candidate) -> None:
        """Add a candidate; its sentence becomes `generated`, unless a decision on it counts."""
        with self._storage.transaction() as transaction:
            if self._contents.candidates.number(candidate.id) is None:
                Judging(transaction).add_candidate(candidate)

    def add_candidates(self, candidates: Iterable[Candidate]) -> int:
        """Add candidates that were made elsewhere; return how many were not there yet.

        Saved in batches: after `NotSaved` the first ones may be there, and repeating adds the rest.
        """
        added = 0
        for batch in _batches(candidates, of_sentence=lambda candidate: candidate.sentence):
            with self._storage.transaction() as transaction:
                known, judging = self._contents.candidates, Judging(transaction)
                for candidate in _first_of_each(batch):
                    if known.number(candidate.id) is None:
                        judging.add_candidate(candidate)
                        added += 1
        return added

    def add_decisions(self, decisions: Iterable[Decision]) -> int:
        """Add decisions made elsewhere, as they are; return how many count now.

        One that is known is passed over, and so is one on a sentence that has a ruling here: what came
        first is for people to overrule. Saved in batches, as `add_candidates`.

        Raises:
            StoreError: there is nothing to accept.
        """
        added = 0
        for batch in _batches(decisions, of_sentence=lambda decision: decision.sentence):
            with self._storage.transaction() as transaction:
                known, judging = self._contents.decisions, Judging(transaction)
                for decision in _first_of_each(batch):
                    if known.number(decision.id) is None and not ruling(known.of_sentence(decision.sentence)):
                        judging.decide(decision)
                        added += 1
        return added

    def mark_failed(self, sentence_id: str, reason: str) -> None:
        """Note that no candidate could be made; the status changes only where there is none yet."""
        with self._storage.transaction() as transaction:
            Judging(transaction).put_row(self.row(sentence_id)._replace(failed=reason))

    def reopen(self, sentence_id: str) -> Status:
        """Make a failed sentence new, and a decided one open for judgement again; return its status."""
        with self._storage.transaction() as transaction:
            row = self.row(sentence_id)
            if row.status in UNDECIDED:
                Judging(transaction).put_row(row._replace(failed=None))
                return row._replace(failed=None).undecided
            decision = Decision(id=new_id(), sentence=sentence_id, kind="reopen", by=self.annotator)
            return Judging(transaction).decide(decision)

    def set_flag(self, sentence_id: str, flag: str, on: bool) -> None:
        """Set or remove a mark beside the status."""
        with self._storage.transaction() as transaction:
            row = self.row(sentence_id)
            flags = tuple(one for one in row.flags if one != flag)
            Judging(transaction).put_row(row._replace(flags=(*flags, flag) if on else flags))

    def note_meta(self, key: str, value: Any) -> None:
        """Keep a small JSON value with the project."""
        with self._storage.transaction() as transaction:
            document = dumps({"key": key, "value": value})
            transaction.put("meta", document, self._contents.meta.number(key))

    def decide(self, decision: Decision) -> Status:
        """Save a decision and return the status it leaves the sentence with.

        Without a candidate the newest one is meant. Text that equals the candidate's is left out;
        whether an accepted text differs from it makes the decision an `edit` or an `accept`.

        Raises:
            StoreError: there is nothing to accept.
        """
        if decision.kind in {"undo", "redo"}:
            raise ValueError("use Dataset.undo and Dataset.redo")
        with self._storage.transaction() as transaction:
            if self._contents.decisions.number(decision.id) is not None:
                return self.row(decision.sentence).status
            return Judging(transaction).decide(decision)

    def decide_all(self, decisions: Iterable[Decision]) -> int:
        """Save decisions on different sentences as one change, which one `undo` takes back.

        Return how many there were.
        """
        batch = new_id()
        with self._storage.transaction() as transaction:
            judging = Judging(transaction)
            together = [decision.model_copy(update={"batch": batch}) for decision in decisions]
            for decision in together:
                judging.decide(decision)
        return len(together)

    def undo(self) -> Decision | None:
        """Take back this annotator's last decision that still counts; return it, or `None`.

        What was decided together is taken back together; the last of it is returned.
        """
        with self._storage.transaction() as transaction:
            done = self._contents.decisions.steps(self.annotator).done
            targets = list(self._together(reversed(done)))
            for target in targets:
                Judging(transaction).step("undo", self.annotator, target.id, target)
            return targets[0] if targets else None

    def redo(self) -> Decision | None:
        """Put back what this annotator's last undo took; return that decision, or `None`."""
        with self._storage.transaction() as transaction:
            undone = self._contents.decisions.steps(self.annotator).undone
            undo_of = {decision_id: undo_id for undo_id, decision_id in undone}
            targets = list(self._together(decision_id for _, decision_id in reversed(undone)))
            for target in targets:
                Judging(transaction).step("redo", self.annotator, undo_of[target.id], target)
            return targets[0] if targets else None

    def _together(self, decision_ids: Iterable[str]) -> Iterator[Decision]:
        """Yield the first decision, and those behind it that were made together with it."""
        first: Decision | None = None
        for decision_id in decision_ids:
            decision = self.decision(decision_id)
            if first is not None and (first.batch is None or decision.batch != first.batch):
                return
            first = first or decision
            yield decision

    # Several processes

    def claim(self, sentence_id: str, purpose: Purpose) -> Lease | None:
        """Take a sentence for generation or review, or return `None` where a living holder has it.

        What others did with it before is taken in: look at its `row` again before working on it.

        Raises:
            NotSaved: the lock file cannot be made.
        """
        lease = self._leases.claim(sentence_id, purpose)
        if lease is not None:
            try:
                self._storage.catch_up()
            except BaseException:
                lease.release()
                raise
        return lease

    def follow(self) -> frozenset[str]:
        """Take in what others appended; return the ids of sentences that changed. Cheap if nothing did."""
        self._leases.renew()
        return self._storage.follow()

    def fold(self) -> None:
        """Write the journal's changes into `dataset.json`; where another process does it, nothing happens.

        May run in a thread of its own while this dataset is in use.

        Raises:
            NotSaved: the disk refused; all changes are still in the journal.
        """
        if not self._storage.read_only:
            self._storage.fold()

    @property
    def _contents(self) -> Contents:
        return self._storage.contents


def login_name() -> str:
    """Return the name of the person at the keyboard, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user database
        return "unknown"


def _first_of_each(items: Iterable[_Made]) -> list[_Made]:
    """Return the items without those whose id another had before them."""
    first: dict[str, _Made] = {}
    for item in items:
        first.setdefault(item.id, item)
    return list(first.values())


def _batches(
    items: Iterable[_Item], of_sentence: Callable[[_Item], str] | None = None
) -> Iterator[list[_Item]]:
    """Yield lists of a size that fits a line of the journal; no two items of one are of one sentence."""
    batch: list[_Item] = []
    sentences: set[str] = set()
    for item in items:
        if len(batch) == _BATCH or (of_sentence is not None and of_sentence(item) in sentences):
            yield batch
            batch, sentences = [], set()
        batch.append(item)
        if of_sentence is not None:
            sentences.add(of_sentence(item))
    if batch:
        yield batch
