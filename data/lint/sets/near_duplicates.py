"""Sources that are nearly the same."""

from __future__ import annotations

from typing import Any, ClassVar

from data.lint.facts import Facts
from data.lint.settings import LintSettings

_LISTED = 50


class NearDuplicates:
    """Clusters of rows whose sources are nearly the same."""

    code: ClassVar[str] = "near-duplicates"
    meaning: ClassVar[str] = (
        "Rows whose sources are the same, or nearly: they weigh double in training and leak between splits."
    )

    def __init__(self, settings: LintSettings) -> None:
        self._threshold = settings.near_duplicate
        self._sources: list[str] = []
        self._rows: list[int] = []

    def see(self, number: int, facts: Facts) -> None:
        """Keep a row's source."""
        self._sources.append(facts.row.source)
        self._rows.append(number)

    def finding(self) -> dict[str, Any] | None:
        """Return how many clusters and rows there are, and the rows of the largest clusters."""
        from data.near_duplicates import clusters

        found = sorted(
            (cluster for cluster in clusters(self._sources, self._threshold) if len(cluster) > 1),
            key=len,
            reverse=True,
        )
        if not found:
            return None
        return {
            "clusters": len(found),
            "rows": sum(map(len, found)),
            "largest": [[self._rows[index] for index in cluster] for cluster in found[:_LISTED]],
        }
