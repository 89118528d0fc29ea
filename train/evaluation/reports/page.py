"""The report as one page that opens without a network: no script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from math import isfinite

from data.text import show_controls
from train.evaluation.metrics import METRICS, Metric, shown
from train.evaluation.reports.sections import Table, headline, tables
from train.evaluation.results import Evaluation, Example, Slice
from train.evaluation.statistics.resampling import Estimate

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --soft: #d9dee5; --mark: #2b62a8; --red: #a32020; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #16181c; --soft: #3a4048; --mark: #7fb0ee; --red: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 64rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
.warning { color: var(--red); border-left: 4px solid var(--red); padding-left: .8rem; font-weight: 600; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .6rem 0; }
th, td { padding: .15rem .9rem .15rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 1px solid var(--soft); }
svg { width: 100%; max-width: 44rem; height: auto; } svg text { fill: var(--ink); font-size: 12px; }
.name { text-anchor: end; } .whisker { stroke: var(--mark); stroke-width: 2; } .dot { fill: var(--mark); }
.grid { stroke: var(--soft); }
article { border-top: 1px solid var(--soft); padding: .6rem 0; } .source { font-weight: 600; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .8rem; }
.sides h3 { font-size: .9rem; margin: 0; } .sides p, details { margin: .2rem 0; overflow-wrap: anywhere; }
.thought { white-space: pre-wrap; } .quiet { opacity: .75; }
"""
_WIDTH, _LEFT, _RIGHT, _ROW = 700, 190, 90, 26
_PLOTTED = ("chrf", "judge", "comet", "tags", "cut", "findings", "tokens", "seconds")


def html_report(evaluation: Evaluation, *, made_at: str = "") -> str:
    """Return the page; `made_at` is a date in words, left out where it is empty."""
    title = headline(evaluation)
    warnings = "".join(f'<p class="warning">{_text(each)}</p>' for each in evaluation.warnings)
    made = f'<p class="quiet">{_text(made_at)}</p>' if made_at else ""
    first, *rest = tables(evaluation) or (Table("Figures", (), ()),)
    body = [_table(first), _plots(evaluation.whole), *(_table(table) for table in rest)]
    notes = "".join(f"<li>{_text(note)}</li>" for note in evaluation.notes)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>"
        f"{warnings}<h1>{_text(title)}</h1>{made}<ul>{notes}</ul>{''.join(body)}"
        f"{_reading('Worst', evaluation, evaluation.worst)}{_reading('Best', evaluation, evaluation.best)}"
        "</body></html>\n"
    )


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    note = f"<p>{_text(table.note)}</p>" if table.note else ""
    head = "".join(f"<th>{_text(cell)}</th>" for cell in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return (
        f'<section><h2>{_text(table.title)}</h2>{note}<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _plots(whole: Slice) -> str:
    drawn = [_plot(metric, whole) for metric in METRICS if metric.key in _PLOTTED]
    plots = "".join(plot for plot in drawn if plot)
    return f"<section><h2>Figures with their intervals</h2>{plots}</section>" if plots else ""


def _plot(metric: Metric, whole: Slice) -> str:
    """Return a dot with whiskers for each contender, on a common scale."""
    known = {
        name: estimate
        for name, of in whole.figures.items()
        if (estimate := of.get(metric.key)) is not None and isfinite(estimate.value)
    }
    if not known:
        return ""
    bounds = [
        bound for each in known.values() for bound in (each.value, each.low, each.high) if bound is not None
    ]
    low, high = min(bounds), max(bounds)
    span = (high - low) or 1.0
    marks = [
        _mark(
            name, each, metric, number, lambda value: _LEFT + (_WIDTH - _LEFT - _RIGHT) * (value - low) / span
        )
        for number, (name, each) in enumerate(known.items())
    ]
    height = _ROW * len(known) + 8
    label = escape(metric.title, quote=True)
    return (
        f"<h3>{escape(metric.title)}</h3>"
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {height}">{"".join(marks)}</svg>'
    )


def _mark(name: str, estimate: Estimate, metric: Metric, number: int, x: Callable[[float], float]) -> str:
    y = number * _ROW + _ROW / 2
    low = estimate.low if estimate.low is not None else estimate.value
    high = estimate.high if estimate.high is not None else estimate.value
    value = shown(estimate.value, metric.unit)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        f'<text class="name" x="{_LEFT - 8}" y="{y + 4}">{_text(name[:26])}</text>'
        f'<line class="whisker" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y}" y2="{y}"/>'
        f'<circle class="dot" cx="{x(estimate.value):.1f}" cy="{y}" r="5"><title>{_text(name)}: {value}</title></circle>'
        f'<text x="{_WIDTH - _RIGHT + 8}" y="{y + 4}">{escape(value)}</text>'
    )


def _reading(title: str, evaluation: Evaluation, lists: Mapping[str, Sequence[str]]) -> str:
    parts = []
    for contender, ids in lists.items():
        examples = [evaluation.examples[item] for item in ids if item in evaluation.examples]
        if examples:
            shown_items = "".join(_example(example) for example in examples)
            parts.append(
                f"<section><h2>{title} of {_text(contender)}, by {_text(evaluation.ranked_by)}</h2>"
                f"{shown_items}</section>"
            )
    return "".join(parts)


def _example(example: Example) -> str:
    reference = f'<p class="quiet">reference: {_text(example.reference)}</p>' if example.reference else ""
    sides = "".join(_side(*each) for each in _sides(example))
    slices = f'<p class="quiet">{_text(", ".join(example.slices))}</p>' if example.slices else ""
    return (
        f'<article><p class="source">{_text(example.source)}</p>{reference}{slices}'
        f'<div class="sides">{sides}</div></article>'
    )


def _sides(example: Example) -> Sequence[tuple[str, str, str]]:
    return [
        (
            each.contender + (f" · {each.score:.0f}" if each.score is not None else ""),
            each.output or each.failed or "–",
            each.thought,
        )
        for each in example.translations
    ]


def _side(name: str, output: str, thought: str) -> str:
    folded = (
        f'<details><summary>thought</summary><p class="thought">{_text(thought)}</p></details>'
        if thought
        else ""
    )
    return f"<div><h3>{_text(name)}</h3><p>{_text(output)}</p>{folded}</div>"


def _text(text: str) -> str:
    return escape(show_controls(text))
