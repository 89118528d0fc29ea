"""`run.json`: one model of what a run is, written by its worker, read by everybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from data.format import Format
from train.doctor.before import Limits
from train.errors import RunProblem
from train.plan import Plan
from train.run.folder import RunFolder
from train.settings import TrainSettings

RUN_VERSION = 1

StoredStatus = Literal["created", "running", "stopped", "done", "failed"]


class Problem(BaseModel):
    """Why a run failed, and what to do."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["out-of-memory", "diverged", "settings", "error"]
    message: str
    hint: str = ""


class RunState(BaseModel):
    """One run. Times are UTC, ISO 8601; `process_started` is seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    version: int = RUN_VERSION
    id: str
    status: StoredStatus = "created"
    settings: TrainSettings
    plan: Plan
    format: Format
    """As trained."""
    limits: Limits
    source: str
    """What the engine loads: a Hugging Face id or a folder."""
    tokenizer: str
    """Folder of the tokenizer that made the rows."""
    template: str
    """Hash of the chat template."""
    dataset: str
    """Fingerprint of the training rows in their order."""
    rows: int
    valid_rows: int
    versions: dict[str, str] = {}
    created_at: str = ""
    started_at: str | None = None
    ended_at: str | None = None
    host: str = ""
    """Where the worker runs: pids mean nothing on another machine that shares the folder."""
    pid: int | None = None
    pgid: int | None = None
    process_started: float | None = None
    """Tells the worker from a later process with the same pid."""
    kills_before: int = 0
    """Processes that the kernel had ended for want of memory when the worker started."""
    resumed_from: int | None = None
    """Step of the checkpoint that the worker went on from."""
    problem: Problem | None = None

    @property
    def format_fingerprint(self) -> str:
        """Fingerprint that every request to this model must share."""
        return self.format.fingerprint


def now() -> str:
    """Return the time as run files write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_state(folder: RunFolder) -> RunState:
    """Read a run's state.

    Raises:
        RunProblem: there is none, it is damaged, or a newer version wrote it.
    """
    try:
        content = json.loads(folder.state.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunProblem(
            f"{folder.state} cannot be read: {error.strerror}.", hint=_way_out(folder)
        ) from error
    except ValueError as error:
        raise _damaged(folder, f"it is not JSON ({error})") from error
    version = content.get("version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > RUN_VERSION:
        raise RunProblem(
            f"Run {folder.id} was made by a newer version of drt-tui.",
            hint=f"pip install -U drt-tui, or delete it: drt-tui train --delete {folder.id}",
        )
    try:
        return RunState.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "all of it"
        raise _damaged(folder, f"{place}: {first['msg']}") from error


def write_state(folder: RunFolder, state: RunState) -> None:
    """Replace a run's state in one step, so that a reader sees the old one or the new one."""
    half = folder.state.with_suffix(".half")
    half.write_text(state.model_dump_json(indent=2), encoding="utf-8")
    half.replace(folder.state)


def change_state(folder: RunFolder, **changes: object) -> RunState:
    """Write the state anew with some fields changed, and return it."""
    state = read_state(folder).model_copy(update=changes)
    write_state(folder, state)
    return state


def _damaged(folder: RunFolder, what: str) -> RunProblem:
    return RunProblem(f"{folder.state} is damaged: {what}.", hint=_way_out(folder))


def _way_out(folder: RunFolder) -> str:
    return f"Put it back, or delete the run: drt-tui train --delete {folder.id}"
