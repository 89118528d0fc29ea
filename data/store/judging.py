"""What a change means for a sentence: its row, its status, and whether it is a curated example.

Everything here happens within a transaction, with all that others did before it in view.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import orjson

from data.errors import StoreError
from data.ids import new_id
from data.records import Candidate, Decision, Sentence, Status
from data.store.contents import Contents
from data.store.documents import (
    DecisionHead,
    Document,
    IndexRow,
    candidate_document,
    decision_document,
    decision_head,
    sentence_document,
    with_row,
)
from data.store.settling import WITH_EXAMPLE, example, summarised
from data.store.standing import ruling, status_after
from data.store.storage import Transaction

UNDECIDED = frozenset({Status.NEW, Status.GENERATED, Status.FAILED})
_ACCEPTING = frozenset({"accept", "edit", "auto"})


class Judging:
    """Turns what happened to a sentence into changes of rows."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._contents: Contents = transaction.contents

    def add_candidate(self, candidate: Candidate) -> None:
        """Add a candidate, which makes an undecided sentence `generated`."""
        row = self._contents.row(candidate.sentence)
        self._transaction.put("candidates", candidate_document(candidate))
        self.put_row(summarised(row._replace(candidates=(*row.candidates, candidate.id)), candidate))

    def put_row(self, row: IndexRow) -> None:
        """Change what is known of a sentence; while it is undecided, its status follows from that."""
        if row.status in UNDECIDED:
            row = row._replace(status=row.undecided)
        number = self._contents.number_of(row.id)
        if row != self._contents.sentences.row(number):
            document = with_row(self._contents.document("sentences", number), row)
            self._transaction.put("sentences", document, number)

    def replace(self, sentence: Sentence) -> None:
        """Replace a sentence's record, in its example too."""
        number = self._contents.number_of(sentence.id)
        row = self._contents.sentences.row(number)._replace(group=sentence.group)
        document = sentence_document(sentence, row)
        self._transaction.put("sentences", document, number)
        rule = ruling(self._contents.decisions.of_sentence(sentence.id))
        if rule is not None and row.status in WITH_EXAMPLE:
            decision = self._contents.decision_document(rule.id)
            self._transaction.put("examples", example(self._contents, document, row.status, decision), number)

    def decide(self, decision: Decision) -> Status:
        """Add a decision, completed; return the status it leaves the sentence with."""
        return self._settle(self._completed(decision))

    def step(self, kind: Literal["undo", "redo"], by: str, undoes: str, target: Decision) -> None:
        """Take a decision back, or put it back."""
        self._settle(
            Decision(
                id=new_id(),
                sentence=target.sentence,
                candidate=target.candidate,
                kind=kind,
                by=by,
                at=now(),
                undoes=undoes,
            )
        )

    def _settle(self, decision: Decision) -> Status:
        """Add a decision and whatever follows from it."""
        document = decision_document(decision)
        self._transaction.put("decisions", document)
        number = self._contents.number_of(decision.sentence)
        row = self._contents.sentences.row(number)
        earlier = self._contents.decisions.of_sentence(decision.sentence)
        rule = ruling([*earlier, decision_head(document)])
        status = status_after(rule, row.undecided)
        if status is not row.status:
            changed = with_row(self._contents.document("sentences", number), row._replace(status=status))
            self._transaction.put("sentences", changed, number)
        self._settle_example(status, number, rule, decision.id, document)
        return status

    def _settle_example(
        self, status: Status, number: int, rule: DecisionHead | None, decision_id: str, document: bytes
    ) -> None:
        if rule is None or status not in WITH_EXAMPLE:
            if number in self._contents.tables["examples"]:
                self._transaction.drop("examples", number)
            return
        if rule.id != decision_id:
            document = self._contents.decision_document(rule.id)
        sentence = self._contents.document("sentences", number)
        self._transaction.put("examples", example(self._contents, sentence, status, document), number)

    def _completed(self, decision: Decision) -> Decision:
        """Fill in the time and the candidate, and say whether an accepted text is the candidate's own."""
        candidate = decision.candidate or self._contents.row(decision.sentence).candidate
        changes: Document = {"candidate": candidate, "at": decision.at or now()}
        if decision.kind in _ACCEPTING:
            changes |= self._texts(decision, candidate)
        return decision.model_copy(update=changes)

    def _texts(self, decision: Decision, candidate_id: str | None) -> Document:
        if candidate_id is None:
            if decision.thought is None or decision.output is None:
                raise StoreError(
                    "There is nothing to accept: the sentence has no candidate.",
                    hint="Generate one first, or write thought and output.",
                )
            return {"kind": "edit"}
        made = orjson.loads(self._contents.candidate_document(candidate_id))
        if made["sentence"] != decision.sentence:
            raise StoreError(
                f"Candidate {candidate_id} is of another sentence.", hint="Choose one of its own."
            )
        own = {
            name: None if text == made[name] else text
            for name, text in (("thought", decision.thought), ("output", decision.output))
        }
        if any(text is not None for text in own.values()):
            return {**own, "kind": "edit"}
        return {**own, "kind": "auto" if decision.kind == "auto" else "accept"}


def now() -> str:
    """Return the time for people to read; no order depends on it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
