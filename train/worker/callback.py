"""What happens between the steps: report, probe, stop."""

from __future__ import annotations

import time
from typing import Any

from transformers import TrainerCallback

from train.doctor import during
from train.doctor.check import Check
from train.engines.engine import Engine
from train.run.events import CheckpointSaved, Evaluated, Probed, Stepped
from train.tags import TagRate
from train.worker.answers import answers, likelihood
from train.worker.job import Job
from train.worker.trainer import Batches


class RunCallback(TrainerCallback):  # type: ignore[misc]
    """Turns the trainer's hooks into events, and a wish to stop into an exact checkpoint."""

    def __init__(self, job: Job, engine: Engine, batches: Batches) -> None:
        self._job = job
        self._engine = engine
        self._batches = batches
        self._step_before = 0
        self._begun = 0.0
        self._tokens_before = 0
        self.losses: list[float] = []
        self.held_out: list[float] = []
        self.opening: list[float] = []
        self.ending: list[float] = []
        self.stopped = False
        self.diverged: Check | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the clock."""
        self._restart_clock(state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Look at the first batch, and stop where somebody wishes it.

        The trainer saves and ends right after this hook, so the checkpoint is of this very step.
        """
        if self._step_before == state.global_step - 1 and not any(
            check.id == "D1" for check in self._job.checks
        ):
            self._job.check(during.first_batch(self._batches.first, self._job.train))
            self._restart_clock(state.global_step)  # the first step warms up and would spoil the estimate
        wish = agreed(self._job.stop_wish())
        if wish is not None and state.global_step < state.max_steps:
            self.stopped = True
            control.should_save = wish == "save"
            control.should_evaluate = False
            control.should_training_stop = True

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """Report a step; end a run whose loss is no number any more."""
        if not logs or "loss" not in logs:
            return
        loss, grad_norm = float(logs["loss"]), _number(logs.get("grad_norm"))
        verdict = during.finite(loss, grad_norm, state.global_step)
        if verdict.level == "fail":
            self.diverged = self._job.check(verdict)
            control.should_training_stop = True
        self.losses.append(loss)
        seconds = time.monotonic() - self._begun
        done = state.global_step - self._step_before
        self._job.say(
            Stepped(
                step=state.global_step,
                max_steps=state.max_steps,
                loss=loss,
                learning_rate=_number(logs.get("learning_rate")),
                grad_norm=grad_norm,
                epoch=_number(logs.get("epoch")),
                tokens_per_second=(self._batches.tokens - self._tokens_before) / seconds if done else None,
                memory=memory_in_use(),
                eta=seconds / done * (state.max_steps - state.global_step) if done else None,
            )
        )

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, Any], **kwargs: Any
    ) -> None:
        """Report the held-out loss, and let the model answer a few held-out prompts."""
        loss = _number(metrics.get("eval_loss"))
        if loss is not None:
            self.held_out.append(loss)
        self._job.say(Evaluated(step=state.global_step, loss=loss))
        rows = self._job.probed[: self._job.state.settings.probes]
        if rows and self._job.first:
            self._probe(kwargs["model"], state.global_step)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Report a checkpoint."""
        self._job.say(CheckpointSaved(step=state.global_step))

    def _probe(self, model: Any, step: int) -> None:
        job = self._job
        rows = job.probed[: job.state.settings.probes]
        begun = time.monotonic()
        with self._engine.answering(model):
            seen = likelihood(model, job.chat, rows, job.first_tag)
            samples = answers(model, job.chat, rows, job.state.limits.max_new_tokens)
        self.opening.append(seen.opening)
        self.ending.append(seen.ending)
        rate = TagRate.of(samples, job.state.format)
        job.say(
            Probed(step=step, opening=seen.opening, ending=seen.ending, rate=rate, samples=tuple(samples))
        )
        self._begun += time.monotonic() - begun  # answers are not training: keep them out of the speed

    def _restart_clock(self, step: int) -> None:
        self._begun, self._step_before, self._tokens_before = time.monotonic(), step, self._batches.tokens


def memory_in_use() -> int:
    """Return the bytes that training holds: on the GPU if there is one, else of the process."""
    import psutil
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.memory_reserved())
    return int(psutil.Process().memory_info().rss)


def agreed(wish: str | None) -> str | None:
    """Let the first process decide for all: if one stopped alone, the others would wait for it for ever."""
    import torch.distributed as distributed

    if not (distributed.is_available() and distributed.is_initialized()):
        return wish
    said = [wish]
    distributed.broadcast_object_list(said, src=0)
    return said[0]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
