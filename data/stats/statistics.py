"""All figures of a dataset, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.stats.spread import Spread


@dataclass(frozen=True, slots=True)
class Step:
    """Scores of all drafts that were the n-th of their sentence, from 0."""

    drafts: int
    mean: float


@dataclass(frozen=True, slots=True)
class Opening:
    """Words that several thoughts begin with, and the share of thoughts that do."""

    words: str
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class Effort:
    """Calls, tokens and money; `cost_usd` is `None` as soon as one price is unknown."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """All tokens, sent and received."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Statistics:
    """What can be said of a dataset in figures."""

    status: Mapping[str, int]
    groups_of: int
    """Groups in the source file."""
    groups_covered: int
    """Groups with a row that is generated or in the set."""
    groups_kept: int
    """Groups with a row in the set."""
    initials: Mapping[str, int]
    """Covered groups by initial; those without any are left out."""
    initials_of: Mapping[str, int]
    """All groups by initial."""
    coverage: str
    """What the set has not reached, in words; empty if nothing."""
    lengths: Mapping[str, Mapping[str, Spread]]
    """By field (source, thought, output) and unit (characters, words, and tokens where counted)."""
    steps: tuple[Step, ...]
    refinements: Mapping[int, int]
    """Rows by number of refinements."""
    gain_per_refinement: float | None
    """Points by which the best draft leads the first, per refinement."""
    gain_per_call: float | None
    """The same per call of any stage."""
    openings: tuple[Opening, ...]
    """The commonest first words of thoughts, commonest first."""
    decisions: Mapping[str, int]
    by_model: Mapping[str, Mapping[str, int]]
    """Decisions by kind, by the model that wrote the output."""
    by_prompt: Mapping[str, Mapping[str, int]]
    """Decisions by kind, by `stage version`."""
    reasons: Mapping[str, int]
    hter_edited: float | None
    """Mean over edited rows."""
    hter_kept: float | None
    """Mean over accepted and edited rows; those that stayed as they were count 0."""
    active_seconds: Spread
    active_total: float
    effort: Effort
    per_kept: Mapping[str, float | None]
    """Calls, tokens, money and active seconds for each row in the set."""
    fallbacks: Mapping[str, float]
    """By stage, the share of answers that did not come from the first choice."""
    annotators: Mapping[str, Mapping[str, float]]
    findings: Mapping[str, int]
    judged_itself: int
    built_in: int
    edits: Mapping[str, int] = field(default_factory=dict)
    """Edited rows by what was changed: output, thought, both."""
    held_out: int = 0
    """Sentences kept for validation and test."""

    def as_json(self) -> dict[str, object]:
        """Return the object that `stats --json` prints."""
        effort = self.effort
        return {
            "status": dict(self.status),
            "held_out": self.held_out,
            "groups": {"covered": self.groups_covered, "of": self.groups_of, "kept": self.groups_kept},
            "initials": dict(self.initials),
            "initials_of": dict(self.initials_of),
            "coverage": self.coverage,
            "calls": effort.calls,
            "tokens": effort.tokens,
            "prompt_tokens": effort.prompt_tokens,
            "cached_tokens": effort.cached_tokens,
            "completion_tokens": effort.completion_tokens,
            "reasoning_tokens": effort.reasoning_tokens,
            "cost_usd": effort.cost_usd,
            "model_seconds": round(effort.seconds, 1),
            "per_kept": dict(self.per_kept),
            "fallbacks": dict(self.fallbacks),
            "lengths": {
                name: {unit: each.as_json() for unit, each in units.items()}
                for name, units in self.lengths.items()
            },
            "scores": [
                {"step": n, "drafts": step.drafts, "mean": step.mean} for n, step in enumerate(self.steps)
            ],
            "refinements": {str(number): rows for number, rows in self.refinements.items()},
            "gain": {"per_refinement": self.gain_per_refinement, "per_call": self.gain_per_call},
            "openings": [
                {"words": opening.words, "rows": opening.rows, "share": opening.share}
                for opening in self.openings
            ],
            "decisions": dict(self.decisions),
            "edits": dict(self.edits),
            "by_model": {name: dict(kinds) for name, kinds in self.by_model.items()},
            "by_prompt": {name: dict(kinds) for name, kinds in self.by_prompt.items()},
            "reasons": dict(self.reasons),
            "hter": {"edited": self.hter_edited, "kept": self.hter_kept},
            "active_seconds": {**self.active_seconds.as_json(), "total": round(self.active_total, 1)},
            "annotators": {name: dict(figures) for name, figures in self.annotators.items()},
            "findings": dict(self.findings),
            "judged_itself": self.judged_itself,
            "built_in": self.built_in,
        }
