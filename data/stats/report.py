"""The statistics as one HTML page that opens without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from data.reasons import BY_CODE
from data.stats.plots import Bar, columns, line, rows
from data.stats.spread import Spread
from data.stats.statistics import Statistics
from data.text import show_controls

_MOST_ROWS = 40
_STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --soft: #d9dee5; --mark: #2b62a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181c; --soft: #3a4048; --mark: #7fb0ee; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 12px; }
.label { text-anchor: middle; } .tick, .name { text-anchor: end; }
.bar, circle { fill: var(--mark); } .of { fill: var(--soft); }
.line { fill: none; stroke: var(--mark); stroke-width: 2; } .axis { stroke: var(--soft); }
table { border-collapse: collapse; margin: .6rem 0; } th, td { padding: .15rem .9rem .15rem 0; text-align: right; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 1px solid var(--soft); }
.alarm { border-left: 4px solid var(--mark); padding-left: .8rem; font-weight: 600; }
"""


def html_report(statistics: Statistics, *, title: str = "Dataset", made_at: str = "") -> str:
    """Return the page: figures, plots as inline SVG, no script, nothing loaded from anywhere.

    `made_at` is a date in words, left out where it is empty.
    """
    sections = (
        ("Sentences by status", _status(statistics)),
        ("Groups by initial, against the source file", _coverage(statistics)),
        ("Effort", _effort(statistics)),
        ("Scores by step", _scores(statistics)),
        ("Lengths", _lengths(statistics)),
        ("How thoughts begin", _openings(statistics)),
        ("Decisions", _decisions(statistics)),
        ("What people change", _edits(statistics)),
        ("Annotators", _annotators(statistics)),
        ("Findings", rows(_bars(statistics.findings), "Rows by finding")),
    )
    body = "".join(f"<section><h2>{name}</h2>{content}</section>" for name, content in sections if content)
    total = sum(statistics.status.values())
    held_out = f"; {statistics.held_out:,} are held out" if statistics.held_out else ""
    made = f"<p>{_text(made_at)}</p>" if made_at else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{_text(title)}</h1>{made}<p>{total:,} sentences in {statistics.groups_of:,} groups{held_out}.</p>"
        f"{body}</body></html>\n"
    )


def _status(statistics: Statistics) -> str:
    return rows(
        _bars({name: count for name, count in statistics.status.items() if count}), "Sentences by status"
    )


def _coverage(statistics: Statistics) -> str:
    if not statistics.groups_of:
        return ""
    bars = [Bar(name, statistics.initials.get(name, 0), of) for name, of in statistics.initials_of.items()][
        :_MOST_ROWS
    ]
    alarm = f'<p class="alarm">{_text(statistics.coverage)}</p>' if statistics.coverage else ""
    covered = f"<p>{statistics.groups_covered:,} of {statistics.groups_of:,} groups have a row.</p>"
    return alarm + covered + columns(bars, "Groups by initial")


def _effort(statistics: Statistics) -> str:
    effort, per = statistics.effort, statistics.per_kept
    if not effort.calls:
        return ""
    figures = _table(
        ("", "in all", "per kept row"),
        [
            ("calls", f"{effort.calls:,}", _number(per["calls"])),
            ("tokens", f"{effort.tokens:,}", _number(per["tokens"])),
            ("US dollars", _money(effort.cost_usd), _money(per["cost_usd"])),
            ("active seconds", f"{statistics.active_total:,.0f}", _number(per["active_seconds"])),
        ],
    )
    shares = {stage: share * 100 for stage, share in statistics.fallbacks.items() if share}
    fallen = rows(_bars(shares), "Percent of answers that came from a fallback")
    return figures + (f"<p>Percent of answers that came from a fallback:</p>{fallen}" if fallen else "")


def _scores(statistics: Statistics) -> str:
    points = [Bar(f"draft {number}", step.mean) for number, step in enumerate(statistics.steps, 1)]
    refined = [Bar(f"{number}", count) for number, count in statistics.refinements.items()]
    gain = statistics.gain_per_refinement
    words = (
        f"<p>{gain:+.1f} points a refinement, {statistics.gain_per_call or 0:+.2f} a call.</p>"
        if gain is not None
        else ""
    )
    if not refined:
        return ""
    return (
        line(points, "Mean score by draft", 0, 100)
        + words
        + "<p>Rows by number of refinements:</p>"
        + columns(refined, "Rows by number of refinements")
    )


def _lengths(statistics: Statistics) -> str:
    units = [
        (name, unit, spread) for name, each in statistics.lengths.items() for unit, spread in each.items()
    ]
    table = _table(
        ("", "unit", "mean", "5 %", "median", "95 %", "largest"),
        [
            (
                name,
                unit,
                f"{spread.mean:,.1f}",
                *(f"{n:,}" for n in (spread.p5, spread.median, spread.p95, spread.largest)),
            )
            for name, unit, spread in units
            if spread.rows
        ],
    )
    plots = [
        f"<p>{_text(name)}, characters:</p>{_histogram(each['characters'], f'{name} in characters')}"
        for name, each in statistics.lengths.items()
        if each["characters"].rows
    ]
    return table + "".join(plots)


def _openings(statistics: Statistics) -> str:
    shares = {opening.words: opening.share * 100 for opening in statistics.openings if opening.rows > 1}
    plot = rows(_bars(shares), "Percent of thoughts by their first four words")
    return f"<p>Percent of thoughts with these first words:</p>{plot}" if plot else ""


def _decisions(statistics: Statistics) -> str:
    reasons = {
        BY_CODE[code].text if code in BY_CODE else code: count for code, count in statistics.reasons.items()
    }
    tables = _kinds("model", statistics.by_model) + _kinds("prompt", statistics.by_prompt)
    return tables + (f"<p>Reasons for rejection:</p>{rows(_bars(reasons), 'Reasons')}" if reasons else "")


def _edits(statistics: Statistics) -> str:
    if statistics.hter_edited is None:
        return ""
    return _table(
        ("", ""),
        [
            ("edits per word of an edited output (HTER)", f"{statistics.hter_edited:.3f}"),
            ("the same over all accepted rows", _number(statistics.hter_kept)),
            *((f"rows with changes to {name}", f"{count:,}") for name, count in statistics.edits.items()),
        ],
    )


def _annotators(statistics: Statistics) -> str:
    kinds = sorted({kind for figures in statistics.annotators.values() for kind in figures})
    return _table(
        ("annotator", *kinds),
        [
            (name, *(f"{figures.get(kind, 0):,.0f}" for kind in kinds))
            for name, figures in statistics.annotators.items()
        ],
    )


def _kinds(name: str, table: Mapping[str, Mapping[str, int]]) -> str:
    kinds = ("accept", "edit", "reject", "auto")
    return _table(
        (name, *kinds),
        [(key, *(f"{counts.get(kind, 0):,}" for kind in kinds)) for key, counts in table.items()],
    )


def _histogram(spread: Spread, name: str) -> str:
    return columns([Bar(f"{each.low:,}", each.rows) for each in spread.bins], name)


def _bars(counts: Mapping[str, float]) -> list[Bar]:
    return [Bar(show_controls(str(name)), count) for name, count in list(counts.items())[:_MOST_ROWS]]


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return ""
    titles = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    cells = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in each) + "</tr>" for each in lines[:_MOST_ROWS]
    )
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{cells}</tbody></table>"


def _text(text: str) -> str:
    return escape(show_controls(text))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _money(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.4f}"
