"""Words of the source left in the output in their own script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.lint.rules.language import wrong_language
from data.scripts import LETTERS

_RUN = {script: re.compile(f"{letter.pattern}+") for script, letter in LETTERS.items()}
_OPENING = r"(（\[【'\"‘“「『《<"
_SET_APART = re.compile(rf"[{_OPENING}][^()（）\n]{{0,40}}$")
_LATIN_WORDS = re.compile(r"[A-Za-zÀ-ɏ'’-]+(?:[ ,]+[A-Za-zÀ-ɏ'’-]+)+")
_SMALL_WORDS = 2
"""From this many words in small letters on, a stretch of Latin text is not a name."""


def _look(facts: Facts) -> Iterator[Hit]:
    source, target = facts.source_script, facts.target_script
    if source is None or source == target:
        return
    scripts = (source, "han") if source == "kana" and target != "han" else (source,)
    there = [script for script in scripts if script in facts.output_letters]
    if not there or wrong_language(facts):  # the costlier question comes last
        return
    if source == "latin":
        yield from _latin_left(facts)
    elif not (source == "han" and target in {"kana", "hangul"}):
        for script in there:
            yield from _left(facts, script)


def _left(facts: Facts, script: str) -> Iterator[Hit]:
    start = facts.row.output.find(facts.bare_output)  # what is wrapped around it is another rule's
    for match in _RUN[script].finditer(facts.row.output, start, start + len(facts.bare_output)):
        is_set_apart = _is_set_apart(facts.row.output, match.start())
        if not (is_set_apart and _is_spoken_of(facts.row.source, match.group())):
            yield Hit(f"{match.group()!r} of the source was left in the output.", match.span())


def _is_spoken_of(source: str, word: str) -> bool:
    """Tell whether the source sets the word apart as well, or does not have it: then it is its subject."""
    return word not in source or re.search(rf"[{_OPENING}]\s*{re.escape(word)}", source) is not None


def _latin_left(facts: Facts) -> Iterator[Hit]:
    """Object to words in a row that are no name; names, initials and single words are usual."""
    for match in _LATIN_WORDS.finditer(facts.row.output):
        small = [word for word in re.split(r"[ ,]+", match.group()) if word[:1].islower() and len(word) > 1]
        words = len(match.group().split())
        is_left = len(small) > max(_SMALL_WORDS - 1, words / 2) and match.group() in facts.row.source
        if is_left and not _is_set_apart(facts.row.output, match.start()):
            yield Hit(f"{match.group()!r} of the source was left in the output.", match.span())


def _is_set_apart(output: str, start: int) -> bool:
    """Tell whether the word stands in brackets or quotation marks, as a word that is spoken of."""
    return _SET_APART.search(output, max(0, start - 42), start) is not None


RULE = Rule(
    code="source-script",
    meaning=(
        "A word in the source's script was left in the output. Words that the source itself sets in marks, single "
        "Latin words in an East Asian output, and Han in a Korean or Japanese one are let pass."
    ),
    severity="warning",
    field="output",
    look=_look,
    bad=LintRow(source="그는 발이 넓다.", output="He has a wide 발.", languages=("ko", "en")),
    good=LintRow(
        source="그는 '정'이라는 말을 썼다.",
        output="He used the word jeong (정), warm attachment.",
        languages=("ko", "en"),
    ),
)
