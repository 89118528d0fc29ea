"""What is told while a command runs: plain lines on stderr, so that stdout stays data."""

from __future__ import annotations

import sys


def narrate(line: str) -> None:
    """Tell a person at the terminal, or a log, what is going on."""
    print(line, file=sys.stderr, flush=True)
