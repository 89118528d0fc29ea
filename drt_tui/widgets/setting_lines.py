"""A run's settings as lines of a form, with the reason for each value."""

from __future__ import annotations

from textual.content import Content

from drt_tui.training.form import choices_of, default_of, planned, reason_for, written
from drt_tui.widgets.sheet import plain, set_width
from train.plan import Plan
from train.settings import TrainSettings

_NAME = 24
_VALUE = 30
_ROOMY = 100
"""Width from which the reason begins in the same line."""


def setting_line(settings: TrainSettings, name: str, plan: Plan | None, width: int) -> Content:
    """Return a setting in one line: name, value, what the plan made of it."""
    value = getattr(settings, name)
    is_chosen = value != default_of(name)
    told = plain(written(value), "bold" if is_chosen else "")
    decided = planned(plan, settings, name) if plan is not None else None
    if decided is not None:
        told += plain(f" → {decided}", "$muted")
    line = Content.styled("* " if is_chosen else "  ", "bold $accent")
    line += set_width(Content(name), _NAME)
    if width < _ROOMY:
        return (line + told).truncate(width, ellipsis=True)
    line += set_width(told, _VALUE - 1) + " "
    return (line + plain(reason_for(name), "$muted")).truncate(width, ellipsis=True)


def reason_lines(settings: TrainSettings, name: str, width: int) -> list[Content]:
    """Return the whole reason for a setting's default, and what else it may be."""
    about = Content.styled(f"{name}  ", "bold") + plain(reason_for(name), "$muted")
    lines = list(about.wrap(width))
    facts: list[str] = []
    if choices := choices_of(name):
        facts.append(f"one of {', '.join(choices)}")
    if getattr(settings, name) != default_of(name):
        facts.append(f"default {written(default_of(name))}, backspace takes it")
    if facts:
        lines += plain("; ".join(facts), "$faint").wrap(width)
    return lines
