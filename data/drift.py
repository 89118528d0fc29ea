"""Did refinement move the output away from what was translated? Loops can spoil a right draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from data.records import Draft, Finding

CODE = "drift"

LONGER, SHORTER = 1.3, 0.75
"""An output this many times as long as the first draft, or as short, says more or less than it."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NO_WORD_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_STEM = 4
"""Words that share this many first letters count as one word in two forms."""
_FUNCTION_WORDS = frozenset({
    "about", "above", "after", "again", "against", "almost", "along", "also", "although", "always",
    "among", "around", "away", "back", "because", "been", "before", "behind", "being", "below", "beneath",
    "beside", "between", "beyond", "both", "came", "cannot", "come", "could", "dare", "does", "doing",
    "done", "down", "during", "each", "either", "else", "enough", "even", "ever", "every", "everybody",
    "everyone", "everything", "find", "first", "found", "from", "gave", "gets", "give", "going", "gone",
    "have", "having", "here", "hers", "herself", "himself", "into", "itself", "just", "keep", "kept",
    "least", "less", "let", "like", "made", "make", "many", "maybe", "might", "mine", "more", "most",
    "much", "must", "myself", "neither", "never", "next", "nobody", "none", "nothing", "often", "once",
    "only", "onto", "other", "others", "ought", "ours", "over", "own", "perhaps", "quite", "rather",
    "really", "same", "shall", "should", "since", "some", "somebody", "someone", "something", "still",
    "such", "take", "than", "that", "their", "theirs", "them", "themselves", "then", "there", "these",
    "they", "thing", "things", "this", "those", "though", "through", "thus", "till", "together", "told",
    "took", "toward", "towards", "under", "unless", "until", "upon", "very", "want", "well", "went",
    "were", "what", "whatever", "when", "whenever", "where", "whether", "which", "while", "whoever",
    "whole", "whom", "whose", "will", "with", "within", "without", "would", "your", "yours", "yourself",
})  # fmt: skip


def drift(
    output: str, drafts: Sequence[Draft], best: int, keywords: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """Return the finding `drift` where the output, a later draft than the first, strays from it.

    It does if its length is far from the first draft's, or if it holds content words that come from
    no earlier draft, keyword, evaluation or advice.
    """
    if best == 0 or best >= len(drafts):
        return ()
    ratio = len(output) / max(len(drafts[0].text), 1)
    strayed = []
    if ratio >= LONGER or ratio <= SHORTER:
        strayed.append(f"it is {ratio:.1f} times as long as the first draft")
    earlier = drafts[:best]
    known = [part for draft in earlier for part in (draft.text, draft.reason, draft.advice)]
    known += [*keywords, *(word for meant in keywords.values() for word in meant)]
    if new := _unaccounted(output, known):
        strayed.append(f"nothing before accounts for {', '.join(new[:5])}")
    if not strayed:
        return ()
    return (
        Finding(
            code=CODE,
            message=f"The output strays from the first draft: {'; '.join(strayed)}.",
            severity="info",
        ),
    )


def _unaccounted(output: str, known: Iterable[str]) -> list[str]:
    if _NO_WORD_SPACES.search(output):
        return []
    stems = {_stem(word) for text in known for word in _WORD.findall(text)}
    words = dict.fromkeys(_WORD.findall(output))
    return [word for word in words if _is_content(word) and _stem(word) not in stems]


def _is_content(word: str) -> bool:
    """Hangul packs a word in two letters; in alphabets words that short are mostly grammar."""
    fewest = 2 if word[0] >= "\uac00" else _STEM
    return len(word) >= fewest and word.casefold() not in _FUNCTION_WORDS


def _stem(word: str) -> str:
    return word.casefold()[: 2 if word[0] >= "\uac00" else _STEM]
