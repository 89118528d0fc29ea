"""Records as documents of the dataset, and back.

The fields that the store asks about all day come first in a document, up to a mark, so that they are
read without parsing the rest. A raw `"` cannot occur inside a JSON string, so a mark cannot either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from data.errors import StoreError
from data.reasons import BY_CODE
from data.records import HELD_OUT, Candidate, Decision, Record, Sentence, Status

Document = dict[str, Any]

HELD_OUT_FLAG = "held-out"
"""Flag of sentences that are kept for validation or test; it follows their split."""

_MARKS = {"sentences": b',"source":', "decisions": b',"at":', "candidates": b',"thought":'}


class IndexRow(NamedTuple):
    """What is known of a sentence without reading it."""

    id: str
    status: Status
    group: str | None = None
    score: int | None = None
    """Of the best draft of the newest candidate."""
    codes: tuple[str, ...] = ()
    """Findings of the newest candidate."""
    flags: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    """Ids, oldest first."""
    failed: str | None = None
    """Why the last attempt to generate a candidate gave nothing; `None` once one did."""

    @property
    def candidate(self) -> str | None:
        """Id of the newest candidate."""
        return self.candidates[-1] if self.candidates else None

    @property
    def is_held_out(self) -> bool:
        """Whether it is kept for validation or test, away from models and people's queues."""
        return HELD_OUT_FLAG in self.flags

    @property
    def is_flagged(self) -> bool:
        """Whether anything but its split marks it."""
        return any(flag != HELD_OUT_FLAG for flag in self.flags)

    @property
    def undecided(self) -> Status:
        """The status while no decision counts."""
        if self.candidates:
            return Status.GENERATED
        return Status.NEW if self.failed is None else Status.FAILED


class DecisionHead(NamedTuple):
    """What a decision did, without what was said about it."""

    id: str
    sentence: str
    candidate: str | None
    kind: str
    by: str
    undoes: str | None
    reasons: tuple[str, ...]

    @property
    def is_step_back(self) -> bool:
        """An undo or a redo: it changes whether another decision counts."""
        return self.kind in {"undo", "redo"}

    @property
    def parks(self) -> bool:
        """The sentence is not translatable as it stands."""
        remedies = {BY_CODE[code].remedy for code in self.reasons if code in BY_CODE}
        return self.kind == "park" or (self.kind == "reject" and "park" in remedies)


class CandidateHead(NamedTuple):
    """Which sentence a candidate is for, and under which settings it was made."""

    id: str
    sentence: str
    settings: str


_OWN_FIELDS = frozenset(IndexRow._fields) - {"id", "group"}


def dumps(document: Mapping[str, Any]) -> bytes:
    """Return a document as a line of JSON.

    Raises:
        StoreError: it holds something that JSON cannot.
    """
    try:
        return orjson.dumps(document)
    except TypeError as error:
        raise StoreError(
            f"A row cannot be stored as JSON: {error}.", hint="Mend or remove that field in its source file."
        ) from error


def head(table: str, document: bytes) -> Document:
    """Return the first fields of a document, up to its table's mark.

    Raises:
        StoreError: the document is damaged.
    """
    try:
        mark = document.index(_MARKS[table])
        fields: Document = orjson.loads(document[:mark] + b"}")
    except ValueError as error:
        raise damaged_row(error) from error
    return fields


def damaged_row(why: object) -> StoreError:
    """Return what to say where a row is not as it was written."""
    return StoreError(
        f"A row of the dataset is damaged: {why}.",
        hint="Run drt-tui doctor --repair: it rebuilds the row from its backup and the journals.",
    )


def sentence_document(sentence: Sentence, row: IndexRow) -> bytes:
    """Return a sentence with what the store knows of it; foreign fields of the same name step aside."""
    rest = sentence.model_dump(mode="json", exclude={"id", "group"})
    aside = {name: rest.pop(name) for name in (*_OWN_FIELDS, "extra") if name in rest}
    if aside:
        rest["extra"] = aside
    marks = tuple(flag for flag in row.flags if flag != HELD_OUT_FLAG)
    held_out = (HELD_OUT_FLAG,) if sentence.split in HELD_OUT else ()
    return _row_head(row._replace(flags=marks + held_out)) + dumps(rest)[1:]


def with_row(document: bytes, row: IndexRow) -> bytes:
    """Return a sentence's document with another head."""
    return _row_head(row) + document[document.index(_MARKS["sentences"]) + 1 :]


def plain_sentence(document: bytes) -> Document:
    """Return a sentence's document without what the store keeps beside it."""
    fields: Document = orjson.loads(document)
    for name in _OWN_FIELDS:
        fields.pop(name, None)
    fields.update(fields.pop("extra", {}))
    return fields


def index_row(document: bytes) -> IndexRow:
    """Read the head of a sentence's document."""
    fields = head("sentences", document)
    return IndexRow(
        fields["id"],
        _STATUS[fields["status"]],
        fields["group"],
        fields["score"],
        tuple(fields["codes"]),
        tuple(fields["flags"]),
        tuple(fields["candidates"]),
        fields["failed"],
    )


def decision_document(decision: Decision) -> bytes:
    """Return a decision, its head first."""
    return dumps(_first(decision, DecisionHead._fields))


def decision_head(document: bytes) -> DecisionHead:
    """Read the head of a decision's document."""
    fields = head("decisions", document)
    return DecisionHead(**{**fields, "reasons": tuple(fields["reasons"])})


def id_of(document: bytes) -> str:
    """Read the id that a document begins with."""
    start = len(b'{"id":"')
    text = document[start : document.index(b'"', start)]
    return str(orjson.loads(document)["id"]) if b"\\" in text else text.decode()


def candidate_document(candidate: Candidate) -> bytes:
    """Return a candidate, its head first."""
    return dumps(_first(candidate, CandidateHead._fields))


def candidate_head(document: bytes) -> CandidateHead:
    """Read the head of a candidate's document."""
    return CandidateHead(**head("candidates", document))


_STATUS = {status.value: status for status in Status}


def _row_head(row: IndexRow) -> bytes:
    return dumps(row._asdict())[:-1] + b","


def _first(record: Record, names: tuple[str, ...]) -> Document:
    fields = record.model_dump(mode="json")
    return {name: fields.pop(name) for name in names} | fields
