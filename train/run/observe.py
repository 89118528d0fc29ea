"""What has become of a run: told from its files and its process, without writing anything."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from train.errors import RunProblem
from train.machine import disk_free, out_of_memory_kills
from train.run.checkpoints import Checkpoint, newest_sound
from train.run.folder import RunFolder
from train.run.heartbeat import last_beat
from train.run.process import alive
from train.run.state import RunState, StoredStatus, read_state

RunStatus = Literal[StoredStatus, "crashed", "out of memory", "unreadable"]

LESS_MEMORY = (
    "Set batch = 1 with more accumulation, a shorter max_length, gradient_checkpointing = true, "
    "or a smaller backbone."
)
_NEARLY_NONE = 0.03
_FULL = 4 * 1024**2
"""Bytes with which nothing of a run can be written any more."""
_SILENCE_SECONDS = 60.0
"""A worker elsewhere that was silent for so long is taken for dead; clocks may differ a little."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands now. `state` is `None` where its files cannot be read."""

    folder: RunFolder
    status: RunStatus
    state: RunState | None
    message: str = ""
    """What went wrong, where something did."""
    advice: str = ""
    """What to do next, where there is something."""
    checkpoint: Checkpoint | None = None
    """Where training can go on; only looked for in runs that are not running."""

    @property
    def id(self) -> str:
        """The run's name."""
        return self.folder.id

    @property
    def resumable(self) -> bool:
        """Training can go on from a checkpoint."""
        return self.checkpoint is not None and self.status not in {"running", "created", "done"}


def observe(folder: RunFolder) -> Run:
    """Look at one run.

    Raises:
        RunProblem: it cannot be read.
    """
    state = read_state(folder)
    if state.status == "running" and lives(folder, state):
        return Run(folder, "running", state)
    if state.status in {"created", "done"}:
        return Run(folder, state.status, state)
    checkpoint = newest_sound(folder.checkpoints)
    status, message, advice = _fate(folder, state)
    if checkpoint is not None:
        advice = f"{advice} Go on from step {checkpoint.step}: drt-tui train --resume {folder.id}".strip()
    return Run(folder, status, state, message, advice, checkpoint)


def lives(folder: RunFolder, state: RunState) -> bool:
    """Whether the worker runs; on another machine its heartbeat has to tell."""
    if state.host in {"", platform.node()}:
        return alive(state.pid, state.process_started)
    return beats(folder)


def beats(folder: RunFolder) -> bool:
    """Whether a run's worker gave a sign of life within the last minute."""
    beat = last_beat(folder.heartbeat)
    return beat is not None and time.time() - beat.at < _SILENCE_SECONDS


def observe_all(runs: Path) -> tuple[Run, ...]:
    """Look at all runs below a folder, the newest first; unreadable ones say why."""
    folders = sorted((RunFolder(path) for path in runs.glob("*") if path.is_dir()), key=lambda each: each.id)
    return tuple(_observe_any(folder) for folder in reversed(folders))


def differences(runs: Sequence[RunState]) -> dict[str, tuple[Any, ...]]:
    """Return what runs differ in, by name, with the value of each run."""
    flat = [
        {
            **{f"settings.{name}": value for name, value in state.settings.model_dump().items()},
            "engine": state.plan.engine,
            "method": state.plan.method,
            "dtype": state.plan.dtype,
            "steps": state.plan.steps,
            "dataset": state.dataset,
            "format": state.format_fingerprint,
            "rows": state.rows,
            **{f"version.{name}": version for name, version in state.versions.items()},
        }
        for state in runs
    ]
    names = dict.fromkeys(name for each in flat for name in each)
    values = {name: tuple(each.get(name) for each in flat) for name in names}
    return {name: found for name, found in values.items() if any(value != found[0] for value in found)}


def _observe_any(folder: RunFolder) -> Run:
    try:
        return observe(folder)
    except RunProblem as problem:
        return Run(folder, "unreadable", None, problem.message, problem.hint)


def _fate(folder: RunFolder, state: RunState) -> tuple[RunStatus, str, str]:
    """Tell a stop, a failure, a crash and the kernel's out-of-memory killer apart."""
    if state.status == "stopped":
        return "stopped", "", ""
    if state.problem is not None:
        out = state.problem.kind == "out-of-memory"
        return "out of memory" if out else "failed", state.problem.message, state.problem.hint
    beat = last_beat(folder.heartbeat)
    starved = beat is not None and beat.available < _NEARLY_NONE * (beat.used + beat.available)
    if starved or out_of_memory_kills() > state.kills_before:
        return "out of memory", "The system ended the worker, which had taken all memory.", LESS_MEMORY
    if disk_free(folder.root) < _FULL:  # it could not even write down why it failed
        return "crashed", "The worker ended without a word, and the disk is full.", "Free some."
    return "crashed", "The worker ended without a word.", f"The end of {folder.log} may say why."
