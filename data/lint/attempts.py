"""The attempts at a translation that a thought quotes, in order.

An attempt is a quotation, or a line of its own, in the target's script and of about the output's
length. Quotations of a word or a phrase, and of the source, are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.lint.plain import plain
from data.scripts import LETTERS

_SHORTEST, _LONGEST = 0.55, 1.9
"""Length of an attempt, as a share of the output's."""
_FEWEST_LETTERS = 12
"""A shorter output cannot be told from a word that the thought weighs."""
_LATIN = LETTERS["latin"]
_LINE = re.compile(r"[^\n]+")
_AFTER_COLON = re.compile(r"[:：]\s+(\S[^\n]*)$")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A quoted attempt: where its text stands in the thought, and its text stripped for comparison."""

    start: int
    end: int
    plain: str


def attempts(thought: str, quotations: Iterable[tuple[int, int]], output: str, source: str) -> list[Attempt]:
    """Return the attempts among `quotations` and lines of `thought`, the output too if it is quoted."""
    wanted = plain(output)
    if len(wanted) < _FEWEST_LETTERS:
        return []
    shortest, longest = _SHORTEST * len(wanted), _LONGEST * len(wanted)
    found: list[Attempt] = []
    plain_source = plain(source)
    for start, end in sorted({*quotations, *_own_lines(thought)}):
        if (found and start < found[-1].end) or not shortest <= end - start <= 2 * longest:
            continue
        text = plain(thought[start:end])
        if shortest <= len(text) <= longest and text != plain_source and _same_alphabet(text, wanted):
            found.append(Attempt(start, end, text))
    return found


def _own_lines(thought: str) -> Iterator[tuple[int, int]]:
    """Yield what stands on a line of its own after a line that ends with a colon, or after a colon."""
    announced = False
    for line in _LINE.finditer(thought):
        text = line.group().strip()
        tail = _AFTER_COLON.search(line.group())
        if announced and text:
            yield line.span()
        elif tail:
            yield line.start() + tail.start(1), line.start() + tail.end(1)
        announced = text.endswith((":", "：", ":**", "：**"))


def _same_alphabet(one: str, other: str) -> bool:
    """Tell whether both are mostly Latin, or both are not."""
    return (one.isascii() and other.isascii()) or _is_latin(one) == _is_latin(other)


def _is_latin(text: str) -> bool:
    return len(_LATIN.findall(text)) > len(text) / 2
