"""The orders in which sentences can be met."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

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


def in_order(dataset: Dataset, order: OrderName, *, first: Sequence[str] = (), seed: int = 0) -> list[str]:
    """Return the ids of all sentences in this order, those of `first` before all others.

    `balanced` takes one sentence of each group in turn, groups and their sentences shuffled;
    `doubtful` takes the lowest score first, and of equal scores the one with more findings.
    """
    leading = dict.fromkeys(first)
    rest = [sentence for sentence in dataset.ids() if sentence not in leading]
    match order:
        case "balanced":
            rest = list(_balanced(dataset, rest, random.Random(seed)))
        case "shuffled":
            random.Random(seed).shuffle(rest)
        case "doubtful":
            rest.sort(key=lambda sentence: _confidence(dataset, sentence))
        case "file":
            pass
    return [*leading, *rest]


def _balanced(dataset: Dataset, sentences: Sequence[str], chance: random.Random) -> Iterator[str]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for sentence in sentences:
        groups[dataset.row(sentence).group or sentence].append(sentence)
    turns = list(groups.values())
    chance.shuffle(turns)
    for turn in turns:
        chance.shuffle(turn)
    while turns:
        for turn in turns:
            yield turn.pop()
        turns = [turn for turn in turns if turn]


def _confidence(dataset: Dataset, sentence: str) -> tuple[float, int]:
    row = dataset.row(sentence)
    return (101 if row.score is None else row.score, -len(row.codes))
