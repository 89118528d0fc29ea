"""A field that stops before its end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.marks import without_marks
from data.lint.phrases import any_of
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_ENDS = re.compile(
    r"[.!?。！？…‥~～♪)\]）】》」』\"'”’›»*`_—–:：;；|/।؟۔%-]\s*$"
    r"|[.!?…,A-Za-zÀ-ÿ가-힣][“‘«‹]\s*$"  # the closing marks of „…“ and »…«
    r"|[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]\s*$"  # Thai, Lao, Tibetan, Burmese, Khmer: sentences end without a mark
)
_OPEN_WORD = any_of(
    "the, a, an, of, and, or, but, to, in, on, at, by, with, for, from, that, which, who, whose, is, was, were, are,"
    "be, been, being, has, had, have, his, her, their, my, our, its, as, than, into, onto, within, without, upon,"
    "toward, towards, between, among, very, not, because, if, when, while, until, although, such, these, those,"
    "every, would, could, should, must, might, before, after, about, how, what, why, where"
)
_HANGING = re.compile(rf"(?:[,，、(（\[]|\b{_OPEN_WORD})\s*$", re.IGNORECASE)
"""A text that ends so wants another word."""
_HANGS_TOO = re.compile(rf"{_HANGING.pattern}|\b(?:Mr|Mrs|Ms|Dr|St|Messrs|Capt|Col|Rev|Prof|Gen|Lt)\.$")
"""A source that a careless splitter cut off behind an abbreviation ends as its output does."""
_HANGING_MARK = re.compile(r"(?:[,，、:：;；(（\[「『]|(?<![.!?…,A-Za-zÀ-ÿ가-힣])[“‘])\s*$")
_OPENS = re.compile(r"[\"“„«「『]$")
_GOES_ON = re.compile(r"[,;:]? ?\w")
_TAIL = 40
_HALF = 0.65
"""Share of the expected length below which an output that stops without punctuation was cut off."""
_FEWEST_LETTERS = 40


def _cut_off(facts: Facts) -> Iterator[Hit]:
    if facts.row.finish_reason == "length":
        yield Hit("The model's reply was cut off at its token limit.")
        return
    thought = without_marks(facts.thought).rstrip()
    output = facts.row.output.rstrip()
    if thought and not _ends(thought, output, facts.plain_output):
        yield Hit(f"The thought stops before its end: {thought[-30:]!r}.", _tail(thought), "thought")
    if facts.plain_output and _stops(facts, output):
        yield Hit(f"The output stops before its end: {output[-30:]!r}.", _tail(output))


def _stops(facts: Facts, output: str) -> bool:
    source, tail = facts.row.source.rstrip()[-_TAIL:], output[-_TAIL:]
    if not _ENDS.search(source) or _HANGS_TOO.search(source):
        return False
    if _HANGING.search(tail):
        return True
    if _ENDS.search(tail):
        return False
    is_half = facts.source_weight >= _FEWEST_LETTERS and facts.output_weight < _HALF * facts.source_weight
    return is_half or _always_goes_on(facts.thought, output)


def _always_goes_on(thought: str, output: str) -> bool:
    """Tell whether the thought has the output, and more words behind it wherever it does."""
    behind = [
        thought[match.end() : match.end() + 3]
        for match in re.finditer(re.escape(output), thought, re.IGNORECASE)
    ]
    return bool(behind) and all(_GOES_ON.match(rest) for rest in behind)


def _ends(thought: str, output: str, plain_output: str) -> bool:
    """Tell whether a thought has an end: punctuation, or as its last words the output, in no open quotation."""
    tail = thought[-_TAIL:]
    if _ENDS.search(tail) and not _HANGING_MARK.search(tail):
        return True
    if output and thought.endswith(output) and _OPENS.search(thought[-len(output) - 1 : -len(output)]):
        return False
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
