"""What the app asks all day, answered without looking at every row."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any

import orjson

from data.records import Status
from data.store.documents import (
    DecisionHead,
    IndexRow,
    decision_head,
    id_of,
    index_row,
)
from data.store.standing import Steps


class SentenceIndex:
    """Sentences by id, by status and by group; rows are numbered in import order."""

    def __init__(self) -> None:
        self._rows: list[IndexRow | None] = [None]
        self._numbers: dict[str, int] = {}
        self._by_status: dict[Status, array[int]] = {status: array("I") for status in Status}
        self._by_group: dict[str, array[int]] = {}
        self._held_out: Counter[Status] = Counter()

    def fill(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Take in all sentences of `dataset.json`, in order."""
        by_group: dict[str | None, list[int]] = {}
        by_status: dict[Status, list[int]] = {}
        for number, document in rows:
            row = index_row(document)
            while len(self._rows) < number:
                self._rows.append(None)
            self._rows.append(row)
            self._numbers[row.id] = number
            by_status.setdefault(row.status, []).append(number)
            by_group.setdefault(row.group, []).append(number)
            if row.flags and row.is_held_out:
                self._held_out[row.status] += 1
        self._by_status |= {status: array("I", numbers) for status, numbers in by_status.items()}
        self._by_group = {group: array("I", some) for group, some in by_group.items() if group is not None}

    def put(self, number: int, document: bytes | None) -> None:
        """Take in a new or changed sentence."""
        row = index_row(_kept(document))
        before = self._rows[number] if number < len(self._rows) else None
        if before is None:
            self._rows.extend([None] * (number + 1 - len(self._rows)))
            self._numbers[row.id] = number
        if before is None or before.status is not row.status:
            if before is not None:
                _discard(self._by_status[before.status], number)
            _insert(self._by_status[row.status], number)
        if before is None or before.group != row.group:
            if before is not None and before.group is not None:
                _discard(self._by_group[before.group], number)
            if row.group is not None:
                _insert(self._by_group.setdefault(row.group, array("I")), number)
        if before is not None:
            self._held_out[before.status] -= before.is_held_out
        self._held_out[row.status] += row.is_held_out
        self._rows[number] = row

    def number(self, sentence_id: str) -> int | None:
        """Return the row number of a sentence."""
        return self._numbers.get(sentence_id)

    def row(self, number: int) -> IndexRow:
        """Return what is known of the sentence in a row that exists."""
        row = self._rows[number]
        assert row is not None
        return row

    def counts(self) -> dict[Status, int]:
        """Return how many sentences have each status."""
        return {status: len(numbers) for status, numbers in self._by_status.items()}

    def held_out(self) -> dict[Status, int]:
        """Return how many of the held-out sentences have each status."""
        return {status: self._held_out[status] for status in Status}

    def groups(self) -> dict[str, int]:
        """Return how many sentences each group has, in the order in which groups were met."""
        return {group: len(numbers) for group, numbers in self._by_group.items() if numbers}

    def rows(self, status: Collection[Status] | None = None, group: str | None = None) -> Iterator[IndexRow]:
        """Yield sentences in import order, those that have the status or group at the time of the call."""
        numbers: Iterable[int]
        if group is not None:
            numbers = self._by_group.get(group, ())
        elif status is None:
            numbers = range(1, len(self._rows))
        else:
            chosen = [self._by_status[one] for one in set(status)]
            numbers = chosen[0] if len(chosen) == 1 else sorted(chain.from_iterable(chosen))
        found = [row for number in numbers if (row := self._rows[number]) is not None]
        if group is not None and status is not None:
            found = [row for row in found if row.status in status]
        return iter(found)

    def next(self, status: Collection[Status], after: int = 0) -> IndexRow | None:
        """Return the first sentence behind row `after` that has one of the statuses."""
        behind = [
            numbers[place]
            for numbers in (self._by_status[one] for one in status)
            if (place := bisect_left(numbers, after + 1)) < len(numbers)
        ]
        return self.row(min(behind)) if behind else None


class CandidateIndex:
    """Row numbers of candidates by id. The one index that may be large and is used one by one."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def fill(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Take in all candidates of `dataset.json`."""
        numbers = self._numbers
        for number, document in rows:
            numbers[id_of(document)] = number

    def put(self, number: int, document: bytes | None) -> None:
        """Take in a candidate."""
        self._numbers[id_of(_kept(document))] = number

    def number(self, candidate_id: str) -> int | None:
        """Return the row number of a candidate."""
        return self._numbers.get(candidate_id)


class DecisionIndex:
    """Decisions by id, by sentence and by person, in journal order."""

    def __init__(self) -> None:
        self._heads: dict[int, DecisionHead] = {}
        self._numbers: dict[str, int] = {}
        self._by_sentence: dict[str, list[int]] = {}
        self._steps: dict[str, Steps] = {}

    def fill(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Take in all decisions of `dataset.json`."""
        for number, document in rows:
            self.put(number, document)

    def refill(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Forget all decisions, and take in these."""
        for known in (self._heads, self._numbers, self._by_sentence, self._steps):
            known.clear()
        self.fill(rows)

    def put(self, number: int, document: bytes | None) -> None:
        """Take in a decision."""
        head = decision_head(_kept(document))
        if number in self._heads:
            return
        self._heads[number] = head
        self._numbers[head.id] = number
        self._by_sentence.setdefault(head.sentence, []).append(number)
        self.steps(head.by).take(head)

    def number(self, decision_id: str) -> int | None:
        """Return the row number of a decision."""
        return self._numbers.get(decision_id)

    def head(self, decision_id: str) -> DecisionHead:
        """Return the head of a decision that exists."""
        return self._heads[self._numbers[decision_id]]

    def heads(self) -> list[DecisionHead]:
        """Return all decisions in journal order."""
        return list(self._heads.values())

    def of_sentence(self, sentence_id: str) -> list[DecisionHead]:
        """Return all decisions on a sentence."""
        return [self._heads[number] for number in self._by_sentence.get(sentence_id, ())]

    def steps(self, person: str) -> Steps:
        """Return what a person can undo and redo."""
        return self._steps.setdefault(person, Steps())


class Notes:
    """The values of `meta` by key."""

    def __init__(self) -> None:
        self._keys: dict[int, str] = {}
        self._rows: dict[str, tuple[int, Any]] = {}

    def fill(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Take in all rows of `dataset.json`."""
        for number, document in rows:
            self.put(number, document)

    def put(self, number: int, document: bytes | None) -> None:
        """Take in a new or changed value, or drop one."""
        old = self._keys.pop(number, None)
        if old is not None:
            del self._rows[old]
        if document is not None:
            fields = orjson.loads(document)
            self._keys[number] = fields["key"]
            self._rows[fields["key"]] = (number, fields["value"])

    def number(self, key: str) -> int | None:
        """Return the row of a key."""
        return self._rows[key][0] if key in self._rows else None

    def value(self, key: str) -> Any:
        """Return the value of a key, or `None`."""
        return self._rows[key][1] if key in self._rows else None


def _insert(numbers: array[int], number: int) -> None:
    if not numbers or number > numbers[-1]:
        numbers.append(number)
    else:
        numbers.insert(bisect_left(numbers, number), number)


def _discard(numbers: array[int], number: int) -> None:
    del numbers[bisect_left(numbers, number)]


def _kept(document: bytes | None) -> bytes:
    """Return the document of a row of a table whose rows stay."""
    assert document is not None
    return document
