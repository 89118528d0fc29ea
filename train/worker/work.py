"""A worker's life: load, ask the backbone, train, save, examine, report; and what it says when it fails."""

from __future__ import annotations

import gc
import os
import platform
import signal
import time
import traceback
from contextlib import nullcontext
from typing import Any

from train.doctor import during
from train.errors import TrainError
from train.machine import is_disk_full, versions
from train.run.checkpoints import newest_sound
from train.run.events import Ended, Failed, PhaseBegun, Started, append_event
from train.run.folder import RunFolder
from train.run.heartbeat import Heartbeat
from train.run.observe import LESS_MEMORY
from train.run.process import started_at
from train.run.state import Problem, RunState, change_state, now, read_state
from train.worker.job import Job, is_first, peak_memory
from train.worker.loading import load_engine, load_model, open_job


class _Diverged(TrainError):
    """The loss is no number any more."""


def work(folder: RunFolder) -> int:
    """Train the run in this folder; return the process's exit code. Whatever happens is written down."""
    with Heartbeat(folder.heartbeat) if is_first() else nullcontext():
        state = announce(folder) if is_first() else read_state(folder)
        try:
            _live(folder, state)
        except TrainError as error:
            kind = "diverged" if isinstance(error, _Diverged) else "settings"
            return _fail(folder, Problem(kind=kind, message=error.message, hint=error.hint))
        except MemoryError:
            return _fail(folder, Problem(kind="out-of-memory", message="Memory ran out.", hint=LESS_MEMORY))
        except Exception as error:  # the last door: whoever looks at the run later reads why it ended
            problem = problem_of(error)
            _fail(folder, problem)
            if problem.kind == "out-of-memory":
                return 1
            raise
    return 0


def announce(folder: RunFolder) -> RunState:
    """Say that the worker lives: from here on whoever looks can tell it from a dead one."""
    pid = os.getpid()
    return change_state(
        folder,
        status="running",
        host=platform.node(),
        pid=pid,
        pgid=os.getpgid(pid),
        process_started=started_at(pid),
        started_at=now(),
        versions=versions(),
    )


def problem_of(error: Exception) -> Problem:
    """Tell a full GPU and a full disk from other faults; libraries raise plain classes for both."""
    message = f"{type(error).__name__}: {error}"
    if type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in message:
        return Problem(kind="out-of-memory", message=message, hint=LESS_MEMORY)
    if is_disk_full(error):
        return Problem(
            kind="error", message="The disk is full.", hint="Free some, then go on from the checkpoint."
        )
    return Problem(kind="error", message=message, hint="The end of worker.log says where; report it.")


def _live(folder: RunFolder, state: RunState) -> None:
    begun = time.monotonic()
    job = open_job(folder, state)
    _listen(job)
    plan = state.plan
    job.say(
        Started(
            engine=plan.engine, versions=state.versions, max_steps=plan.steps, resumed_from=state.resumed_from
        )
    )
    engine = load_engine(job)
    model, tokenizer = load_model(job, engine)

    from train.worker import results

    job.say(PhaseBegun(phase="asking the backbone"))
    backbone = results.ask_backbone(job, model, engine)

    from train.worker.callback import RunCallback, agreed
    from train.worker.trainer import build_trainer

    if agreed(job.stop_wish()) is not None:  # before the first step there is nothing to save
        if job.first:
            outcome = results.Outcome(state.resumed_from or 0, [], backbone, stopped=True)
            results.finish(job, outcome, time.monotonic() - begun)
        return
    trainer = build_trainer(model, tokenizer, folder, state, job.train, job.valid)
    callback = RunCallback(job, engine, trainer.data_collator)
    trainer.add_callback(callback)
    _train(job, trainer)
    if callback.diverged is not None:
        raise _Diverged(callback.diverged.message, hint=callback.diverged.fix)
    losses = [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    if not callback.stopped:
        job.check(during.progress(losses, callback.held_out))
        job.check(during.learning(callback.opening, callback.ending))
    if not job.first:
        return
    outcome = results.Outcome(trainer.state.global_step, losses, backbone, stopped=callback.stopped)
    if not callback.stopped:
        trained = trainer.accelerator.unwrap_model(trainer.model)
        job.say(PhaseBegun(phase="saving"))
        results.save(job, trained, tokenizer)
        del trainer.optimizer, trainer  # its moments weigh more than the adapter
        gc.collect()
        job.say(PhaseBegun(phase="checking"))
        outcome.rate = results.examine(job, trained, engine, backbone)
    results.finish(job, outcome, time.monotonic() - begun)


def _train(job: Job, trainer: Any) -> None:
    """Run all steps that are left; from the newest sound checkpoint where the run is resumed."""
    job.say(PhaseBegun(phase="training"))
    checkpoint = newest_sound(job.folder.checkpoints) if job.state.resumed_from is not None else None
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint.path))


def _listen(job: Job) -> None:
    """The first signal stops after the step with a checkpoint, a second one at once."""

    def heard(number: int, frame: object) -> None:
        job.interrupted = True
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, heard)


def _fail(folder: RunFolder, problem: Problem) -> int:
    if is_first():
        append_event(folder.events, Failed(problem=problem, traceback=traceback.format_exc()))
        append_event(folder.events, Ended(status="failed", memory=peak_memory()))
        change_state(folder, status="failed", problem=problem, ended_at=now())
    return 1
