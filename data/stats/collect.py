"""Rows into statistics, in one pass that keeps counts and no rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

from data.edit_rate import hter
from data.exporters.selection import BUILT_IN
from data.initials import coverage_note, initial_of
from data.records import Call, Decision, Draft, Stage, Status, Usage
from data.split import is_held_out
from data.stats.rows import KEPT, WORKED_ON, Judged, StatRow
from data.stats.spread import Spread, spread
from data.stats.statistics import Effort, Opening, Statistics, Step

CountTokens = Callable[[str], int]

_OPENING_WORDS = 4
_OPENINGS = 10
_WRITERS = (Stage.REFINE, Stage.LITERAL, Stage.OPEN, Stage.SINGLE)
"""Stages that write an output, the last to do so first."""
_JUDGEMENTS = ("accept", "edit", "reject", "auto")


def collect(
    rows: Iterable[StatRow],
    *,
    calls: Iterable[Call] | None = None,
    primary: Mapping[str, str] | None = None,
    count_tokens: CountTokens | None = None,
) -> Statistics:
    """Return the statistics of a dataset.

    Args:
        rows: All its sentences, in any order.
        calls: The stage log. With it, effort counts what failed sentences took too, and fallbacks
            are those that happened; without it, effort is that of the candidates.
        primary: By stage, the name of the first model of its role; without `calls`, answers of others
            are fallbacks.
        count_tokens: An exact tokenizer; without it lengths are in characters and words.
    """
    collecting = _Collecting(count_tokens)
    for row in rows:
        collecting.add(row)
    return collecting.statistics(_from_calls(calls) if calls is not None else None, primary or {})


class _Collecting:
    def __init__(self, count_tokens: CountTokens | None) -> None:
        self._count_tokens = count_tokens
        self._status: Counter[str] = Counter({status.value: 0 for status in Status})
        self._groups: dict[str, set[Status]] = defaultdict(set)
        self._lengths: dict[str, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
        self._openings: Counter[str] = Counter()
        self._thoughts = 0
        self._drafts = _Drafts()
        self._judgements = _Judgements()
        self._effort = _Sum()
        self._answers: dict[str, Counter[str]] = defaultdict(Counter)
        self._findings: Counter[str] = Counter()
        self._judged_itself = 0
        self._built_in = 0
        self._held_out = 0

    def add(self, row: StatRow) -> None:
        self._status[row.status.value] += 1
        self._held_out += is_held_out(row.sentence)
        if row.sentence.group:
            self._groups[row.sentence.group].add(row.status)
        self._measure("source", row.sentence.source)
        for judged in row.earlier:
            self._take(judged)
        if row.newest is None:
            return
        self._take(row.newest)
        if row.status in WORKED_ON:
            self._look_at(row.newest)

    def _take(self, judged: Judged) -> None:
        """Count what a candidate took and what was said of it, whatever became of it."""
        candidate = judged.candidate
        self._effort.add(candidate.usage)
        for stage, names in candidate.models.items():
            self._answers[stage].update(names)
        if judged.decision is not None:
            self._judgements.add(judged, judged.decision)

    def _look_at(self, judged: Judged) -> None:
        """Describe a candidate that is in the set or may become it."""
        candidate = judged.candidate
        thought = judged.thought
        self._measure("thought", thought)
        self._measure("output", judged.output)
        self._thoughts += bool(thought)
        if words := thought.split(None, _OPENING_WORDS)[:_OPENING_WORDS]:
            self._openings[" ".join(words).casefold()] += 1
        self._drafts.add(candidate.drafts, candidate.usage.calls)
        self._findings.update({finding.code for finding in candidate.findings})
        self._judged_itself += candidate.judged_itself
        self._built_in += candidate.made_by == BUILT_IN

    def _measure(self, name: str, text: str) -> None:
        units = self._lengths[name]
        units["characters"][len(text)] += 1
        units["words"][len(text.split())] += 1
        if self._count_tokens is not None:
            units["tokens"][self._count_tokens(text)] += 1

    def statistics(
        self, logged: tuple[Effort, dict[str, float]] | None, primary: Mapping[str, str]
    ) -> Statistics:
        of = Counter(initial_of(group) for group in self._groups)
        covered = Counter(initial_of(group) for group, held in self._groups.items() if held & WORKED_ON)
        effort, fallbacks = logged or (self._effort.effort(), self._fallbacks(primary))
        kept = sum(self._status[status.value] for status in KEPT)
        judgements, drafts = self._judgements, self._drafts
        return Statistics(
            status=dict(self._status),
            groups_of=len(self._groups),
            groups_covered=covered.total(),
            groups_kept=sum(bool(held & KEPT) for held in self._groups.values()),
            initials=dict(sorted(covered.items())),
            initials_of=dict(sorted(of.items())),
            coverage=coverage_note(covered, of),
            lengths={
                name: {unit: spread(values) for unit, values in units.items()}
                for name, units in self._lengths.items()
            },
            steps=drafts.steps(),
            refinements=dict(sorted(drafts.refinements.items())),
            gain_per_refinement=_ratio(drafts.gain, drafts.refined),
            gain_per_call=_ratio(drafts.gain, drafts.calls),
            openings=tuple(
                Opening(words, rows, round(rows / self._thoughts, 4))
                for words, rows in self._openings.most_common(_OPENINGS)
            ),
            decisions=dict(judgements.kinds),
            by_model=_tables(judgements.by_model),
            by_prompt=_tables(judgements.by_prompt),
            reasons=dict(judgements.reasons.most_common()),
            hter_edited=_ratio(judgements.hter, judgements.changed),
            hter_kept=_ratio(judgements.hter, judgements.kinds["accept"] + judgements.kinds["edit"]),
            active_seconds=judgements.seconds(),
            active_total=judgements.active,
            effort=effort,
            per_kept={
                "calls": _ratio(effort.calls, kept),
                "tokens": _ratio(effort.tokens, kept),
                "cost_usd": None if effort.cost_usd is None else _ratio(effort.cost_usd, kept, 6),
                "active_seconds": _ratio(judgements.active, kept),
            },
            fallbacks=fallbacks,
            annotators=judgements.annotators(),
            findings=dict(self._findings.most_common()),
            judged_itself=self._judged_itself,
            built_in=self._built_in,
            edits=dict(judgements.edits),
            held_out=self._held_out,
        )

    def _fallbacks(self, primary: Mapping[str, str]) -> dict[str, float]:
        return {
            stage: round(1 - names[primary[stage]] / names.total(), 4)
            for stage, names in self._answers.items()
            if stage in primary and names.total()
        }


class _Drafts:
    """Scores along the drafts of rows, and what refining brought."""

    def __init__(self) -> None:
        self.refinements: Counter[int] = Counter()
        self.gain = 0
        self.refined = 0
        self.calls = 0
        self._steps: dict[int, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, drafts: tuple[Draft, ...], calls: int) -> None:
        if not drafts:
            return
        self.refinements[len(drafts) - 1] += 1
        scores = [draft.score for draft in drafts]
        for number, score in enumerate(scores):
            if score is not None:
                step = self._steps[number]
                step[0] += 1
                step[1] += score
        if scores[0] is not None:
            self.gain += max(score for score in scores if score is not None) - scores[0]
            self.refined += len(drafts) - 1
            self.calls += calls

    def steps(self) -> tuple[Step, ...]:
        return tuple(
            Step(drafts, round(total / drafts, 1))
            for _, (drafts, total) in sorted(self._steps.items())
            if drafts
        )


class _Judgements:
    """What people decided, how fast, and how much they changed."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter(dict.fromkeys(_JUDGEMENTS, 0))
        self.by_model: dict[str, Counter[str]] = defaultdict(Counter)
        self.by_prompt: dict[str, Counter[str]] = defaultdict(Counter)
        self.reasons: Counter[str] = Counter()
        self.edits: Counter[str] = Counter()
        self.hter = 0.0
        self.changed = 0
        self.active = 0.0
        self._annotators: dict[str, Counter[str]] = defaultdict(Counter)
        self._active_by: Counter[str] = Counter()
        self._seconds: Counter[int] = Counter()

    def add(self, judged: Judged, decision: Decision) -> None:
        kind = decision.kind
        self.kinds[kind] += 1
        self._annotators[decision.by][kind] += 1
        self.reasons.update(decision.reasons)
        if kind in _JUDGEMENTS:
            candidate = judged.candidate
            self.by_model[_writer(candidate.models)][kind] += 1
            for stage, version in candidate.prompts.items():
                self.by_prompt[f"{stage} {version}"][kind] += 1
        if decision.seen.seconds:
            self._seconds[round(decision.seen.seconds)] += 1
            self.active += decision.seen.seconds
            self._active_by[decision.by] += round(decision.seen.seconds)
        if kind == "edit":
            self._add_edit(judged)

    def _add_edit(self, judged: Judged) -> None:
        candidate = judged.candidate
        output = judged.output != candidate.output
        thought = judged.thought != candidate.thought
        self.edits["both" if output and thought else "output" if output else "thought"] += 1
        self.changed += 1
        if output:
            self.hter += hter(candidate.output, judged.output)

    def seconds(self) -> Spread:
        return spread(self._seconds)

    def annotators(self) -> dict[str, dict[str, float]]:
        return {
            name: {**kinds, "active_seconds": self._active_by[name]}
            for name, kinds in sorted(self._annotators.items())
        }


