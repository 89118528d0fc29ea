"""What the command `train` and the Train screen share: the way from a dataset and settings to a run.

Plain values and functions; torch is loaded by the worker alone, which is a process of its own. What runs
and reports say in words is in `drt_tui.training.words`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drt_tui.errors import SettingsProblem
from drt_tui.project.settings import Settings

if TYPE_CHECKING:
    from data.format import Format
    from data.store import Dataset, ProjectFolder
    from train import Prepared, Run, TrainSettings


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
    moved: Mapping[str, str | None] | None = None,
) -> Prepared:
    """Choose the rows, render, tokenise, mask and check them; nothing is written, no process started.

    `on_progress` hears rows done and rows in all. Takes about a second for each thousand rows.
    `moved`: the splits of sentences that are yet to be settled.

    Raises:
        TrainError: nothing to train, an unknown backbone, or a package that is not installed.
    """
    import train

    format = training_format(settings)
    selection = train.select(dataset, order.settings, format, moved)
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
