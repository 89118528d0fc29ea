"""Small plots as inline SVG: readable without colour, in light and dark, with a title on every mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640, 200
_LEFT, _BOTTOM, _TOP = 48, 34, 18


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and, behind it, what it could be at most (0: nothing behind)."""

    label: str
    value: float
    of: float = 0


def columns(bars: Sequence[Bar], name: str) -> str:
    """Return upright bars; every label is shown while there is room, then only some."""
    if not bars:
        return ""
    most = max(max(bar.value, bar.of) for bar in bars) or 1
    step = (_WIDTH - _LEFT) / len(bars)
    every = max(1, len(bars) // 16)
    marks = []
    for number, bar in enumerate(bars):
        left, width = _LEFT + number * step + step * 0.12, step * 0.76
        title = f"<title>{escape(bar.label)}: {_figure(bar.value)}{f' of {_figure(bar.of)}' if bar.of else ''}</title>"
        if bar.of:
            marks.append(f'<rect class="of" {_column(left, width, bar.of / most)}>{title}</rect>')
        marks.append(f'<rect class="bar" {_column(left, width, bar.value / most)}>{title}</rect>')
        if number % every == 0:
            middle = left + width / 2
            label = f'<text x="{middle:.1f}" y="{_HEIGHT - _BOTTOM + 16}" class="label">{escape(_cut(bar.label))}</text>'
            marks.append(label)
    return _figure_of(name, _axis(most) + "".join(marks))


def rows(bars: Sequence[Bar], name: str) -> str:
    """Return lying bars with their labels and figures beside them."""
    if not bars:
        return ""
    most = max(max(bar.value, bar.of) for bar in bars) or 1
    high, left, right = 22, 220, 90
    marks = []
    for number, bar in enumerate(bars):
        top = number * high
        width = (_WIDTH - left - right) * bar.value / most
        marks.append(
            f'<text x="{left - 8}" y="{top + 15}" class="name">{escape(_cut(bar.label, 30))}</text>'
            f'<rect class="bar" x="{left}" y="{top + 3}" width="{max(width, 1):.1f}" height="{high - 6}">'
            f"<title>{escape(bar.label)}: {_figure(bar.value)}</title></rect>"
            f'<text x="{left + width + 6:.1f}" y="{top + 15}" class="value">{_figure(bar.value)}</text>'
        )
    return _figure_of(name, "".join(marks), height=len(bars) * high)


def line(points: Sequence[Bar], name: str, low: float, high: float) -> str:
    """Return a line through values between `low` and `high`, each point labelled."""
    if not points:
        return ""
    step = (_WIDTH - _LEFT) / len(points)
    places = [
        (
            _LEFT + (number + 0.5) * step,
            _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - (point.value - low) / (high - low)),
        )
        for number, point in enumerate(points)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    marks = [f'<polyline class="line" points="{path}"/>']
    for point, (x, y) in zip(points, places, strict=True):
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(point.label)}: {_figure(point.value)}</title></circle>'
            f'<text x="{x:.1f}" y="{y - 8:.1f}" class="label">{_figure(point.value)}</text>'
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 16}" class="label">{escape(_cut(point.label))}</text>'
        )
    return _figure_of(name, _axis(high, low) + "".join(marks))


def _figure_of(name: str, marks: str, height: int = _HEIGHT) -> str:
    return (
        f'<svg role="img" aria-label="{escape(name, quote=True)}" viewBox="0 0 {_WIDTH} {height}" '
        f'preserveAspectRatio="xMinYMin meet">{marks}</svg>'
    )


def _axis(most: float, least: float = 0) -> str:
    base = _HEIGHT - _BOTTOM
    return (
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH}" y1="{base}" y2="{base}"/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 4}" class="tick">{_figure(most)}</text>'
        f'<text x="{_LEFT - 6}" y="{base}" class="tick">{_figure(least)}</text>'
    )


def _column(left: float, width: float, share: float) -> str:
    high = (_HEIGHT - _TOP - _BOTTOM) * share
    return f'x="{left:.1f}" y="{_HEIGHT - _BOTTOM - high:.1f}" width="{width:.1f}" height="{high:.1f}"'


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _cut(label: str, most: int = 12) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"
