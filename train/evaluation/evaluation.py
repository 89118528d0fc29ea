"""From answers and judgements to an evaluation: figures, pairs and slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import isfinite

from train.evaluation.figures import Sheet
from train.evaluation.items import EvaluationItem
from train.evaluation.judging import Duel, Judgements
from train.evaluation.metrics import METRICS, WINS, WINS_ALIKE
from train.evaluation.results import ContenderFacts, Example, PairResult, Slice, Translation
from train.evaluation.statistics.resampling import Estimate, Figure, Resampling
from train.evaluation.statistics.verdicts import compare

_SLICE_DRAWS = 600
_LISTED = 20
_LIKE_LENGTH = 1.2
"""Two outputs are of like length where neither is more than so many times as long as the other."""

_WON = (-0.5, 0.5)
"""A win rate less a half."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """The same comparison over all pairs: corrected together."""

    metric: str
    sign: float
    """-1 where less is better."""
    figures: Mapping[Pair, Figure]


def families(
    sheets: Sequence[Sheet], items: Sequence[EvaluationItem], judged: Judgements | None
) -> list[Family]:
    """Return every metric by which one can be better, with the differences of all pairs."""
    found = []
    for metric in METRICS:
        if metric.more_is_better is None:
            continue
        differences = {
            (a.contender.name, b.contender.name): a.figures[metric.key].minus(b.figures[metric.key])
            for a, b in combinations(sheets, 2)
            if metric.key in a.figures and metric.key in b.figures
        }
        found.append(Family(metric.key, 1.0 if metric.more_is_better else -1.0, differences))
    if judged is not None and judged.duels and not judged.calls_all_ties:
        found += _win_families(judged.duels, sheets, items)
    return found


def _win_families(
    duels: Sequence[Duel], sheets: Sequence[Sheet], items: Sequence[EvaluationItem]
) -> list[Family]:
    places = {item.id: place for place, item in enumerate(items)}
    outputs = {sheet.contender.name: sheet.outputs for sheet in sheets}
    points: dict[Pair, list[float | None]] = {}
    alike: dict[Pair, list[float | None]] = {}
    for duel in duels:
        place = places.get(duel.item)
        if duel.points is None or place is None:
            continue
        pair = duel.a, duel.b
        points.setdefault(pair, [None] * len(items))[place] = duel.points - 0.5
        of_like = alike.setdefault(pair, [None] * len(items))
        if _of_like_length(outputs[duel.a][place], outputs[duel.b][place]):
            of_like[place] = duel.points - 0.5
    return [
        Family(metric.key, 1.0, {pair: Figure.share(values, _WON) for pair, values in of.items()})
        for metric, of in ((WINS, points), (WINS_ALIKE, alike))
    ]


def _of_like_length(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    short, long = sorted((len(one), len(other)))
    return long <= _LIKE_LENGTH * short


def slice_of(
    name: str, places: Sequence[int], sheets: Sequence[Sheet], of: Sequence[Family], groups: Sequence[str | None],
    *, draws: int | None = None,
) -> Slice:  # fmt: skip
    """Return the figures and pairs of some of the items."""
    chosen = [groups[place] for place in places]
    resampling = Resampling(chosen, draws=draws) if draws else Resampling(chosen)
    figures = {
        sheet.contender.name: {
            metric: resampling.estimate(figure.among(places)) for metric, figure in sheet.figures.items()
        }
        for sheet in sheets
    }
    pairs = [pair for family in of for pair in _pairs(family, places, resampling)]
    return Slice(name, len(places), resampling.groups, figures, tuple(pairs))


def slices_of(
    items: Sequence[EvaluationItem], sheets: Sequence[Sheet], of: Sequence[Family]
) -> tuple[Slice, ...]:
    """Return the slices of the items, those of kinds first."""
    names = list(dict.fromkeys(name for item in items for name in item.slices))
    groups = [item.group for item in items]
    return tuple(
        slice_of(
            name, [place for place, item in enumerate(items) if name in item.slices], sheets, of, groups,
            draws=_SLICE_DRAWS,
        )
        for name in sorted(names, key=_slice_order)
    )  # fmt: skip


def _slice_order(name: str) -> tuple[int, str]:
    kinds = ("unseen idiom", "seen idiom", "literal use", "plain")
    if name in kinds:
        return kinds.index(name), name
    lengths = ("short", "middle", "long")
    first = name.split()[0]
    return (len(kinds), name) if first not in lengths else (len(kinds) + 1 + lengths.index(first), name)


def _pairs(family: Family, places: Sequence[int], resampling: Resampling) -> list[PairResult]:
    chosen = {pair: figure.among(places) for pair, figure in family.figures.items()}
    found = {pair: resampling.estimate(figure) for pair, figure in chosen.items() if figure.known.any()}
    found = {pair: estimate for pair, estimate in found.items() if isfinite(estimate.value)}
    oriented = compare([_turned(estimate) if family.sign < 0 else estimate for estimate in found.values()])
    return [
        PairResult(a, b, family.metric, estimate, judged.verdict, judged.p, judged.smallest)
        for ((a, b), estimate), judged in zip(found.items(), oriented, strict=True)
    ]


def _turned(estimate: Estimate) -> Estimate:
    low, high = estimate.low, estimate.high
    return replace(
        estimate,
        value=-estimate.value,
        low=None if high is None else -high,
        high=None if low is None else -low,
    )


def facts_of(sheet: Sheet, items: Sequence[EvaluationItem]) -> ContenderFacts:
    """Return how a contender's answers came."""
    contender = sheet.contender
    missing = tuple(
        item.question.source
        for item, outcome in zip(items, sheet.outcomes, strict=True)
        if outcome is not None and outcome.is_missing
    )
    failures = Counter(outcome.failed for outcome in sheet.outcomes if outcome is not None and outcome.failed)
    return ContenderFacts(
        name=contender.name,
        kind=contender.about.kind,
        has_thought=contender.has_thought,
        models=contender.about.models,
        answered=sum(outcome is not None and outcome.answer is not None for outcome in sheet.outcomes),
        failed=failures.total(),
        missing=missing,
        codes=sheet.codes,
        reasons=dict(failures.most_common(5)),
    )


