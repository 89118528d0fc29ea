"""What is found of every row's newest candidate, for searching, sorting and tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from data.records import Candidate, Finding, Sentence
from drt_tui.review.drafts import Edit

if TYPE_CHECKING:
    from data.store import Dataset, IndexRow

Examine = Callable[[Sentence, Candidate, Edit | None], tuple[Finding, ...]]
"""Says what is found of a candidate, or of a person's version of it."""
CodesOf = Callable[["IndexRow"], tuple[str, ...]]


def codes_of_pass(row: IndexRow) -> tuple[str, ...]:
    """Return what the pass found of its own work: all that the dataset's index knows."""
    return row.codes


class Codes:
    """Codes of the findings that the review screen shows, each once a row; information is not among them.

    Looking a candidate over takes half a millisecond, so it is done when it is first asked for.
    """

    def __init__(self, dataset: Dataset, examine: Examine) -> None:
        self._dataset = dataset
        self._examine = examine
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, row: IndexRow) -> tuple[str, ...]:
        """Return the codes of a row's newest candidate; none where there is no candidate."""
        if row.candidate is None:
            return ()
        known = self._known.get(row.candidate)
        if known is None:
            sentence, candidate = self._dataset.sentence(row.id), self._dataset.candidate(row.candidate)
            found = self._examine(sentence, candidate, None)
            known = tuple(dict.fromkeys(finding.code for finding in found if finding.severity != "info"))
            self._known[row.candidate] = known
        return known

    def known(self, row: IndexRow) -> tuple[str, ...] | None:
        """Return the codes if the candidate was looked over before, without doing so now."""
        return self._known.get(row.candidate) if row.candidate is not None else ()
