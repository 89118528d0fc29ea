"""Bulk acceptance under audit: rows are accepted unread, a sample of them is read, and the sample decides."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any

from data.ids import new_id
from data.records import Decision, Status

if TYPE_CHECKING:
    from data.store import Dataset

DRAWN = 60
"""Rows read: without a fault among them, at most 6 % of all are faulty, at 95 % confidence."""
META = "audit"


@dataclass(frozen=True, slots=True)
class Audit:
    """A bulk acceptance and what its sample has shown so far."""

    batch: tuple[str, ...]
    """Sentences that were accepted unread."""
    drawn: tuple[str, ...]
    """The sample."""
    limit: float
    """Largest share of faulty rows that is borne."""
    faults: frozenset[str] = frozenset()
    good: frozenset[str] = frozenset()

    @property
    def judged(self) -> int:
        """How many of the sample were read."""
        return len(self.faults) + len(self.good)

    @property
    def unread(self) -> tuple[str, ...]:
        """The sentences of the sample that are still to be read."""
        return tuple(sentence for sentence in self.drawn if sentence not in self.good | self.faults)

    @property
    def bound(self) -> float:
        """Upper end of the 95 % interval of the share of faulty rows, as far as it was read."""
        return upper_bound(len(self.faults), self.judged)

    @property
    def has_failed(self) -> bool:
        """Whether the limit can no longer be kept, whatever the rest of the sample shows."""
        return upper_bound(len(self.faults), len(self.drawn)) > self.limit

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to read."""
        return self.has_failed or self.judged == len(self.drawn)

    def is_under_way(self, dataset: Dataset) -> bool:
        """Whether it can be gone on with: not where the bulk acceptance itself was taken back."""
        unread = self.unread
        return not unread or any(dataset.row(one).status is Status.AUTO for one in unread)

    def noted(self, sentence: str, *, is_fault: bool) -> Audit:
        """Return the audit with one row of the sample judged, or judged anew."""
        faults, good = self.faults - {sentence}, self.good - {sentence}
        if is_fault:
            faults |= {sentence}
        else:
            good |= {sentence}
        return Audit(self.batch, self.drawn, self.limit, faults, good)

    def __str__(self) -> str:
        count = len(self.faults)
        faults = f"{count} fault{'s' if count != 1 else ''}"
        return f"audit: {self.judged} of {len(self.drawn)} read, {faults}, at most {self.bound:.0%} of {len(self.batch):,}"


def accept_unread(dataset: Dataset, sentences: Sequence[str], *, limit: float, seed: int = 0) -> Audit:
    """Accept these sentences as one change, draw the sample, and remember the audit.

    Raises:
        NotSaved: nothing was accepted.
    """
    dataset.decide_all(_decision(dataset, sentence, "auto") for sentence in sentences)
    drawn = random.Random(seed).sample(list(sentences), min(DRAWN, len(sentences)))
    audit = Audit(tuple(sentences), tuple(drawn), limit)
    remember(dataset, audit)
    return audit


def give_back(dataset: Dataset, audit: Audit) -> int:
    """Put all rows of the batch that nobody has read back among the pending ones; return how many."""
    unread = [one for one in audit.batch if dataset.row(one).status is Status.AUTO]
    dataset.decide_all(_decision(dataset, sentence, "reopen") for sentence in unread)
    remember(dataset, None)
    return len(unread)


def remember(dataset: Dataset, audit: Audit | None) -> None:
    """Keep an audit with the project, so that it can be gone on with; `None` ends it."""
    dataset.note_meta(META, None if audit is None else _plain(audit))


def remembered(dataset: Dataset) -> Audit | None:
    """Return the audit that was begun and not ended."""
    told = dataset.meta(META)
    if not isinstance(told, dict):
        return None
    return Audit(
        tuple(told["batch"]),
        tuple(told["drawn"]),
        told["limit"],
        frozenset(told["faults"]),
        frozenset(told["good"]),
    )


def upper_bound(faults: int, read: int, *, confidence: float = 0.95) -> float:
    """Return the upper end of the exact (Clopper-Pearson) two-sided interval of a share."""
    if faults >= read:
        return 1.0
    tail = (1 - confidence) / 2
    low, high = faults / read, 1.0
    for _ in range(40):
        share = (low + high) / 2
        if _at_most(faults, read, share) > tail:
            low = share
        else:
            high = share
    return high


def _at_most(faults: int, read: int, share: float) -> float:
    """Return the chance of so few faults among the rows read, if this share of all is faulty."""
    return sum(
        comb(read, count) * share**count * (1 - share) ** (read - count) for count in range(faults + 1)
    )


def _decision(dataset: Dataset, sentence: str, kind: Any) -> Decision:
    return Decision(
        id=new_id(),
        sentence=sentence,
        candidate=dataset.row(sentence).candidate,
        kind=kind,
        by=dataset.annotator,
    )


def _plain(audit: Audit) -> dict[str, Any]:
    return {
        "batch": list(audit.batch),
        "drawn": list(audit.drawn),
        "limit": audit.limit,
        "faults": sorted(audit.faults),
        "good": sorted(audit.good),
    }
