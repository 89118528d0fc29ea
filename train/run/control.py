"""Starting, following, stopping and resuming runs, from whatever process a person happens to sit at."""

from __future__ import annotations

import platform
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from train.backbones.backbone import find_backbone
from train.doctor.check import failed
from train.errors import ChecksFailed, RunProblem, UnknownRun
from train.machine import out_of_memory_kills, versions
from train.prepare import Prepared
from train.rows import write_rows
from train.run.events import AnyEvent, EventTail
from train.run.folder import RunFolder
from train.run.observe import Run, beats, observe
from train.run.process import alive, kill_group, launch
from train.run.state import Problem, RunState, change_state, now, read_state, write_state
from train.settings import TrainSettings

_BIRTH_SECONDS = 60.0
_POLL_SECONDS = 0.1
_LOG_TAIL = 2000


def start(runs: Path, prepared: Prepared, settings: TrainSettings, *, name: str = "", notes: str = "") -> Run:
    """Make a run's folder, start its worker, and return once the worker has said that it lives.

    The folder is numbered and called `name`, or else by engine and backbone.

    Raises:
        ChecksFailed: the preflight found something that stands in the way; nothing is written.
        RunProblem: the worker did not start.
    """
    if refusing := failed(prepared.report.checks):
        raise ChecksFailed(refusing)
    try:
        label = name or f"{prepared.report.plan.engine}-{prepared.backbone.name.rsplit('/', 1)[-1]}"
        folder = _new_folder(runs, label)
        state = _filled(folder, prepared, settings, notes)
    except OSError as error:
        raise RunProblem(
            f"The run cannot be written to {runs}: {error.strerror}.",
            hint="Free some disk, or move the project.",
        ) from error
    return _launched(folder, state)


def resume(folder: RunFolder) -> Run:
    """Go on from the newest sound checkpoint, with the same rows in the same order.

    Raises:
        RunProblem: the run still runs, is done, or has no checkpoint to go on from.
        UnknownBackbone: what it began with is not there any more.
    """
    run = observe(folder)
    if run.status == "running":
        raise RunProblem(f"Run {run.id} is running.", hint=f"Watch it with: drt-tui train --attach {run.id}")
    if run.status == "done":
        raise RunProblem(f"Run {run.id} is done.", hint="There is nothing to go on with: start a new run.")
    if run.state is None or not run.resumable or run.checkpoint is None:
        raise RunProblem(
            f"Run {run.id} is {run.status} and has no checkpoint to go on from.", hint="Start a new run."
        )
    backbone = find_backbone(run.state.settings.backbone)  # a cache may have been emptied or moved since
    folder.stop.unlink(missing_ok=True)
    state = change_state(
        folder,
        status="created",
        source=backbone.source,
        tokenizer=str(backbone.folder),
        resumed_from=run.checkpoint.step,
        ended_at=None,
        problem=None,
        kills_before=out_of_memory_kills(),
        versions=versions(),
    )
    return _launched(folder, state)


def stop(folder: RunFolder, *, save: bool = True) -> None:
    """Ask a run to stop after the step it is in, with a checkpoint or without.

    Raises:
        RunProblem: it is not running.
    """
    run = observe(folder)
    if run.status != "running":
        raise RunProblem(f"Run {run.id} is not running: {run.status}.", hint=run.advice)
    folder.stop.write_text("save" if save else "discard", encoding="utf-8")


def kill(folder: RunFolder) -> None:
    """End a run's process at once; what was learned since its last checkpoint is lost.

    Only on the machine that it runs on; elsewhere it can be asked to stop.
    """
    state = read_state(folder)
    if state.pgid is not None and state.host == platform.node() and alive(state.pid, state.process_started):
        kill_group(state.pgid)


