"""Fields for typing, in any script: what is pasted or typed is kept in NFC."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, TextArea

from data.text import nfc


class TextInput(Input):
    """One line."""

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert text, typed or pasted, in NFC."""
        super().insert_text_at_cursor(nfc(text))


class TextPad(TextArea):
    """Several lines."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = nfc(event.text)
        await super()._on_paste(event)
