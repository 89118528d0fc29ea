"""What the command `train` and the Train screen share: from a dataset and settings to a run, and its words.

Plain values and functions; torch is loaded by the worker alone, which is a process of its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drt_tui.errors import SettingsProblem
from drt_tui.settings import Settings

if TYPE_CHECKING:
    from data.format import Format
    from data.store import Dataset, ProjectFolder
    from train import Prepared, Run, TrainSettings
    from train.run.events import AnyEvent


@dataclass(frozen=True, slots=True)
class TrainingOrder:
    """What a person asked for: the settings of one run, its name and notes."""

    settings: TrainSettings
    name: str = ""
    """Part of the run's folder name; empty: engine and backbone."""
    notes: str = ""


def chosen_settings(settings: Settings, changes: Mapping[str, Any]) -> TrainSettings:
    """Return the section `[train]` with some of its values changed.

    Raises:
        SettingsProblem: a value that cannot be; the message names it.
    """
    from pydantic import ValidationError

    from train import TrainSettings

    try:
        return TrainSettings.model_validate(settings.train.model_dump() | dict(changes))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsProblem(f"{place} = {first['input']!r}: {first['msg']}.", hint="Mend it.") from error


def training_format(settings: Settings) -> Format:
    """Return the format of the project's rows; an order for outputs only drops the thought itself."""
    from data.format import Format

    project = settings.project
    return Format(project.source or "ko", project.target or "en", context=settings.loop.context)


def prepare(
    dataset: Dataset,
    settings: Settings,
    order: TrainingOrder,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Prepared:
    """Choose the rows, render, tokenise, mask and check them; nothing is written, no process started.

    `on_progress` hears rows done and rows in all. Takes about a second for each thousand rows.

    Raises:
        TrainError: nothing to train, an unknown backbone, or a package that is not installed.
    """
    import train

    format = training_format(settings)
    selection = train.select(dataset, order.settings, format)
    return train.preflight(selection, order.settings, format, dataset.folder.runs, on_progress=on_progress)


def start(folder: ProjectFolder, prepared: Prepared, order: TrainingOrder) -> Run:
    """Start the run in a process that outlives this one, and return once it lives.

    Raises:
        ChecksFailed: the preflight found something that stands in the way.
        RunProblem: the worker did not start, or the run cannot be written.
    """
    import train

    return train.start(folder.runs, prepared, order.settings, name=order.name, notes=order.notes)


def launch_command(prepared: Prepared) -> str:
    """Return the exact command that starts the worker, less the run's folder."""
    return shlex.join(prepared.report.plan.command)


def line_of(event: AnyEvent) -> str:
    """Return what an event says, for a person, in one line."""
    return _LINES[event.type](event)


def clock(seconds: float) -> str:
    """Return a length of time as a person says it: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def _started(event: Any) -> str:
    resumed = f", from step {event.resumed_from}" if event.resumed_from is not None else ""
    return f"worker is up: {event.engine}, {event.max_steps:,} steps{resumed}"


def _step(event: Any) -> str:
    parts = [f"step {event.step:,} of {event.max_steps:,}"]
    parts += [f"loss {event.loss:.4f}"] if event.loss is not None else []
    parts += [f"{event.tokens_per_second:,.0f} tokens/s"] if event.tokens_per_second else []
    parts += [f"{event.memory / 1024**3:.1f} GiB"] if event.memory else []
    parts += [f"{clock(event.eta)} left"] if event.eta is not None else []
    return " · ".join(parts)


def _evaluated(event: Any) -> str:
    loss = "no number" if event.loss is None else f"{event.loss:.4f}"
    return f"held-out loss {loss} at step {event.step:,}"


def _probed(event: Any) -> str:
    return (
        f"at step {event.step:,}: p(first tag) {event.opening:.2f}, p(end) {event.ending:.2f}; "
        f"{event.rate.words()}"
    )


def _checked(event: Any) -> str:
    check = event.check
    return f"{check.level} {check.id}: {check.message}" + (f" {check.fix}" if check.fix else "")


_LINES: Mapping[str, Callable[[Any], str]] = {
    "started": _started,
    "phase": lambda event: f"{event.phase} …",
    "checked": _checked,
    "step": _step,
    "evaluated": _evaluated,
    "probed": _probed,
    "checkpoint": lambda event: f"checkpoint at step {event.step:,}",
    "warning": lambda event: event.message,
    "failed": lambda event: f"{event.problem.message} {event.problem.hint}".strip(),
    "ended": lambda event: f"the worker ended: {event.status}",
}