def delete(folder: RunFolder) -> None:
    """Delete a run's folder with all it holds, also one that cannot be read.

    Raises:
        RunProblem: it is running.
    """
    try:
        running, way = observe(folder).status == "running", "Stop it first."
    except RunProblem:  # nobody can tell it to stop
        running, way = beats(folder), "Delete it once its worker has been silent for a minute."
    if running:
        raise RunProblem(f"Run {folder.id} is running.", hint=way)
    shutil.rmtree(folder.root)


def follow(folder: RunFolder, *, offset: int = 0, poll: float = _POLL_SECONDS) -> Iterator[AnyEvent]:
    """Yield the events of a run from byte `offset` of its record on, as they come, until its worker is gone."""
    tail = EventTail(folder.events, offset)
    while True:
        running = observe(folder).status == "running"
        yield from tail.read()
        if not running:
            return
        time.sleep(poll)


def find_run(runs: Path, name: str) -> RunFolder:
    """Return the run of this name, or of this number.

    Raises:
        UnknownRun: there is none.
    """
    number = f"{int(name):03}-" if name.isdigit() else None
    for path in sorted(runs.glob("*")):
        if path.name == name or (number is not None and path.name.startswith(number)):
            return RunFolder(path)
    known = ", ".join(path.name for path in sorted(runs.glob("*")))
    raise UnknownRun(
        f"There is no run {name}.", hint=f"Runs here: {known}." if known else "No run was made yet."
    )


def _new_folder(runs: Path, label: str) -> RunFolder:
    """Make the next numbered folder; of two processes each gets its own."""
    runs.mkdir(parents=True, exist_ok=True)
    slug = re.sub(r"[^\w.]+", "-", label).strip("-.").lower()[:40]
    number = 1 + max((int(path.name[:3]) for path in runs.glob("[0-9][0-9][0-9]-*")), default=0)
    while True:
        try:
            folder = RunFolder((runs / f"{number:03}-{slug}").resolve())
            folder.root.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def _filled(folder: RunFolder, prepared: Prepared, settings: TrainSettings, notes: str) -> RunState:
    folder.train_rows.parent.mkdir()
    write_rows(folder.train_rows, prepared.train)
    write_rows(folder.valid_rows, prepared.valid)
    folder.preflight.write_text(prepared.report.model_dump_json(indent=2), encoding="utf-8")
    if notes:
        folder.notes.write_text(notes, encoding="utf-8")
    state = _first_state(folder, prepared, settings)
    write_state(folder, state)
    return state


def _first_state(folder: RunFolder, prepared: Prepared, settings: TrainSettings) -> RunState:
    report = prepared.report
    return RunState(
        id=folder.id,
        settings=settings.model_copy(update={"backbone": prepared.backbone.lasting_name}),
        plan=report.plan,
        format=prepared.format,
        limits=report.limits,
        source=prepared.backbone.source,
        tokenizer=str(prepared.backbone.folder),
        template=report.template,
        dataset=report.dataset,
        rows=report.rows,
        valid_rows=report.valid_rows,
        versions=versions(),
        created_at=now(),
        kills_before=out_of_memory_kills(),
    )


def _launched(folder: RunFolder, state: RunState) -> Run:
    process = launch(state.plan.command, folder, state.settings)
    deadline = time.monotonic() + _BIRTH_SECONDS
    while read_state(folder).status == "created":
        if process.poll() is not None or time.monotonic() > deadline:
            problem = Problem(kind="error", message="The worker did not start.", hint=f"See {folder.log}")
            change_state(folder, status="failed", problem=problem, ended_at=now())
            raise RunProblem(
                f"The worker of run {folder.id} did not start:\n{log_tail(folder)}", hint=problem.hint
            )
        time.sleep(_POLL_SECONDS)
    return observe(folder)


def log_tail(folder: RunFolder) -> str:
    """Return the end of what the worker printed."""
    try:
        with folder.log.open("rb") as file:
            file.seek(max(0, folder.log.stat().st_size - _LOG_TAIL))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
