"""What a thought quotes: by quotation marks of any kind, or in bold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_OPENING = re.compile("[*“„«「『《`\"‘']")
_INSIDE = {
    "*": re.compile(r"(?<!\*\*)\*(?! )([^*\n]{1,1000})\*\*"),
    "“": re.compile(r"([^“”]{1,1000})”"),
    "„": re.compile(r"([^„“”]{1,1000})[“”]"),
    "«": re.compile(r"([^«»]{1,1000})»"),
    "「": re.compile(r"([^「」]{1,1000})」"),
    "『": re.compile(r"([^『』]{1,1000})』"),
    "《": re.compile(r"([^《》]{1,1000})》"),
    "`": re.compile(r"([^`\n]{1,1000})`"),
    '"': re.compile(r'([^"\n]{1,1000})"'),
    "‘": re.compile(r"(?<!\w‘)([^‘’\n]{1,1000}(?:’(?=\w)[^‘’\n]{0,1000}){0,40})’(?!\w)"),
    "'": re.compile(
        r"(?<![\w']')([^'\n]{1,1000}(?:(?:'(?=\w)|(?<=[sS])'(?= \w))[^'\n]{0,1000}){0,40})'(?!\w)"
    ),
}
"""For each opening mark, what may stand inside and the mark that closes."""
_BOLD = "**"
_SHORTEST_WORDING = 4
_HIDDEN = "\0"
_HIDDEN_RUN = re.compile(f"{_HIDDEN}+")


def pieces(text: str) -> list[tuple[int, int]]:
    """Return the spans of what `text` sets in quotation marks or bold, without the marks, in order."""
    return [match.span(1) for match in _quotations(text)]


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
    return [match.span() for match in _HIDDEN_RUN.finditer(hidden)] if _HIDDEN in hidden else []


def without(hidden: str, quotations: Iterable[tuple[int, int]]) -> str:
    """Return a hidden text with spaces in place of what was hidden and of `quotations`, marks included."""
    kept: list[str] = []
    position = 0
    for start, end in quotations:
        mark = 2 if hidden.startswith(_BOLD, start - 2) else 1
        kept += (hidden[position : start - mark], " " * (end - start + 2 * mark))
        position = end + mark
    return "".join((*kept, hidden[position:])).replace(_HIDDEN, " ")


def _quotations(text: str) -> Iterator[re.Match[str]]:
    """Yield a match for each quotation, beginning behind its opening mark; nested ones are skipped."""
    position = 0
    while opening := _OPENING.search(text, position):
        inside = _INSIDE[opening.group()].match(text, opening.end())
        if inside:
            yield inside
        position = inside.end() if inside else opening.end()
