"""Made-up books: running text of any length that repeats no sentence, with figures here and there."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from random import Random

_WHO = (
    "The ferryman",
    "Old Mr. Pell",
    "My aunt",
    "The clerk of the harbour",
    "Nobody in our street",
    "The widow",
)
_DID = (
    "counted the boats",
    "closed the shop",
    "mended a net",
    "kept the lamp burning",
    "wrote to the captain",
)
_WHEN = (
    "before the tide turned",
    "on the last day of the fair",
    "while the bells rang",
    "as the fog came in",
)
_LIKE = ("like a man counting coins", "like a door in the wind", "like a cat on a wall")
_ENDS = ("and said nothing of it to the others", "and went home along the quay", "and waited for an answer")


def sentences(seed: int = 0) -> Iterator[str]:
    """Yield sentences of 18 to 30 words without end; one in nine holds a simile."""
    chance = Random(seed)
    number = 0
    while True:
        number += 1
        image = f", {chance.choice(_LIKE)}" if chance.random() < 1 / 9 else ""
        yield (
            f"{chance.choice(_WHO)} {chance.choice(_DID)} {chance.choice(_WHEN)}{image}, for the "
            f"{number}th time that year, {chance.choice(_ENDS)}."
        )


def book(words: int, seed: int = 0) -> Iterator[str]:
    """Yield the lines of a wrapped book of about so many words: chapters, dialogue, paragraphs."""
    written = chapter = 0
    told = sentences(seed)
    while written < words:
        chapter += 1
        yield from (f"CHAPTER {chapter}", "")
        for _ in range(40):
            paragraph = " ".join(next(told) for _ in range(5)) + ' "It is late," he said. "Go home."'
            written += paragraph.count(" ") + 1
            yield from textwrap.wrap(paragraph, 72)
            yield ""
            if written >= words:
                return
