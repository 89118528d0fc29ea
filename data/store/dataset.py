"""The dataset of a project as the app sees it: records in, records out."""

from __future__ import annotations

import getpass
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple

import orjson

from data.errors import StoreError
from data.ids import new_id
from data.records import Candidate, Decision, Example, Sentence, Status
from data.store.contents import Contents
from data.store.documents import (
    DecisionHead,
    Document,
    IndexRow,
    candidate_document,
    decision_document,
    decision_head,
    dumps,
    plain_sentence,
    sentence_document,
    with_row,
)
from data.store.examples import example_document
from data.store.folder import ProjectFolder
from data.store.leases import Lease, Leases, Purpose
from data.store.standing import ruling, status_after
from data.store.storage import JournalStorage, Transaction

_EXAMPLES = frozenset({Status.ACCEPTED, Status.EDITED, Status.AUTO})
_UNDECIDED = frozenset({Status.NEW, Status.GENERATED, Status.FAILED})
_BATCH = 500
"""Sentences in one line of the journal."""


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
        row = self._contents.sentences.next(status, self._number(after) if after else 0)
        return row.id if row else None

    def __contains__(self, sentence_id: object) -> bool:
        return isinstance(sentence_id, str) and self._contents.sentences.number(sentence_id) is not None

    def row(self, sentence_id: str) -> IndexRow:
        """Return what is known of a sentence without reading it."""
        return self._contents.sentences.row(self._number(sentence_id))

    def sentence(self, sentence_id: str) -> Sentence:
        """Return a sentence."""
        return Sentence.model_validate(self._plain_sentence(self._number(sentence_id)))

    def candidate(self, candidate_id: str) -> Candidate:
        """Return a candidate."""
        return Candidate.model_validate_json(self._candidate_document(candidate_id))

    def candidates_of(self, sentence_id: str) -> tuple[str, ...]:
        """Return the ids of a sentence's candidates, oldest first."""
        return self.row(sentence_id).candidates

    def candidate_with(self, sentence_id: str, settings: str) -> str | None:
        """Return the newest candidate of a sentence that was made under these settings, if any."""
        index = self._contents.candidates
        candidates = self.candidates_of(sentence_id)
        return next((one for one in reversed(candidates) if index.settings(one) == settings), None)

    def decisions_of(self, sentence_id: str) -> tuple[Decision, ...]:
        """Return all decisions on a sentence, undos and redos among them, in journal order."""
        return tuple(self._decision(head.id) for head in self._contents.decisions.of_sentence(sentence_id))

    def decisions(self) -> Iterator[Decision]:
        """Yield all decisions in journal order."""
        rows = self._contents.tables["decisions"]
        return (Decision.model_validate_json(self._contents.document("decisions", row)) for row in rows)

    def ruling(self, sentence_id: str) -> Decision | None:
        """Return the decision that gives a sentence its status, if one does."""
        head = ruling(self._contents.decisions.of_sentence(sentence_id))
        return self._decision(head.id) if head else None

    def example(self, sentence_id: str) -> Example | None:
        """Return the curated row of a sentence, if it has one."""
        document = self._contents.tables["examples"].get(self._number(sentence_id))
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
        """Replace what is known of a sentence's text (references, spans, split …); its status stays."""
        with self._storage.transaction() as transaction:
            row = self.row(sentence.id)._replace(group=sentence.group)
            number = self._number(sentence.id)
            document = sentence_document(sentence, row)
            transaction.put("sentences", document, number)
            example = self._contents.tables["examples"].get(number)
            if example is not None:
                fields = orjson.loads(example)
                candidate = fields["candidate"] and orjson.loads(
                    self._candidate_document(fields["candidate"])
                )
                fields = example_document(
                    row.status, plain_sentence(document), candidate or None, fields["decision"]
                )
                transaction.put("examples", dumps(fields), number)

    def add_candidate(self, candidate: Candidate) -> None:
        """Add a candidate; its sentence becomes `generated`, unless a decision on it counts."""
        with self._storage.transaction() as transaction:
            if self._contents.candidates.number(candidate.id) is not None:
                return
            row = self.row(candidate.sentence)
            transaction.put("candidates", candidate_document(candidate))
            best = candidate.drafts[candidate.best] if candidate.drafts else None
            row = row._replace(
                candidates=(*row.candidates, candidate.id),
                score=best.score if best else None,
                codes=tuple(dict.fromkeys(finding.code for finding in candidate.findings)),
                failed=None,
            )
            self._put_row(transaction, _if_undecided(row))

    def mark_failed(self, sentence_id: str, reason: str) -> None:
        """Note that no candidate could be made; the status changes only where there is none yet."""
        with self._storage.transaction() as transaction:
            self._put_row(transaction, _if_undecided(self.row(sentence_id)._replace(failed=reason)))

    def reopen(self, sentence_id: str) -> Status:
        """Make a failed sentence new, and a decided one open for judgement again; return its status."""
        if self.row(sentence_id).status not in _UNDECIDED:
            row = self.row(sentence_id)
            return self.decide(
                Decision(
                    id=new_id(),
                    sentence=row.id,
                    candidate=row.candidate,
                    kind="reopen",
                    by=self.annotator,
                    at=_now(),
                )
            )
        with self._storage.transaction() as transaction:
            row = _if_undecided(self.row(sentence_id)._replace(failed=None))
            self._put_row(transaction, row)
        return row.status

    def set_flag(self, sentence_id: str, flag: str, on: bool) -> None:
        """Set or remove a mark beside the status."""
        with self._storage.transaction() as transaction:
            row = self.row(sentence_id)
            flags = tuple(one for one in row.flags if one != flag)
            self._put_row(transaction, row._replace(flags=(*flags, flag) if on else flags))

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
            return self._settle(transaction, self._completed(decision))

    def undo(self) -> Decision | None:
        """Take back this annotator's last decision that still counts; return it, or `None`."""
        with self._storage.transaction() as transaction:
            done = self._contents.decisions.steps(self.annotator).done
            return self._step(transaction, "undo", done[-1], done[-1]) if done else None

    def redo(self) -> Decision | None:
        """Put back what this annotator's last undo took; return the decision, or `None`."""
        with self._storage.transaction() as transaction:
            undone = self._contents.decisions.steps(self.annotator).undone
            return self._step(transaction, "redo", *undone[-1]) if undone else None

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

    # Within a transaction

    @property
    def _contents(self) -> Contents:
        return self._storage.contents

    def _completed(self, decision: Decision) -> Decision:
        row = self.row(decision.sentence)
        changes: Document = {} if decision.at else {"at": _now()}
        if decision.candidate is None:
            changes["candidate"] = row.candidate
        if decision.kind in {"accept", "edit", "auto"}:
            changes |= self._texts(decision, changes.get("candidate", decision.candidate))
        return decision.model_copy(update=changes) if changes else decision

    def _texts(self, decision: Decision, candidate_id: str | None) -> Document:
        if candidate_id is None:
            if decision.thought is None or decision.output is None:
                raise StoreError(
                    "There is nothing to accept: the sentence has no candidate.",
                    hint="Generate one first, or write thought and output.",
                )
            return {"kind": "edit"}
        made = orjson.loads(self._candidate_document(candidate_id))
        if made["sentence"] != decision.sentence:
            raise StoreError(
                f"Candidate {candidate_id} is of another sentence.", hint="Choose one of its own."
            )
        own = {
            name: None if text == made[name] else text
            for name, text in (("thought", decision.thought), ("output", decision.output))
        }
        edited = any(text is not None for text in own.values())
        return {**own, "kind": "edit" if edited else "auto" if decision.kind == "auto" else "accept"}

    def _step(self, transaction: Transaction, kind: str, undoes: str, decision_id: str) -> Decision:
        target = self._decision(decision_id)
        step = Decision.model_validate(
            {
                "id": new_id(),
                "sentence": target.sentence,
                "candidate": target.candidate,
                "kind": kind,
                "by": self.annotator,
                "at": _now(),
                "undoes": undoes,
            }
        )
        self._settle(transaction, step)
        return target

    def _settle(self, transaction: Transaction, decision: Decision) -> Status:
        """Add a decision and whatever follows from it."""
        document = decision_document(decision)
        transaction.put("decisions", document)
        earlier = self._contents.decisions.of_sentence(decision.sentence)
        rule: DecisionHead | None = ruling([*earlier, decision_head(document)])
        row = self.row(decision.sentence)
        status = status_after(rule, row.undecided)
        if status is not row.status:
            self._put_row(transaction, row._replace(status=status))
        number = self._number(row.id)
        if status in _EXAMPLES and rule is not None:
            if rule.id != decision.id:
                document = self._decision_document(rule.id)
            transaction.put("examples", self._example(status, number, document), number)
        elif number in self._contents.tables["examples"]:
            transaction.drop("examples", number)
        return status

    def _example(self, status: Status, number: int, decision: bytes) -> bytes:
        fields = orjson.loads(decision)
        candidate = (
            orjson.loads(self._candidate_document(fields["candidate"])) if fields["candidate"] else None
        )
        return dumps(example_document(status, self._plain_sentence(number), candidate, fields))

    def _put_row(self, transaction: Transaction, row: IndexRow) -> None:
        number = self._number(row.id)
        if row != self._contents.sentences.row(number):
            transaction.put("sentences", with_row(self._contents.document("sentences", number), row), number)

    # Rows by id

    def _number(self, sentence_id: str) -> int:
        number = self._contents.sentences.number(sentence_id)
        if number is None:
            raise StoreError(f"The project has no sentence {sentence_id}.", hint="Import it first.")
        return number

    def _plain_sentence(self, number: int) -> Document:
        return plain_sentence(self._contents.document("sentences", number))

    def _candidate_document(self, candidate_id: str) -> bytes:
        number = self._contents.candidates.number(candidate_id)
        if number is None:
            raise StoreError(f"The project has no candidate {candidate_id}.", hint="Generate one first.")
        return self._contents.document("candidates", number)

    def _decision_document(self, decision_id: str) -> bytes:
        number = self._contents.decisions.number(decision_id)
        assert number is not None
        return self._contents.document("decisions", number)

    def _decision(self, decision_id: str) -> Decision:
        return Decision.model_validate_json(self._decision_document(decision_id))


def login_name() -> str:
    """Return the name of the person at the keyboard, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user database
        return "unknown"


def _batches(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    batch: list[Sentence] = []
    for sentence in sentences:
        batch.append(sentence)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _if_undecided(row: IndexRow) -> IndexRow:
    return row._replace(status=row.undecided) if row.status in _UNDECIDED else row


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
