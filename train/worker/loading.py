"""Loading what a run needs, with the checks that only a loaded backbone can pass."""

from __future__ import annotations

import os
import sys
from errno import ENOSPC
from pathlib import Path
from typing import Any

from train.backbones.weight_sample import WeightSample
from train.chat import ChatTokenizer
from train.doctor import before, method
from train.doctor.check import Check, failed
from train.engines.engine import Engine, EngineUnusable
from train.errors import ChecksFailed, RunProblem, TrainError, UnknownBackbone
from train.rows import fingerprint, read_rows
from train.run.events import PhaseBegun, Warned
from train.run.folder import RunFolder
from train.run.state import RunState, change_state
from train.settings import EngineName
from train.worker.job import Job


def open_job(folder: RunFolder, state: RunState) -> Job:
    """Read a run's rows and tokenizer, and see that they are those of the preflight.

    Raises:
        RunProblem: they were changed since.
    """
    chat = ChatTokenizer.load(Path(state.tokenizer))
    if chat.template_hash != state.template:
        raise RunProblem(
            "The backbone's chat template was changed since the preflight.",
            hint="Put the old one back, or start a new run.",
        )
    job = Job(folder, state, read_rows(folder.train_rows), read_rows(folder.valid_rows), chat)
    if fingerprint(job.train) != state.dataset:
        raise RunProblem("The rows of this run were changed since its preflight.", hint="Start a new run.")
    return job


def load_engine(job: Job) -> Engine:
    """Return the engine; where `auto` chose Unsloth and it cannot run, begin again with plain TRL.

    Again means a new program in this process: a half-imported Unsloth has patched other libraries.
    """
    job.say(PhaseBegun(phase="loading"))
    try:
        return _engine(job.state.plan.engine)
    except EngineUnusable as error:
        if job.state.settings.engine != "auto":
            raise TrainError(str(error), hint="Use --engine trl.") from error
        reason = f"{error}; so plain TRL trains"
        if job.first:
            job.say(Warned(message=reason))
            plan = job.state.plan.model_copy(update={"engine": "trl", "engine_reason": reason})
            change_state(job.folder, plan=plan)
        os.execv(sys.executable, [sys.executable, "-P", "-m", "train.worker", str(job.folder.root)])


def _engine(name: EngineName) -> Engine:
    """Import an engine and return it. Unsloth must come before any other training library."""
    if name == "unsloth":
        from train.engines.unsloth import UnslothEngine

        return UnslothEngine()
    from train.engines.trl import TrlEngine

    return TrlEngine()


def load_model(job: Job, engine: Engine) -> tuple[Any, Any]:
    """Return the model, with LoRA on unless all of it is trained, and its tokenizer.

    Raises:
        ChecksFailed: B2 or B9 refuse.
        RunProblem: a resumed run finds other weights than it began with.
        UnknownBackbone: the weights are not there, and cannot be fetched.
    """
    state = job.state
    model = _load(engine, state)

    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        state.tokenizer, trust_remote_code=state.settings.trust_remote_code
    )
    wrapped = hasattr(model, "peft_config") or bool(getattr(model, "_hf_peft_config_loaded", False))
    if not wrapped:
        _recognise(job, WeightSample.of(model))
    targets = state.settings.targets if state.plan.method != "full" else ()
    modules = [name for name, _ in model.named_modules()]
    if targets and not wrapped and not method.missing_targets(modules, targets):
        model = engine.adapt(model, state)
    trained = sum(each.numel() for each in model.parameters() if each.requires_grad)
    _insist(
        job.check(method.trainable(modules, targets, trained, wrapped=wrapped)),
        job.check(before.same_tokens(job.train, job.chat, tokenizer)),
    )
    return model, tokenizer


def _load(engine: Engine, state: RunState) -> Any:
    try:
        return engine.load(state)
    except OSError as error:
        if error.errno == ENOSPC:
            raise
        fetch = (
            "Download the model again."
            if Path(state.source).is_dir()
            else f"Run: hf download {state.source}."
        )
        raise UnknownBackbone(
            f"The weights of {state.settings.backbone} cannot be loaded: {str(error).partition(chr(10))[0]}",
            hint=f"{fetch} Then start again.",
        ) from error


def _recognise(job: Job, sample: WeightSample) -> None:
    known = WeightSample.read(job.folder.root)
    if known is not None and known.is_of_another(sample):
        raise RunProblem(
            f"The weights of {job.state.settings.backbone} are not those that this run began with.",
            hint="Put the old ones back, or start a new run.",
        )
    if known is None and job.first:
        sample.write(job.folder.root)


def _insist(*checks: Check) -> None:
    if refusing := failed(checks):
        raise ChecksFailed(refusing)
