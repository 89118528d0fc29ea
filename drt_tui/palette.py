"""What a screen offers in the command palette."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from textual.app import SystemCommand


@runtime_checkable
class Offering(Protocol):
    """A screen with commands of its own."""

    def offered(self) -> Iterator[SystemCommand]:
        """Yield its commands."""
        ...
