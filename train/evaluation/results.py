"""What an evaluation found: figures with intervals, pairs with verdicts, slices, and items to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from train.evaluation.contender import Kind
from train.evaluation.statistics.resampling import Estimate
from train.evaluation.statistics.verdicts import Verdict, smallest_before


@dataclass(frozen=True, slots=True)
class PairResult:
    """Contender `a` against `b` by one metric, over the items that both know."""

    a: str
    b: str
    metric: str
    difference: Estimate
    """`a` less `b`, in the metric's own unit; a win rate less a half."""
    verdict: Verdict
    """Whether `a` is better, after Holm's correction over all pairs of the metric."""
    p: float
    smallest: float | None
    """The smallest difference that these items could show, four times out of five."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of the items, or all of them."""

    name: str
    items: int
    groups: int
    figures: Mapping[str, Mapping[str, Estimate]]
    """By contender and metric."""
    pairs: tuple[PairResult, ...]


@dataclass(frozen=True, slots=True)
class ContenderFacts:
    """A contender and how its answers came."""

    name: str
    kind: Kind
    has_thought: bool
    models: tuple[str, ...]
    answered: int
    failed: int
    """Questions without a usable answer."""
    missing: tuple[str, ...]
    """Sources that an imported file does not have."""
    codes: Mapping[str, int]
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why there was no usable answer, with counts."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a contender made of an item."""

    contender: str
    thought: str
    output: str
    score: float | None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """An item to read, with everybody's translation."""

    item: str
    source: str
    reference: str
    slices: tuple[str, ...]
    translations: tuple[Translation, ...]


@dataclass(frozen=True, slots=True)
class Strength:
    """How contenders stand by duels: of people's votes or of a judge."""

    wins: Mapping[str, Estimate]
    """Share of points by contender, with Wilson's interval."""
    pairs: Mapping[tuple[str, str], Estimate]
    """Points of the first against the second."""
    bradley_terry: Mapping[str, float]
    duels: int


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How far the judge can be trusted."""

    model: str
    kin: tuple[str, ...]
    """Whose family it is of; empty: independent."""
    one_number: float | None
    disagrees_with_itself: float | None
    unusable: int
    agreement: Estimate | None
    """With blind votes, over the duels in which people preferred one."""
    strength: Strength | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation."""

    project: str
    split: str
    languages: tuple[str, str]
    whole: Slice
    slices: tuple[Slice, ...]
    contenders: tuple[ContenderFacts, ...]
    warnings: tuple[str, ...]
    """To be read before any figure."""
    notes: tuple[str, ...]
    judge: JudgeReport | None
    votes: Strength | None
    worst: Mapping[str, tuple[str, ...]]
    """By contender, ids of items."""
    best: Mapping[str, tuple[str, ...]]
    ranked_by: str
    """Metric of the two lists."""
    examples: Mapping[str, Example]
    """By id of the item: those of the lists."""
    signatures: Mapping[str, str]
    """How metrics were computed, as sacrebleu and we name it."""
    calls: Mapping[str, Any] = field(default_factory=dict)
    """Of this run: answers kept and made, and what the judge took."""

    @property
    def smallest_win_rate(self) -> tuple[float | None, float | None] | None:
        """Between what the smallest difference to an even win rate lies that items of this number can show."""
        rivals = len(self.contenders)
        return (
            smallest_before(self.whole.items, self.whole.groups, rivals * (rivals - 1) // 2)
            if rivals > 1
            else None
        )

    def as_json(self) -> dict[str, Any]:
        """Return the object that `evaluate --json` prints."""
        return {
            "items": self.whole.items,
            "groups": self.whole.groups,
            "split": self.split,
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "smallest_difference": _smallest(self.whole),
            "smallest_win_rate": self.smallest_win_rate,
            "contenders": {
                each.name: _figures(self.whole.figures[each.name])
                | {
                    "kind": each.kind, "models": list(each.models), "answered": each.answered,
                    "failed": each.failed, "reasons": dict(each.reasons), "missing": list(each.missing),
                    "finding_codes": dict(each.codes),
                }
                for each in self.contenders
            },
            "pairs": [_pair(pair) for pair in self.whole.pairs],
            "slices": {
                each.name: {
                    "items": each.items,
                    "groups": each.groups,
                    "contenders": {name: _figures(of) for name, of in each.figures.items()},
                    "pairs": [_pair(pair) for pair in each.pairs],
                }
                for each in self.slices
            },
            "judge": None if self.judge is None else _judge(self.judge),
            "votes": None if self.votes is None else strength_as_json(self.votes),
            "worst": {name: list(ids) for name, ids in self.worst.items()},
            "best": {name: list(ids) for name, ids in self.best.items()},
            "ranked_by": self.ranked_by,
            "examples": {item: _example(each) for item, each in self.examples.items()},
            "signatures": dict(self.signatures),
            "this_run": dict(self.calls),
        }  # fmt: skip


def number(value: float | None) -> float | None:
    """Return a figure for JSON: `None` where nothing is known."""
    return round(value, 8) if value is not None and isfinite(value) else None


def interval(estimate: Estimate) -> list[float | None] | None:
    """Return the interval for JSON; `None` where there were too few items."""
    low, high = number(estimate.low), number(estimate.high)
    return None if low is None and high is None else [low, high]


def _figures(figures: Mapping[str, Estimate]) -> dict[str, Any]:
    values: dict[str, Any] = {metric: number(estimate.value) for metric, estimate in figures.items()}
    return values | {
        "ci": {metric: interval(estimate) for metric, estimate in figures.items() if isfinite(estimate.value)}
    }


def _pair(pair: PairResult) -> dict[str, Any]:
    return {
        "a": pair.a, "b": pair.b, "metric": pair.metric, "diff": number(pair.difference.value),
        "ci": interval(pair.difference), "verdict": pair.verdict, "p": number(pair.p),
        "smallest": number(pair.smallest),
    }  # fmt: skip


def _smallest(whole: Slice) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for pair in whole.pairs:
        known = [each for each in (found.get(pair.metric), pair.smallest) if each is not None]
        found[pair.metric] = number(max(known)) if known else None
    return found


def strength_as_json(strength: Strength) -> dict[str, Any]:
    """Return standings for JSON."""
    return {
        "duels": strength.duels,
        "wins": {name: {"rate": number(e.value), "ci": interval(e)} for name, e in strength.wins.items()},
        "pairs": [
            {"a": a, "b": b, "rate": number(e.value), "ci": interval(e)}
            for (a, b), e in strength.pairs.items()
        ],
        "bradley_terry": {name: number(value) for name, value in strength.bradley_terry.items()},
    }


def _example(example: Example) -> dict[str, Any]:
    return {
        "source": example.source,
        "reference": example.reference or None,
        "slices": list(example.slices),
        "outputs": {
            each.contender: {
                "output": each.output,
                "score": number(each.score),
                "failed": each.failed or None,
            }
            for each in example.translations
        },
    }


def _judge(judge: JudgeReport) -> dict[str, Any]:
    agreement = judge.agreement
    return {
        "model": judge.model,
        "independent": not judge.kin,
        "kin": list(judge.kin),
        "one_number": judge.one_number,
        "disagrees_with_itself": number(judge.disagrees_with_itself),
        "unusable": judge.unusable,
        "agreement": None
        if agreement is None
        else {"rate": number(agreement.value), "ci": interval(agreement)},
        "wins": None if judge.strength is None else strength_as_json(judge.strength),
    }
