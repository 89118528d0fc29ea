"""What the linter looks at: one row, with whatever is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.format import Trouble
from data.records import Candidate, Draft, Example, Sentence, Span


@dataclass(frozen=True, slots=True)
class LintRow:
    """A row to lint. Rows of others have `source`, `output` and `thought`, and nothing else.

    All text is NFC. What is not known stays at its default, and no rule objects to that:
    a `thought` of `None` is "this set has no thoughts", an empty one is a fault.
    """

    source: str
    output: str
    thought: str | None = None
    references: tuple[str, ...] = ()
    group: str | None = None
    """The idiom that the sentence was chosen for."""
    drafts: tuple[Draft, ...] = ()
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    """Where the idiom stands in the source, when a tokenizer has looked."""
    status: str | None = None
    finish_reason: str = ""
    """Of the call that wrote thought and output; `length` means it was cut off."""
    languages: tuple[str, str] | None = None
    """Codes of source and target, e.g. `("ko", "en")`; `None`: judged by script."""
    troubles: tuple[Trouble, ...] = ()
    """What was wrong with the tags, where the row was read out of a tagged reply."""
    number: int = 0
    """Row in its file, from 1 as a spreadsheet shows it; 0 where there is no file."""


def row_of_candidate(
    sentence: Sentence,
    candidate: Candidate,
    *,
    languages: tuple[str, str] | None = None,
    thought: str | None = None,
    output: str | None = None,
    finish_reason: str = "",
) -> LintRow:
    """Return the row of a candidate; `thought` and `output` replace its own, e.g. while it is edited."""
    return LintRow(
        source=sentence.source,
        output=candidate.output if output is None else output,
        thought=candidate.thought if thought is None else thought,
        references=tuple(reference.text for reference in sentence.references),
        group=sentence.group,
        drafts=candidate.drafts,
        keywords=candidate.keywords,
        spans=sentence.spans,
        finish_reason=finish_reason,
        languages=languages,
    )


def row_of_example(example: Example, *, number: int = 0, languages: tuple[str, str] | None = None) -> LintRow:
    """Return the row of a curated example, or of a line of a `jsonl` export."""
    return LintRow(
        source=example.source,
        output=example.output,
        thought=example.thought,
        references=(example.reference,) if example.reference else (),
        group=example.group,
        drafts=example.drafts,
        keywords=example.keywords,
        spans=example.sentence.spans if example.sentence else (),
        status=example.status,
        languages=languages,
        number=number,
    )
