"""Which sentences are held out from training, decided once, when they are imported.

From `Shares.from_groups` groups (idioms) on, a share of the groups is held out whole: idioms that
training never sees. Of the other groups, a smaller share of the sentences is: a known idiom in a new
sentence. Of all that is held out, a third is for validation while training runs and the rest is the
test, so that both hold both kinds. Sentences without a group are never held out, and with fewer
groups nothing is.

Hashes decide, so the same sentences fall alike everywhere, and what is decided stays: new sentences
join without moving old ones. Near-duplicates are not torn apart: they go where one of them is trained
on. A held-out group that has a near-duplicate in training is not held out after all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from data.importers import ColumnMap, read_sources
from data.near_duplicates import Progress, clusters
from data.records import HELD_OUT, Sentence

Split = Literal["train", "valid", "test"]
NEAR = 90.0
"""Likeness in percent from which two sentences are near-duplicates."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How much is held out."""

    groups: float = 0.10
    """Of the groups."""
    sentences: float = 0.05
    """Of the sentences of the other groups."""
    valid: float = 1 / 3
    """Of what is held out, the part for validation."""
    from_groups: int = 100
    """With fewer groups nothing is held out."""

    @classmethod
    def of(cls, test_share: float) -> Shares:
        """Return shares for `--test-share`: of the groups, and half of it of the other sentences."""
        return cls(groups=test_share, sentences=test_share / 2)

    @property
    def hold_out(self) -> bool:
        """Whether anything is held out at all."""
        return self.groups > 0 or self.sentences > 0

    def of_group(self, group: str) -> Split:
        """Return where a whole group goes."""
        return self._side(_portion("group", _name(group)), self.groups)

    def of_sentence(self, sentence: Sentence) -> Split:
        """Return where a sentence of a group goes that is not held out whole."""
        return self._side(_portion("sentence", sentence.id), self.sentences)

    def _side(self, portion: float, held_out: float) -> Split:
        if portion >= held_out:
            return "train"
        return "valid" if portion < held_out * self.valid else "test"


_USUAL = Shares()


def is_held_out(sentence: Sentence) -> bool:
    """Whether a sentence is kept from training, generation, hints and few-shot examples."""
    return sentence.split in HELD_OUT


def freeze_splits(
    new: Iterable[Sentence],
    old: Iterable[Sentence] = (),
    shares: Shares = _USUAL,
    *,
    near: float = NEAR,
    progress: Progress | None = None,
) -> list[Sentence]:
    """Return `new` with its splits decided; `old` sentences of the project are not touched.

    A split that a sentence brings along is kept. `progress` follows the search for near-duplicates.
    """
    added, settled = list(new), list(old)
    begun = any(each.split for each in settled)
    if not may_hold_out(added, (each.group for each in settled if each.group), shares, begun=begun):
        return added
    alike = clusters([each.source for each in (*settled, *added)], near, progress)
    return _Freezing(settled, added, shares, alike).sentences()


def may_hold_out(new: Iterable[Sentence], groups: Iterable[str], shares: Shares, *, begun: bool) -> bool:
    """Whether `freeze_splits` can hold out any of `new`, without a look at the old sentences.

    `groups` are those of the old sentences; `begun`: some of them are held out already.
    """
    added = list(new)
    if not shares.hold_out or not any(each.group and not each.split for each in added):
        return False
    names = {_name(each.group) for each in added if each.group} | {_name(group) for group in groups}
    return begun or len(names) >= shares.from_groups


class _Freezing:
    """One decision over all new sentences, at rest when no held-out group touches training."""

    def __init__(
        self,
        settled: Sequence[Sentence],
        added: Sequence[Sentence],
        shares: Shares,
        alike: Sequence[list[int]],
    ) -> None:
        self._all = [*settled, *added]
        self._first_new = len(settled)
        self._shares = shares
        self._alike = alike
        self._settled_groups = self._groups_as_settled()
        self._opened: set[str] = set()
        """Groups that a near-duplicate in training opened."""

    def sentences(self) -> list[Sentence]:
        splits = self._splits()
        while self._open_groups(splits):
            splits = self._splits()
        self._follow_near_duplicates(splits)
        added = zip(self._all[self._first_new :], splits[self._first_new :], strict=True)
        return [each if each.split else each.model_copy(update={"split": split}) for each, split in added]

    def _groups_as_settled(self) -> dict[str, Split]:
        """Return where groups are already: in training as soon as one of their sentences is."""
        sides: dict[str, set[Split]] = defaultdict(set)
        for number, each in enumerate(self._all):
            if each.group and not self._is_free(number):
                sides[_name(each.group)].add(each.split or "train")
        return {name: "train" if "train" in of else min(of) for name, of in sides.items()}

    def _splits(self) -> list[Split]:
        return [self._split(number, each) for number, each in enumerate(self._all)]

    def _split(self, number: int, sentence: Sentence) -> Split:
        if sentence.split or number < self._first_new or not sentence.group:
            return sentence.split or "train"
        whole = self._whole(sentence.group)
        return self._shares.of_sentence(sentence) if whole == "train" else whole

    def _whole(self, group: str) -> Split:
        name = _name(group)
        if name in self._opened:
            return "train"
        return self._settled_groups.get(name) or self._shares.of_group(group)

    def _open_groups(self, splits: Sequence[Split]) -> bool:
        """Open the new groups that are held out whole although training has a near-duplicate of them."""
        opened = {
            _name(group)
            for cluster in self._alike
            if any(splits[number] == "train" for number in cluster)
            for number in cluster
            if (group := self._all[number].group) and self._whole(group) != "train" and self._is_free(number)
        }
        fresh = opened - self._settled_groups.keys() - self._opened
        self._opened |= fresh
        return bool(fresh)

    def _follow_near_duplicates(self, splits: list[Split]) -> None:
        for cluster in self._alike:
            sides = [splits[number] for number in cluster]
            first_side = next((splits[n] for n in cluster if not self._is_free(n)), sides[0])
            side: Split = "train" if "train" in sides else first_side
            for number in cluster:
                group = self._all[number].group
                held_whole = group is not None and self._whole(group) != "train"
                if self._is_free(number) and not held_whole:
                    splits[number] = side

    def _is_free(self, number: int) -> bool:
        """Whether a sentence's split is still to be decided."""
        return number >= self._first_new and not self._all[number].split


