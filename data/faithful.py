"""Does a thought tell what happened? The check of a thought against the drafts it tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.records import Draft, Finding


def check(
    thought: str, output: str, drafts: Sequence[Draft], keywords: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """Return what the thought claims that is not so, each with words that can be shown to its author."""
    findings = []
    if output not in thought:
        findings.append(
            Finding(
                code="unfaithful",
                message=f'The final translation does not occur word for word. End with: "{output}"',
                severity="error",
                field="thought",
            )
        )
    return tuple(findings)
