"""Folders of runs as trainings leave them, made in an instant."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.stubs.run_states import state
from train.doctor.check import Check, levels
from train.memory import Estimate
from train.prepare import Lengths, Preflight
from train.report import Shares, Tags, TrainReport
from train.run.events import RunEvent, append_event
from train.run.folder import RunFolder
from train.run.process import started_at
from train.run.state import RunState, read_state, write_state
from train.tags import TagRate

RECORDED = Path(__file__).parent / "recorded_training" / "events.jsonl"
"""What a worker said that trained the built-in model on ten worked examples, for 16 steps."""

RATE = TagRate(items=20, opened=20, tagged=19, well_formed=19, cut=1, looping=0)
UNTRAINED = TagRate(items=20, opened=0, tagged=0, well_formed=0, cut=4, looping=3)


def write_run(runs: Path, name: str = "001-trl-built-in", **changes: object) -> RunFolder:
    """Write the state of a run; `changes` are fields of it, or of its settings."""
    folder = RunFolder(runs / name)
    folder.root.mkdir(parents=True)
    settings = {key: value for key, value in changes.items() if key not in RunState.model_fields}
    fields = {key: value for key, value in changes.items() if key in RunState.model_fields}
    write_state(folder, state(**settings).model_copy(update={"id": name, "status": "done"} | fields))
    return folder


def write_living(runs: Path, name: str = "001-trl-built-in", **changes: object) -> RunFolder:
    """Write a run whose worker is this very process, and so lives."""
    pid = os.getpid()
    return write_run(
        runs, name, status="running", host=platform.node(), pid=pid, process_started=started_at(pid), **changes
    )  # fmt: skip


def record(folder: RunFolder, events: Iterable[RunEvent] | None = None) -> None:
    """Give a run the recorded events, or other ones."""
    if events is None:
        shutil.copy(RECORDED, folder.events)
    else:
        for event in events:
            append_event(folder.events, event)


def write_preflight(folder: RunFolder, *, weights: int) -> None:
    """Write what was known before a run; of its memory, that the backbone takes so many bytes."""
    known = read_state(folder)
    preflight = Preflight(
        backbone=known.settings.backbone, plan=known.plan, rows=known.rows, valid_rows=known.valid_rows,
        refused=(), suggested_length=None, lengths=Lengths(), trained_share=0.5, idioms={},
        limits=known.limits, checks=(), previews=(), format="", dataset=known.dataset, template="", seconds=1.0,
        memory=Estimate("cpu", weights, 0, 0, 0, 0, available=2 * weights, checked=True),
    )  # fmt: skip
    folder.preflight.write_text(preflight.model_dump_json(), encoding="utf-8")


def write_report(folder: RunFolder, *findings: Check, rate: TagRate = RATE) -> None:
    """Write how a run ended."""
    report = TrainReport(
        run=folder.id,
        status="done",
        engine="trl",
        backbone="built-in",
        rows=1300,
        steps=490,
        seconds=730,
        loss=(2.31, 0.42),
        tag_rate=Shares(drt=rate.share, backbone=UNTRAINED.share),
        checks=levels(findings),
        adapter=str(folder.adapter),
        tags=Tags(drt=rate, backbone=UNTRAINED),
        findings=findings,
        peak_memory=3 * 1024**3,
    )
    folder.report.write_text(report.model_dump_json(), encoding="utf-8")
