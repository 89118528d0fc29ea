"""What the linter and the checks object to, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from textual.content import Content

from data.records import Finding
from drt_tui.widgets.sheet import Sheet, hang, plain

_MARKS = {"error": ("!", "$error"), "warning": ("?", "$warning"), "info": ("i", "$muted")}
_WORST_FIRST = ("error", "warning", "info")
ROOM = 4
"""Most findings shown; the others are counted."""


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
        self.show(lambda width: _lines(told, hint, width))


def _lines(findings: Sequence[tuple[tuple[str, str, str, str], int]], hint: str, width: int) -> list[Content]:
    lines: list[Content] = []
    for (severity, field, code, message), count in findings[:ROOM]:
        mark, colour = _MARKS[severity]
        label = Content.styled(f"{mark} {field}", colour)
        times = f"{count} times: " if count > 1 else ""
        body = plain(times + message) + Content.styled(f"  {code}", "$faint")
        lines.extend(hang(label, body, width, indent=11)[:2])
    more = f"and {len(findings) - ROOM} more" if len(findings) > ROOM else ""
    if more or hint:
        lines.append(Content.styled("  " + " · ".join(part for part in (more, hint) if part), "$muted"))
    return lines
