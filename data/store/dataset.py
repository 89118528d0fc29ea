"""The dataset of a project as the app sees it: records in, records out."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, NamedTuple

from data.errors import NotSaved
from data.ids import new_id
from data.records import Candidate, Decision, Sentence, Status
from data.store.batches import batches, first_of_each
from data.store.documents import IndexRow, dumps, sentence_document
from data.store.fold import is_worthwhile
from data.store.folder import ProjectFolder
from data.store.judging import UNDECIDED, Judging
from data.store.leases import Lease, Leases, Purpose
from data.store.reading import Reading
from data.store.standing import ruling
from data.store.storage import JournalStorage

_log = logging.getLogger(__name__)


class Added(NamedTuple):
    """What came of an import: new sentences, and those that were there already."""

    added: int
    duplicates: int


class Dataset(Reading):
    """Sentences, candidates, decisions and examples of one project.

    Each changing call is one transaction: when it returns, it is on the disk; when it raises
    `NotSaved`, nothing of it counts and it may be repeated. It sees what other processes appended
    before it. Reading calls see what the last changing call or `follow` took in, and none of them
    scans all rows. May be used from several threads.
    """

    def __init__(self, storage: JournalStorage, annotator: str) -> None:
        super().__init__(storage, annotator)
        self._leases = Leases(storage.folder)

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

    # Changing

    def add_sentences(self, sentences: Iterable[Sentence]) -> Added:
        """Add sentences; one that is there already is counted and left as it is.

        Saved in batches: after `NotSaved` the first ones may be there, and repeating adds the rest.
        """
        added = duplicates = 0
        for batch in batches(sentences):
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
        for batch in batches(sentences):
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
        for batch in batches(candidates, of_sentence=lambda candidate: candidate.sentence):
            with self._storage.transaction() as transaction:
                known, judging = self._contents.candidates, Judging(transaction)
                for candidate in first_of_each(batch):
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
        for batch in batches(decisions, of_sentence=lambda decision: decision.sentence):
            with self._storage.transaction() as transaction:
                known, judging = self._contents.decisions, Judging(transaction)
                for decision in first_of_each(batch):
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
        self.set_flags([sentence_id], flag, on)

    def set_flags(self, sentence_ids: Iterable[str], flag: str, on: bool) -> list[str]:
        """Set or remove a mark beside the status of many; return the ids of those that changed.

        Saved in batches, which may be repeated after `NotSaved`.
        """
        changed: list[str] = []
        for batch in batches(sentence_ids):
            with self._storage.transaction() as transaction:
                for row in map(self.row, batch):
                    if (flag in row.flags) is not on:
                        flags = (*row.flags, flag) if on else tuple(one for one in row.flags if one != flag)
                        Judging(transaction).put_row(row._replace(flags=flags))
                        changed.append(row.id)
        return changed

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

    def fold_in_passing(self) -> None:
        """Fold where there is enough to fold; what the disk refuses stays in the journal, and is logged."""
        try:
            if is_worthwhile(self.folder):
                self.fold()
        except NotSaved as problem:
            _log.warning("not folded: %s", problem.message)


def login_name() -> str:
    """Return the name of the person at the keyboard, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user database
        return "unknown"
