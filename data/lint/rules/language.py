"""An output in another language than the target."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.languages import language_of, letter_weight, other_latin_language, same_language, script_of
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_FEW_LETTERS = 6
"""Outputs of fewer letters are not judged: a name may stand in any script."""
_WITHOUT_KANA = 12
"""A Japanese line of fewer letters may hold no kana."""
_ENOUGH, _ENOUGH_LATIN = 0.15, 0.4
"""Share of the output in the target's script; Latin names stand in any language, others hardly in a Latin one."""
_OWN_SCRIPT = frozenset({"ko", "ja", "zh", "th", "he", "el"})
"""Languages whose script is theirs alone, so that source and output in it are one language."""


def wrong_language(facts: Facts) -> str | None:
    """Return the code of the language the output seems to be in, where that cannot be the target."""
    letters, target = facts.output_letters.total(), facts.target_language
    if letters < _FEW_LETTERS or target is None:
        return None
    if _has_enough(facts):
        is_open = facts.target_script == "latin" and facts.plain_output != facts.plain_source
        return other_latin_language(facts.bare_output, target) if is_open else None
    found = language_of(facts.bare_output)
    if facts.languages is None:
        return found if found in _OWN_SCRIPT and found == facts.source_language else None
    return None if found is None or _may_be(found, target, letters) else found


def _has_enough(facts: Facts) -> bool:
    """Tell whether a good part of the output is in the target's script: names may outweigh it in letters."""
    target = facts.target_script
    if facts.languages is None or target is None:
        return False
    letters = facts.output_letters
    share = letter_weight({target: letters.get(target, 0)}) / letter_weight(letters)
    return share > (_ENOUGH_LATIN if target == "latin" else _ENOUGH)


def _may_be(found: str, target: str, letters: int) -> bool:
    if same_language(found, target):
        return True
    if found == "zh" and script_of(target) == "kana":
        return letters < _WITHOUT_KANA
    return script_of(found) == script_of(target)


def _look(facts: Facts) -> Iterator[Hit]:
    found = wrong_language(facts)
    if found:
        expected = facts.target_language if facts.languages else "another language than its source's"
        yield Hit(f"The output is in {found}, expected {expected}.")


RULE = Rule(
    code="wrong-language",
    meaning=(
        "The output is written in another language than the set's target, told by its script; where the target "
        "is not known, in the source's own. Languages of one alphabet are told apart by their function words, "
        "where an output has several of the one and none of the other."
    ),
    severity="error",
    field="output",
    look=_look,
    bad=LintRow(source="그는 발이 넓다.", output="그는 아는 사람이 많다.", languages=("ko", "en")),
    good=LintRow(source="그는 발이 넓다.", output="He is well connected.", languages=("ko", "en")),
)
