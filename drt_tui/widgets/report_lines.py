"""The statistics of a dataset as lines for a terminal: what is skewed first, then figure by figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest

from textual.content import Content

from data.reasons import BY_CODE
from data.stats.spread import Spread
from data.stats.statistics import Statistics
from drt_tui.widgets.bars import compact, money
from drt_tui.widgets.sheet import plain, set_width

_TWO_COLUMNS = 130
"""Width in cells from which sections stand side by side."""
_GAP = 4
_INITIAL = 24
"""Width of an initial with its bar."""
_LONGEST_BAR = 48
_LABEL = 26
_MOST = 12
"""Lines of a list; the rest is said in a number."""
_HEIGHTS = "▁▂▃▄▅▆▇█"
_KINDS = ("accept", "edit", "reject", "auto")

Section = tuple[str, Callable[[int], list[Content]]]


def report_lines(statistics: Statistics, width: int) -> list[Content]:
    """Return the report, in two columns where there is room."""
    sections = list(_sections(statistics))
    if width < _TWO_COLUMNS:
        return _stacked(sections, width)
    room = (width - _GAP) // 2
    blocks = [_stacked([section], room) for section in sections]
    half, left = sum(map(len, blocks)) / 2, 0
    while left < len(blocks) and sum(map(len, blocks[:left])) + len(blocks[left]) / 2 < half:
        left += 1
    columns = ([line for block in part for line in block] for part in (blocks[:left], blocks[left:]))
    return [
        set_width(one or Content(), room) + " " * _GAP + (other or Content())
        for one, other in zip_longest(*columns)
    ]


def _stacked(sections: Sequence[Section], width: int) -> list[Content]:
    lines: list[Content] = []
    for title, build in sections:
        made = build(width)
        if made:
            lines += [Content.styled(title, "bold"), *made, Content()]
    return lines


def _sections(statistics: Statistics) -> Iterator[Section]:
    def section(title: str, build: Callable[[Statistics, int], list[Content]]) -> Section:
        return title, lambda width: build(statistics, width)

    yield section("Groups by initial, against the source file", _coverage)
    yield section("Sentences", _status)
    yield section("Scores by step", _scores)
    yield section("Decisions", _decisions)
    yield section("Reasons for rejection", _reasons)
    yield section("What people change, and how long it takes", _edits)
    yield section("Calls, tokens, money", _effort)
    yield section("How thoughts begin", _openings)
    yield section("Findings", lambda each, width: _bars(each.findings, width))
    yield section("Lengths", _lengths)
    yield section("Annotators", _annotators)


def _coverage(statistics: Statistics, width: int) -> list[Content]:
    if not statistics.groups_of:
        return []
    lines = plain(statistics.coverage, "bold $warning").wrap(width) if statistics.coverage else []
    lines.append(
        Content.styled(
            f"{statistics.groups_covered:,} of {statistics.groups_of:,} groups have a row, "
            f"{statistics.groups_kept:,} are in the set",
            "$muted",
        )
    )
    cells = [
        _initial(name, statistics.initials.get(name, 0), of) for name, of in statistics.initials_of.items()
    ]
    side_by_side = max(1, width // _INITIAL)
    lines += [
        Content().join(cells[start : start + side_by_side]) for start in range(0, len(cells), side_by_side)
    ]
    return lines


def _initial(name: str, covered: int, of: int) -> Content:
    room = _INITIAL - 14
    style = "$success" if covered == of else "$primary" if covered else "$warning"
    bar = _bar(covered / of, room, style)
    return (
        set_width(plain(name, "bold" if covered else "bold $warning"), 3)
        + bar
        + set_width(Content(f" {covered:,}/{of:,}"), _INITIAL - 3 - room)
    )


def _status(statistics: Statistics, width: int) -> list[Content]:
    told = [f"{name} {count:,}" for name, count in statistics.status.items() if count]
    told += [f"held out {statistics.held_out:,}"] if statistics.held_out else []
    asides = (
        [f"{statistics.judged_itself:,} judged by the model that wrote them"]
        if statistics.judged_itself
        else []
    )
    asides += [f"{statistics.built_in:,} by the built-in model"] if statistics.built_in else []
    return [
        *Content(" · ".join(told) or "none yet").wrap(width),
        *(line for aside in asides for line in Content.styled(aside, "$muted").wrap(width)),
    ]


def _scores(statistics: Statistics, width: int) -> list[Content]:
    if not statistics.steps:
        return []
    bars = {f"draft {number}": step.mean for number, step in enumerate(statistics.steps, 1)}
    lines = _bars(bars, width, most=100, shape=".1f")
    if statistics.gain_per_refinement is not None:
        lines.append(
            Content(
                f"a refinement gains {statistics.gain_per_refinement:+.1f} points, "
                f"a call {statistics.gain_per_call or 0:+.2f}"
            )
        )
    rows = {
        f"{number} refinement{'s' * (number != 1)}": rows for number, rows in statistics.refinements.items()
    }
    return lines + _bars(rows, width)


def _decisions(statistics: Statistics, width: int) -> list[Content]:
    lines: list[Content] = []
    for name, table in (("model", statistics.by_model), ("prompt version", statistics.by_prompt)):
        rows = [(key, *(f"{kinds.get(kind, 0):,}" for kind in _KINDS)) for key, kinds in table.items()]
        lines += _table((name, *_KINDS), rows, width)
    return lines


def _reasons(statistics: Statistics, width: int) -> list[Content]:
    named = {BY_CODE[code].text if code in BY_CODE else code: n for code, n in statistics.reasons.items()}
    return _bars(named, width)


def _edits(statistics: Statistics, width: int) -> list[Content]:
    figures: list[tuple[str, str]] = []
    if statistics.hter_edited is not None:
        figures += [
            ("HTER of edited outputs", _number(statistics.hter_edited)),
            ("HTER of all that was kept", _number(statistics.hter_kept)),
        ]
    figures += [(f"rows changed in {name}", f"{rows:,}") for name, rows in statistics.edits.items()]
    seconds = statistics.active_seconds
    if seconds.rows:
        figures += [
            ("active seconds a row", f"{seconds.median:,} median · {seconds.p95:,} at 95 %"),
            ("active hours", f"{statistics.active_total / 3600:,.1f}"),
        ]
    return [_figure(name, told, width) for name, told in figures]


def _effort(statistics: Statistics, width: int) -> list[Content]:
    effort, per = statistics.effort, statistics.per_kept
    if not effort.calls:
        return []
    rows = [
        ("calls", f"{effort.calls:,}", _number(per["calls"], 1)),
        ("tokens", compact(effort.tokens), _number(per["tokens"], 0)),
        ("money", money(effort.cost_usd), money(per["cost_usd"]) if per["cost_usd"] is not None else "–"),
    ]
    fallen = {
        f"fallbacks in {stage}, %": share * 100 for stage, share in statistics.fallbacks.items() if share
    }
    return _table(("", "in all", "per kept row"), rows, width, cell=14) + _bars(
        fallen, width, most=100, shape=".1f"
    )


def _openings(statistics: Statistics, width: int) -> list[Content]:
    shares = {each.words: each.share * 100 for each in statistics.openings if each.rows > 1}
    return _bars(shares, width, most=100, shape=".0f", unit=" %")


def _lengths(statistics: Statistics, width: int) -> list[Content]:
    rows = [
        (f"{name}, {unit}", f"{spread.mean:,.0f}", f"{spread.p5:,}", f"{spread.median:,}", f"{spread.p95:,}",
         f"{spread.largest:,}", _sparkline(spread))
        for name, units in statistics.lengths.items()
        for unit, spread in units.items()
        if spread.rows
    ]  # fmt: skip
    table = _table(("", "mean", "5 %", "median", "95 %", "most"), [row[:-1] for row in rows], width, cell=8)
    room = width - table[0].cell_length - 2 if table else 0
    if room < len(_HEIGHTS):
        return table
    return [table[0], *(line + "  " + row[-1][:room] for line, row in zip(table[1:], rows, strict=True))]


def _annotators(statistics: Statistics, width: int) -> list[Content]:
    kinds = ("accept", "edit", "reject", "skip")
    rows = [
        (
            name,
            *(f"{figures.get(kind, 0):,.0f}" for kind in kinds),
            f"{figures.get('active_seconds', 0) / 60:,.0f}",
        )
        for name, figures in statistics.annotators.items()
    ]
    return _table(("", *kinds, "minutes"), rows, width)


def _bars(
    figures: Mapping[str, float],
    width: int,
    *,
    most: float | None = None,
    shape: str = ",.0f",
    unit: str = "",
) -> list[Content]:
    """Return a line with a bar for each figure; `most` is what fills it, the largest where none is given."""
    shown = list(figures.items())[:_MOST]
    told = [f"{figure:{shape}}{unit}" for _, figure in shown]
    cells = max(map(len, told), default=0)
    label = min(max((plain(name).cell_length for name, _ in shown), default=0), max(_LABEL, width // 2))
    top = most or max((figure for _, figure in shown), default=0) or 1
    room = max(4, min(_LONGEST_BAR, width - label - cells - 3))
    lines = [
        set_width(plain(name, "$muted"), label) + f" {figure:>{cells}} " + _bar(size / top, room)
        for (name, size), figure in zip(shown, told, strict=True)
    ]
    rest = len(figures) - len(shown)
    return [*lines, Content.styled(f"and {rest:,} more", "$faint")] if rest else lines


def _bar(share: float, room: int, style: str = "$primary") -> Content:
    filled = min(room, round(share * room)) or (1 if share > 0 else 0)
    return Content.assemble(("━" * filled, style), ("─" * (room - filled), "$faint"))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, cell: int = 8) -> list[Content]:
    if not rows:
        return []
    cells = max(cell, max(len(title) for title in head[1:]) + 1)
    label = max(8, min(_LABEL, width - cells * (len(head) - 1)))
    lines = [set_width(Content.styled(head[0], "$muted"), label) + _cells(head[1:], cells, "$muted")]
    lines += [set_width(plain(row[0]), label) + _cells(row[1:], cells) for row in rows[:_MOST]]
    rest = len(rows) - _MOST
    return [*lines, Content.styled(f"and {rest:,} more", "$faint")] if rest > 0 else lines


def _cells(texts: Sequence[str], width: int, style: str = "") -> Content:
    return Content.styled("".join(f"{text:>{width}}" for text in texts), style)


def _figure(name: str, told: str, width: int) -> Content:
    return set_width(Content.styled(name, "$muted"), min(_LABEL + 4, width // 2)) + told


def _sparkline(spread: Spread) -> str:
    top = max((each.rows for each in spread.bins), default=0) or 1
    return "".join(
        _HEIGHTS[min(len(_HEIGHTS) - 1, each.rows * len(_HEIGHTS) // (top + 1))] if each.rows else " "
        for each in spread.bins
    )


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
