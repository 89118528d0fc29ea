"""Tags, chat-control tokens and Markdown that belong to a reply, not to its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Field, Hit, Rule

_TAG = re.compile(
    r"</?(?:thought|thoughts|think|thinking|reasoning|reflection|output|answer|final|final_answer|translation|"
    r"response|result|source|text|scratchpad|json|xml)\s*/?>",
    re.IGNORECASE,
)
_CONTROL_TOKEN = re.compile(
    r"<\|[A-Za-z0-9_▁ ]{1,40}\|>|<｜[^<>\n]{1,40}｜>|\[/?INST\]|<<?/?SYS>>?|</?s>|<(?:bos|eos|pad|unk)>"
    r"|<(?:start|end)_of_turn>|\[(?:BOS|EOS|PAD|CLS|SEP)\]|(?m:^###\s*(?:Response|Instruction|Input|Output)\s*:)"
)
_FENCE = re.compile(r"```\w*\n?|~~~\w*\n")
_MARKDOWN = re.compile(
    r"\*\*(?=\S)[^*\n]+\*\*|__(?=\S)[^_\n]+__|^#{1,6}\s+\S|^>\s+\S|^[-*•]\s+\S", re.MULTILINE
)


def _texts(facts: Facts) -> tuple[tuple[Field, str], ...]:
    return (("output", facts.row.output), ("thought", facts.thought))


def _look_for_tags(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts):
        if "<" not in text:
            continue
        for match in _TAG.finditer(text):
            if match.group() not in facts.row.source:
                yield Hit(f"The tag {match.group()} stands in the {field}.", match.span(), field)
    for trouble in facts.row.troubles:
        yield Hit(f"The reply's tags are broken: {trouble}.")


def _look_for_tokens(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts):
        if not any(mark in text for mark in "<[#"):
            continue
        for match in _CONTROL_TOKEN.finditer(text):
            if match.group() not in facts.row.source:
                yield Hit(
                    f"The chat-control token {match.group().strip()} stands in the {field}.",
                    match.span(),
                    field,
                )


def _look_for_fences(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts):
        match = _FENCE.search(text) if "```" in text or "~~~" in text else None
        if match:
            yield Hit(f"A Markdown fence stands in the {field}.", match.span(), field)


def _look_for_markdown(facts: Facts) -> Iterator[Hit]:
    match = _MARKDOWN.search(facts.row.output)
    if match and not _MARKDOWN.search(facts.row.source) and "```" not in facts.row.output:
        yield Hit("The output is set in Markdown, its source is not.", match.span())


def _strip_tags(row: LintRow) -> LintRow:
    """Take the tags away where they wrap the whole field or end it; a tag amid text is for a person."""
    return replace(
        row,
        output=_strip_at_ends(_TAG, row.output),
        thought=None if row.thought is None else _strip_at_ends(_TAG, row.thought),
    )


def _strip_tokens(row: LintRow) -> LintRow:
    return replace(
        row,
        output=_strip_at_ends(_CONTROL_TOKEN, row.output),
        thought=None if row.thought is None else _strip_at_ends(_CONTROL_TOKEN, row.thought),
    )


def _strip_at_ends(pattern: re.Pattern[str], text: str) -> str:
    stripped = text.strip()
    while match := pattern.match(stripped):
        stripped = stripped[match.end() :].lstrip()
    while (last := _last(pattern, stripped)) and last.end() == len(stripped):
        stripped = stripped[: last.start()].rstrip()
    return text if stripped == text.strip() or not stripped else stripped


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for last in pattern.finditer(text):  # noqa: B007 the loop is run for its last match
        pass
    return last


TAGS = Rule(
    code="tag-in-field",
    meaning="A tag of the training format or of a reply stands inside a field, and would be learnt as text.",
    severity="error",
    field="output",
    look=_look_for_tags,
    bad=LintRow(source="그는 떠났다.", output="He left.</output>"),
    good=LintRow(source="영화 <기생충>을 봤다.", output="I saw the film <Parasite>."),
    fix=_strip_tags,
)

TOKENS = Rule(
    code="control-token",
    meaning="A chat template's control token stands inside a field, as when a reply was cut out wrongly.",
    severity="error",
    field="output",
    look=_look_for_tokens,
    bad=LintRow(source="그는 떠났다.", output="He left.<|im_end|>"),
    good=LintRow(source="그는 [중략] 떠났다.", output="He [...] left."),
    fix=_strip_tokens,
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
