"""Tags, chat-control tokens and Markdown that belong to a reply, not to its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint import marks
from data.lint.facts import Facts
from data.lint.marks import may_have_marks, without_marks
from data.lint.row import LintRow
from data.lint.rule import Field, Hit, Rule

_MARKDOWN = re.compile(
    r"\A[*_](?=\S)[^*_\n]+[*_]\Z|\*\*(?=\S)[^*\n]+\*\*|__(?=\S)[^_\n]+__|^#{1,6}\s+\S|^>\s+\S|^[*•]\s+\S",
    re.MULTILINE,
)


def _texts(facts: Facts) -> tuple[tuple[Field, str], ...]:
    return (("output", facts.row.output), ("thought", facts.thought))


def _look_for_tags(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts):
        if "<" not in text:
            continue
        for match in marks.TAG.finditer(text):
            if match.group() not in facts.row.source:
                yield Hit(f"The tag {match.group()} stands in the {field}.", match.span(), field)


def _look_for_troubles(facts: Facts) -> Iterator[Hit]:
    if facts.row.troubles:
        yield Hit(f"The reply's tags are broken: {', '.join(facts.row.troubles)}.")


def _look_for_tokens(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts):
        if not may_have_marks(text):
            continue
        for match in marks.CONTROL_TOKEN.finditer(text):
            if match.group() not in facts.row.source:
                yield Hit(
                    f"The chat-control token {match.group().strip()} stands in the {field}.",
                    match.span(),
                    field,
                )


def _look_for_fences(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts):
        match = marks.FENCE.search(text) if "```" in text or "~~~" in text else None
        if match:
            yield Hit(f"A Markdown fence stands in the {field}.", match.span(), field)


def _look_for_markdown(facts: Facts) -> Iterator[Hit]:
    match = _MARKDOWN.search(facts.row.output)
    if match and not _MARKDOWN.search(facts.row.source) and "```" not in facts.row.output:
        yield Hit("The output is set in Markdown, its source is not.", match.span())


def _strip(row: LintRow) -> LintRow:
    """Take marks away where they open or end a field."""
    return replace(
        row,
        output=without_marks(row.output),
        thought=None if row.thought is None else without_marks(row.thought),
    )


TAGS = Rule(
    code="tag-in-field",
    meaning="A tag of the training format or of a reply stands inside a field, and would be learnt as text.",
    severity="error",
    field="output",
    look=_look_for_tags,
    bad=LintRow(source="그는 떠났다.", output="He left.</output>"),
    good=LintRow(source="영화 <기생충>을 봤다.", output="I saw the film <Parasite>."),
    fix=_strip,
)

TROUBLES = Rule(
    code="broken-tags",
    meaning=(
        "The reply that thought and output were read from has its tags missing, doubled, nested, unclosed or in the "
        "wrong order, or text beside them."
    ),
    severity="error",
    field="output",
    look=_look_for_troubles,
    bad=LintRow(source="그는 떠났다.", output="He left.", troubles=("output-cut",)),
    good=LintRow(source="그는 떠났다.", output="He left."),
)

TOKENS = Rule(
    code="control-token",
    meaning="A chat template's control token stands inside a field, as when a reply was cut out wrongly.",
    severity="error",
    field="output",
    look=_look_for_tokens,
    bad=LintRow(source="그는 떠났다.", output="He left.<|im_end|>"),
    good=LintRow(source="그는 [중략] 떠났다.", output="He [...] left."),
    fix=_strip,
)

FENCE = Rule(
    code="markdown-fence",
    meaning="A Markdown fence (three backticks) stands inside a field.",
    severity="error",
    field="output",
    look=_look_for_fences,
    bad=LintRow(source="그는 떠났다.", output="```\nHe left.\n```"),
    good=LintRow(source="그는 떠났다.", output="He left.", thought="I try `He left.` and keep it."),
)

MARKDOWN = Rule(
    code="markdown-in-output",
    meaning="The output carries bold type, a heading, a quotation mark or a list mark of Markdown, its source none.",
    severity="warning",
    field="output",
    look=_look_for_markdown,
    bad=LintRow(source="그는 떠났다.", output="**He left.**"),
    good=LintRow(source="평점은 5**였다.", output="It was rated 5**."),
)
