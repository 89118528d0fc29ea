"""Which rows are trained and which are held out."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.format import Format
from data.records import Candidate, Example, Sentence, Status
from train.rows import Item
from train.settings import TrainSettings

if TYPE_CHECKING:
    from data.store import Dataset

JUDGED = frozenset({Status.ACCEPTED, Status.EDITED, Status.REJECTED})
"""Sentences whose candidate a person judged: what the uncurated baseline trains."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Items in the order of training, the held-out ones apart."""

    train: tuple[Item, ...]
    valid: tuple[Item, ...]
    own_split: bool
    """The set says itself which rows are for validation; else idioms were held out by seed."""


def select(
    dataset: Dataset,
    settings: TrainSettings,
    format: Format,
    moved: Mapping[str, str | None] | None = None,
) -> Selection:
    """Choose, split and shuffle: the same dataset, settings and seed give the same order.

    `moved`: splits that sentences are about to get, by id, which count instead of those they have.
    """
    before = _Context(dataset, format.context)
    if settings.uncurated:
        found = _uncurated(dataset, before)
    else:
        found = _curated(dataset, frozenset(settings.statuses), before)
    moved = moved or {}
    settled = [(item, moved.get(item.id, split)) for item, split in found]
    return divide(settled, settings.valid, settings.seed)


def divide(found: Sequence[tuple[Item, str | None]], share: float, seed: int) -> Selection:
    """Split items by their own split, or else by idiom, and shuffle what is trained.

    `found` pairs each item with its split, if it has one. Test rows are never trained. A split of the
    set's own counts where it leaves rows for validation: what a project holds out nobody judges, so
    it seldom does. With a single idiom its sentences are divided, since there is no other to hold out.
    """
    valid = [item for item, split in found if split == "valid"]
    train = [item for item, split in found if split in {None, "train"}]
    own = bool(valid)
    if not own:
        train, valid = _held_out(train, share, seed)
    random.Random(seed).shuffle(train)
    return Selection(tuple(train), tuple(valid), own_split=own)


def balance(items: Sequence[Item]) -> dict[str, int]:
    """Return how many rows each idiom has, the most frequent first."""
    counts: dict[str, int] = defaultdict(int)
    for item in items:
        if item.group is not None:
            counts[item.group] += 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _held_out(items: Sequence[Item], share: float, seed: int) -> tuple[list[Item], list[Item]]:
    if share == 0 or len(items) < 2:
        return list(items), []
    groups: Mapping[str, list[Item]] = _by_group(items)
    if len(groups) == 1:
        groups = {item.id: [item] for item in items}
    names = sorted(groups)
    random.Random(f"held out {seed}").shuffle(names)
    wanted = max(1, round(share * len(items)))
    valid: list[Item] = []
    for name in names[:-1]:  # at least one group is left to train
        if len(valid) >= wanted:
            break
        valid += groups[name]
    held = {item.id for item in valid}
    return [item for item in items if item.id not in held], valid


def _by_group(items: Sequence[Item]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.group if item.group is not None else f"\x00{item.id}"].append(item)
    return groups


def _curated(
    dataset: Dataset, statuses: frozenset[Status], before: _Context
) -> Iterator[tuple[Item, str | None]]:
    for sentence_id in dataset.ids(status=statuses):
        example = dataset.example(sentence_id)
        if example is not None:
            sentence = dataset.sentence(sentence_id)
            yield _item(sentence, example, before, source=example.source), sentence.split


def _uncurated(dataset: Dataset, before: _Context) -> Iterator[tuple[Item, str | None]]:
    """Yield the candidate that was judged first, as it was made: later ones exist because a person asked."""
    for sentence_id in dataset.ids(status=JUDGED):
        judged = (each.candidate for each in dataset.decisions_of(sentence_id) if each.candidate is not None)
        first = next(judged, None) or next(iter(dataset.candidates_of(sentence_id)), None)
        if first is not None:
            sentence, candidate = dataset.sentence(sentence_id), dataset.candidate(first)
            yield _item(sentence, candidate, before), sentence.split


def _item(sentence: Sentence, made: Example | Candidate, before: _Context, source: str | None = None) -> Item:
    return Item(
        id=sentence.id,
        source=source or sentence.source,
        thought=made.thought,
        output=made.output,
        group=sentence.group,
        before=before.of(sentence),
        made_by=made.made_by,
    )


class _Context:
    """The sentences before a sentence in its document; reads the dataset once, and only if asked for."""

    def __init__(self, dataset: Dataset, count: int) -> None:
        self._count = count
        self._places: dict[tuple[str, int], str] = {}
        if count:
            for sentence_id in dataset.ids():
                sentence = dataset.sentence(sentence_id)
                if dataset.row(sentence_id).is_held_out:
                    continue
                if sentence.document is not None and sentence.position is not None:
                    self._places[sentence.document, sentence.position] = sentence.source

    def of(self, sentence: Sentence) -> tuple[str, ...]:
        if not self._count or sentence.document is None or sentence.position is None:
            return ()
        places = range(sentence.position - self._count, sentence.position)
        return tuple(
            self._places[sentence.document, place]
            for place in places
            if (sentence.document, place) in self._places
        )
