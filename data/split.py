"""Which sentences are held out from training, decided once, when they are imported.

From `Shares.from_groups` groups (idioms) on, a share of the groups is held out whole: idioms that
training never sees. Of the other groups, a smaller share of the sentences is: a known idiom in a new
sentence. Of all that is held out, a third is for validation while training runs and the rest is the
test, so that both hold both kinds. Sentences without a group are never held out, and with fewer
groups nothing is.

Hashes decide, so the same sentences fall alike everywhere, and what is decided stays: new sentences
join without moving old ones. Near-duplicates are not torn apart. Looking for them takes a while, so it
is done apart from the import, before a model is first asked: they go where one of them is trained on,
and a held-out group that has a near-duplicate in training is not held out after all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import compress
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
    new: Iterable[Sentence], old: Iterable[Sentence] = (), shares: Shares = _USUAL
) -> list[Sentence]:
    """Return `new` with its splits decided by hash; `old` sentences of the project are not touched.

    A split that a sentence brings along is kept.
    """
    added, settled = list(new), list(old)
    begun = any(each.split for each in settled)
    if not may_hold_out(added, (each.group for each in settled if each.group), shares, begun=begun):
        return added
    known = [*settled, *(each for each in added if each.split)]
    sides = {name: "train" if "train" in of else min(of) for name, of in _sides_of_groups(known).items()}
    return [
        each if each.split else each.model_copy(update={"split": _by_hash(each, sides, shares)})
        for each in added
    ]


def may_hold_out(new: Iterable[Sentence], groups: Iterable[str], shares: Shares, *, begun: bool) -> bool:
    """Whether `freeze_splits` can hold out any of `new`, without a look at the old sentences.

    `groups` are those of the old sentences; `begun`: some of them are held out already.
    """
    added = list(new)
    if not shares.hold_out or not any(each.group and not each.split for each in added):
        return False
    names = {_name(each.group) for each in added if each.group} | {_name(group) for group in groups}
    return begun or len(names) >= shares.from_groups


def _by_hash(sentence: Sentence, sides: Mapping[str, Split], shares: Shares) -> Split:
    """Return where a sentence goes; a group that is on a `side` already stays there."""
    if not sentence.group:
        return "train"
    whole = sides.get(_name(sentence.group)) or shares.of_group(sentence.group)
    return shares.of_sentence(sentence) if whole == "train" else whole


def _sides_of_groups(sentences: Iterable[Sentence]) -> dict[str, set[Split]]:
    sides: dict[str, set[Split]] = defaultdict(set)
    for each in sentences:
        if each.group:
            sides[_name(each.group)].add(each.split or "train")
    return sides


def follow_near_duplicates(
    sentences: Sequence[Sentence],
    is_new: Sequence[bool],
    shares: Shares = _USUAL,
    *,
    near: float = NEAR,
    progress: Progress | None = None,
) -> list[Sentence]:
    """Return those of the new `sentences` that another split becomes, since a near-duplicate is there.

    Of a cluster, what is not new stays; the rest goes to training if any of it is there.
    """
    alike = clusters([each.source for each in sentences], near, progress)
    splits = _Following(sentences, is_new, shares, alike).splits()
    return [
        each.model_copy(update={"split": split})
        for each, split in zip(sentences, splits, strict=True)
        if split != (each.split or "train")
    ]


class _Following:
    """One decision over all clusters, at rest when no held-out group touches training."""

    def __init__(
        self,
        sentences: Sequence[Sentence],
        is_new: Sequence[bool],
        shares: Shares,
        alike: Sequence[list[int]],
    ) -> None:
        self._sentences = sentences
        self._is_new = is_new
        self._shares = shares
        self._alike = alike
        self._splits: list[Split] = [each.split or "train" for each in sentences]
        sides = _sides_of_groups(sentences)
        self._whole = {name for name, of in sides.items() if "train" not in of}
        """Groups that are held out whole."""
        self._settled = {_name(each.group) for each in self._old() if each.group}

    def splits(self) -> list[Split]:
        """Return where each sentence goes."""
        while opened := self._groups_to_open():
            self._open(opened)
        for cluster in self._alike:
            side = self._side(cluster)
            for number in cluster:
                if self._is_new[number] and not (side == "train" and self._is_of_whole_group(number)):
                    self._splits[number] = side
        return self._splits

    def _old(self) -> Iterator[Sentence]:
        return compress(self._sentences, (not new for new in self._is_new))

    def _side(self, cluster: Sequence[int]) -> Split:
        """Return where a cluster goes: with its old members, else to training if any is there."""
        sides = [self._splits[number] for number in cluster if not self._is_new[number]]
        sides = sides or [self._splits[number] for number in cluster]
        return "train" if "train" in sides else sides[0]

    def _groups_to_open(self) -> set[str]:
        """Return the new groups that are held out whole although training has a near-duplicate of them."""
        touched = (number for cluster in self._alike if self._side(cluster) == "train" for number in cluster)
        names = {_name(group) for number in touched if (group := self._sentences[number].group)}
        return (names & self._whole) - self._settled

    def _open(self, names: Set[str]) -> None:
        """Hold out of these groups only what is held out of any group that training sees."""
        self._whole -= names
        for number, each in enumerate(self._sentences):
            if self._is_new[number] and each.group and _name(each.group) in names:
                self._splits[number] = self._shares.of_sentence(each)

    def _is_of_whole_group(self, number: int) -> bool:
        group = self._sentences[number].group
        return group is not None and _name(group) in self._whole


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
