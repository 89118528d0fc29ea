"""What is said of a whole set, each from one pass over its rows."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from data.lint.facts import Facts
from data.lint.sets.compression import Compression
from data.lint.sets.lengths import Lengths
from data.lint.sets.near_duplicates import NearDuplicates
from data.lint.sets.openings import Openings
from data.lint.sets.skew import Skew
from data.lint.settings import LintSettings


class SetRule(Protocol):
    """A rule over a set: it sees every row once and then says what it found."""

    code: ClassVar[str]
    meaning: ClassVar[str]

    def __init__(self, settings: LintSettings) -> None: ...

    def see(self, number: int, facts: Facts) -> None:
        """Take note of a row."""

    def finding(self) -> dict[str, Any] | None:
        """Return the figures of the finding, `None` where there is nothing to say."""


SET_RULES: tuple[type[SetRule], ...] = (
    Openings,
    Compression,
    Lengths,
    Skew,
    NearDuplicates,
)
