"""Outputs that stand in more than one row, for different sources."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from data.lint.facts import Facts
from data.records import Finding

CODE = "equals-other-output"
MEANING = (
    "The output is that of another row with another source. The row whose thought holds it is taken for its "
    "owner; the others have the finding. Short outputs may well be alike."
)
_SHORT = 24


@dataclass(frozen=True, slots=True)
class _Place:
    row: int
    source: int
    is_reasoned: bool
    """The row's thought holds the output."""


class Twins:
    """Gathers outputs while a set is read, and names the rows that have another row's."""

    def __init__(self) -> None:
        self._places: dict[int, list[_Place]] = defaultdict(list)

    def see(self, number: int, facts: Facts) -> None:
        """Take note of a row's output, unless it is short."""
        if facts.output_weight >= _SHORT:
            is_reasoned = facts.has_thought and facts.row.output.strip() in facts.thought
            place = _Place(number, hash(facts.plain_source), is_reasoned)
            self._places[hash(facts.plain_output)].append(place)

    def findings(self) -> dict[int, Finding]:
        """Return a finding for each row that has another row's output, by row number."""
        found: dict[int, Finding] = {}
        for places in self._places.values():
            if len({place.source for place in places}) < 2:
                continue
            owner = next((place for place in places if place.is_reasoned), places[0])
            for place in places:
                if place.source != owner.source:
                    found[place.row] = Finding(
                        code=CODE, message=f"The output is that of row {owner.row}.", severity="warning"
                    )
        return found
