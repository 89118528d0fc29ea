"""A worker's life: load, ask the backbone, train, save, examine, report."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from train.chat import ChatTokenizer
from train.doctor import before, during
from train.doctor.check import Check, failed, levels
from train.engines.engine import Engine, EngineUnusable, get_engine
from train.errors import ChecksFailed, RunProblem, TrainError
from train.machine import versions
from train.prepare import Preflight
from train.report import Shares, Tags, TrainReport
from train.rows import fingerprint, read_rows
from train.run.checkpoints import newest_sound
from train.run.events import Ended, Failed, PhaseBegun, Started, Warned
from train.run.folder import RunFolder
from train.run.heartbeat import Heartbeat
from train.run.observe import LESS_MEMORY
from train.run.process import started_at
from train.run.state import Problem, RunState, change_state, now, read_state
from train.tags import TagRate
from train.worker.job import Job, is_first


class _Diverged(TrainError):
    """The loss is no number any more."""


def work(folder: RunFolder) -> int:
    """Train the run in this folder; return the process's exit code. Whatever happens is written down."""
    state = announce(folder) if is_first() else read_state(folder)
    with Heartbeat(folder.heartbeat):
        try:
            _train(folder, state)
        except TrainError as error:
            kind = "diverged" if isinstance(error, _Diverged) else "settings"
            return _fail(folder, Problem(kind=kind, message=error.message, hint=error.hint))
        except MemoryError:
            return _fail(folder, Problem(kind="out-of-memory", message="Memory ran out.", hint=LESS_MEMORY))
        except Exception as error:
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
        pid=pid,
        pgid=os.getpgid(pid),
        process_started=started_at(pid),
        started_at=now(),
        versions=versions(),
    )


def _train(folder: RunFolder, state: RunState) -> None:
    begun = time.monotonic()
    job = Job(folder, state, read_rows(folder.train_rows), read_rows(folder.valid_rows), _chat(state))
    if fingerprint(job.train) != state.dataset:
        raise RunProblem("The rows of this run were changed since its preflight.", hint="Start a new run.")
    _listen(job)
    job.say(
        Started(
            engine=state.plan.engine,
            versions=state.versions,
            max_steps=state.plan.steps,
            resumed_from=state.resumed_from,
        )
    )
    job.say(PhaseBegun(phase="loading"))
    engine = _engine(job)
    model, tokenizer = _load(job, engine)

    from train.worker.results import ask_backbone, examine, save

    job.say(PhaseBegun(phase="asking the backbone"))
    backbone = ask_backbone(job, model, engine)

    from train.worker.callback import RunCallback
    from train.worker.trainer import build_trainer

    trainer = build_trainer(model, tokenizer, folder, state, job.train, job.valid)
    callback = RunCallback(job, engine, trainer.data_collator)
    trainer.add_callback(callback)
    job.say(PhaseBegun(phase="training"))
    checkpoint = newest_sound(folder.checkpoints) if state.resumed_from is not None else None
    trainer.train(resume_from_checkpoint=str(checkpoint.path) if checkpoint is not None else None)
    if callback.diverged is not None:
        raise _Diverged(callback.diverged.message, hint=callback.diverged.fix)
    losses = _losses(trainer)
    rate: TagRate | None = None
    if not callback.stopped:
        job.check(during.progress(losses, callback.held_out))
        job.check(during.learning(callback.opening, callback.ending))
        job.say(PhaseBegun(phase="saving"))
        if job.first:
            save(job, trainer.accelerator.unwrap_model(trainer.model), tokenizer)
            job.say(PhaseBegun(phase="checking"))
            del trainer.optimizer
            gc.collect()
            rate = examine(job, trainer.accelerator.unwrap_model(trainer.model), engine, backbone)
    status = "stopped" if callback.stopped else "done"
    if job.first:
        steps = trainer.state.global_step
        asked = TagRate.of(backbone.samples, state.format)
        _finish(job, status, steps, losses, time.monotonic() - begun, Tags(drt=rate, backbone=asked))


def _chat(state: RunState) -> ChatTokenizer:
    chat = ChatTokenizer.load(Path(state.tokenizer))
    if chat.template_hash != state.template:
        raise RunProblem(
            "The backbone's chat template was changed since the preflight.", hint="Start a new run."
        )
    return chat


