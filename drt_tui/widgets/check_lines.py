"""The doctor's verdicts as lines: what is wrong first, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from drt_tui.widgets.sheet import hang, plain
from train.doctor.check import Check, Level

SIGNS: dict[Level, tuple[str, str]] = {
    "pass": ("✓", "$success"), "warn": ("!", "$warning"), "fail": ("✗", "$error"),
}  # fmt: skip
_WORST_FIRST: tuple[Level, ...] = ("fail", "warn", "pass")
_INDENT = 5


def check_lines(checks: Iterable[Check], width: int) -> list[Content]:
    """Return every verdict with its words, the worst first."""
    ordered = sorted(checks, key=lambda check: _WORST_FIRST.index(check.level))
    return [line for check in ordered for line in _check(check, width)]


def brief_check_lines(checks: Sequence[Check], width: int) -> list[Content]:
    """Return what is not as it should be with its words, and the rest by its ids in a line."""
    troubles = [check for check in checks if check.level != "pass"]
    lines = check_lines(troubles, width)
    troubled = {check.id for check in troubles}
    good = dict.fromkeys(check.id for check in checks if check.id not in troubled)
    if good:
        sign, colour = SIGNS["pass"]
        label = Content.styled(f"{sign} ", colour)
        lines += hang(label, Content.styled(" ".join(good), "$muted"), width, indent=2)
    return lines


def _check(check: Check, width: int) -> list[Content]:
    sign, colour = SIGNS[check.level]
    label = Content.assemble((f"{sign} ", colour), (check.id, "bold" if check.fix else "$muted"))
    lines = hang(label, plain(check.message, "" if check.fix else "$muted"), width, indent=_INDENT)
    if check.fix:
        lines += hang(Content(), plain(f"→ {check.fix}", colour), width, indent=_INDENT)
    return lines
