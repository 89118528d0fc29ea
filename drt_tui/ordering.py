"""The orders in which sentences can be met."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from pipeline.order import arrange

if TYPE_CHECKING:
    from data.store import Dataset, IndexRow

OrderName = Literal["balanced", "shuffled", "file", "doubtful"]

Sort = Literal["file", "score", "status", "idiom", "findings"]
SORTS = get_args(Sort)


def sorted_rows(dataset: Dataset, sort: Sort) -> list[str]:
    """Return all sentences by a column of the table; of equal ones the earlier imported first."""
    if sort == "file":
        return list(dataset.ids())
    return [row.id for row in sorted(dataset.rows(), key=_SORT_KEYS[sort])]


_SORT_KEYS: dict[Sort, Callable[[IndexRow], Any]] = {
    "score": lambda row: 101 if row.score is None else row.score,
    "status": lambda row: row.status.value,
    "idiom": lambda row: row.group or "",
    "findings": lambda row: -len(row.codes),
}


def in_order(
    dataset: Dataset,
    order: OrderName,
    *,
    first: Sequence[str] = (),
    preferred: Collection[str] = (),
    seed: int = 0,
) -> list[str]:
    """Return the ids of all sentences in this order: `first` as they stand, then `preferred`, then the rest.

    `doubtful` takes the lowest score first, and of equal scores the one with more findings; the
    other orders are those of a headless run.
    """
    leading = dict.fromkeys(first)
    rest = [row for row in dataset.rows() if row.id not in leading]
    if order == "doubtful":
        rest.sort(key=lambda row: (101 if row.score is None else row.score, -len(row.codes)))
    else:
        rest = arrange(rest, lambda row: row.group or row.id, order, seed)
    if preferred:
        rest.sort(key=lambda row: row.id not in preferred)
    return [*leading, *(row.id for row in rest)]
