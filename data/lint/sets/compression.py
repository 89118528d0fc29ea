"""How much the thoughts resemble each other, by how well they compress."""

from __future__ import annotations

import zlib
from typing import Any, ClassVar

from data.lint.facts import Facts
from data.lint.settings import LintSettings

_MOST_BYTES = 1 << 20
"""Enough of each field to tell; more would only take time."""
_FEWEST_ROWS = 20


class _Compressor:
    def __init__(self) -> None:
        self._zlib = zlib.compressobj(6)
        self.taken = self._given = 0

    def add(self, text: str) -> None:
        if self.taken < _MOST_BYTES:
            raw = text.encode(errors="replace")
            self.taken += len(raw)
            self._given += len(self._zlib.compress(raw))

    def ratio(self) -> float:
        """Return the size before over the size after; ends the compression."""
        self._given += len(self._zlib.flush())
        return round(self.taken / self._given, 2)


class Compression:
    """The compression ratio of thoughts beside that of their sources."""

    code: ClassVar[str] = "compression"
    meaning: ClassVar[str] = (
        "How many times smaller the thoughts become when they are compressed, beside the same figure for the sources: the "
        "further apart, the more the thoughts repeat each other."
    )

    def __init__(self, settings: LintSettings) -> None:
        self._thoughts, self._sources = _Compressor(), _Compressor()
        self._rows = 0

    def see(self, number: int, facts: Facts) -> None:
        """Compress a row's thought and source."""
        if facts.has_thought:
            self._rows += 1
            self._thoughts.add(facts.thought)
            self._sources.add(facts.row.source)

    def finding(self) -> dict[str, Any] | None:
        """Return both ratios."""
        if self._rows < _FEWEST_ROWS or not self._sources.taken:
            return None
        return {"thoughts": self._thoughts.ratio(), "sources": self._sources.ratio()}
