"""Runs of a model so small that they take seconds: full training, and all that can go wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

import train
from data.format import Format
from data.records import Decision
from tests.stubs.command_line import drt_tui, start
from tests.stubs.session import fill, project
from tests.stubs.short_rows import short_items
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.run.control import log_tail
from train.run.events import CheckpointSaved, EventTail, Stepped, Warned
from train.run.folder import RunFolder
from train.run.process import launch
from train.selection import divide

SETTINGS = {
    "engine": "trl",
    "max_steps": 6,
    "batch": 2,
    "accumulation": 2,
    "tag_rows": 2,
    "probes": 1,
    "threads": 1,
    "dtype": "float32",
}
HOSTILE = "raise SystemExit('a file of the project was taken for a package of ours')\n"
MAKE = "import sys, pathlib, tests.stubs.tiny_backbone as t; t.write_tiny_weights(pathlib.Path(sys.argv[1]))"


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = write_tiny_backbone(tmp_path_factory.mktemp("tiny") / "backbone")
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", MAKE, str(folder)], cwd=root, check=True, capture_output=True)
    return str(folder)


def begin(runs: Path, backbone: str, *, planned: str = "", **changes: object) -> train.Run:
    settings = train.TrainSettings.model_validate(SETTINGS | {"backbone": backbone} | changes)
    selection = divide([(item, None) for item in short_items(12)], 0.2, 0)
    prepared = train.preflight(selection, settings, Format("ko", "en"), runs)
    if planned:
        plan = prepared.report.plan.model_copy(update={"engine": planned})
        prepared = replace(prepared, report=prepared.report.model_copy(update={"plan": plan}))
    return train.start(runs, prepared, settings)


def ended(run: train.Run) -> train.Run:
    list(train.follow(run.folder))
    return train.observe(run.folder)


def test_full_training_saves_the_whole_model(tmp_path: Path, backbone: str) -> None:
    run = ended(begin(tmp_path, backbone, method="full", dtype="auto"))
    assert run.status == "done", log_tail(run.folder)
    assert run.state is not None
    assert run.state.plan.dtype == "float32"
    report = train.read_report(run.folder)
    assert report.loss is not None
    assert report.loss[1] < report.loss[0]
    assert "A1" not in report.checks
    assert (run.folder.adapter / "model.safetensors").exists()
    assert (run.folder.adapter / "chat_template.jinja").exists()


def test_a_loss_that_is_no_number_ends_the_run_with_advice(tmp_path: Path, backbone: str) -> None:
    run = ended(begin(tmp_path, backbone, learning_rate=1e30, max_grad_norm=1e30, warmup=0))
    assert run.status == "failed", log_tail(run.folder)
    assert "step" in run.message
    assert "learning_rate" in run.advice


def test_targets_that_the_backbone_lacks_end_the_run_with_advice(tmp_path: Path, backbone: str) -> None:
    run = ended(begin(tmp_path, backbone, targets=("c_attn",)))
    assert run.status == "failed"
    assert "B9" in run.message
    assert "c_attn" in run.message
    assert "targets" in run.advice


def test_a_run_that_is_stopped_before_its_first_step_has_learned_nothing(
    tmp_path: Path, backbone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_at_once(command: Sequence[str], folder: RunFolder, settings: train.TrainSettings) -> object:
        folder.stop.write_text("save")
        return launch(command, folder, settings)

    monkeypatch.setattr("train.run.control.launch", stop_at_once)
    stopped = ended(begin(tmp_path, backbone))
    assert stopped.status == "stopped", log_tail(stopped.folder)
    assert not stopped.resumable
    assert train.read_report(stopped.folder).steps == 0


def test_a_terminate_signal_stops_with_a_checkpoint(tmp_path: Path, backbone: str) -> None:
    run = begin(tmp_path, backbone, max_steps=100_000, save_every=50_000, eval_every=50_000)
    stepping = (event for event in train.follow(run.folder) if isinstance(event, Stepped))
    assert next(stepping).step >= 1
    assert run.state is not None
    assert run.state.pid is not None
    os.kill(run.state.pid, signal.SIGTERM)
    stopped = ended(run)
    assert stopped.status == "stopped", log_tail(run.folder)
    assert stopped.checkpoint is not None
    assert stopped.resumable


def test_a_killed_worker_is_a_crash_with_a_way_on(tmp_path: Path, backbone: str) -> None:
    run = begin(tmp_path, backbone, max_steps=100_000, save_every=2, eval_every=50_000)
    saved = (event for event in train.follow(run.folder) if isinstance(event, CheckpointSaved))
    assert next(saved).step == 2
    train.kill(run.folder)
    crashed = ended(run)
    assert crashed.status == "crashed"
    assert crashed.resumable
    assert crashed.checkpoint is not None
    assert "--resume" in crashed.advice
    resumed = train.resume(run.folder)
    assert resumed.status == "running"
    stepping = (event for event in train.follow(run.folder) if isinstance(event, Stepped))
    assert any(event.step > crashed.checkpoint.step for event in stepping)
    train.kill(run.folder)


def test_a_backbone_that_was_replaced_since_the_training_is_noticed(tmp_path: Path, backbone: str) -> None:
    from safetensors.numpy import load_file, save_file

    own = Path(shutil.copytree(backbone, tmp_path / "backbone"))
    run = ended(begin(tmp_path / "runs", str(own), max_steps=1, tag_rows=1, probes=0))
    assert run.status == "done", log_tail(run.folder)
    weights = own / "model.safetensors"
    others = {name: -tensor for name, tensor in load_file(weights).items()}
    save_file(others, weights, {"format": "pt"})

    out = ("-o", tmp_path / "out", "--project", tmp_path, "--json")
    refused = drt_tui("export-model", run.id, "--form", "merged", *out)
    assert refused.code == 1
    assert "not those that this run was trained on" in refused.error["message"]
    checks = train.doctor_adapter(run.folder.adapter, Format("ko", "en"))
    [found] = [check for check in checks if check.id == "A2"]
    assert found.level == "fail"
    assert "other weights" in found.message


def test_a_run_outlives_the_terminal_it_was_started_from(
    tmp_path: Path, backbone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    with project(root) as dataset:
        [sentence] = fill(dataset, ready=1, count=1)
        dataset.decide(Decision(id="D", sentence=sentence.id, candidate="C1", kind="accept", by="kim"))
    for name in ("train", "data", "pipeline", "drt_tui", "tokenize", "datasets", "torch"):
        (root / f"{name}.py").write_text(HOSTILE)
    monkeypatch.chdir(root)
    terminal = start(
        "train",
        "--backbone",
        os.path.relpath(backbone),
        "--engine",
        "trl",
        "--batch",
        1,
        "--steps",
        3,
        "--max-length",
        4096,
    )
    assert terminal.stderr is not None
    assert any("training …" in line for line in terminal.stderr)
    terminal.kill()
    terminal.communicate()

    come_back = drt_tui("train", "--attach", 1, "--json")
    assert come_back.code == 0, come_back.out
    assert come_back.data["status"] == "done"
    assert come_back.data["steps"] == 3


@pytest.mark.skipif(find_spec("unsloth") is None, reason="not installed: unsloth")
def test_where_unsloth_cannot_run_auto_begins_again_with_trl(
    tmp_path: Path, backbone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSLOTH_DISABLE_CPU_FALLBACK", "1")
    run = ended(begin(tmp_path, backbone, engine="auto", planned="unsloth", max_steps=1))
    assert run.status == "done", log_tail(run.folder)
    assert run.state is not None
    assert run.state.plan.engine == "trl"
    assert "Unsloth cannot be loaded" in run.state.plan.engine_reason
    assert any(isinstance(event, Warned) for event in EventTail(run.folder.events).read())
    asked_for = ended(begin(tmp_path, backbone, engine="unsloth", max_steps=1))
    assert asked_for.status == "failed"
    assert "--engine trl" in asked_for.advice
