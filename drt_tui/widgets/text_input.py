"""Typing, in any script: a line of it, and what becomes of it.

What is pasted or typed is kept in NFC. Control characters are spelled out while a text is edited,
so that they can be seen and deleted; those that are left become themselves again.
"""

from __future__ import annotations

import re

from textual.widgets import Input

from data.text import nfc, show_controls

_SPELLED = re.compile(r"<U\+([0-9A-F]{4,6})>")


class TextInput(Input):
    """One line."""

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert text, typed or pasted, in NFC."""
        super().insert_text_at_cursor(show_controls(nfc(text)))


def typed(text: str) -> str:
    """Return what stands in a field: in NFC, spelled-out control characters as themselves."""
    return _SPELLED.sub(_character, nfc(text))


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    character = chr(code) if code < 0x110000 else match[0]
    return character if show_controls(character) == match[0] else match[0]
