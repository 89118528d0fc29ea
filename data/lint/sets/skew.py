"""Groups that are not spread over the alphabet, as when only the head of a sorted file was used."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from data.initials import CONSONANTS, initial_of
from data.lint.facts import Facts
from data.lint.settings import LintSettings

_COMMON_INITIALS = frozenset("ㄱㄴㄷㅁㅂㅅㅇㅈㅎ")
_FEWEST_GROUPS = 20


class Skew:
    """Whether Korean groups cover the common initial consonants."""

    code: ClassVar[str] = "skew"
    meaning: ClassVar[str] = (
        "The idioms begin with few of the common initial consonants: the sentences come from a part of a sorted "
        "file, and the rest of the alphabet is not covered."
    )

    def __init__(self, settings: LintSettings) -> None:
        self._groups: Counter[str] = Counter()

    def see(self, number: int, facts: Facts) -> None:
        """Count a row's group."""
        if facts.row.group:
            self._groups[facts.row.group] += 1

    def finding(self) -> dict[str, Any] | None:
        """Return the initials that are covered and those that are missing, rows counted by initial."""
        initials: Counter[str] = Counter()
        for group, rows in self._groups.items():
            if (initial := initial_of(group)) in CONSONANTS:
                initials[initial] += rows
        missing = _COMMON_INITIALS - initials.keys()
        if len(self._groups) < _FEWEST_GROUPS or not initials or len(missing) <= len(_COMMON_INITIALS) // 2:
            return None
        return {
            "groups": len(self._groups),
            "initials": dict(sorted(initials.items())),
            "missing": sorted(missing),
        }
