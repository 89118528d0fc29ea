"""An output that is a copy of something."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.plain import plain
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_SHORT = 12
"""Texts that weigh less (letters of an alphabet) may well be alike: names, cries, "Nice to meet you"."""
_REFERENCE_SHORT = 45


def _equals_source(facts: Facts) -> Iterator[Hit]:
    if facts.plain_output and facts.plain_output == facts.plain_source:
        has_one_script = facts.source_script == facts.target_script or facts.languages is None
        if facts.plain_source.isdecimal() or (has_one_script and facts.source_weight < _SHORT):
            return
        yield Hit("The output is the source, untranslated.")


def _equals_reference(facts: Facts) -> Iterator[Hit]:
    is_copied = any(facts.plain_output == plain(reference) for reference in facts.row.references)
    if is_copied and facts.output_weight >= _REFERENCE_SHORT:
        yield Hit("The output is the reference, word for word.")


EQUALS_SOURCE = Rule(
    code="equals-source",
    meaning="The output is the source again. Names, numbers and cries of a word or two are let pass.",
    severity="error",
    field="output",
    look=_equals_source,
    bad=LintRow(source="The early bird catches the worm.", output="The early bird catches the worm."),
    good=LintRow(source="Amen!", output="Amen!"),
)

EQUALS_REFERENCE = Rule(
    code="equals-reference",
    meaning=(
        "A long output is the row's reference to the letter: it was copied, or the model had seen it. "
        "Short sentences, which have one obvious translation, are let pass."
    ),
    severity="warning",
    field="output",
    look=_equals_reference,
    bad=LintRow(
        source="그는 발이 넓어서 어느 도시에 가든 하룻밤 재워 줄 친구가 있었다.",
        output="He knew so many people that in any town he had a friend who would put him up for a night.",
        references=(
            "He knew so many people that in any town he had a friend who would put him up for a night.",
        ),
    ),
    good=LintRow(source="만나서 반갑다.", output="Nice to meet you.", references=("Nice to meet you.",)),
)
