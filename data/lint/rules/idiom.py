"""The idiom of a row: is it in its source, and does the thought speak of it?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from data.lint.facts import Facts
from data.lint.idioms import head_word, is_idiom, may_hold
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule
from data.scripts import LETTERS


def _is_found(facts: Facts, idiom: str) -> bool:
    if any(span.kind == "idiom" for span in facts.row.spans):
        return True
    if facts.find_idiom is not None and facts.find_idiom(facts.row.source, idiom):
        return True
    return may_hold(facts.row.source, idiom)


def _look_in_source(facts: Facts) -> Iterator[Hit]:
    idiom = facts.row.group
    if idiom and is_idiom(idiom, facts.source_script) and not _is_found(facts, idiom):
        yield Hit(f"The source does not hold the idiom {idiom!r} it was chosen for.")


def _look_in_thought(facts: Facts) -> Iterator[Hit]:
    idiom = facts.row.group
    if not idiom or facts.source_script != "hangul" or not is_idiom(idiom, "hangul"):
        return
    if not facts.has_thought or may_hold(facts.thought, idiom):
        return
    if sum(1 for _ in islice(LETTERS["hangul"].finditer(facts.thought), len(idiom))) == len(idiom):
        yield Hit(f"The thought cites the source, but never {head_word(idiom)!r} of the idiom {idiom!r}.")


NOT_IN_SOURCE = Rule(
    code="idiom-not-in-source",
    meaning=(
        "The row's group is an idiom, and its source does not hold it. Spans that a tokenizer found decide; "
        "without them the idiom's head word is looked for, in any form. Groups that are labels are let pass."
    ),
    severity="warning",
    field="source",
    look=_look_in_source,
    bad=LintRow(source="그는 아는 사람이 많다.", output="He knows many people.", group="발이 넓다"),
    good=LintRow(source="그는 발도 참 넓어서 다들 안다.", output="He knows them all.", group="발이 넓다"),
)

NOT_IN_THOUGHT = Rule(
    code="idiom-unsaid",
    meaning=(
        "The thought cites Korean words of the source, but not the head word of the row's idiom: the hard spot "
        "is passed over. Thoughts that cite no Korean are let pass."
    ),
    severity="warning",
    field="thought",
    look=_look_in_thought,
    bad=LintRow(
        source="그는 발이 넓어서 아는 사람이 많다.",
        output="He knows many people.",
        thought='"아는 사람이" is who he knows and "많다" is many. "He knows many people."',
        group="발이 넓다",
    ),
    good=LintRow(
        source="그는 발이 넓어서 아는 사람이 많다.",
        output="He knows many people.",
        thought='"발이 넓어서" is not about feet at all. "He knows many people."',
        group="발이 넓다",
    ),
)
