"""Which sentences of a thought a reviewer must read, and which are folded away.

A thought argues where it speaks of the source's words, where it puts forward an attempt, and where
it says what is wrong with one. What is left, praise, procedure and repetition, is folded and
counted. Nothing that a finding points at is ever folded.
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

Kind = Literal["argues", "attempt", "folded"]

_END = re.compile(r"""\n+|[.!?…。！？]+["'”’」』)\]]*(?:\s+|$)(?![a-z])|[。！？]["'”’」』)\]]*""")
_SAME_ATTEMPT = 92
"""A quotation this like a draft (0-100) is that draft."""
_LONG_QUOTATION = 4
"""Words from which a quotation that is no draft still counts as an attempt."""
_DOUBT = re.compile(
    r"\b(?:but|yet|however|although|though|instead|rather|because|since|so that|whereas|while|unless|"
    r"too|lose[sd]?|losing|lost|miss(?:es|ed|ing)?|flat(?:ter|tens)?|literal(?:ly)?|awkward|stiff|wooden|"
    r"odd|stilted|wrong|weak(?:er|ens)?|strong(?:er)?|vague|clumsy|unnatural|natural|idiom|image|tone|nuance|"
    r"sense|mean(?:s|ing|t)?|impl(?:y|ies|ied)|suggests?|sounds?|reads?|convey(?:s|ed)?|reader|register|"
    r"not|never|no longer|only|without)\b|지만|그러나|하지만|대신|때문|어색|직역|뜻|느낌|但|却|然而|因为|意思|不",
    re.IGNORECASE,
)
_PROCEDURE = re.compile(
    r"^(?:\W*(?:now|next|then|first|finally|so|okay|ok|well|let me|let's)\W+)*"
    r"(?:I(?:'ll| will| can| should| need to| want to| have to| am going to)?|let me|let's|we)\s+"
    r"(?:now |also |then |again |carefully |once more )*"
    r"(?:review|re-?read|check|look (?:over|back|at)|go over|go through|examine|proceed|continue|start|begin|"
    r"move on|consider (?:all|the whole|everything)|take (?:a|another) (?:look|moment)|reflect|finali[sz]e|polish)\b"
    r"|^\W*(?:this|that|it|the (?:result|translation|version|draft|final \w+))(?: now)? (?:is|looks|seems|feels|reads|works) "
    r"(?:\w+ )?(?:good|great|perfect|excellent|wonderful|nice|fine|right|complete|ready|well)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the thought: `thought[start:end]`, with the white space after it."""

    start: int
    end: int
    kind: Kind
    draft: int | None = None
    """Index of the draft that the attempt is; `None` where it is none that was made."""


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
    def source_words(self) -> frozenset[str]:
        """Stems of the source's words, and the keywords, in lower case."""
        stems = (_stem(word) for word in words(self.source))
        chosen = (word for entry in self.keywords or {} for word in words(entry))
        return frozenset(word for word in (*stems, *chosen) if len(word) > 1 or not word.isascii())

    @cached_property
    def plain_drafts(self) -> tuple[str, ...]:
        """The drafts and, last, the output, without case, spaces and punctuation."""
        return tuple(plain(text) for text in (*(draft.text for draft in self.drafts), self.output))


def fold(thought: Thought) -> tuple[Piece, ...]:
    """Return the sentences of the thought in order; together they are the whole text."""
    if any(_is_about_all(finding) for finding in thought.findings):
        return tuple(Piece(start, end, "argues") for start, end in sentences(thought.text))
    pieces: list[Piece] = []
    seen: set[int] = set()
    for start, end in sentences(thought.text):
        piece = _judged(thought, start, end, seen)
        if piece.draft is not None:
            seen.add(piece.draft)
        pieces.append(piece)
    return tuple(pieces)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each sentence; an end within quotation marks ends none."""
    quotations = quoted.pieces(text)
    start = 0
    for match in _END.finditer(text):
        if match.end() <= start or any(a <= match.start() and match.end() <= b for a, b in quotations):
            continue
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _judged(thought: Thought, start: int, end: int, seen: set[int]) -> Piece:
    sentence = thought.text[start:end]
    attempt = _attempt(thought, sentence)
    if attempt is not None and attempt not in seen:
        return Piece(start, end, "attempt", attempt)
    if _is_found_fault_with(thought, start, end):
        return Piece(start, end, "argues")
    if attempt is not None:
        return Piece(start, end, "folded")
    if _speaks_of_source(thought, sentence) or _quotes(sentence):
        return Piece(start, end, "argues")
    if _DOUBT.search(_unquoted(sentence)) and not _PROCEDURE.search(sentence.strip()):
        return Piece(start, end, "argues")
    return Piece(start, end, "folded")


def _attempt(thought: Thought, sentence: str) -> int | None:
    """Return which draft the sentence puts forward: its index, or that of the output, one past the last."""
    told = plain(sentence)
    whole = [number for number, draft in enumerate(thought.plain_drafts) if draft and draft in told]
    if whole:
        return max(whole, key=lambda number: (len(thought.plain_drafts[number]), -number))
    for quotation in _quotes(sentence):
        if len(words(quotation)) < _LONG_QUOTATION and quotation.isascii():
            continue
        for number, draft in enumerate(thought.plain_drafts):
            if draft and fuzz.ratio(plain(quotation), draft) >= _SAME_ATTEMPT:
                return number
    return None


def _quotes(sentence: str) -> list[str]:
    return [sentence[start:end] for start, end in quoted.pieces(sentence)]


def _unquoted(sentence: str) -> str:
    return quoted.blank(sentence, ())


def _speaks_of_source(thought: Thought, sentence: str) -> bool:
    return any(
        _stem(word) in thought.source_words or word in thought.source_words
        for word in words(sentence)
        if not word.isascii()
    ) or any(word in thought.source_words for quotation in _quotes(sentence) for word in words(quotation))


def _stem(word: str) -> str:
    """Return the part of a Korean word that its endings leave alone, roughly: all but its last syllable."""
    return word[:-1] if len(word) > 2 and not word.isascii() else word


def _is_found_fault_with(thought: Thought, start: int, end: int) -> bool:
    return any(
        finding.field == "thought" and finding.span and finding.span.start < end and start < finding.span.end
        for finding in thought.findings
    )


def _is_about_all(finding: Finding) -> bool:
    return finding.field == "thought" and finding.span is None and finding.severity == "error"
