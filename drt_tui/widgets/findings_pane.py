"""What the linter and the checks object to, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from textual.content import Content

from data.records import Finding
from drt_tui.widgets.sheet import Sheet, hang, plain

_MARKS = {"error": ("!", "$error"), "warning": ("?", "$warning"), "info": ("i", "$muted")}
_WORST_FIRST = ("error", "warning", "info")
MOST = 4
"""Most findings shown; the others are counted."""
SHARE = 5
"""Findings take at most this part of the screen's height, a fifth; beyond it each has one line."""
LEAST = 4
"""Lines that they may take on the smallest screen."""


_Told = tuple[tuple[str, str, str, str], int]
"""Severity, field, code and message of a finding, and how often it stands there."""


class FindingsPane(Sheet):
    """Shows findings, each with a sign of its severity, its field and its code."""

    def show_findings(self, findings: tuple[Finding, ...], hint: str = "") -> None:
        """Show what is found of an item, and what can be done; nothing is shown of mere information."""
        counts = Counter(
            (finding.severity, finding.field, finding.code, finding.message)
            for finding in findings
            if finding.severity != "info"
        )
        told = sorted(counts.items(), key=lambda entry: _WORST_FIRST.index(entry[0][0]))
        self.display = bool(told)
        self.show(lambda width: _lines(told, hint, width, max(LEAST, self.screen.size.height // SHARE)))


def _lines(findings: Sequence[_Told], hint: str, width: int, room: int) -> list[Content]:
    lines = [line for finding in findings[:MOST] for line in _beside(finding, width)[:2]]
    shown = min(len(findings), MOST)
    last = _last(len(findings) - shown, hint)
    if len(lines) + len(last) > room:
        shown = min(shown, room if shown == len(findings) and not hint else room - 1)
        lines = [_on_one_line(finding, width) for finding in findings[:shown]]
        last = _last(len(findings) - shown, hint)
    return lines + last


def _beside(finding: _Told, width: int) -> list[Content]:
    (severity, field, code, message), count = finding
    mark, colour = _MARKS[severity]
    label = Content.styled(f"{mark} {field}", colour)
    times = f"{count} times: " if count > 1 else ""
    body = plain(times + message) + Content.styled(f"  {code}", "$faint")
    return hang(label, body, width, indent=11)


def _on_one_line(finding: _Told, width: int) -> Content:
    first, *rest = _beside(finding, width)
    return first.truncate(width - 2) + Content.styled(" …", "$faint") if rest else first


def _last(left: int, hint: str) -> list[Content]:
    """Return a line that says how many are not shown and what can be done, if there is anything to say."""
    parts = [part for part in (f"and {left} more" if left else "", hint) if part]
    return [Content.styled("  " + " · ".join(parts), "$muted")] if parts else []