class _Sum:
    """Adds usages up without a new record for each."""

    def __init__(self) -> None:
        self._totals: dict[str, float] = dict.fromkeys((each.name for each in fields(Effort)), 0)
        self._priced = True

    def add(self, usage: Usage) -> None:
        totals = self._totals
        totals["calls"] += usage.calls
        totals["prompt_tokens"] += usage.prompt_tokens
        totals["cached_tokens"] += usage.cached_tokens
        totals["completion_tokens"] += usage.completion_tokens
        totals["reasoning_tokens"] += usage.reasoning_tokens
        totals["seconds"] += usage.seconds
        if usage.cost_usd is None:
            self._priced = False
        else:
            totals["cost_usd"] += usage.cost_usd

    def effort(self) -> Effort:
        whole = {
            name: int(total) for name, total in self._totals.items() if name not in ("cost_usd", "seconds")
        }
        cost = round(self._totals["cost_usd"], 6) if self._priced else None
        return Effort(**whole, cost_usd=cost, seconds=self._totals["seconds"])


def _from_calls(calls: Iterable[Call]) -> tuple[Effort, dict[str, float]]:
    total = _Sum()
    answers: Counter[str] = Counter()
    fallen: Counter[str] = Counter()
    for call in calls:
        if not call.cached:
            total.add(call.usage)
            answers[call.stage.value] += 1
            fallen[call.stage.value] += bool(call.fallbacks)
    return total.effort(), {
        stage: round(fallen[stage] / count, 4) for stage, count in sorted(answers.items())
    }


def _writer(models: Mapping[str, tuple[str, ...]]) -> str:
    return next((models[stage][-1] for stage in _WRITERS if models.get(stage)), "unknown")


def _tables(tables: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    ordered = sorted(tables.items(), key=lambda table: -table[1].total())
    return {name: {kind: kinds[kind] for kind in _JUDGEMENTS} for name, kinds in ordered}


def _ratio(total: float, count: int, digits: int = 4) -> float | None:
    return round(total / count, digits) if count else None
