"""What is found of a row: the checks of its pass, and the linter's."""

from __future__ import annotations

from data.lint import LintSettings, fix, lint_row, row_of_candidate
from data.records import Candidate, Finding, Sentence
from drt_tui.drafts import Edit
from drt_tui.item import Item


def findings_of(
    sentence: Sentence,
    candidate: Candidate,
    edit: Edit | None,
    *,
    languages: tuple[str, str],
    settings: LintSettings,
) -> tuple[Finding, ...]:
    """Return all findings of a candidate, or of a person's version of it, each once.

    What the pass found of its own thought says nothing of another one, so it is left out then.
    """
    row = row_of_candidate(
        sentence,
        candidate,
        languages=languages,
        output=edit.output if edit else None,
        thought=edit.thought if edit else None,
    )
    is_as_made = row.thought == candidate.thought and row.output == candidate.output
    found = (*(candidate.findings if is_as_made else ()), *lint_row(row, settings))
    return tuple({(finding.code, finding.field, finding.message): finding for finding in found}.values())


def fixed(item: Item, *, languages: tuple[str, str]) -> Edit:
    """Return the item's texts with everything mended that can be mended safely."""
    start = item.as_edit()
    assert item.candidate is not None
    row = row_of_candidate(
        item.sentence, item.candidate, languages=languages, output=start.output, thought=start.thought
    )
    for finding in item.findings:
        row = fix(row, finding)
    return Edit(start.candidate, row.output, row.thought or "", start.reference)
