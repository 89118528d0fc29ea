"""The orders in which sentences can be met."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, get_args

from drt_tui.review.codes import CodesOf, codes_of_pass
from pipeline.order import arrange

if TYPE_CHECKING:
    from data.store import Dataset, IndexRow

OrderName = Literal["balanced", "shuffled", "file", "doubtful"]

Sort = Literal["file", "score", "status", "idiom", "findings"]
SORTS = get_args(Sort)


def sorted_rows(dataset: Dataset, sort: Sort, codes: CodesOf = codes_of_pass) -> list[str]:
    """Return all sentences by a column of the table; of equal ones the earlier imported first."""
    if sort == "file":
        return list(dataset.ids())
    if sort == "findings":
        return [row.id for row in sorted(dataset.rows(), key=lambda row: -len(codes(row)))]
    return [row.id for row in sorted(dataset.rows(), key=_SORT_KEYS[sort])]


_SORT_KEYS: dict[str, Callable[[IndexRow], Any]] = {
    "score": lambda row: 101 if row.score is None else row.score,
    "status": lambda row: row.status.value,
    "idiom": lambda row: row.group or "",
}


_NEAR = 500
"""Rows whose candidates are read and looked over; nobody gets further in a day."""


def in_order(
    dataset: Dataset,
    order: OrderName,
    *,
    first: Sequence[str] = (),
    preferred: Collection[str] = (),
    seed: int = 0,
    first_choice: Callable[[str], Sequence[str]] = lambda stage: (),
    codes: CodesOf = codes_of_pass,
) -> list[str]:
    """Return the ids of all sentences in this order: `first` as they stand, then `preferred`, then the rest.

    `doubtful` takes the lowest score first, of equal scores the one with more findings, and of those
    the one that a fallback model had a part in: `first_choice` gives the models that a stage should
    ask, in order. The other orders are those of a headless run.
    """
    leading = dict.fromkeys(first)
    rest = [row for row in dataset.rows() if row.id not in leading]
    if order == "doubtful":
        rest.sort(key=partial(_doubt, codes=codes_of_pass))
        near = ((*_doubt(row, codes), not _fell_back(dataset, row, first_choice)) for row in rest[:_NEAR])
        rest[:_NEAR] = [row for _, row in sorted(zip(near, rest, strict=False), key=itemgetter(0))]
    else:
        rest = arrange(rest, lambda row: row.group or row.id, order, seed)
    if preferred:
        rest.sort(key=lambda row: row.id not in preferred)
    return [*leading, *(row.id for row in rest)]


def _doubt(row: IndexRow, codes: CodesOf) -> tuple[int, int]:
    return (101 if row.score is None else row.score, -len(codes(row)))


def _fell_back(dataset: Dataset, row: IndexRow, first_choice: Callable[[str], Sequence[str]]) -> bool:
    """Whether another model than the first choice answered a stage of the newest candidate."""
    if row.candidate is None:
        return False
    made = dataset.candidate(row.candidate).models
    return any({*first_choice(stage)[1:]}.intersection(names) for stage, names in made.items())
