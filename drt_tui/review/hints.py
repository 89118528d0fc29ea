"""What a person made of similar sentences before: accepted rows, and rejected ones with their reason."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from data.reasons import BY_CODE
from data.records import Sentence, Status

if TYPE_CHECKING:
    from data.store import Dataset

JUDGED = frozenset({Status.ACCEPTED, Status.EDITED, Status.REJECTED})
SIMILAR = 62
"""How alike two sources must be (0-100) for one to be a hint for the other."""
MOST = 5
"""Hints of a kind."""
_SLICE = 4_000
"""Sources compared between two turns of the loop of events: about 4 ms."""


@dataclass(frozen=True, slots=True)
class Hint:
    """An earlier decision about a similar sentence."""

    sentence: str
    source: str
    output: str
    """What was accepted, or rejected."""
    why: str
    """Why it was rejected; empty where it was accepted."""
    likeness: int
    """Of the sources, 0 to 100."""


class Memory:
    """Remembers the sources of judged sentences; it grows as they are judged, and reads each one once."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._sources: dict[str, str] = {}

    async def fill(self) -> None:
        """Read the judged sentences that are not known yet, a few at a time."""
        for number, row in enumerate(self._dataset.rows(JUDGED)):
            if row.id not in self._sources and not row.is_held_out:
                self._sources[row.id] = self._dataset.sentence(row.id).source
            if number % 100 == 99:
                await asyncio.sleep(0)

    async def similar(self, sentence: Sentence) -> tuple[Hint, ...]:
        """Return earlier decisions on sentences of the same idiom or with a similar source, the likest first."""
        await self.fill()
        likeness: dict[str, float] = {}
        if sentence.group is not None:
            for row in self._dataset.rows(JUDGED, sentence.group):
                if row.id in self._sources:
                    likeness[row.id] = fuzz.ratio(sentence.source, self._sources[row.id])
        known = list(self._sources)
        for start in range(0, len(known), _SLICE):
            part = {one: self._sources[one] for one in known[start : start + _SLICE]}
            best = process.extract(sentence.source, part, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=MOST)
            likeness |= {one: score for _, score, one in best}
            await asyncio.sleep(0)
        likeness.pop(sentence.id, None)
        ordered = sorted(likeness, key=lambda one: -likeness[one])
        return tuple(self._hints((one, round(likeness[one])) for one in ordered[: 2 * MOST]))

    def _hints(self, found: Iterable[tuple[str, int]]) -> Iterable[Hint]:
        for sentence, likeness in found:
            ruling = self._dataset.ruling(sentence)
            status = self._dataset.row(sentence).status
            if ruling is None or status not in JUDGED:
                continue
            candidate = self._dataset.candidate(ruling.candidate) if ruling.candidate else None
            output = ruling.output or (candidate.output if candidate else "")
            reasons = ", ".join(BY_CODE[code].text for code in ruling.reasons if code in BY_CODE)
            why = (reasons or ruling.note or "no reason given") if status is Status.REJECTED else ""
            yield Hint(sentence, self._sources.get(sentence, ""), output, why, likeness)
