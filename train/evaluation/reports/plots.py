"""Dots with whiskers, a row a contender: figures with their intervals to look at, in lines of HTML that fit any width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, isfinite, log10

from data.text import show_controls
from train.evaluation.metrics import METRICS, Metric, shown
from train.evaluation.reports.sections import with_interval
from train.evaluation.results import Slice
from train.evaluation.statistics.resampling import Estimate

STYLE = """
.plot { width: 100%; max-width: 54rem; table-layout: fixed; }
.plot caption { text-align: left; font-weight: 600; padding-top: .8rem; }
.plot th { width: 15rem; overflow-wrap: anywhere; white-space: normal; text-align: left; }
.plot .track { padding-right: 1rem; width: auto; } .plot .value { width: 14rem; text-align: left; }
.plot svg { display: block; width: 100%; height: 1.2rem; overflow: visible; }
.grid { stroke: var(--soft); } .whisker { stroke: var(--mark); stroke-width: 2; } .dot { fill: var(--mark); }
.ends { display: flex; justify-content: space-between; font-size: .8rem; opacity: .75; }
@media (max-width: 36rem) {
  .plot tr { display: grid; grid-template-columns: 1fr auto; } .plot th { width: auto; max-width: none; }
  .plot .value { width: auto; text-align: right; } .plot .track { grid-column: 1 / -1; grid-row: 2; padding: 0 .5rem; }
  .plot .blank { display: none; } }
"""
_PLOTTED = ("chrf", "judge", "comet", "tags", "cut", "findings", "tokens", "seconds")
_STEPS = 5
_FROM_NOTHING = {"seconds", "count", "usd"}


def plots(whole: Slice) -> str:
    """Return a plot of each figure that is worth one; empty without any."""
    return "".join(_plot(metric, whole.figures) for metric in METRICS if metric.key in _PLOTTED)


def _plot(metric: Metric, figures: Mapping[str, Mapping[str, Estimate]]) -> str:
    known = {
        name: estimate
        for name, of in figures.items()
        if (estimate := of.get(metric.key)) is not None and isfinite(estimate.value)
    }
    if not known:
        return ""
    low, high = scale(
        metric,
        [
            bound
            for each in known.values()
            for bound in (each.value, each.low, each.high)
            if bound is not None
        ],
    )
    rows = "".join(_row(name, each, metric, low, high) for name, each in known.items())
    ends = "".join(f"<span>{escape(shown(end, metric.unit))}</span>" for end in (low, high))
    return (
        f'<table class="plot"><caption>{escape(metric.title)}</caption><tbody>{rows}</tbody>'
        f'<tfoot aria-hidden="true"><tr><td class="blank"></td><td class="track"><div class="ends">{ends}</div></td>'
        '<td class="blank"></td></tr></tfoot></table>'
    )


def scale(metric: Metric, values: Sequence[float]) -> tuple[float, float]:
    """Return from where to where a plot goes: shares from 0 to 1, amounts from 0, others between round numbers."""
    if metric.unit == "share":
        return 0.0, 1.0
    low, high = min(values), max(values)
    if metric.unit in _FROM_NOTHING:
        low = min(0.0, low)
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** floor(log10(span / _STEPS))
    step = next(times * power for times in (1, 2, 5, 10) if span <= times * power * _STEPS)
    bottom, top = floor(low / step) * step, ceil(high / step) * step
    return bottom, top if top > bottom else bottom + step


def _row(name: str, estimate: Estimate, metric: Metric, low: float, high: float) -> str:
    def at(value: float) -> str:
        return f"{100 * (value - low) / (high - low):.2f}%"

    whisker = ""
    if estimate.low is not None and estimate.high is not None:
        whisker = (
            f'<line class="whisker" x1="{at(estimate.low)}" x2="{at(estimate.high)}" y1="50%" y2="50%"/>'
        )
    return (
        f'<tr><th scope="row">{escape(show_controls(name))}</th><td class="track"><svg aria-hidden="true">'
        f'<line class="grid" x1="0" x2="100%" y1="50%" y2="50%"/>{whisker}'
        f'<circle class="dot" cx="{at(estimate.value)}" cy="50%" r="5"/></svg></td>'
        f'<td class="value">{escape(with_interval(estimate, metric))}</td></tr>'
    )
