"""After the last step: save what was learned, load it again as a stranger would, and judge it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from train.backbones import builtin
from train.backbones.backbone import find_backbone
from train.backbones.weight_sample import WeightSample
from train.doctor import adapter as adapter_checks
from train.doctor import after
from train.doctor.check import levels
from train.engines.engine import Engine
from train.manifest import Manifest
from train.prepare import Preflight
from train.report import Shares, Tags, TrainReport
from train.run.events import Ended
from train.run.folder import RunFolder
from train.run.state import StoredStatus, change_state, now
from train.tags import Sample, TagRate
from train.worker.answers import Likelihood, answers, likelihood, logits
from train.worker.job import Job, peak_memory

_SAVED = "saved"


class BackboneAnswers(BaseModel):
    """What the backbone said to the probed rows, before it was trained."""

    model_config = ConfigDict(frozen=True)

    loss: float
    samples: tuple[Sample, ...]

    @classmethod
    def of(cls, folder: RunFolder) -> BackboneAnswers | None:
        """Return what a run remembers of it; `None` where it has not asked yet."""
        try:
            return cls.model_validate_json(folder.backbone_answers.read_bytes())
        except FileNotFoundError:
            return None


@dataclass(slots=True)
class Outcome:
    """How the training went; `rate` is the trained model's, once it has been asked."""

    steps: int
    losses: list[float]
    backbone: BackboneAnswers
    stopped: bool
    rate: TagRate | None = None


def ask_backbone(job: Job, model: Any, engine: Engine) -> BackboneAnswers:
    """Ask the untrained model once a run; a resumed run remembers."""
    if (known := BackboneAnswers.of(job.folder)) is not None:
        return known
    seen, samples = _ask(job, model, engine)
    found = BackboneAnswers(loss=seen.loss, samples=tuple(samples))
    if job.first:
        job.folder.backbone_answers.write_text(found.model_dump_json(), encoding="utf-8")
    return found


def save(job: Job, model: Any, tokenizer: Any) -> None:
    """Save adapter (or model) and tokenizer, and a manifest of the format."""
    folder = job.folder.adapter
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Manifest.of(job.state).write(folder)
    (folder / "README.md").unlink(missing_ok=True)  # a library's form to fill in; an export writes our card
    config = folder / "adapter_config.json"
    if config.exists():
        _describe_backbone(job, config)


def _describe_backbone(job: Job, config: Path) -> None:
    """Say beside an adapter, in words and by some weights, what it belongs to.

    An engine may have loaded a 4-bit copy; the adapter belongs to what was asked for.
    """
    content = json.loads(config.read_text(encoding="utf-8"))
    built_in = job.state.settings.backbone == builtin.NAME
    content["base_model_name_or_path"] = builtin.MODEL if built_in else job.state.source
    config.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    if (sample := WeightSample.read(job.folder.root)) is not None:
        sample.write(config.parent)


def examine(job: Job, model: Any, engine: Engine, backbone: BackboneAnswers) -> TagRate:
    """Run A1-A4 and A6 on what was saved, and return the tag rate."""
    lora = job.state.plan.method != "full"
    difference: float | None = None
    if lora:
        shape = find_backbone(job.state.settings.backbone).shape
        job.check(adapter_checks.weights(job.folder.adapter, shape))
        found = model.load_adapter(str(job.folder.adapter), adapter_name=_SAVED)
        job.check(after.loaded(found.missing_keys, found.unexpected_keys))
        model.set_adapter(_SAVED)
        difference = _effect(job, model, engine)
    seen, samples = _ask(job, model, engine)
    rate = TagRate.of(samples, job.state.format)
    moved = difference if difference is not None else abs(seen.loss - backbone.loss)
    job.check(after.effect(moved, seen.loss, backbone.loss))
    job.check(after.behaviour(rate))
    end, padding = job.chat.token_id("eos_token"), job.chat.token_id("pad_token")
    job.check(adapter_checks.tokenizer(job.folder.adapter, job.state.template, end, padding))
    return rate


def finish(job: Job, outcome: Outcome, seconds: float) -> None:
    """Write the report and the run's last state."""
    state = job.state
    findings = (*Preflight.model_validate_json(job.folder.preflight.read_bytes()).checks, *job.checks)
    asked = TagRate.of(outcome.backbone.samples, state.format)
    status: StoredStatus = "stopped" if outcome.stopped else "done"
    report = TrainReport(
        run=state.id,
        status=status,
        engine=state.plan.engine,
        backbone=state.settings.backbone,
        rows=state.rows,
        steps=outcome.steps,
        seconds=seconds,
        loss=(outcome.losses[0], outcome.losses[-1]) if outcome.losses else None,
        tag_rate=Shares(
            drt=None if outcome.rate is None else outcome.rate.share,
            backbone=asked.share if asked.items else None,
        ),
        checks=levels(findings),
        adapter=None if outcome.stopped else str(job.folder.adapter),
        tags=Tags(drt=outcome.rate, backbone=asked),
        findings=findings,
        peak_memory=peak_memory(),
        held_out=bool(job.valid),
    )
    job.folder.report.write_text(report.model_dump_json(indent=2), encoding="utf-8")
    job.folder.stop.unlink(missing_ok=True)
    job.say(Ended(status=status, memory=report.peak_memory))
    change_state(job.folder, status=status, ended_at=now())  # last: who follows reads no further after it


def _ask(job: Job, model: Any, engine: Engine) -> tuple[Likelihood, list[Sample]]:
    rows = job.probed[: job.state.settings.tag_rows]
    with engine.answering(model):
        return (
            likelihood(model, job.chat, rows, job.first_tag),
            answers(model, job.chat, rows, job.state.limits.max_new_tokens),
        )


def _effect(job: Job, model: Any, engine: Engine) -> float:
    """Return the greatest difference that the saved adapter makes to the logits over one answer."""
    row = job.probed[0]
    with engine.answering(model):
        with_adapter = logits(model, row)
        with model.disable_adapter():
            without = logits(model, row)
    return float((with_adapter - without).abs().max())
