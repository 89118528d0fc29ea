"""Several lines for typing, in any script; apart from the one-line field, which the first screen needs."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from data.text import nfc, show_controls


class TextPad(TextArea):
    """Several lines."""

    def on_paste(self, event: events.Paste) -> None:
        """Compose what is pasted before it is inserted."""
        event.text = show_controls(nfc(event.text))
