"""What is found of a row: the checks of its pass, and the linter's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data.records import Candidate, Finding, Sentence, Span
from drt_tui.review.coherence import stale_sentences
from drt_tui.review.drafts import Edit
from drt_tui.review.glossary import Glossary
from drt_tui.review.item import Item

if TYPE_CHECKING:
    from data.lint import LintSettings

LONGEST = 20_000
"""Characters of output and thought together that are looked at; a real row has a few thousand."""
STALE = "stale"
"""Code of a sentence that argues for an output which a person changed."""
OTHER_CODES = frozenset({STALE, "oversize", "glossary", "cut-short"})
"""Codes of findings that are no rule of the linter's."""


def findings_of(
    sentence: Sentence,
    candidate: Candidate,
    edit: Edit | None,
    *,
    languages: tuple[str, str],
    settings: LintSettings,
    glossary: Glossary = Glossary(),  # noqa: B008 - frozen
) -> tuple[Finding, ...]:
    """Return all findings of a candidate, or of a person's version of it, each once.

    What the pass found of its own thought says nothing of another one, so it is left out then; in
    its place stand the sentences that argue for the output as it was.
    """
    from data.lint import lint_row, row_of_candidate

    row = row_of_candidate(
        sentence,
        candidate,
        languages=languages,
        output=edit.output if edit else None,
        thought=edit.thought if edit else None,
    )
    size = len(row.output) + len(row.thought or "")
    if size > LONGEST:
        return (_oversize(size), *candidate.findings)
    is_as_made = row.thought == candidate.thought and row.output == candidate.output
    own = candidate.findings if is_as_made else stale_findings(candidate, row.output, row.thought or "")
    found = (*own, *lint_row(row, settings), *glossary.misses(row.source, row.output))
    return tuple(
        {(finding.code, finding.field, finding.message, finding.span): finding for finding in found}.values()
    )


def stale_findings(candidate: Candidate, output: str, thought: str) -> tuple[Finding, ...]:
    """Return a finding for each sentence of the thought that argues for the candidate's own output."""
    drafts = [draft.text for draft in candidate.drafts]
    return tuple(
        Finding(
            code=STALE,
            message="still argues for the output as it was",
            field="thought",
            span=Span(start=start, end=end, kind=STALE),
        )
        for start, end in stale_sentences(thought, candidate.output, output, drafts=drafts)
    )


def fixed(item: Item, *, languages: tuple[str, str]) -> Edit:
    """Return the item's texts with everything mended that can be mended safely."""
    from data.lint import fix, row_of_candidate

    start = item.as_edit()
    assert item.candidate is not None
    row = row_of_candidate(
        item.sentence, item.candidate, languages=languages, output=start.output, thought=start.thought
    )
    for finding in item.findings:
        row = fix(row, finding)
    return replace(start, output=row.output, thought=row.thought or "")


def _oversize(size: int) -> Finding:
    return Finding(
        code="oversize",
        message=f"{size:,} characters are too many to be checked.",
        severity="error",
        field="output",
    )