@dataclass(frozen=True, slots=True)
class Leak:
    """The same text, or nearly, on two sides."""

    kind: Literal["same", "near"]
    one: str
    """Where: a file and its row, or a split and a sentence's id."""
    other: str
    text: str


@dataclass(frozen=True, slots=True)
class SplitReport:
    """How sentences are split, and what is on two sides at once."""

    sentences: Mapping[Split, int]
    groups: int
    unseen_groups: int
    """Groups that are held out whole."""
    leaks: tuple[Leak, ...]

    def as_json(self) -> dict[str, object]:
        """Return the object that `split --json` prints."""
        return {
            **{side: self.sentences.get(side, 0) for side in ("train", "valid", "test")},
            "groups": self.groups,
            "unseen_groups": self.unseen_groups,
            **_leaks_as_json(self.leaks),
        }


def report_splits(
    sentences: Iterable[Sentence], *, near: float = NEAR, progress: Progress | None = None
) -> SplitReport:
    """Return the splits of a project; a sentence without one counts as training."""
    sides: dict[Split, list[tuple[str, str]]] = defaultdict(list)
    groups: dict[str, set[Split]] = defaultdict(set)
    for each in sentences:
        side: Split = each.split or "train"
        sides[side].append((f"{side} {each.id}", each.source))
        if each.group:
            groups[_name(each.group)].add(side)
    counts: Counter[Split] = Counter({side: len(places) for side, places in sides.items()})
    unseen = sum("train" not in of for of in groups.values())
    return SplitReport(counts, len(groups), unseen, tuple(_leaks(list(sides.values()), near, progress)))


@dataclass(frozen=True, slots=True)
class LeakReport:
    """What any two files have in common."""

    files: Mapping[str, int]
    """Sentences read of each file."""
    bad: int
    """Rows that could not be read."""
    leaks: tuple[Leak, ...]

    def as_json(self) -> dict[str, object]:
        """Return the object that `split --check --json` prints."""
        return {"files": dict(self.files), "bad": self.bad, **_leaks_as_json(self.leaks)}


def check_files(
    paths: Iterable[Path],
    mapping: ColumnMap | None = None,
    *,
    near: float = NEAR,
    progress: Progress | None = None,
) -> LeakReport:
    """Return what any two files have in common, by the first rows of each; for `split --check`.

    Source files are read, and so are sets of others and exports in every text format.

    Raises:
        FileProblem: a file cannot be read or mapped.
    """
    sides: dict[str, list[tuple[str, str]]] = {}
    bad = 0
    for path in paths:
        rows = list(read_sources(path, mapping))
        sentences = [(number, row) for number, row in enumerate(rows, 1) if isinstance(row, Sentence)]
        bad += len(rows) - len(sentences)
        sides[str(path)] = [(_place(path, number, each), each.source) for number, each in sentences]
    counts = {file: len(side) for file, side in sides.items()}
    return LeakReport(counts, bad, tuple(_leaks(list(sides.values()), near, progress)))


def _place(path: Path, number: int, sentence: Sentence) -> str:
    """Return file and row; a sentence out of an export says which row it had in its source file."""
    origin = sentence.origin
    return f"{path}:{origin.row if origin and origin.file == path.name else number}"


def _leaks(sides: Sequence[Sequence[tuple[str, str]]], near: float, progress: Progress | None) -> list[Leak]:
    """Return a leak for each near-duplicate cluster and pair of sides that it touches."""
    places = [(side, place, text) for side, rows in enumerate(sides) for place, text in rows]
    leaks: list[Leak] = []
    for cluster in clusters([text for _, _, text in places], near, progress):
        first: dict[int, tuple[str, str]] = {}
        for side, place, text in (places[number] for number in cluster):
            for place_before, text_before in first.values() if side not in first else ():
                kind: Literal["same", "near"] = "same" if text.strip() == text_before.strip() else "near"
                leaks.append(Leak(kind, place_before, place, text))
            first.setdefault(side, (place, text))
    return leaks


def _leaks_as_json(leaks: Sequence[Leak]) -> dict[str, object]:
    return {"leaks": len(leaks), "leaking": [asdict(leak) for leak in leaks]}


def _portion(kind: str, text: str) -> float:
    """Return a number from 0 to 1 that depends on `text` alone."""
    return int.from_bytes(blake2b(f"{kind}\x1f{text}".encode(), digest_size=8).digest(), "big") / 2**64


def _name(group: str) -> str:
    return " ".join(group.split()).casefold()
