"""Percentiles of the lengths of a set's texts."""

from __future__ import annotations

from array import array
from typing import Any, ClassVar

from data.lint.facts import Facts
from data.lint.settings import LintSettings

_PERCENTILES = (1, 5, 50, 95, 99)


class Lengths:
    """Percentiles of source, thought and output lengths, and of output against source."""

    code: ClassVar[str] = "lengths"
    meaning: ClassVar[str] = (
        "Percentiles of the lengths of sources and outputs (letters), thoughts (words, or letters where words are not set "
        "apart), and of output to source as expected by script: 1 is usual."
    )

    def __init__(self, settings: LintSettings) -> None:
        self._lengths = {name: array("f") for name in ("source", "thought", "output", "output_to_source")}

    def see(self, number: int, facts: Facts) -> None:
        """Measure a row."""
        self._lengths["source"].append(len(facts.row.source))
        self._lengths["output"].append(len(facts.row.output))
        if facts.has_thought:
            self._lengths["thought"].append(facts.thought.count(" ") + 1)
        if facts.source_weight:
            self._lengths["output_to_source"].append(facts.output_weight / facts.source_weight)

    def finding(self) -> dict[str, Any] | None:
        """Return the percentiles of each length."""
        return {name: _percentiles(values) for name, values in self._lengths.items() if values} or None


def _percentiles(values: array[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {f"p{p}": round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)], 2) for p in _PERCENTILES}