def _listen(job: Job) -> None:
    """The first signal stops after the step with a checkpoint, a second one at once."""

    def heard(number: int, frame: object) -> None:
        job.interrupted = True
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, heard)


def _engine(job: Job) -> Engine:
    """Return the engine; where `auto` chose Unsloth and it cannot run, begin again with plain TRL.

    Again means a new program in this process: a half-imported Unsloth has patched other libraries.
    """
    try:
        return get_engine(job.state.plan.engine)
    except EngineUnusable as error:
        if job.state.settings.engine != "auto":
            raise TrainError(str(error), hint="Use --engine trl.") from error
        reason = f"{error}; so plain TRL trains"
        if job.first:
            job.say(Warned(message=reason))
            plan = job.state.plan.model_copy(update={"engine": "trl", "engine_reason": reason})
            change_state(job.folder, plan=plan)
        os.execv(sys.executable, [sys.executable, "-P", "-m", "train.worker", str(job.folder.root)])


def _load(job: Job, engine: Engine) -> tuple[Any, Any]:
    """Load model and tokenizer, run the checks that need them, and put LoRA on."""
    state = job.state
    model = engine.load(state)

    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        state.tokenizer, trust_remote_code=state.settings.trust_remote_code
    )
    wrapped = hasattr(model, "peft_config") or bool(getattr(model, "_hf_peft_config_loaded", False))
    lora = state.plan.method != "full"
    targets = state.settings.targets if lora else ()
    modules = [name for name, _ in model.named_modules()]
    if lora and not wrapped and not before.missing_targets(modules, targets):
        model = engine.adapt(model, state)
    trained = sum(each.numel() for each in model.parameters() if each.requires_grad)
    _insist(
        job.check(before.trainable(modules, targets, trained, wrapped=wrapped)),
        job.check(before.same_tokens(job.train, job.chat, tokenizer)),
    )
    return model, tokenizer


def _insist(*checks: Check) -> None:
    if refusing := failed(checks):
        raise ChecksFailed(refusing)


def _losses(trainer: Any) -> list[float]:
    return [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]


def _finish(job: Job, status: Any, steps: int, losses: list[float], seconds: float, tags: Tags) -> None:
    state = job.state
    findings = (*Preflight.model_validate_json(job.folder.preflight.read_bytes()).checks, *job.checks)
    peak = _peak_memory()
    report = TrainReport(
        run=state.id,
        status=status,
        engine=state.plan.engine,
        backbone=state.settings.backbone,
        rows=state.rows,
        steps=steps,
        seconds=seconds,
        loss=(losses[0], losses[-1]) if losses else None,
        tag_rate=Shares(
            drt=None if tags.drt is None else tags.drt.share,
            backbone=None if tags.backbone is None else tags.backbone.share,
        ),
        checks=levels(findings),
        adapter=str(job.folder.adapter) if status == "done" else None,
        tags=tags,
        findings=findings,
        peak_memory=peak,
    )
    job.folder.report.write_text(report.model_dump_json(indent=2), encoding="utf-8")
    job.folder.stop.unlink(missing_ok=True)
    change_state(job.folder, status=status, ended_at=now())
    job.say(Ended(status=status, memory=peak))


def _fail(folder: RunFolder, problem: Problem) -> int:
    if is_first():
        from train.run.events import append_event

        trace = traceback.format_exc()
        append_event(folder.events, Failed(problem=problem, traceback=trace))
        change_state(folder, status="failed", problem=problem, ended_at=now())
        append_event(folder.events, Ended(status="failed", memory=_peak_memory()))
    return 1


def problem_of(error: Exception) -> Problem:
    """Tell a full GPU and a full disk from other faults; libraries raise plain classes for both."""
    message = f"{type(error).__name__}: {error}"
    if type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in message:
        return Problem(kind="out-of-memory", message=message, hint=LESS_MEMORY)
    if "No space left on device" in message:
        return Problem(
            kind="error", message="The disk is full.", hint="Free some, then go on from the checkpoint."
        )
    return Problem(kind="error", message=message, hint="The end of worker.log says where; report it.")


def _peak_memory() -> int | None:
    """Return the most memory held: of the GPU if it was used, else of the process."""
    import resource

    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
