"""What a thought quotes: by quotation marks of any kind, in bold, or on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTED = re.compile(
    r"""
      \*\*(?P<bold>[^*\n]{1,1000})\*\*
    | “(?P<curly>[^“”]{1,1000})”
    | „(?P<low>[^„“”]{1,1000})[“”]
    | «(?P<guillemet>[^«»]{1,1000})»
    | 「(?P<corner>[^「」]{1,1000})」
    | 『(?P<white>[^『』]{1,1000})』
    | 《(?P<title>[^《》]{1,1000})》
    | `(?P<code>[^`\n]{1,1000})`
    | (?<!\w)‘(?P<single>(?:[^‘’\n]|’(?=\w)){1,1000})’(?!\w)
    | "(?P<straight>[^"\n]{1,1000})"
    | (?<![\w'])'(?P<apostrophe>(?:[^'\n]|'(?=\w)|(?<=[sS])'(?=\ \w)){1,1000})'(?!\w)
    """,
    re.VERBOSE,
)


def pieces(text: str) -> list[tuple[int, int]]:
    """Return the spans of what `text` sets in quotation marks or bold, without the marks, in order."""
    return [match.span(match.lastgroup or 0) for match in _QUOTED.finditer(text)]


def blank(text: str, wordings: Iterable[str]) -> str:
    """Return `text` with all that it quotes, and every one of `wordings`, replaced by spaces.

    The length stays, so that a position in the result is a position in `text`.
    """
    for wording in sorted(set(wordings), key=len, reverse=True):
        if len(wording) >= 4 and wording in text:
            text = text.replace(wording, " " * len(wording))
    return _QUOTED.sub(lambda match: " " * len(match.group()), text)
