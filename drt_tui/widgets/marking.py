"""Places in a text that are to be seen at once: by weight and underline as well as by colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from data.records import Finding
from drt_tui.widgets.sheet import plain

IDIOM = "bold underline $primary"
FOUND = "underline $warning"

Mark = tuple[int, int, str]
"""Start, end and style."""


def marked(
    text: str, marks: Iterable[Mark], start: int = 0, end: int | None = None, *, style: str = ""
) -> Content:
    """Return `text[start:end]` with its marks; where two overlap the one that begins first is shown."""
    end = len(text) if end is None else end
    content, at = Content(), start
    for first, last, mark in sorted(marks):
        first, last = max(first, at), min(last, end)
        if first < last:
            content += plain(text[at:first], style) + plain(text[first:last], f"{style} {mark}".strip())
            at = last
    return content + plain(text[at:end], style)


def with_findings(
    text: str, findings: Sequence[Finding], field: str, start: int = 0, end: int | None = None
) -> Content:
    """Return `text[start:end]` with the places marked that findings about this field point at."""
    return marked(text, finding_marks(findings, field), start, end)


def finding_marks(findings: Sequence[Finding], field: str) -> list[Mark]:
    """Return a mark for each place that findings about a field point at; mere information is told nowhere."""
    return [
        (f.span.start, f.span.end, FOUND)
        for f in findings
        if f.field == field and f.span is not None and f.severity != "info"
    ]


def occurrences(text: str, wordings: Iterable[str]) -> list[tuple[int, int]]:
    """Return where the wordings occur in a text, whatever their case, the longest first."""
    told = text.casefold()
    if len(told) != len(text):
        return []
    found: list[tuple[int, int]] = []
    for wording in sorted((one.casefold() for one in wordings if one), key=len, reverse=True):
        start = told.find(wording)
        while start >= 0:
            found.append((start, start + len(wording)))
            start = told.find(wording, start + len(wording))
    return found
