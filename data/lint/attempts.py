"""The attempts at a translation that a thought quotes, in order.

An attempt is a quotation, or a line of its own, in the target's script and of about the output's
length. Quotations of a word or a phrase, and of the source, are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from rapidfuzz import fuzz

from data.lint.plain import plain
from data.scripts import letters_by_script

_SHORTEST, _LONGEST = 0.4, 1.9
"""Length of an attempt, as a share of the output's."""
_ALIKE = 55
"""Likeness to the output in percent from which a line that nothing announces is an attempt."""
_FEWEST_LETTERS = 12
"""A shorter output cannot be told from a word that the thought weighs."""
_EAST_ASIAN_RUN = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uff9f—…“”]{8,}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A quoted attempt: where its text stands in the thought, and its text stripped for comparison."""

    start: int
    end: int
    plain: str


def attempts(
    thought: str, marked: Iterable[tuple[int, int]], plain_output: str, source: str
) -> Iterator[Attempt]:
    """Yield the attempts among the `marked` spans and the lines of `thought`, the output too if it is there."""
    if len(plain_output) < _FEWEST_LETTERS:
        return
    is_latin, plain_source = _is_latin(plain_output), plain(source)
    shortest, longest = _SHORTEST * len(plain_output), _LONGEST * len(plain_output)
    spans = chain(((*span, True) for span in marked), _own_lines(thought))
    if not is_latin:
        spans = chain(spans, ((*run.span(), False) for run in _EAST_ASIAN_RUN.finditer(thought)))
    done = 0
    for start, end, is_announced in sorted({s for s in spans if shortest <= s[1] - s[0] <= 2 * longest}):
        text = plain(thought[start:end]) if start >= done else ""
        if not shortest <= len(text) <= longest or _is_latin(text) != is_latin or text == plain_source:
            continue
        if is_announced or fuzz.ratio(text, plain_output) >= _ALIKE:
            yield Attempt(start, end, text)
            done = end


def _own_lines(thought: str) -> Iterator[tuple[int, int, bool]]:
    """Yield each line, or what follows its last colon; whether a colon announced it."""
    announced = False
    start = 0
    for line in thought.split("\n"):
        colon = -1 if announced else max(line.rfind(": "), line.rfind("："))
        if line.strip():
            yield start + colon + 1, start + len(line), announced or colon >= 0
            announced = line.rstrip(" *").endswith((":", "："))
        start += len(line) + 1


def _is_latin(text: str) -> bool:
    if text.isascii() and text.isalpha():
        return True
    return letters_by_script(text)["latin"] > len(text) / 2
