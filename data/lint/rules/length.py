"""An output that is much longer or shorter than its source."""

from __future__ import annotations

from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.plain import words
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_SLACK = 20
"""Letters that do not count: short sentences vary more."""
_TERSE = 1.3
"""Classical Chinese says as much in fewer letters."""
_FEW_WORDS = 3


def _look(facts: Facts) -> Iterator[Hit]:
    settings = facts.settings
    source, output = facts.source_weight, facts.output_weight
    most = source * _TERSE if facts.source_script == "han" else source
    if not source or not output:
        return
    if output > settings.longest * most + _SLACK or output < settings.shortest * source - _SLACK / 2:
        yield Hit(_told(output / source))
    elif output > settings.long * most + _SLACK or output < settings.short * source - _SLACK / 2:
        new = _new_words(facts)
        if len(new) >= _FEW_WORDS:
            yield Hit(f"{_told(output / source)} No draft had: {', '.join(new[:5])}.")


def _told(ratio: float) -> str:
    return f"The output is {ratio:.1f} times as long as such a source leads to expect."


def _new_words(facts: Facts) -> list[str]:
    """Return the output's words that no other draft, or attempt in the thought, has."""
    drafts = [draft.text for draft in facts.row.drafts if draft.text.strip() != facts.row.output.strip()]
    if not drafts:
        drafts = [facts.thought[a.start : a.end] for a in facts.attempts if a.plain != facts.plain_output]
    if not drafts:
        return []
    known = {word for draft in drafts for word in words(draft)}
    return [word for word in dict.fromkeys(words(facts.row.output)) if word not in known]


RULE = Rule(
    code="length",
    meaning=(
        "The output is far longer or shorter than translations of such a source are; or clearly so, and with "
        "words that no draft had. Lengths are compared by script, with some letters' grace."
    ),
    severity="warning",
    field="output",
    look=_look,
    bad=LintRow(
        source="그는 발이 넓다.",
        output=(
            "He is well connected, which means that wherever he goes there is always somebody who knows him, and "
            "that he never has to look for help for long."
        ),
    ),
    good=LintRow(source="그는 발이 넓다.", output="He has friends wherever he goes."),
)
