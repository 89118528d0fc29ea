"""What follows from candidates and decisions, worked out anew for every sentence of a project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from data.errors import StoreError
from data.records import Candidate, Status
from data.store.contents import Contents
from data.store.documents import DecisionHead, IndexRow, dumps, plain_sentence, with_row
from data.store.examples import example_document
from data.store.standing import ruling, status_after

WITH_EXAMPLE = frozenset({Status.ACCEPTED, Status.EDITED, Status.AUTO})


@dataclass(frozen=True, slots=True)
class Mended:
    """A row that was not what follows from the others. `document` is what it should be, if anything."""

    table: str
    row: int
    document: bytes | None
    what: str


def unsettled(contents: Contents) -> Iterator[Mended]:
    """Yield the rows of `sentences` and `examples` that differ from what follows."""
    candidates: dict[str, list[str]] = defaultdict(list)
    for head in contents.candidate_heads():
        candidates[head.sentence].append(head.id)
    for row in list(contents.sentences.rows()):
        number = contents.number_of(row.id)
        rule = ruling(contents.decisions.of_sentence(row.id))
        settled = _row(contents, row, tuple(candidates[row.id]), rule)
        if settled != row:
            document = with_row(contents.document("sentences", number), settled)
            yield Mended("sentences", number, document, f"{row.id}: {row.status} → {settled.status}")
        yield from _example(contents, number, settled, rule)


def _row(
    contents: Contents, row: IndexRow, candidates: tuple[str, ...], rule: DecisionHead | None
) -> IndexRow:
    if set(candidates) != set(row.candidates):
        row = row._replace(candidates=candidates)
        if candidates:
            row = summarised(row, Candidate.model_validate_json(contents.candidate_document(candidates[-1])))
    return row._replace(status=status_after(rule, row.undecided))


def summarised(row: IndexRow, newest: Candidate) -> IndexRow:
    """Return a sentence's row with what its newest candidate says."""
    best = newest.drafts[newest.best] if newest.drafts else None
    codes = tuple(dict.fromkeys(finding.code for finding in newest.findings))
    return row._replace(score=best.score if best else None, codes=codes, failed=None)


def _example(contents: Contents, number: int, row: IndexRow, rule: DecisionHead | None) -> Iterator[Mended]:
    found = contents.tables["examples"].get(number)
    if rule is None or row.status not in WITH_EXAMPLE:
        if found is not None:
            yield Mended("examples", number, None, f"{row.id}: not accepted, yet among the examples")
        return
    if found is not None and (orjson.loads(found).get("decision") or {}).get("id") == rule.id:
        return
    try:
        sentence = contents.document("sentences", number)
        document = example(contents, sentence, row.status, contents.decision_document(rule.id))
    except StoreError:  # its candidate is lost: what was kept of it stays
        return
    yield Mended("examples", number, document, f"{row.id}: accepted, yet not among the examples")


def example(contents: Contents, sentence: bytes, status: Status, decision: bytes) -> bytes:
    """Return the curated row that an accepting decision makes of a sentence.

    Raises:
        StoreError: its candidate is not there.
    """
    fields = orjson.loads(decision)
    chosen = fields["candidate"]
    candidate = orjson.loads(contents.candidate_document(chosen)) if chosen else None
    return dumps(example_document(status, plain_sentence(sentence), candidate, fields))
