"""What changed between two texts, in units a reader sees: words, eojeol, syllables, characters.

Where a script puts spaces between words the unit is the word (in Korean the eojeol: a word with its
particles); an eojeol that changed only in part is told by syllables. Where a script has no spaces
(Chinese, Japanese, Thai) the unit is the character as a reader sees it, a grapheme cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import regex
from rapidfuzz.distance import Levenshtein

Kind = Literal["same", "gone", "new"]

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_UNIT = regex.compile(rf"(?V1)\s+|[[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]+(?:['’-][\p{{L}}\p{{N}}]+)*|\X")
_HANGUL = regex.compile(r"\p{Hangul}")
_MOST = 25_000_000
"""Pairs of units that are compared; of longer texts only the common beginning and end are told."""
_LONG, _KIN = 800, 0.5
"""Texts of more units that share less than this are told as one replaced by the other: no reader makes
sense of a thousand scattered words."""
_ALIKE = 0.6
"""Two eojeol with at least this share of common syllables are told as one that changed in part."""


class Piece(NamedTuple):
    """A stretch of text that both have (`same`), only the old one (`gone`), or only the new one."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One place that changed: what stood there and what stands there now; either may be empty."""

    old: str
    new: str


def diff(old: str, new: str) -> tuple[Piece, ...]:
    """Return how `new` differs from `old`, in reading order, what is gone before what is new.

    The pieces that are not `new` join to `old`, those that are not `gone` to `new`.
    """
    before, after = units(old), units(new)
    if len(before) * len(after) > _MOST or _are_strangers(before, after):
        return tuple(_merged(_ends(before, after)))
    return tuple(_merged(_pieces(before, after)))


def units(text: str) -> list[str]:
    """Return the words, spaces and signs of `text`; they join to it again."""
    return [match.group() for match in _UNIT.finditer(text)]


def changes(old: str, new: str, *, bridge: int = 2) -> tuple[Change, ...]:
    """Return the places that changed; those with at most `bridge` common words between them are one."""
    places: list[list[Piece]] = [[]]
    for piece in diff(old, new):
        if piece.kind == "same" and len(piece.text.split()) > bridge:
            places.append([])
        else:
            places[-1].append(piece)
    found = (Change(_side(place, "gone"), _side(place, "new")) for place in places)
    return tuple(change for change in found if change.old != change.new)


def _are_strangers(before: Sequence[str], after: Sequence[str]) -> bool:
    if min(len(before), len(after)) < _LONG:
        return False
    return Levenshtein.normalized_similarity(before, after, score_cutoff=_KIN) < _KIN


def _side(place: list[Piece], kind: Kind) -> str:
    while place and place[-1].kind == "same":
        place = place[:-1]
    while place and place[0].kind == "same":
        place = place[1:]
    return "".join(piece.text for piece in place if piece.kind in {kind, "same"}).strip()


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for operation in Levenshtein.opcodes(old, new):
        was = old[operation.src_start : operation.src_end]
        now = new[operation.dest_start : operation.dest_end]
        if operation.tag == "equal":
            yield Piece("same", "".join(was))
        elif operation.tag == "replace" and any(map(_is_eojeol, was)):
            for one, other in zip(was, now, strict=True):
                yield from _replaced(one, other)
        else:
            yield Piece("gone", "".join(was))
            yield Piece("new", "".join(now))


def _is_eojeol(unit: str) -> bool:
    return "가" <= unit[0] <= "힣" or (not unit.isascii() and _HANGUL.search(unit) is not None)


def _ends(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    shorter = min(len(old), len(new))
    first = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    last = next(
        (place for place in range(shorter - first) if old[-1 - place] != new[-1 - place]), shorter - first
    )
    yield Piece("same", "".join(old[:first]))
    yield Piece("gone", "".join(old[first : len(old) - last]))
    yield Piece("new", "".join(new[first : len(new) - last]))
    yield Piece("same", "".join(old[len(old) - last :]))


def _replaced(was: str, now: str) -> Iterator[Piece]:
    """Yield an eojeol that changed in part by syllables, anything else as gone and new."""
    is_eojeol = _is_eojeol(was) and _is_eojeol(now)
    if not is_eojeol or Levenshtein.normalized_similarity(was, now) < _ALIKE:
        yield Piece("gone", was)
        yield Piece("new", now)
        return
    for operation in Levenshtein.opcodes(was, now):
        if operation.tag == "equal":
            yield Piece("same", was[operation.src_start : operation.src_end])
        else:
            yield Piece("gone", was[operation.src_start : operation.src_end])
            yield Piece("new", now[operation.dest_start : operation.dest_end])


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours of a kind; spaces alone between two changes belong to the change."""
    gone = new = spaces = ""
    same = ""
    for piece in pieces:
        if piece.kind == "same" and (gone or new) and piece.text.isspace():
            spaces += piece.text
        elif piece.kind == "same":
            yield from _change(gone, new)
            same += spaces + piece.text
            gone = new = spaces = ""
        elif piece.text:
            if same:
                yield Piece("same", same)
                same = ""
            gone, new, spaces = gone + spaces, new + spaces, ""
            gone += piece.text if piece.kind == "gone" else ""
            new += piece.text if piece.kind == "new" else ""
    if same and not (gone or new):
        yield Piece("same", same)
    yield from _change(gone, new)
    if spaces:
        yield Piece("same", spaces)


def _change(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)
