"""The queues there are: by status, and the flagged ones."""

from __future__ import annotations

from dataclasses import dataclass

from data.records import PENDING, Status
from drt_tui.review.ordering import OrderName


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """A queue of the whole dataset: sentences with one of the statuses, or those that are flagged."""

    name: str
    statuses: frozenset[Status]
    order: OrderName
    is_flagged: bool = False


QUEUES = {
    "pending": PENDING,
    "accepted": frozenset({Status.ACCEPTED, Status.EDITED}),
    "auto": frozenset({Status.AUTO}),
    "rejected": frozenset({Status.REJECTED}),
    "skipped": frozenset({Status.SKIPPED}),
    "parked": frozenset({Status.PARKED}),
    "failed": frozenset({Status.FAILED}),
}
FLAGGED = "flagged"
AUDIT = "audit"
"""Rows to be read of a bulk acceptance, while its audit lasts."""
