"""What ctrl+c does to a crew of questions: it finishes those under way, and a second one ends them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drt_tui.narration import narrate

if TYPE_CHECKING:
    from train.evaluation.crew import Crew


@contextmanager
def interruptible(crew: Crew) -> Iterator[None]:
    """Let an interrupt stop the crew for as long as the context lasts."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not crew.is_stopping:
            narrate("finishing the questions under way; once more to stop at once")
        crew.stop()

    for interrupt in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(interrupt, stop)
    try:
        yield
    finally:
        for interrupt in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(interrupt)
