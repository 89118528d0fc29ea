"""What stands on a terminal that nobody looks at, and waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.app import App
from textual.pilot import Pilot

PATIENCE_SECONDS = 60


def text_of(app: App[Any]) -> str:
    """Return everything on the screen, a line a line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips[: app.size.height])


async def until(pilot: Pilot[Any], is_so: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Let the app work until something is so; a vain wait fails with what stood on the screen."""
    deadline = monotonic() + seconds
    while not is_so():
        assert monotonic() < deadline, f"waited in vain in front of:\n{text_of(pilot.app)}"
        await pilot.pause(0.01)
