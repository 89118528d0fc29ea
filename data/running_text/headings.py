"""Lines of a book that are no prose: chapter headings, rules, and the wrapping of an electronic edition."""

from __future__ import annotations

import re

_LONGEST_HEADING = 90
_HEADINGS = re.compile(
    r"""
    (?:chapter|book|part|volume|canto|act|scene|letter|section)\s+
        (?:[ivxlcdm]+|\d+|the\s+\w+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|last)\b.*
    | (?:prologue|epilogue|preface|contents|introduction|foreword|appendix|the\ end|finis)\W*
    | (?-i:[IVXLCDM]{1,8})\.?
    | \d{1,3}\.?
    | 제\s*[\d일이삼사오육칠팔구십백]+\s*[장부편화권막절](?:[\s.:：].*)?
    | \d+\s*[장부편화권막](?:[\s.:：].*)?
    | 第[〇零一二三四五六七八九十百千两\d]+[章回节節卷部篇幕](?:[\s　:：].*)?
    | [*\-_=~·•#＊◇◆\s]{3,}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_EDITION_MARK = re.compile(r"\*\*\*\s*(START|END) OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)


def is_heading(line: str) -> bool:
    """Whether a line that stands by itself is a heading, a number or a rule, and no sentence."""
    text = line.strip()
    if not text or len(text) > _LONGEST_HEADING:
        return False
    if not text[0].islower() and _HEADINGS.fullmatch(text):
        return True
    return text.isupper() and text[-1] not in '!?"”’' and sum(map(str.isalpha, text)) > 3


def edition_mark(line: str) -> str:
    """Return `START` or `END` where the book itself begins or ends in its electronic edition, else nothing."""
    found = _EDITION_MARK.match(line.strip()) if line.lstrip().startswith("***") else None
    return found[1].upper() if found else ""
