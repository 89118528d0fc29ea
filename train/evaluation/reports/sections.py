"""What a report says, in which order: the same for every way to show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite

from train.evaluation.metrics import (
    BY_KEY,
    METRICS,
    RESOURCES,
    WINS,
    WINS_ALIKE,
    Metric,
    Unit,
    shown,
    shown_difference,
)
from train.evaluation.results import Evaluation, PairResult, Slice, Strength
from train.evaluation.statistics.resampling import FEWEST_GROUPS, Estimate

_METRICS = BY_KEY | {metric.key: metric for metric in (WINS, WINS_ALIKE)}
_MAIN = [metric for metric in METRICS if not metric.appendix]
_APPENDIX = [metric for metric in METRICS if metric.appendix]
_NOTHING = "–"
_NONE_LARGE_ENOUGH = "none is large enough"
_MOST = {metric.key: 0.5 for metric in (WINS, WINS_ALIKE)}
"""The largest difference that there is, where it is another than from nothing to all."""
_UNITS = " %s$"
_KINDS = {
    "loop": "agent loop", "drt": "DRT model", "outputs-only": "outputs-only model", "backbone": "backbone",
    "model": "another model", "file": "imported",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table under a title; text of others is in it as it came, for whoever shows it to make harmless."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(evaluation: Evaluation, *, in_full: bool = True) -> tuple[Table, ...]:
    """Return the tables of a report in order; those without a row are left out.

    `in_full` gives every figure by slice, else only the figure that items are ranked by.
    """
    whole = evaluation.whole
    found = (
        _reach(evaluation),
        _figures("Figures", whole, _MAIN, "95 % intervals: idioms are drawn anew, then their sentences."),
        _pairs("Pairs", whole, "Verdicts hold for all pairs of a metric together (Holm)."),
        _resources(evaluation),
        *_judge(evaluation),
        *(strength_tables("Blind votes", evaluation.votes) if evaluation.votes else []),
        _failures(evaluation),
        *(_slices(evaluation) if in_full else [_slices_at_a_glance(evaluation)]),
        _figures("Appendix", whole, _APPENDIX, _appendix(evaluation)),
    )
    return tuple(table for table in found if table.rows)


def headline(evaluation: Evaluation) -> str:
    """Return what the report is about, in one line."""
    source, target = evaluation.languages
    return (
        f"{evaluation.project}: {_counted(evaluation.whole.items, f'{evaluation.split} item')} "
        f"in {_counted(evaluation.whole.groups, 'group')}, {source} to {target}"
    )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _reach(evaluation: Evaluation) -> Table:
    """The smallest difference that this test set could show, before any result."""
    rows = []
    if evaluation.smallest_win_rate is not None:
        rows.append(("a win rate, by the size alone", _between(evaluation.smallest_win_rate, "share")))
    for metric in dict.fromkeys(pair.metric for pair in evaluation.whole.pairs):
        known = [p.smallest for p in evaluation.whole.pairs if p.metric == metric and p.smallest is not None]
        if known:
            most = _MOST.get(metric, 1.0 if _METRICS[metric].unit == "share" else inf)
            least, largest = (value if value <= most else None for value in (min(known), max(known)))
            rows.append((_METRICS[metric].title, _between((least, largest), _METRICS[metric].unit)))
    return Table(
        "The smallest difference that this test set could show",
        ("metric", "between two of them"),
        tuple(rows),
        "A true difference of this size would be found four times out of five.",
    )


def told_reach(bounds: tuple[float | None, float | None] | None, groups: int) -> str:
    """Say what win rate a test set of this size can show at all, as `smallest_before` has it."""
    if bounds is None:
        return (
            f"{_counted(groups, 'group')} can show no difference, whatever comes out: "
            f"an interval needs {FEWEST_GROUPS} of them"
        )
    alone, alike = (_between((bound, bound), "share") for bound in bounds)
    return (
        "the smallest difference to an even win rate that this could show, four times out of five: "
        f"{alone} if sentences of a group are independent, {alike} if they agree"
    )


def _between(bounds: tuple[float | None, float | None], unit: Unit) -> str:
    """Return between what a smallest difference lies; `None`: there is none so large that it would be found."""
    low, high = (
        _NONE_LARGE_ENOUGH if bound is None else shown_difference(bound, unit).lstrip("+") for bound in bounds
    )
    return low if low == high else f"{low} to {high}"


def _figures(title: str, part: Slice, metrics: Sequence[Metric], note: str = "") -> Table:
    rows = []
    for metric in metrics:
        cells = [with_interval(of.get(metric.key), metric) for of in part.figures.values()]
        if any(cell != _NOTHING for cell in cells):
            rows.append((metric.title, *cells))
    return Table(title, ("", *part.figures), tuple(rows), note)


def with_interval(estimate: Estimate | None, metric: Metric) -> str:
    """Return a figure with its interval for people."""
    if estimate is None or not isfinite(estimate.value):
        return _NOTHING
    value = shown(estimate.value, metric.unit)
    if estimate.low is None or estimate.high is None:
        return value
    low, high = (shown(bound, metric.unit).strip(_UNITS) for bound in (estimate.low, estimate.high))
    return f"{value} [{low}, {high}]"


def _pairs(title: str, part: Slice, note: str = "") -> Table:
    rows = [_pair(pair) for pair in part.pairs]
    return Table(title, ("a", "b", "by", "a less b", "95 % interval", "a is"), tuple(rows), note)


def _pair(pair: PairResult) -> tuple[str, ...]:
    metric, found = _METRICS[pair.metric], pair.difference
    bounds = _NOTHING
    if found.low is not None and found.high is not None:
        low, high = (shown_difference(bound, metric.unit) for bound in (found.low, found.high))
        bounds = f"{low} to {high}"
    return (pair.a, pair.b, metric.title, shown_difference(found.value, metric.unit), bounds, pair.verdict)


def _resources(evaluation: Evaluation) -> Table:
    """What a sentence takes: the loop beside the models that were trained on what it made."""
    order = list(_KINDS)
    rows = []
    for each in sorted(evaluation.contenders, key=lambda each: order.index(each.kind)):
        of = evaluation.whole.figures[each.name]
        values = [of.get(key) for key in RESOURCES]
        if each.kind != "file":
            cells = (
                shown(value.value if value is not None else None, BY_KEY[key].unit)
                for key, value in zip(RESOURCES, values, strict=True)
            )
            rows.append((each.name, _KINDS[each.kind], *cells))
    return Table(
        "What a sentence takes", ("", "what it is", "calls", "tokens", "seconds", "US dollars"), tuple(rows)
    )


def _judge(evaluation: Evaluation) -> Iterator[Table]:
    judge = evaluation.judge
    if judge is None:
        return
    rows = [("model", judge.model), ("independent", "no" if judge.kin else "yes")]
    if judge.agreement is not None:
        metric = BY_KEY["tags"]
        rows.append(("agreement with blind votes", with_interval(judge.agreement, metric)))
    if judge.disagrees_with_itself is not None:
        rows.append(("other verdict in the other order", shown(judge.disagrees_with_itself, "share")))
    yield Table("The judge", ("what", "found"), tuple(rows))
    if judge.strength is not None:
        yield from strength_tables("The judge's comparisons", judge.strength)


def strength_tables(title: str, strength: Strength) -> tuple[Table, ...]:
    """Return who won how often, over all and between any two."""
    share = BY_KEY["tags"]
    rows = [
        (name, with_interval(estimate, share), f"{strength.bradley_terry.get(name, 0.0):+.2f}")
        for name, estimate in sorted(strength.wins.items(), key=lambda each: -each[1].value)
    ]
    head = ("", "wins, a tie is half a win", "strength (Bradley-Terry)")
    note = f"{strength.duels:,} duels of two. Intervals are Wilson's."
    between = [(a, b, with_interval(estimate, share)) for (a, b), estimate in strength.pairs.items()]
    of_two = Table(f"{title}, two by two", ("a", "b", "wins of a"), tuple(between))
    return (Table(title, head, tuple(rows), note), *([of_two] if len(rows) > 2 else []))


def _failures(evaluation: Evaluation) -> Table:
    rows = []
    for each in evaluation.contenders:
        rows += [(each.name, f"{count:,}", why) for why, count in each.reasons.items()]
        rows += [(each.name, f"{count:,}", f"finding: {code}") for code, count in each.codes.items()]
    return Table("Failures and findings", ("", "items", "what"), tuple(rows))


def _slices(evaluation: Evaluation) -> Iterator[Table]:
    for part in evaluation.slices:
        title = f"{part.name}: {_counted(part.items, 'item')} in {_counted(part.groups, 'group')}"
        yield _figures(title, part, _MAIN)
        told = [_pair(pair) for pair in part.pairs if pair.verdict != "cannot tell at this size"]
        yield Table(
            f"{part.name}: what can be told",
            ("a", "b", "by", "a less b", "95 % interval", "a is"),
            tuple(told),
        )


def _slices_at_a_glance(evaluation: Evaluation) -> Table:
    metric = BY_KEY[evaluation.ranked_by]
    rows = [
        (
            part.name,
            f"{part.items:,}",
            *(with_interval(of.get(metric.key), metric) for of in part.figures.values()),
        )
        for part in evaluation.slices
    ]
    head = ("", "items", *evaluation.whole.figures)
    note = "Every other figure by slice, and the worst and best items, are in --json, --markdown and --html."
    return Table(f"By slice: {metric.title}", head, tuple(rows), note)


def _appendix(evaluation: Evaluation) -> str:
    signed = "; ".join(evaluation.signatures.values())
    return (
        f"{signed}. The evaluator's scale stands here only, since rows were chosen by it; BLEU likewise, since "
        "it tells little of one sentence. References that a pipeline wrote reward its own style."
    )
