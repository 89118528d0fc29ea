"""Source script left in the output, or an output in another language than the target."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.languages import LETTERS, RUN, SCRIPT_OF_LANGUAGE, Script, language_of, same_language
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_GLOSS = re.compile(r"[(（\[【'\"‘“「『《<][^()（）\n]{0,40}$")
_LATIN_WORDS = re.compile(rf"[{LETTERS[Script.LATIN]}'’-]+(?:[ ,]+[{LETTERS[Script.LATIN]}'’-]+)+")
_FEW_LETTERS = 6
"""Shorter outputs than this many letters are not judged: a name may stand in any script."""


def _is_wrong(facts: Facts) -> str | None:
    """Return the language the output seems to be in, where it cannot be the target."""
    letters = sum(facts.output_letters.values())
    if letters < _FEW_LETTERS or facts.source_language is None or facts.target_language is None:
        return None
    found = language_of(facts.row.output)
    if found is None:
        return None
    if facts.row.languages:
        return None if _may_be(found, facts.target_language, letters) else found
    alone_in_its_script = found in SCRIPT_OF_LANGUAGE and found not in {"ru", "ar"}
    return found if alone_in_its_script and found == facts.source_language else None


def _may_be(found: str, target: str, letters: int) -> bool:
    if same_language(found, target):
        return True
    if {found, target.split("-")[0]} == {"zh", "ja"}:  # a short Japanese line may hold no kana
        return target.startswith("ja") and letters < 12
    one, other = SCRIPT_OF_LANGUAGE.get(found), SCRIPT_OF_LANGUAGE.get(target.split("-")[0])
    return one is other  # languages of one alphabet are not told apart by a few words


def _look_for_language(facts: Facts) -> Iterator[Hit]:
    found = _is_wrong(facts)
    if found:
        expected = facts.target_language if facts.row.languages else "another language than its source"
        yield Hit(f"The output is in {found}, expected {expected}.")


def _look_for_script(facts: Facts) -> Iterator[Hit]:
    source, target = facts.source_script, facts.target_script
    if source is None or source is target or _is_wrong(facts):
        return
    if source is Script.HAN and target in {Script.KANA, Script.HANGUL}:
        return  # Japanese is written with Han, Korean glosses with it
    if source is Script.LATIN:
        yield from _latin_left(facts)
        return
    scripts = [source, Script.HAN] if source is Script.KANA and target is not Script.HAN else [source]
    for script in scripts:
        if script not in facts.output_letters:
            continue
        for match in RUN[script].finditer(facts.row.output):
            if not _is_gloss(facts.row.output, match.start()):
                yield Hit(f"{match.group()!r} of the source was left in the output.", match.span())


def _is_gloss(output: str, start: int) -> bool:
    """Tell whether the word is set apart by brackets or quotation marks, as a word that is spoken of."""
    return bool(_GLOSS.search(output[:start]))


def _latin_left(facts: Facts) -> Iterator[Hit]:
    """Object to several words in a row that are no name; single words, initials and titles are usual."""
    for match in _LATIN_WORDS.finditer(facts.row.output):
        small = [word for word in re.split(r"[ ,]+", match.group()) if word and word[0].islower()]
        if (
            len(small) >= 2
            and match.group() in facts.row.source
            and not _is_gloss(facts.row.output, match.start())
        ):
            yield Hit(f"{match.group()!r} of the source was left in the output.", match.span())


LANGUAGE = Rule(
    code="wrong-language",
    meaning=(
        "The output is written in another language than the set's target, told by its script; without a known "
        "target, in the source's own script. Languages of one alphabet are not told apart."
    ),
    severity="error",
    field="output",
    look=_look_for_language,
    bad=LintRow(source="그는 발이 넓다.", output="그는 아는 사람이 많다.", languages=("ko", "en")),
    good=LintRow(source="그는 발이 넓다.", output="He is well connected.", languages=("ko", "en")),
)

SCRIPT = Rule(
    code="source-script",
    meaning=(
        "A word in the source's script was left in the output. Words in brackets or quotation marks, single Latin "
        "words in an East Asian output, and Han in a Korean or Japanese one are let pass."
    ),
    severity="warning",
    field="output",
    look=_look_for_script,
    bad=LintRow(source="그는 발이 넓다.", output="He has a wide 발.", languages=("ko", "en")),
    good=LintRow(
        source="그는 '정'이라는 말을 썼다.",
        output="He used the word jeong (정), warm attachment.",
        languages=("ko", "en"),
    ),
)
