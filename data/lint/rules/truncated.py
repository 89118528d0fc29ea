"""A field that stops before its end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.marks import without_marks
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_ENDS = re.compile(
    r"[.!?。！？…‥~～♪)\]）】》」』\"'”’›»*`_—–:：;；|/।؟۔%-]\s*$"
    r"|[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]\s*$"  # Thai, Lao, Tibetan, Burmese, Khmer: sentences end without a mark
)
_HANGING = re.compile(
    r"(?:[,，、(（\[]|\b(?:the|a|an|of|and|or|but|to|in|on|at|by|with|for|from|that|which|who|is|was|were|are|his|her|their|my|"
    r"its|as|than|into|very|not|because|if|when|while))\s*$",
    re.IGNORECASE,
)
_HANGS_TOO = re.compile(rf"{_HANGING.pattern}|\b(?:Mr|Mrs|Ms|Dr|St|Messrs|Capt|Col|Rev|Prof|Gen|Lt)\.$")
"""A source that a careless splitter cut off behind an abbreviation ends as its output does."""
_HANGING_MARK = re.compile(r"[,，、:：;；(（\[「『“‘]\s*$")


_TAIL = 40
_FEW_LETTERS = 3


def _cut_off(facts: Facts) -> Iterator[Hit]:
    if facts.row.finish_reason == "length":
        yield Hit("The model's reply was cut off at its token limit.")
        return
    thought = without_marks(facts.thought).rstrip()
    if thought and not _ends(thought, facts.plain_output):
        yield Hit(f"The thought stops before its end: {thought[-30:]!r}.", _tail(thought), "thought")
    output = facts.row.output.rstrip()
    source = facts.row.source.rstrip()[-_TAIL:]
    hangs = _HANGING.search(output[-_TAIL:]) and _ENDS.search(source) and not _HANGS_TOO.search(source)
    if hangs or _goes_on_in_thought(facts):
        yield Hit(f"The output stops before its end: {output[-30:]!r}.", _tail(output))


def _goes_on_in_thought(facts: Facts) -> bool:
    """Tell whether the thought quotes the output with more words behind it."""
    if not facts.plain_output or _ENDS.search(facts.row.output.rstrip()[-_TAIL:]):
        return False
    return any(
        attempt.plain.startswith(facts.plain_output)
        and len(attempt.plain) > len(facts.plain_output) + _FEW_LETTERS
        for attempt in facts.attempts
    )


def _ends(thought: str, plain_output: str) -> bool:
    """Tell whether a thought has an end: punctuation, or the output itself as its last words."""
    tail = thought[-_TAIL:]
    if _ENDS.search(tail) and not _HANGING_MARK.search(tail):
        return True
    return bool(plain_output) and plain(thought[-2 * len(plain_output) - _TAIL :]).endswith(plain_output)


def _tail(text: str) -> tuple[int, int]:
    return max(0, len(text) - 30), len(text)


def _no_final_punctuation(facts: Facts) -> Iterator[Hit]:
    output = facts.bare_output.rstrip()
    source, tail = facts.row.source.rstrip()[-_TAIL:], output[-_TAIL:]
    if facts.plain_output and _ENDS.search(source) and not _ENDS.search(tail) and not _HANGING.search(tail):
        yield Hit("The source ends with punctuation, the output does not.", _tail(output))


CUT_OFF = Rule(
    code="truncated",
    meaning=(
        "The reply was cut off (finish_reason length), the thought ends without punctuation, or the output ends "
        "with a comma or a word that wants another. A thought may end with the bare output."
    ),
    severity="error",
    field="output",
    look=_cut_off,
    bad=LintRow(
        source="그는 떠났고, 아무도 몰랐다.",
        output="He left, and nobody knew.",
        thought='I try "He left, and nobody knew." It is plain, and I think that the',
    ),
    good=LintRow(
        source="그는 떠났고…",
        output="He left, and—",
        thought="떠났고 hangs in the air, so I let it hang: He left, and—",
    ),
)

NO_FINAL_PUNCTUATION = Rule(
    code="no-final-punctuation",
    meaning="The source ends with punctuation and the output does not. Often only untidy.",
    severity="info",
    field="output",
    look=_no_final_punctuation,
    bad=LintRow(source="그는 떠났다.", output="He left"),
    good=LintRow(source="그의 떠남", output="His leaving"),
)
