"""Which sentences of a thought a reviewer must read, and which are folded away.

What is folded is what says nothing of this translation: procedure ("I review it once more"), praise,
the machinery of the loop, headings, a few words that lead in to an attempt, and what was said word
for word before. A sentence of that kind is made of words that could stand in any thought. All else
argues and is shown: attempts, and whatever is said of words, images and readers. Nothing that a
finding points at is ever folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rapidfuzz import fuzz

from data.lint import quoted
from data.lint.plain import plain, words
from data.records import Draft, Finding
from drt_tui.review.generic_words import specific_words

Kind = Literal["argues", "attempt", "folded"]

_END = re.compile(
    r"""\n+|[.!?…。！？]+["'”’」』)\]]*(?:\s+|$)(?![a-z])|(?<=[가-힣])[.!?…]+["'”’」』)\]]*\s+|[。！？]["'”’」』)\]]*""",
)
_SAME_ATTEMPT = 92
"""A quotation this like a draft (0-100) is that draft."""
_LONG_QUOTATION = 4
"""Words from which a quotation is compared with the drafts."""
_LEADS_IN = 12
"""Most words of a sentence that only leads in to the attempt behind it."""

_FAULTS = re.compile(
    r"""
      \b(?:not|isn't|less|hardly|too)\ (?:\w+\ ){0,2}(?:natural|accurate|clear|smooth|fluent|right|literal|faithful|good|close)\b
    | 않다 | 부자연 | 不够 | 不太
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OBJECTS = re.compile(
    r"""
      \b(?:but|yet|though|although|however|because|since|unless|without|rather\ than|instead)\b
    | (?:지만 | 그러나 | 하지만 | 다만 | 때문 | 아니라 | 않(?!을까|는지) | 므로)
    | 但 | 因为 | 然而 | 不过 | 不够
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Words with which something is held against a wording, or a reason is given."""
_PRAISE = re.compile(
    r"""
      \bI(?:'m|\ am|\ feel|\ remain)\ (?:\w+\ )?(?:satisfied|content|confident|happy|pleased|proud)\b
    | \b(?:captures?|conveys?|balances?|honours?|honors?|preserves?|retains?)\b.*\b(?:beautifully|perfectly|essence|successfully|original|naturalness|spirit)\b
    | \b(?:delightful|wonderful|excellent|perfect|beautiful|effective|successful)\ (?:result|version|translation|rendering|suggestion|choice|improvement)\b
    | \b(?:successfully|beautifully|masterfully)\b
    | 훌륭한\ 번역 | 완벽한\ 번역 | 만족(?:한다|스럽|합니다) | 크게\ 개선
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MACHINERY = re.compile(
    r"""
      \b(?:evaluator|adviser|advisor)\b.*\b(?:gave|gives|score|scored)\b | \bscore\ (?:of|is|was)\ \d | \badvice\ (?:says|is|tells)\b
    | \bthe\ task\ is\ to\b | \bthe\ (?:sentence|text)\ (?:given\ )?is\ a\ \w+\ (?:sentence|text)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DOES = re.compile(
    r"^\W*(?:(?:now|next|then|first|so|here|to begin with)\b\W*)*(?:I|let me|let us|let's|my first line|to see)\b",
    re.IGNORECASE,
)
_LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
_OTHER_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff가-힣]{2,}")
_HEADING = re.compile(r"^\s*(?:\#+\s.*|\*\*[^*]+\*\*\s*:?|[\w ]{1,30}:)\s*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the thought: `thought[start:end]`, with the white space after it."""

    start: int
    end: int
    kind: Kind
    draft: int | None = None
    """Of an attempt: the index of the draft it puts forward, one past the last for the output, and
    `None` where it is none that was made."""


@dataclass(frozen=True)
class Thought:
    """A thought with all that decides what of it is folded."""

    text: str
    source: str = ""
    output: str = ""
    keywords: Mapping[str, tuple[str, ...]] | None = None
    drafts: Sequence[Draft] = ()
    findings: Sequence[Finding] = ()

    @cached_property
    def attempts(self) -> tuple[str, ...]:
        """The drafts and, last, the output, without case, spaces and punctuation."""
        return tuple(plain(text) for text in (*(draft.text for draft in self.drafts), self.output))


def fold(thought: Thought) -> tuple[Piece, ...]:
    """Return the sentences of the thought in order; together they are the whole text."""
    spans = list(sentences(thought.text))
    attempts = [_attempt(thought, thought.text[start:end]) for start, end in spans]
    pieces: list[Piece] = []
    told: set[str] = set()
    for place, (start, end) in enumerate(spans):
        leads_in = place + 1 < len(spans) and attempts[place + 1] is not None
        pieces.append(_judged(thought, start, end, attempts[place], told, leads_in=leads_in))
        told.add(plain(thought.text[start:end]))
    return tuple(pieces)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each sentence, white space after it included; one within a quotation is none."""
    quotations = quoted.pieces(text)
    start = 0
    for match in _END.finditer(text):
        if match.end() <= start or any(a <= match.start() and match.end() <= b for a, b in quotations):
            continue
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _judged(
    thought: Thought, start: int, end: int, attempt: int | None, told: set[str], *, leads_in: bool
) -> Piece:
    sentence = thought.text[start:end].strip()
    is_new = plain(sentence) not in told
    if is_new and (attempt is not None or _is_mere_quotation(sentence)):
        return Piece(start, end, "attempt", attempt)
    if _is_pointed_at(thought, start, end):
        return Piece(start, end, "argues")
    if not is_new or _says_nothing(sentence, leads_in=leads_in):
        return Piece(start, end, "folded")
    return Piece(start, end, "argues")


def _says_nothing(sentence: str, *, leads_in: bool) -> bool:
    if _HEADING.match(sentence):
        return True
    if quoted.pieces(sentence) or _is_in_two_scripts(sentence):
        return False
    if not any(specific_words(sentence)):
        return not _holds_against(sentence)
    if _OBJECTS.search(sentence):
        return False
    if _PRAISE.search(sentence) or _MACHINERY.search(sentence):
        return True
    return leads_in and len(sentence.split()) <= _LEADS_IN and _DOES.match(sentence) is not None


def _attempt(thought: Thought, sentence: str) -> int | None:
    """Return which attempt the sentence puts forward: a draft's index, or that of the output."""
    told = plain(sentence)
    whole = [number for number, text in enumerate(thought.attempts) if text and text in told]
    if whole:
        return max(whole, key=lambda number: (len(thought.attempts[number]), -number))
    for start, end in quoted.pieces(sentence):
        quotation = sentence[start:end]
        if quotation.isascii() and len(words(quotation)) < _LONG_QUOTATION:
            continue
        for number, text in enumerate(thought.attempts):
            if text and fuzz.ratio(plain(quotation), text) >= _SAME_ATTEMPT:
                return number
    return None


def _is_mere_quotation(sentence: str) -> bool:
    spans = quoted.pieces(sentence)
    return bool(spans) and len(words(sentence)) > _LONG_QUOTATION and not words(quoted.blank(sentence, ()))


def _is_in_two_scripts(sentence: str) -> bool:
    """Whether words of source and target language stand side by side."""
    return bool(_LATIN_WORD.search(sentence)) and bool(_OTHER_WORD.search(sentence))


def _holds_against(sentence: str) -> bool:
    """Whether even the most general words say that something is wrong: "too literal"."""
    return _FAULTS.search(sentence) is not None


def _is_pointed_at(thought: Thought, start: int, end: int) -> bool:
    """Whether a finding of the thought points here; one without a place points everywhere."""
    return any(
        finding.field == "thought"
        and (
            finding.severity == "error"
            if finding.span is None
            else finding.span.start <= max(end - 1, start)
            and start <= max(finding.span.end - 1, finding.span.start)
        )
        for finding in thought.findings
    )
