"""What stands on a terminal that nobody looks at."""

from __future__ import annotations

from typing import Any

from textual.app import App


def text_of(app: App[Any]) -> str:
    """Return everything on the screen, a line a line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips[: app.size.height])
