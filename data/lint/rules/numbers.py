"""Numbers that the output tells otherwise than the source."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule


def _look_for_scale(facts: Facts) -> Iterator[Hit]:
    for mismatch in facts.mismatches:
        if mismatch.kind == "scale":
            told = mismatch.source.value, mismatch.output.value
            yield Hit(
                f"{mismatch.source.text} is {told[0]:,.0f}, but {mismatch.output.text} is {told[1]:,.0f}.",
                mismatch.output.span,
            )
            return


def _look_for_value(facts: Facts) -> Iterator[Hit]:
    if any(mismatch.kind == "scale" for mismatch in facts.mismatches):
        return
    for mismatch in facts.mismatches[:1]:
        yield Hit(
            f"The source has {mismatch.source.text}, the output {mismatch.output.text} in its place.",
            mismatch.output.span,
        )


SCALE = Rule(
    code="number-scale",
    meaning=(
        "A number with 만, 억, 조, 万, 億, million or billion lost or won a power of ten. Numbers in words and "
        "rounded ones are understood; a number that is left out is not objected to."
    ),
    severity="warning",
    field="output",
    look=_look_for_scale,
    bad=LintRow(
        source="피해액은 3억 5천만 원이다.", output="The damage is 3.5 billion won.", languages=("ko", "en")
    ),
    good=LintRow(
        source="피해액은 3억 5천만 원이다.", output="The damage is 350 million won.", languages=("ko", "en")
    ),
)

VALUE = Rule(
    code="number-changed",
    meaning=(
        "A number or a month of the source is not in the output, and the output has one that is not in the "
        "source. Words, months, ordinals, decades and rounded numbers are understood."
    ),
    severity="warning",
    field="output",
    look=_look_for_value,
    bad=LintRow(
        source="5월 18일, 68명이 모였다.",
        output="On May 18, 86 people came together.",
        languages=("ko", "en"),
    ),
    good=LintRow(
        source="5월 18일, 12명이 모였다.",
        output="On May 18, a dozen people came together.",
        languages=("ko", "en"),
    ),
)
