"""In which order sentences are taken, and which ones a run takes."""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeVar

from data.records import Status
from pipeline.voices import common_openings

if TYPE_CHECKING:
    from data.store import Dataset, IndexRow

OrderName = Literal["balanced", "shuffled", "file"]
Item = TypeVar("Item")

TOO_EASY = "too-easy"
"""Flag of sentences that were dropped for needing fewer refinements than `min_refinements`."""

_WITHOUT_CANDIDATE = frozenset({Status.NEW, Status.FAILED})
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_SYLLABLES_OF_AN_INITIAL = 588


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences of a run, and the openings that its thoughts are not to use."""

    ids: tuple[str, ...]
    avoid_openings: tuple[str, ...] = ()
    key: str | None = None
    """Where the dataset keeps it while it is unfinished; `None` where nothing need be kept."""


def initial(text: str) -> str:
    """Return the initial consonant of Hangul text, else the first letter or digit in lower case."""
    first = next((character for character in text if character.isalnum()), "")
    if _FIRST_SYLLABLE <= first <= _LAST_SYLLABLE:
        return _INITIALS[(ord(first) - ord(_FIRST_SYLLABLE)) // _SYLLABLES_OF_AN_INITIAL]
    return unicodedata.normalize("NFKC", first).casefold()[:1]


def arrange(
    items: Sequence[Item], group_of: Callable[[Item], str], order: OrderName, seed: int
) -> list[Item]:
    """Return `items`, which stand in file order, in another order that depends on the seed alone.

    `balanced` takes one item of each group in turn and, within such a turn, one group of each
    initial in turn: any stretch from the start covers groups and alphabet as evenly as can be.
    """
    chance = random.Random(seed)
    if order == "file":
        return list(items)
    if order == "shuffled":
        return chance.sample(items, len(items))
    groups: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[group_of(item)].append(item)
    by_initial: defaultdict[str, list[list[Item]]] = defaultdict(list)
    for group in sorted(groups):
        by_initial[initial(group)].append(chance.sample(groups[group], len(groups[group])))
    for same_initial in by_initial.values():
        chance.shuffle(same_initial)
    return list(_in_turn(_in_turn(by_initial[letter] for letter in sorted(by_initial))))


def _in_turn(sequences: Iterable[Iterable[Item]]) -> Iterator[Item]:
    """Yield the first of each sequence, then the second of each, and so on."""
    waiting = deque(iter(sequence) for sequence in sequences)
    while waiting:
        sequence = waiting.popleft()
        for item in sequence:
            yield item
            waiting.append(sequence)
            break


def select(
    dataset: Dataset,
    *,
    limit: int | None = None,
    order: OrderName | None = None,
    seed: int = 0,
    settings: str = "",
    among: Collection[str] | None = None,
) -> Selection:
    """Choose `limit` sentences that have no candidate, or all of them.

    A choice with a limit is kept in the dataset until it is finished: a call that was interrupted
    and is repeated with the same arguments (`settings` is the engine's fingerprint) gets its own
    choice again, and no other sentence. New sentences come before failed ones; held-out ones, and ones
    that were dropped as too easy, are not chosen.

    Args:
        dataset: where the sentences are.
        limit: how many; `None` is all.
        order: `None` is `balanced` where there are groups, else `shuffled`.
        seed: of the order.
        settings: fingerprint of the settings, so that other settings make their own choice.
        among: choose only from these ids; `None` is from all.
    """
    key = None if limit is None else f"selection:{_hash(limit, order, seed, settings, *sorted(among or ()))}"
    if key is not None and (kept := dataset.meta(key)) is not None:
        return Selection(tuple(kept["ids"]), tuple(kept["avoid_openings"]), key)
    wanted = None if among is None else frozenset(among)
    rows = [
        row
        for row in dataset.rows(_WITHOUT_CANDIDATE)
        if not row.is_held_out and TOO_EASY not in row.flags and (wanted is None or row.id in wanted)
    ]
    order = order or ("balanced" if any(row.group for row in rows) else "shuffled")
    parts = (
        [row for row in rows if row.failed is None],
        [row for row in rows if row.failed is not None],
    )
    ordered = chain.from_iterable(arrange(part, _group(dataset, order), order, seed) for part in parts)
    ids = tuple(row.id for row in ordered)[:limit]
    selection = Selection(ids, common_openings(dataset), key)
    if ids and key is not None:
        dataset.note_meta(key, {name: value for name, value in asdict(selection).items() if name != "key"})
    return selection


def finish(dataset: Dataset, selection: Selection) -> None:
    """Forget a choice of which every sentence has a candidate, failed, or was dropped."""
    if selection.key is None or dataset.meta(selection.key) is None:
        return
    rows = (dataset.row(sentence) for sentence in selection.ids)
    if all(row.candidates or row.failed is not None or TOO_EASY in row.flags for row in rows):
        dataset.note_meta(selection.key, None)


def _group(dataset: Dataset, order: OrderName) -> Callable[[IndexRow], str]:
    """A sentence without a group is a group of its own, under its own first letter."""
    if order != "balanced":
        return lambda row: ""
    return lambda row: row.group or f"{dataset.sentence(row.id).source[:20]}\x1f{row.id}"


def _hash(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()
