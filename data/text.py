"""Text at the doors of the program: one normal form, and control characters made visible."""

from __future__ import annotations

import unicodedata

_VISIBLE = {"\n", "\t"}


def nfc(text: str) -> str:
    """Return `text` in NFC, the only form this program keeps, compares and shows.

    Every door calls this: file import, model reply, paste, search, settings.
    """
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def show_controls(text: str) -> str:
    """Return `text` with control and bidirectional-override characters spelled as `<U+001B>`.

    Newline and tab stay. What a model or a file wrote can then neither recolour, reorder nor hide
    anything on a terminal.
    """
    if text.replace("\n", "").isprintable():  # nearly always, and a hundred times faster to find out
        return text
    return "".join(
        character
        if character in _VISIBLE
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
        or character in "\u200c\u200d"
        else f"<U+{ord(character):04X}>"
        for character in text
    )
