"""What is measured of a translator, and how each figure is to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

Unit = Literal["share", "points", "ratio", "seconds", "count", "usd"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. `more_is_better` is `None` where neither is: nobody wins by it."""

    key: str
    title: str
    unit: Unit
    more_is_better: bool | None
    appendix: bool = False


METRICS = (
    Metric("tags", "tags well formed", "share", True),
    Metric("cut", "answers cut by the token limit", "share", False),
    Metric("chrf", "chrF, independent references", "points", True),
    Metric("comet", "external metric (COMET)", "ratio", True),
    Metric("judge", "judge, 0-100", "points", True),
    Metric("findings", "outputs with findings", "share", False),
    Metric("thought_findings", "thoughts with findings", "share", None),
    Metric("hter", "HTER against my edits", "ratio", False),
    Metric("length", "output by source length", "ratio", None),
    Metric("seconds", "seconds a sentence", "seconds", False),
    Metric("tokens", "tokens a sentence", "count", None),
    Metric("calls", "calls a sentence", "count", None),
    Metric("cost_usd", "US dollars a sentence", "usd", False),
    Metric("bleu", "BLEU, independent references", "points", None, appendix=True),
    Metric("own_style_chrf", "chrF, in its own style", "points", None, appendix=True),
    Metric("own_style_bleu", "BLEU, in its own style", "points", None, appendix=True),
    Metric("evaluator", "the evaluator's own scale", "points", None, appendix=True),
)
BY_KEY = {metric.key: metric for metric in METRICS}
WINS = Metric("judge_wins", "judge, wins of two", "share", True)
WINS_ALIKE = Metric("judge_wins_like_length", "judge, wins of two of like length", "share", True)
RESOURCES = ("calls", "tokens", "seconds", "cost_usd")


_SPELLED: Mapping[Unit, Callable[[float], str]] = {
    "share": lambda value: f"{100 * value:.1f} %",
    "points": lambda value: f"{value:.1f}",
    "ratio": lambda value: f"{value:.3f}",
    "seconds": lambda value: f"{value:.2f} s",
    "count": lambda value: f"{value:,.1f}",
    "usd": lambda value: f"${value:.6f}".rstrip("0").rstrip("."),
}


def shown(value: float | None, unit: Unit) -> str:
    """Return a figure for people."""
    return "–" if value is None or not isfinite(value) else _SPELLED[unit](value)


def shown_difference(value: float | None, unit: Unit) -> str:
    """Return a difference for people, with its sign; that of two shares is in percentage points."""
    if value is None or not isfinite(value):
        return "–"
    text = f"{100 * abs(value):.1f} pp" if unit == "share" else shown(abs(value), unit)
    return f"{'-' if value < 0 else '+'}{text}"