def ranked(sheet: Sheet, items: Sequence[EvaluationItem], metric: str) -> list[str]:
    """Return ids of items, the worst first, by a figure of each alone."""
    values = sheet.single.get(metric, ())
    known = [(value, item.id) for value, item in zip(values, items, strict=False) if value is not None]
    return [item for _, item in sorted(known)]


def extremes(
    sheets: Sequence[Sheet], items: Sequence[EvaluationItem], metric: str
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return the worst and the best twenty items of each contender; no item is in both lists."""
    worst, best = {}, {}
    for sheet in sheets:
        order = ranked(sheet, items, metric)
        most = min(_LISTED, len(order) // 2 if len(order) > 1 else len(order))
        worst[sheet.contender.name] = tuple(order[:most])
        best[sheet.contender.name] = tuple(reversed(order[len(order) - most :])) if len(order) > 1 else ()
    return worst, best


def examples_of(
    wanted: Sequence[str], sheets: Sequence[Sheet], items: Sequence[EvaluationItem], metric: str
) -> dict[str, Example]:
    """Return items to read with everybody's translation."""
    chosen = set(wanted)
    return {
        item.id: Example(
            item.id,
            item.question.source,
            next(iter((*item.references, *item.own_style)), ""),
            item.slices,
            tuple(_translation(sheet, place, metric) for sheet in sheets),
        )
        for place, item in enumerate(items)
        if item.id in chosen
    }


def _translation(sheet: Sheet, place: int, metric: str) -> Translation:
    outcome, scores = sheet.outcomes[place], sheet.single.get(metric, ())
    answer = outcome.answer if outcome is not None else None
    return Translation(
        contender=sheet.contender.name,
        thought=answer.thought if answer is not None else "",
        output=answer.output if answer is not None else "",
        score=scores[place] if scores else None,
        failed=outcome.failed if outcome is not None else "not asked",
    )
