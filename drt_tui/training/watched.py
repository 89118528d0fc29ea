"""A run as it is watched: what its events have told so far, in no more space than a screen can show."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from train.doctor.check import Check
from train.run.events import (
    AnyEvent,
    Checked,
    CheckpointSaved,
    Ended,
    Evaluated,
    Failed,
    PhaseBegun,
    Probed,
    Started,
    Stepped,
    Warned,
)
from train.run.state import Problem

_MOST_POINTS = 512
"""More than the dots of a plot on a wide terminal."""
_MOST_WARNINGS = 20


class Curve:
    """A line over steps. As values become many, neighbours are merged: it never holds more than some hundred."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []
        self._merged = 1
        """Values in each point."""
        self._open: list[tuple[float, float]] = []
        """Values that do not make a whole point yet."""
        self.first: float | None = None
        self.last: float | None = None

    def add(self, step: float, value: float) -> None:
        """Add a value at a step after all others."""
        self.first = value if self.first is None else self.first
        self.last = value
        self._open.append((step, value))
        if len(self._open) >= self._merged:
            self._points.append(_mean(self._open))
            self._open.clear()
        if len(self._points) >= _MOST_POINTS:
            self._points = [_mean(self._points[at : at + 2]) for at in range(0, len(self._points), 2)]
            self._merged *= 2

    def cut_back(self, step: float) -> None:
        """Forget what came after a step: it is trained again."""
        self._points = [point for point in self._points if point[0] <= step]
        self._open = [point for point in self._open if point[0] <= step]

    @property
    def points(self) -> list[tuple[float, float]]:
        """Steps and values, in order."""
        return [*self._points, _mean(self._open)] if self._open else self._points


@dataclass(slots=True)
class Watched:
    """What is known of a run from its events; `version` grows with each of them."""

    version: int = 0
    phase: str = ""
    steps: int | None = None
    """Steps of the whole run."""
    resumed_from: int | None = None
    step: Stepped | None = None
    losses: Curve = field(default_factory=Curve)
    held_out: Curve = field(default_factory=Curve)
    evaluated: Evaluated | None = None
    probed: Probed | None = None
    checkpoint: int | None = None
    checks: list[Check] = field(default_factory=list)
    """Of the present worker, in the order in which they came."""
    warnings: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_WARNINGS))
    problem: Problem | None = None
    is_over: bool = False
    """The worker is gone, with a last word or without."""
    memory: int | None = None
    """Bytes that the training holds, as last told."""

    @property
    def is_answering(self) -> bool:
        """The model is being asked held-out prompts: it was evaluated, and neither answered nor went on since."""
        if self.evaluated is None or self.phase != "training":
            return False
        asked_at = self.evaluated.step
        has_answered = self.probed is not None and self.probed.step >= asked_at
        return not has_answered and (self.step is None or self.step.step <= asked_at)

    def take(self, events: Iterable[AnyEvent]) -> None:
        """Take in what was said since the last time."""
        for event in events:
            self.version += 1
            self._take(event)

    def hold(self, memory: int) -> None:
        """Take in what the worker holds by now; it says so also while no step ends."""
        if memory != self.memory:
            self.version += 1
            self.memory = memory

    def close(self) -> None:
        """Take in that the worker is gone."""
        if not self.is_over:
            self.version += 1
            self.is_over = True

    def _take(self, event: AnyEvent) -> None:
        match event:
            case Started():
                self._begin(event)
            case PhaseBegun():
                self.phase = event.phase
            case Checked():
                self.checks.append(event.check)
            case Stepped():
                self._advance(event)
            case Evaluated():
                self.evaluated = event
                if event.loss is not None:
                    self.held_out.add(event.step, event.loss)
            case Probed():
                self.probed = event
            case CheckpointSaved():
                self.checkpoint = event.step
            case Warned():
                self.warnings.append(event.message)
            case Failed():
                self.problem = event.problem
            case Ended():
                self.is_over = True

    def _begin(self, event: Started) -> None:
        """A worker is up, the first one or one that goes on from a checkpoint."""
        self.steps, self.resumed_from = event.max_steps, event.resumed_from
        self.checks.clear()
        self.problem, self.is_over = None, False
        for curve in (self.losses, self.held_out):
            curve.cut_back(event.resumed_from or 0)

    def _advance(self, event: Stepped) -> None:
        self.step, self.steps = event, event.max_steps
        self.memory = event.memory or self.memory
        if event.loss is not None:
            self.losses.add(event.step, event.loss)


def _mean(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the last step and the mean value."""
    return points[-1][0], sum(value for _, value in points) / len(points)
