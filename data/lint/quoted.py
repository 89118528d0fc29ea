"""What a thought quotes: by quotation marks of any kind, or in bold."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTATION = re.compile(
    r"\*(?<!\*\*)\*(?! )([^*\n]{1,1000})\*\*"
    r"|“([^“”]{1,1000})”"
    r"|„([^„“”]{1,1000})[“”]"
    r"|«([^«»]{1,1000})»"
    r"|「([^「」]{1,1000})」"
    r"|『([^『』]{1,1000})』"
    r"|《([^《》]{1,1000})》"
    r"|`([^`\n]{1,1000})`"
    r'|"([^"\n]{1,1000})"'
    r"|‘(?<!\w‘)([^‘’\n]{1,1000}(?:’(?=\w)[^‘’\n]{0,1000}){0,40})’(?!\w)"
    r"|'(?<![\w']')([^'\n]{1,1000}(?:(?:'(?=\w)|(?<=[sS])'(?= \w))[^'\n]{0,1000}){0,40})'(?!\w)"
)
"""An opening mark, what may stand inside, and the mark that closes: one group for each kind."""
_BOLD = "**"
_SHORTEST_WORDING = 4
_HIDDEN = "\0"
_HIDDEN_RUN = re.compile(f"{_HIDDEN}+")


def pieces(text: str) -> list[tuple[int, int]]:
    """Return the spans of what `text` sets in quotation marks or bold, without the marks, in order.

    Quotations within quotations are skipped.
    """
    return [match.span(match.lastindex or 0) for match in _QUOTATION.finditer(text)]


def blank(text: str, wordings: Iterable[str]) -> str:
    """Return `text` with all that it quotes, and every one of `wordings`, replaced by spaces.

    The length stays, so that a position in the result is a position in `text`.
    """
    hidden = hide(text, wordings)
    return without(hidden, pieces(hidden))


def hide(text: str, wordings: Iterable[str]) -> str:
    """Return `text` with NUL in place of `wordings`, so that marks inside them open no quotation."""
    for wording in sorted(set(wordings), key=len, reverse=True):
        if len(wording) >= _SHORTEST_WORDING and wording in text:
            text = text.replace(wording, _HIDDEN * len(wording))
    return text


def hidden_runs(hidden: str) -> list[tuple[int, int]]:
    """Return the spans of what was hidden, in order."""
    runs: list[tuple[int, int]] = []
    start = hidden.find(_HIDDEN)
    while run := _HIDDEN_RUN.match(hidden, start) if start >= 0 else None:
        runs.append(run.span())
        start = hidden.find(_HIDDEN, run.end())
    return runs


def without(hidden: str, quotations: Iterable[tuple[int, int]]) -> str:
    """Return a hidden text with spaces in place of what was hidden and of `quotations`, marks included."""
    kept: list[str] = []
    position = 0
    for start, end in quotations:
        mark = _width_of_mark(hidden, start)
        kept += (hidden[position : start - mark], " " * (end - start + 2 * mark))
        position = end + mark
    return "".join((*kept, hidden[position:])).replace(_HIDDEN, " ")


def between(hidden: str, quotations: Iterable[tuple[int, int]]) -> str:
    """Return the stretches of a hidden text around what was hidden and `quotations`, with line breaks between."""
    kept: list[str] = []
    position = 0
    for start, end in quotations:
        mark = _width_of_mark(hidden, start)
        kept.append(hidden[position : start - mark])
        position = end + mark
    return "\n".join((*kept, hidden[position:])).replace(_HIDDEN, "\n")


def _width_of_mark(text: str, start: int) -> int:
    return len(_BOLD) if text.startswith(_BOLD, start - len(_BOLD)) else 1
