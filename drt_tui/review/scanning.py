"""Looking through all rows without holding up the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from time import perf_counter

SLICE_SECONDS = 0.006
"""How long the loop of events is held at a time: a third of a frame."""


async def matching(sentences: Iterable[str], matches: Callable[[str], bool]) -> AsyncIterator[list[str]]:
    """Yield the sentences that match, in slices; between slices keys and paints have their turn."""
    found: list[str] = []
    began = perf_counter()
    for sentence in sentences:
        if matches(sentence):
            found.append(sentence)
        if perf_counter() - began > SLICE_SECONDS:
            yield found
            found = []
            await asyncio.sleep(0)
            began = perf_counter()
    yield found
