"""The attempts a thought quotes: none but the output, or all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.phrases import Markers
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_REVISES = re.compile(
    r"\b(?:i|let\s+me|i['’](?:ll|m|d))\s+(?:\w+\s+){0,3}?"
    r"(?:revise|revising|refine|refining|rework|reword|rephrase|adjust|improve|improving|polish|change|rewrite|modify|tweak|"
    r"try\s+again|try\s+another)\b"
    r"|\b(?:the\s+)?(?:revised|refined|improved|reworked|second|next|new)\s+(?:translation|version|attempt|draft|try)\b"
    r"|다듬|고쳐|수정하|다시 써|바꿔|改成|修改|润色|调整|改为|直し|修正|言い換え",
    re.IGNORECASE,
)
_LEAVES = re.compile(
    r"\b(?:no|nothing|not|without|need(?:s)?\s+no|don['’]t|do\s+not|keep|stays?|stands?)\b|그대로|不改|そのまま",
    re.IGNORECASE,
)
_MARKERS = Markers((
    "revise", "revising", "refine", "refining", "rework", "reword", "rephrase", "adjust", "improve", "improving", "polish",
    "change", "rewrite", "modify", "tweak", "try again", "try another", "revised", "refined", "improved", "reworked",
    "second", "next", "new ", "다듬", "고쳐", "수정하", "다시 써", "바꿔", "改成", "修改", "润色", "调整", "改为", "直し", "修正", "言い換え",
))  # fmt: skip
_FEWEST = 2


def _look_for_same(facts: Facts) -> Iterator[Hit]:
    if facts.different_attempts != 1 or len(facts.attempts) < _FEWEST:
        return
    found = facts.attempts
    between = facts.prose[found[0].end : found[-1].start]
    told = _REVISES.search(between)
    if told and not _LEAVES.search(between):
        yield Hit(
            f"The thought tells of a revision ({told.group().strip()!r}), yet all {len(found)} attempts are the same.",
            (found[-1].start, found[-1].end),
        )


def _look_for_few(facts: Facts) -> Iterator[Hit]:
    if facts.different_attempts == 1 and len(facts.row.drafts) != 1:
        yield Hit("The thought quotes no attempt but the output.")


def _look_for_no_refinement(facts: Facts) -> Iterator[Hit]:
    drafts = facts.row.drafts
    if drafts:
        if drafts[0].text.strip() == facts.row.output.strip():
            yield Hit("The output is the first draft: nothing was refined.")
    elif facts.different_attempts == 1 and not _tells_of_revision(facts):
        yield Hit("The thought quotes one attempt and speaks of no second: nothing was refined.")


def _tells_of_revision(facts: Facts) -> bool:
    return any(_REVISES.search(facts.lower_prose, start, end) for _, start, end in facts.near(_MARKERS))


SAME = Rule(
    code="attempts-alike",
    meaning=(
        "The thought tells of a revision, but the attempts it quotes are all the same: it reasons about a change that was "
        "not made. A thought that says that it keeps its first attempt is let pass."
    ),
    severity="warning",
    field="thought",
    look=_look_for_same,
    bad=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere he goes.",
        thought='I try "He knows people everywhere he goes." It is flat, so I refine it. "He knows people everywhere he goes."',
    ),
    good=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere he goes.",
        thought='I try "He knows people everywhere he goes." Nothing to refine here: "He knows people everywhere he goes."',
    ),
)

FEW = Rule(
    code="one-attempt",
    meaning="The thought quotes one attempt only, the output; where the trace has one draft, that is as it was.",
    severity="info",
    field="thought",
    look=_look_for_few,
    bad=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere he goes.",
        thought='발이 넓다 is no matter of feet. I write "He knows people everywhere he goes."',
    ),
    good=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere he goes.",
        thought='I try "He has wide feet and goes everywhere." No. "He knows people everywhere he goes."',
    ),
)

UNREFINED = Rule(
    code="unrefined",
    meaning="The output is the first draft, or the thought neither quotes nor tells a second attempt.",
    severity="info",
    field="thought",
    look=_look_for_no_refinement,
    bad=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere he goes.",
        thought='발이 넓다 is no matter of feet. I write "He knows people everywhere he goes."',
    ),
    good=LintRow(
        source="그는 발이 넓다.",
        output="He knows people everywhere he goes.",
        thought='Feet will not do, so I try another way: "He knows people everywhere he goes."',
    ),
)
