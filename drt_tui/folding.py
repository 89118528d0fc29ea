"""Which sentences of a thought a reviewer must read, and which are folded away.

What is folded is what says nothing of the translation itself: procedure ("I review it once more"),
praise, the machinery of the loop, headings, and what was said word for word before. All else argues
and is shown: attempts, and whatever is said of words, images and readers. Nothing that a finding
points at is ever folded.
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

_END = re.compile(
    r"""\n+|[.!?…。！？]+["'”’」』)\]]*(?:\s+|$)(?![a-z])|[。！？]["'”’」』)\]]*""",
)
_SAME_ATTEMPT = 92
"""A quotation this like a draft (0-100) is that draft."""
_LONG_QUOTATION = 4
"""Words from which a quotation is compared with the drafts."""
_SHORT = 13
"""Most words of a sentence that is mere procedure; a longer one has something to say beside it."""

_MACHINERY = re.compile(
    r"""
      \b(?:evaluator|evaluation|advisor|adviser|feedback|iterations?|threshold|self-reflection)\b
    | \bthe\ advice\ (?:says|is|was|tells)\b | \bscore\ (?:of|for|is|was)\b
    | ^\W*step\ \w+\b | \bstep\ by\ step\b | \btranslation\ process\b | \btask\ is\ to\b
    | \b(?:literal|refined)\ translation\ is\ then\b
    | 평가자 | 조언을 | 번역\ 과정 | 번역을\ 시작
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PRAISE = re.compile(
    r"""
      \bI(?:'m|\ am|\ feel|\ remain)\ (?:\w+\ )?(?:satisfied|content|confident|happy|pleased|proud)\b
    | \b(?:captures?|conveys?|balances?|honours?|honors?)\b.*\b(?:beautifully|perfectly|essence|successfully|original|naturalness)\b
    | \b(?:delightful|wonderful|excellent|perfect|beautiful|effective|successful)\ (?:result|version|translation|rendering|suggestion|choice)\b
    | ^\W*(?:this|the|my)\ (?:\w+\ )?(?:version|translation|rendering|result|sentence)\ (?:is|reads|sounds|looks|feels)\ (?:now\ )?
      (?:(?:\w+,\ )?\w+\ and\ )?(?:very\ |quite\ |so\ )?(?:good|great|perfect|excellent|wonderful|effective|natural|fluent|fine|right|complete|ready)\W*$
    | ^\W*(?:that\ will\ do|done|this\ looks\ good|well\ done|all\ good)\W*$
    | \b(?:successfully|beautifully)\b | \bdeserves\ (?:careful\ )?attention\b
    | 훌륭한\ 번역 | 완벽한\ 번역 | 만족(?:한다|스럽|합니다) | 크게\ 개선
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PROCEDURE = re.compile(
    r"""
      ^\W*(?:(?:now|next|then|first|finally|so|here|hmm|okay|well|to\ (?:begin|start)\ with|in\ the\ end|with\ (?:these|this|that)\ \w+\ \w+)\b\W*)*
      (?:I(?:'ll|\ will|\ can|\ should|\ shall|\ need\ to|\ want\ to|\ have\ to|\ must|\ now|\ first|\ then|\ try\ to)*|let\ me|let's)\s+
      (?:now\ |also\ |then\ |first\ |again\ |once\ more\ |carefully\ )*
      (?:re-?read|review|check|look|go|examine|proceed|continue|start|begin|stop|move|consider|take|reflect|finali[sz]e|polish|
         put|copy|try|write|set|smooth|reach|weigh|bring|turn|keep|follow|drop|read|think|leave|get|say|find\ nothing|translate)\b
    | ^\W*(?:let\ me|here\ I\ stop|that\ is\ where\ I|my\ first\ line|to\ see\ what\ I\ have|where\ do\ I\ begin|hmm)\b
    | ^(?:먼저|다시|꼼꼼하게|이제|여기서)\b.*(?:읽어\ 본다|생각해\ 보자|검토|살펴본다|시작된다)
    | 마칩니다 | 검토한다
    """,
    re.VERBOSE | re.IGNORECASE,
)
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
    def source_words(self) -> frozenset[str]:
        """Stems of the source's words and of the keywords; empty where the thought is in its language."""
        if self._is_in_source_language:
            return frozenset()
        told = (self.source, *(self.keywords or {}))
        return frozenset(_stem(word) for text in told for word in words(text))

    @cached_property
    def attempts(self) -> tuple[str, ...]:
        """The drafts and, last, the output, without case, spaces and punctuation."""
        return tuple(plain(text) for text in (*(draft.text for draft in self.drafts), self.output))

    @cached_property
    def _is_in_source_language(self) -> bool:
        return not self.source.isascii() and sum(map(str.isascii, self.text)) < len(self.text) / 2


def fold(thought: Thought) -> tuple[Piece, ...]:
    """Return the sentences of the thought in order; together they are the whole text."""
    pieces: list[Piece] = []
    told: set[str] = set()
    for start, end in sentences(thought.text):
        attempt = _attempt(thought, thought.text[start:end])
        pieces.append(_judged(thought, start, end, attempt, told))
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


def _judged(thought: Thought, start: int, end: int, attempt: int | None, told: set[str]) -> Piece:
    sentence = thought.text[start:end].strip()
    is_new = plain(sentence) not in told
    if is_new and (attempt is not None or _is_mere_quotation(sentence)):
        return Piece(start, end, "attempt", attempt)
    if _is_pointed_at(thought, start, end):
        return Piece(start, end, "argues")
    if not is_new or _says_nothing(thought, sentence):
        return Piece(start, end, "folded")
    return Piece(start, end, "argues")


def _says_nothing(thought: Thought, sentence: str) -> bool:
    if _HEADING.match(sentence):
        return True
    if quoted.pieces(sentence) or any(_stem(word) in thought.source_words for word in words(sentence)):
        return False
    if _MACHINERY.search(sentence) or _PRAISE.search(sentence):
        return True
    return len(sentence.split()) <= _SHORT and _PROCEDURE.search(sentence) is not None


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


def _stem(word: str) -> str:
    """Return the part of a Korean word that its endings leave alone, roughly: all but its last syllable."""
    return word[:-1] if len(word) > 2 and not word.isascii() else word


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
