"""A run of autogen in lines: how far it is, what it took and will take, how full its slots are."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from drt_tui.running.background import RunView
from drt_tui.widgets.bars import compact, money
from drt_tui.widgets.sheet import hang, plain, set_width, spread

_LABEL = 13
_COUNTS = 24
"""Width of the column of counts."""
_COLOURS = {
    "running": "$success", "done": "$success", "paused": "$warning", "stopping": "$warning",
    "budget": "$warning", "broken": "$error", "failure-rate": "$error",
}  # fmt: skip
_WORDS = {
    "opening": "opening the models …",
    "running": "running",
    "paused": "paused: no new call; p goes on",
    "stopping": "finishing the calls in flight; x stops at once",
    "done": "finished",
    "interrupted": "stopped; what was answered is kept, s goes on",
    "budget": "stopped at the budget; s with a higher one goes on",
    "failure-rate": "stopped: more than half of the last 50 sentences failed",
    "broken": "broken off; what was answered is kept, s goes on",
}


def run_lines(view: RunView, width: int) -> list[Content]:
    """Return the state, the bar, and the figures of a run."""
    state = Content.styled(_WORDS.get(view.state, ""), f"bold {_COLOURS.get(view.state, '$muted')}")
    lines = [spread(state, _times(view), width)]
    if view.why:
        lines += plain(view.why, "$muted" if view.state == "opening" else "$error").wrap(width)
    if view.state == "opening" or not view.sentences:
        return lines
    lines += [_bar(view, width), Content()]
    counts, facts = _counts(view), _facts(view)
    room = width - _COUNTS
    right = [line for label, fact in facts for line in hang(_label(label), fact, room, indent=_LABEL)]
    for place in range(max(len(counts), len(right))):
        left = counts[place] if place < len(counts) else Content()
        lines.append(set_width(left, _COUNTS) + (right[place] if place < len(right) else Content()))
    return lines


def told_at_end(view: RunView) -> str:
    """Return how a run ended, in a sentence."""
    report = view.report
    counts = f"{report.generated:,} generated, {report.failed:,} failed, {report.remaining:,} left"
    return f"{view.why or _WORDS[view.state]}: {counts}"


def _times(view: RunView) -> Content:
    parts = [duration(view.report.seconds)] if view.report.seconds else []
    if view.seconds_left is not None and view.state == "running":
        parts.append(f"about {duration(view.seconds_left)} left")
    return Content.styled(" · ".join(parts), "$muted")


def _bar(view: RunView, width: int) -> Content:
    report = view.report
    done = report.generated + report.failed + report.skipped
    told = Content.styled(f" {done:,} of {view.sentences:,}", "$muted")
    room = max(4, width - told.cell_length)
    full = room * done // view.sentences
    return Content.assemble(("━" * full, "$primary"), ("─" * (room - full), "$faint")) + told


def _counts(view: RunView) -> list[Content]:
    report = view.report
    rows: Sequence[tuple[str, int, str]] = (
        ("done", report.generated, "bold"),
        ("failed", report.failed, "bold $error" if report.failed else "$muted"),
        ("skipped", report.skipped, "$muted"),
        ("under way", view.under_way, "bold"),
        ("left", report.remaining, "bold"),
    )
    return [_label(name) + Content.styled(f"{count:>7,}", style) for name, count, style in rows]


def _facts(view: RunView) -> list[tuple[str, Content]]:
    report, load = view.report, view.load
    tokens = report.prompt_tokens + report.completion_tokens
    pace = f"{load.tokens_a_minute:,.0f} a minute, " if load else ""
    facts = [
        ("money", _money(view)),
        ("tokens", Content(f"{pace}{compact(tokens)} so far")),
        ("calls", Content(f"{load.in_flight} in flight, {report.calls:,} so far" if load else f"{report.calls:,}")),
        ("ceiling", _ceilings(view)),
        ("utilisation", Content("-" if report.utilisation is None else f"{report.utilisation:.0%}")),
    ]  # fmt: skip
    if load is not None and load.resting:
        rests = ", ".join(f"{name} {why}" for name, why in load.resting.items())
        facts.append(("waiting", plain(rests, "$warning")))
    return facts


def _money(view: RunView) -> Content:
    now = view.report.cost_usd
    text = money(now) if now is None else f"{money(now)} now"
    if now is not None and view.projected is not None and view.report.remaining:
        low, likely, high = (
            money(now + part) for part in (view.projected.low, view.projected.likely, view.projected.high)
        )
        text += f", {likely} in all ({low} to {high})"
    if view.budget_usd is not None:
        text += f"; the project may spend {money(view.budget_usd)}"
    return Content(text)


def _ceilings(view: RunView) -> Content:
    if view.load is None:
        return Content(f"{view.most}")
    names = ", ".join(f"{name} {ceiling}" for name, ceiling in view.load.ceilings.items())
    return plain(names) + Content.styled(f" of {view.most} at most", "$muted")


def _label(text: str) -> Content:
    return set_width(Content.styled(text, "$muted"), _LABEL)


def duration(seconds: float) -> str:
    """Return a time for people, e.g. `4 min 10 s`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
