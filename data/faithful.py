"""Does a thought tell what happened? The check of a thought against the drafts it tells of.

A thought may leave attempts out and may weigh words as it likes. It may not quote an attempt that
was never made, change one in quoting, tell them in another order, speak of a revision where the text
stayed the same, let somebody else speak, or end without the output. Thoughts may be in any language;
what they quote is compared without case, spaces and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, zip_longest
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from data.lint.plain import plain
from data.records import Draft, Finding, Span
from data.scripts import main_script

if TYPE_CHECKING:
    from data.lint.facts import Facts

CODE = "unfaithful"

_ATTEMPT_SHARE = 0.6
"""A quotation shorter than this share of the shortest attempt is a phrase, not an attempt."""
_INEXACT = 85.0
"""From this likeness on (percent) a quotation is meant to be the attempt that it resembles."""
_ALIKE = 50.0
_MOST = 20
"""More findings than this say nothing new, and are no help to who is to mend the thought."""
_FEWEST_LETTERS = 6
"""A draft with fewer letters than this is only recognised within quotation marks."""

_TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "..."})
_SENTENCE_END = ".!?…。！？"
_CUE = re.compile(
    r"\b(?:try|tries|attempt|draft|version|write|render|translat\w+|put|settle|decide|arrive|reach|choose)\b"
    r"|시도|초안|번역|옮기|옮긴|써 ?본|쓴다|적는다|적어|결정|尝试|试|初稿|译|写",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\W*(?:(?:and\s+|or\s+|but\s+)?(?:then|next|now|later|finally|so|better|instead|at\s+last)"
    r"|그다음|그다음에는|그러면|이번에는|차라리|마지막으로|然后|于是|接着|再|最后)\W*",
    re.IGNORECASE,
)
"""All that stands before a quotation which is the next step."""
_REVISES = re.compile(
    r"\b(?:I|I'll|let me|let's)\b[^.!?\n]{0,30}?\b"
    r"(?:revis(?:e|ing)|rework|rewrite|redo|rephrase|recast|refin(?:e|ing)|improv(?:e|ing)|polish|"
    r"try (?:again|once more)|start (?:over|again))\b"
    r"|다듬(?:는|어|고)|고쳐 ?(?:쓴|쓰|본|보)|수정(?:한|해|하)|다시 ?(?:쓴|써|옮|번역|시도)"
    r"|修改|重新(?:翻译|译|写)|再(?:试|译)一|润色",
    re.IGNORECASE,
)
_LATER_ATTEMPT = re.compile(
    r"\b(?:second|third|next|new|another|revised|refined|improved|final) "
    r"(?:attempt|draft|version|try|translation|rendering)\b"
    r"|(?:두|세) ?번째 ?(?:시도|초안|번역)|새 ?(?:번역|초안)|第[二三](?:次|稿|版)",
    re.IGNORECASE,
)
_NOT_REALLY = re.compile(
    r"\b(?:no|not|nothing|never|none|neither|nor|without|would|could|might|may|if|unless|need)\b|n[’']t\b"
    r"|않|없|말고|안 |필요|不|没|无",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A stretch of the thought that is one of the attempts, by number."""

    start: int
    end: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something told that is not so, and where."""

    message: str
    span: tuple[int, int] | None = None


def check(
    thought: str,
    output: str,
    drafts: Sequence[Draft],
    keywords: Mapping[str, tuple[str, ...]],
    *,
    source: str = "",
) -> tuple[Finding, ...]:
    """Return what the thought claims that is not so.

    Messages are written to be shown to the thought's author, be it a model or a person. Without
    drafts, and for text of others, only the ending and foreign voices can be judged.
    """
    # The linter's rules use this module: at the top these imports would go round in a circle.
    from data.lint.facts import Facts
    from data.lint.row import LintRow
    from data.lint.settings import LintSettings

    if not output:
        return ()
    row = LintRow(source=source, output=output, thought=thought, drafts=tuple(drafts), keywords=keywords)
    facts = Facts(row, LintSettings())
    faults = [*_voices(facts), *untrue(facts, output)]
    return tuple(
        Finding(
            code=CODE,
            message=fault.message,
            severity="error",
            field="thought",
            span=Span(start=fault.span[0], end=fault.span[1], kind=CODE) if fault.span else None,
        )
        for fault in faults[:_MOST]
    )


def untrue(facts: Facts, output: str) -> Iterator[Fault]:
    """Yield what the thought of a row that ends in `output` claims that its record does not bear out.

    Foreign voices are left to the rule that looks for them.
    """
    row, thought = facts.row, facts.thought
    yield from _ends_elsewhere(thought, output)
    if not row.drafts:
        return
    attempts = list(dict.fromkeys([*(draft.text for draft in row.drafts), output]))
    mentions = _mentions(thought, attempts, facts.plain_thought)
    meant = (word for words in row.keywords.values() for word in words)
    known = [row.source, *attempts, *row.keywords, *meant]
    yield from _invented(thought, facts.quotations, mentions, attempts, known)
    yield from _misplaced(thought, mentions, attempts)
    yield from _idle_revisions(thought, facts.prose, mentions, len(attempts))


def _ends_elsewhere(thought: str, output: str) -> Iterator[Fault]:
    if output not in thought and _typed(output) not in _typed(thought):
        yield Fault(f"The final translation does not occur word for word: {_shown(output)}")


def _voices(facts: Facts) -> Iterator[Fault]:
    from data.lint.rules.outside_voice import RULE

    for hit in RULE.look(facts):
        yield Fault(f"{hit.message} All doubts are the thinker's own.", hit.span)


def _mentions(thought: str, attempts: Sequence[str], plain_thought: str) -> list[_Mention]:
    """Return where the attempts stand in the thought, in order; of two that overlap, the longer."""
    taken = bytearray(len(thought))
    mentions: list[_Mention] = []
    spelled = [plain(attempt) for attempt in attempts]
    for number in sorted(range(len(attempts)), key=lambda each: -len(spelled[each])):
        for start, end in _occurrences(thought, attempts[number], plain_thought, spelled[number]):
            mention = _Mention(start, end, number)
            if 1 not in taken[start:end] and _stands_free(thought, mention, len(spelled[number])):
                taken[start:end] = b"\1" * (end - start)
                mentions.append(mention)
    return sorted(mentions, key=lambda mention: mention.start)


def _occurrences(
    thought: str, attempt: str, plain_thought: str, plain_attempt: str
) -> Iterator[tuple[int, int]]:
    """Yield the spans of an attempt's letters in the thought, whatever stands between the letters."""
    often = plain_thought.count(plain_attempt) if plain_attempt else 0
    core = _without_ends(attempt)
    if not often:
        return
    if core and thought.count(core) == often:
        at = thought.find(core)
        while at >= 0:
            yield at, at + len(core)
            at = thought.find(core, at + len(core))
    else:
        spelled, places = _letters(thought)
        found = spelled.find(plain_attempt)
        while found >= 0:
            after = found + len(plain_attempt)
            yield places[found], places[after - 1] + 1
            found = spelled.find(plain_attempt, after)


