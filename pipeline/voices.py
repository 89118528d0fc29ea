"""Which openings too many thoughts share, so that the reformulator can be asked for others."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.store import Dataset

SHARE = 0.1
"""An opening that more than this share of the thoughts have is common."""

_MOST_READ = 1000
_FEWEST = 20
"""With fewer thoughts, a share of them says nothing."""
_WORDS = 4
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_CHARACTERS = 6
"""Length of an opening in scripts without word spaces."""


def opening(thought: str) -> str:
    """Return how a thought begins: its first four words, or six characters where words have no spaces."""
    line = thought.lstrip().split("\n", 1)[0]
    if _SPACELESS.match(line):
        return line[:_CHARACTERS]
    return " ".join(line.split()[:_WORDS])


def common_openings(dataset: Dataset) -> tuple[str, ...]:
    """Return the openings of more than a tenth of the newest thoughts, the commonest first."""
    candidates = [
        row.candidate for row in dataset.rows() if row.candidate is not None and not row.is_held_out
    ][-_MOST_READ:]
    if len(candidates) < _FEWEST:
        return ()
    counted = Counter(opening(dataset.candidate(candidate).thought) for candidate in candidates)
    return tuple(text for text, count in counted.most_common() if text and count > SHARE * len(candidates))