def _without_ends(attempt: str) -> str:
    """Return an attempt from its first letter or digit to its last."""
    start, end = 0, len(attempt)
    while start < end and not attempt[start].isalnum():
        start += 1
    while start < end and not attempt[end - 1].isalnum():
        end -= 1
    return attempt[start:end]


def _stands_free(thought: str, mention: _Mention, length: int) -> bool:
    before, after = thought[mention.start - 1 : mention.start], thought[mention.end : mention.end + 1]
    if length < _FEWEST_LETTERS:
        return before in {'"', "“", "‘", "「", "『", "'"}
    return not (_joins(before, thought[mention.start]) or _joins(thought[mention.end - 1], after))


def _joins(left: str, right: str) -> bool:
    """Are these two characters parts of one word? Scripts without word spaces have none such."""
    return left.isalnum() and right.isalnum() and left < "\u3040" and right < "\u3040"


def _invented(
    thought: str,
    quotations: Sequence[tuple[int, int]],
    mentions: Sequence[_Mention],
    attempts: Sequence[str],
    known: Sequence[str],
) -> Iterator[Fault]:
    shortest = max(_ATTEMPT_SHARE * min(len(plain(attempt)) for attempt in attempts), 2)
    known_letters = [plain(text) for text in known]
    is_told = bytearray(len(thought))
    for mention in mentions:
        is_told[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    for start, end in quotations:
        if end - start < shortest or 1 in is_told[start:end]:
            continue
        quotation = thought[start:end]
        letters = plain(quotation)
        if (
            len(letters) < shortest
            or any(letters in text for text in known_letters)
            or main_script(quotation) != main_script(attempts[-1])
        ):
            continue
        nearest = max(attempts, key=lambda attempt: fuzz.ratio(quotation, attempt))
        likeness = fuzz.ratio(quotation, nearest)
        if likeness >= _INEXACT:
            message = f"{_shown(quotation)} is quoted inexactly. The attempt reads: {_shown(nearest)}"
            yield Fault(message, (start, end))
        elif likeness >= _ALIKE or (quotation[-1] in _SENTENCE_END and _is_presented(thought, start)):
            yield Fault(f"{_shown(quotation)} is no attempt of the record.", (start, end))


def _is_presented(thought: str, start: int) -> bool:
    """Is the quotation that begins at `start` a sentence of its own, or introduced as an attempt?"""
    before = thought[: start - 1].rstrip()
    lead = re.split(r"[.!?。\n]", before)[-1]
    return (
        not before
        or before[-1] in _SENTENCE_END + ':："”’'
        or _CUE.search(lead) is not None
        or _GOES_ON.fullmatch(lead) is not None
    )


def _misplaced(thought: str, mentions: Sequence[_Mention], attempts: Sequence[str]) -> Iterator[Fault]:
    latest = -1
    seen: set[int] = set()
    for mention in mentions:
        if mention.attempt not in seen and mention.attempt < latest:
            yield Fault(
                f"{_shown(attempts[mention.attempt])} was made before {_shown(attempts[latest])}: "
                "keep the order of the record.",
                (mention.start, mention.end),
            )
        seen.add(mention.attempt)
        latest = max(latest, mention.attempt)


def _idle_revisions(thought: str, prose: str, mentions: Sequence[_Mention], attempts: int) -> Iterator[Fault]:
    """Revisions told between two quotations of the same text, or after the only attempt there is."""
    told: set[int] = set()
    for mention, after in zip_longest(mentions, mentions[1:]):
        told.add(mention.attempt)
        if after is not None and after.attempt != mention.attempt:
            continue
        if after is None and attempts > 1:
            continue
        stretch = (mention.end, after.start if after else len(thought))
        phrase = _revision(prose, stretch, only_attempt=len(told) == 1)
        if phrase is not None:
            wording = thought[phrase[0] : phrase[1]]
            yield Fault(f"A revision is told ({wording}) where nothing changed.", phrase)


def _revision(prose: str, stretch: tuple[int, int], *, only_attempt: bool) -> tuple[int, int] | None:
    start, end = stretch
    offset = start
    for sentence in re.split(r"(?<=[.!?。\n])", prose[start:end]):
        match = _REVISES.search(sentence) or (_LATER_ATTEMPT.search(sentence) if only_attempt else None)
        if match is not None and not _NOT_REALLY.search(sentence):
            return offset + match.start(), offset + match.end()
        offset += len(sentence)
    return None


def _letters(text: str) -> tuple[str, list[int]]:
    """Return letters and digits of `text` in lower case, and the place of each in `text`."""
    letters = plain(text)
    places = list(compress(range(len(text)), map(str.isalnum, text)))
    if len(letters) == len(places):
        return letters, places
    # A ligature or the like became several letters.
    spelled = [(place, plain(text[place])) for place in places]
    return "".join(letter for _, letter in spelled), [
        place for place, letter in spelled for _ in range(len(letter))
    ]


def _typed(text: str) -> str:
    """Return `text` as a typewriter has it: straight quotes, single spaces."""
    return " ".join(text.translate(_TYPOGRAPHY).split())


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= 300 else f'"{text[:300]}…"'
