"""`drt-tui train` as a person types it, with a worker that trains nothing."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import train
from data.ids import new_id
from data.records import Candidate, Decision, Sentence, sentence_id
from data.store import Dataset, ProjectFolder
from drt_tui.project.holding_out import settle_project
from tests.stubs import fake_worker
from tests.stubs.command_line import Ended, drt_tui
from tests.stubs.machines import GPU_BOX, LAPTOP
from tests.stubs.session import fill, project
from tests.stubs.short_rows import short_items
from tests.stubs.tiny_backbone import write_tiny_backbone

pytest.importorskip("tokenizers")

KEYS = {
    "run",
    "status",
    "engine",
    "backbone",
    "rows",
    "steps",
    "seconds",
    "loss",
    "tag_rate",
    "checks",
    "adapter",
}
BIG = {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
       "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False}  # fmt: skip

Train = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A project with a dozen accepted rows and a tiny backbone."""
    path = tmp_path / "project"
    with project(path) as dataset:
        for item in short_items(12):
            accept(dataset, item.source, item.group, item.thought, item.output)
    backbone = write_tiny_backbone(tmp_path / "tiny")
    (path / "drt.toml").write_text(f'[train]\nbackbone = "{backbone}"\nengine = "trl"\nvalid = 0.2\n')
    yield path
    for run in train.runs(path / "runs"):
        if run.state is not None:
            train.kill(run.folder)


def accept(
    dataset, source: str, group: str | None, thought: str, output: str, split: str | None = None
) -> None:
    sentence = Sentence.model_validate(
        {"id": sentence_id(source), "source": source, "group": group, "split": split}
    )
    dataset.add_sentences([sentence])
    candidate = Candidate(id=new_id(), sentence=sentence.id, thought=thought, output=output)
    dataset.add_candidate(candidate)
    dataset.decide(
        Decision(id=new_id(), sentence=sentence.id, candidate=candidate.id, kind="accept", by="kim")
    )


@pytest.fixture
def training(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Run `drt-tui train` there; `worker` is what the fake one does."""
    monkeypatch.setattr("train.prepare.this_machine", lambda: LAPTOP)

    def run(*arguments: object, worker: str = "done") -> Ended:
        command = (sys.executable, "-P", str(Path(fake_worker.__file__)), worker)
        monkeypatch.setattr("train.plan._command", lambda gpus: command)
        return drt_tui("train", *arguments, "--project", folder, "--json")

    return run


def interrupt_at(monkeypatch: pytest.MonkeyPatch, words: str, times: int = 1) -> list[str]:
    """Press ctrl+c when these words are told; return all that is told."""
    told: list[str] = []

    def narrate(line: str) -> None:
        told.append(line)
        if words in line and sum(words in each for each in told) <= times:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("drt_tui.training.following.narrate", narrate)
    return told


def test_a_check_shows_what_would_be_trained_and_starts_nothing(training: Train, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    ended = training("--check", "--rank", 8, "--steps", 7)
    assert ended.code == 0
    assert ended.data.keys() >= KEYS
    assert (ended.data["run"], ended.data["status"], ended.data["ok"]) == (None, "checked", True)
    assert ended.data["checks"]["B4"] == "pass"
    assert ended.data["preflight"]["previews"][0]["answer"].startswith("<thought>")
    assert ended.data["preflight"]["plan"]["steps"] == ended.data["steps"] == 7
    assert sorted(folder.rglob("*")) == before
    text = drt_tui("train", "--dry-run", "--project", folder).out
    assert "  | " in text
    assert "  + <thought>" in text
    assert "pass  B1" in text


def test_a_check_counts_as_the_run_will_where_splits_are_yet_to_be_settled(
    training: Train, folder: Path
) -> None:
    with Dataset.open(ProjectFolder(folder), annotator="kim") as dataset:
        accept(dataset, "salt and wind and stone and night", None, "I think", "Salt and wind.")
        near = "salt and wind and stone and nights"
        accept(dataset, near, None, "I think", "Salt and winds.", split="valid")
    before = training("--check").data
    settle_project(ProjectFolder(folder))
    after = training("--check").data
    assert after["preflight"]["dataset"] == before["preflight"]["dataset"]
    assert after["rows"] == before["rows"]


def test_a_run_ends_with_its_report(training: Train, folder: Path) -> None:
    ended = training("--name", "first try", "--notes", "what I wanted to know")
    assert ended.code == 0
    assert ended.data.keys() >= KEYS
    assert (ended.data["run"], ended.data["status"]) == ("001-first-try", "done")
    assert (ended.data["steps"], ended.data["loss"]) == (5, [1.5, 1.5])
    assert ended.data["rows"] + 2 == 12
    assert (folder / "runs" / "001-first-try" / "notes.txt").read_text() == "what I wanted to know"
    assert "train.worker" not in ended.out
    assert "step 5 of 6 · loss 1.5000 · 2 s left" in ended.err


def test_a_detached_run_is_listed_stopped_resumed_and_deleted(training: Train, folder: Path) -> None:
    begun = training("--detach", worker="until stopped")
    assert (begun.code, begun.data["status"]) == (0, "running")
    name = begun.data["run"]
    [listed] = training("--list").data["runs"]
    assert (listed["run"], listed["status"], listed["engine"]) == (name, "running", "trl")
    refused = training("--delete", name)
    assert refused.code == 1
    assert "running" in refused.error["message"]

    stopped = training("--stop", "1")
    assert (stopped.code, stopped.data["status"], stopped.data["checkpoint"]) == (0, "stopped", 5)
    assert training("--stop", "1").code == 1

    resumed = training("--resume", name, "--detach")
    assert (resumed.code, resumed.data["status"]) == (0, "running")
    discarded = training("--stop", name, "--discard")
    assert (discarded.code, discarded.data["status"]) == (0, "stopped")
    assert training("--delete", name).data == {"deleted": name}
    assert training("--list").data == {"runs": []}


def test_nothing_is_deleted_while_nobody_can_be_asked(training: Train, folder: Path) -> None:
    name = training().data["run"]
    ended = drt_tui("train", "--delete", name, "--project", folder)
    assert ended.code == 2
    assert "--yes" in ended.err
    assert (folder / "runs" / name).exists()
    assert drt_tui("train", "--delete", name, "--yes", "--project", folder).code == 0
    assert not (folder / "runs" / name).exists()


def test_ctrl_c_stops_with_a_checkpoint_and_waits(training: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    told = interrupt_at(monkeypatch, "training …")
    ended = training(worker="until stopped")
    assert (ended.code, ended.data["status"], ended.data["checkpoint"]) == (130, "stopped", 5)
    assert any("stopping after this step, with a checkpoint" in line for line in told)
    assert "checkpoint at step 5" in told


def test_ctrl_c_leaves_a_run_alone_that_is_only_watched(
    training: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = training("--detach", worker="until stopped").data["run"]
    told = interrupt_at(monkeypatch, "training …")
    ended = training("--attach", name)
    assert (ended.code, ended.data["status"]) == (130, "running")
    assert "goes on without you" in told[-1]
    assert f"--stop {name}" in told[-1]
    monkeypatch.undo()
    assert training("--stop", name).data["status"] == "stopped"


def test_ctrl_c_pressed_again_leaves_the_run_to_stop_by_itself(
    training: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = interrupt_at(monkeypatch, "training …")
    monkeypatch.setattr("drt_tui.training.following.stop", lambda folder: os.kill(os.getpid(), signal.SIGINT))
    ended = training(worker="until stopped")
    assert ended.code == 130
    assert "is still stopping" in told[-1]


def test_a_worker_that_dies_is_a_crash_with_a_way_on(training: Train) -> None:
    ended = training(worker="dies")
    assert (ended.code, ended.data["status"]) == (1, "crashed")
    assert ended.data.keys() >= KEYS
    assert "--resume" in ended.error["hint"]


def test_a_worker_that_never_lives_says_its_last_words(training: Train) -> None:
    ended = training(worker="stillborn")
    assert ended.code == 1
    assert "no such library" in ended.error["message"]


def test_baselines_choose_other_rows_and_other_answers(training: Train, folder: Path) -> None:
    alone = training("--check", "--outputs-only").data["preflight"]
    assert "<thought>" not in alone["previews"][0]["answer"]
    with project(folder) as dataset:
        [first] = fill(dataset, ready=1, count=1)
        dataset.decide(
            Decision(id="D", sentence=first.id, candidate="C1", kind="reject", reasons=("1",), by="kim")
        )
    rows = [
        sum(training("--check", *options).data["preflight"][key] for key in ("rows", "valid_rows"))
        for options in ((), ("--uncurated",))
    ]
    assert rows == [12, 13]


# What can be wrong, each with a sentence that says what to do.


def test_no_accepted_row(training: Train, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    with project(empty) as dataset:
        fill(dataset)
    ended = drt_tui("train", "--project", empty, "--json")
    assert ended.code == 1
    assert ended.error["code"] == "rows"
    assert "drt-tui review" in ended.error["hint"]


def test_no_dataset_at_all(tmp_path: Path) -> None:
    ended = drt_tui("train", "--project", tmp_path, "--json")
    assert ended.code == 2
    assert "drt-tui import" in ended.error["hint"]


def test_a_set_of_one_idiom_is_trained_with_a_warning(training: Train, folder: Path, tmp_path: Path) -> None:
    alike = tmp_path / "alike"
    with project(alike) as dataset:
        for item in short_items(6):
            accept(dataset, item.source, "발이 넓다", item.thought, item.output)
    (alike / "drt.toml").write_text((folder / "drt.toml").read_text())
    ended = drt_tui("train", "--check", "--project", alike, "--json")
    assert ended.code == 0
    [warning] = [finding for finding in ended.data["findings"] if finding["id"] == "B6"]
    assert warning["level"] == "warn"
    assert "one idiom" in warning["message"]
    assert warning["fix"]


@pytest.mark.parametrize("backbone", ["no/such/folder", "./missing"])
def test_an_unknown_backbone(training: Train, backbone: str) -> None:
    ended = training("--backbone", backbone)
    assert ended.code == 2
    assert backbone in ended.error["message"]
    assert "built-in" in ended.error["hint"]


def test_no_unsloth(training: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"unsloth": None}
    monkeypatch.setattr("train.prepare.installed", lambda name: here.get(name, "5.10.0"))
    ended = training("--engine", "unsloth")
    assert ended.code == 2
    assert "--engine trl" in ended.error["hint"]


def test_no_gpu_is_said_where_it_decides(training: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = training("--check", "--engine", "auto").data["preflight"]["plan"]
    assert plan["engine"] == "trl"
    assert "no NVIDIA GPU" in plan["engine_reason"]
    assert "no NVIDIA GPU" in plan["method_reason"]


def test_no_training_libraries(training: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.prepare.installed", lambda name: None)
    ended = training()
    assert ended.code == 2
    assert "drt-tui[train]" in ended.error["hint"]


def test_a_7b_backbone_without_a_gpu_is_refused_with_a_way_out(training: Train, tmp_path: Path) -> None:
    big = write_tiny_backbone(tmp_path / "big", config=BIG)
    ended = training("--backbone", big)
    assert (ended.code, ended.data["status"], ended.data["run"]) == (1, "refused", None)
    assert "GiB" in ended.error["message"]
    assert "GPU" in ended.error["hint"]
    assert "built-in" in ended.error["hint"]


def test_no_disk_for_the_checkpoints(training: Train, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.prepare.disk_free", lambda path: 1000)
    ended = training()
    assert ended.code == 1
    assert "B8" in ended.error["message"]
    assert "another disk" in ended.error["hint"]
    assert not (folder / "runs").exists()


def test_a_disk_that_fills_up_at_the_start(
    training: Train, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, rows: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("train.run.control.write_rows", full)
    ended = training()
    assert ended.code == 1
    assert "No space left" in ended.error["message"]
    assert ended.error["hint"]


def test_fewer_gpus_than_were_asked_for(training: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.prepare.this_machine", lambda: replace(GPU_BOX, bfloat16=True))
    ended = training("--check", "--gpus", 4)
    assert ended.code == 1
    assert any("4 GPUs" in each["message"] and each["fix"] for each in ended.data["findings"])


@pytest.mark.parametrize("wish", ["--attach", "--resume", "--stop"])
def test_a_run_of_a_newer_version(training: Train, folder: Path, wish: str) -> None:
    path = folder / "runs" / "007-future"
    path.mkdir(parents=True)
    (path / "run.json").write_text(json.dumps({"version": 99}))
    ended = training(wish, "7")
    assert ended.code == 1
    assert "newer version" in ended.error["message"]
    assert "pip install -U" in ended.error["hint"]
    assert training("--list").data["runs"][0]["status"] == "unreadable"


@pytest.mark.parametrize("wish", ["--attach", "--resume", "--stop", "--delete"])
def test_a_run_that_does_not_exist(training: Train, wish: str) -> None:
    ended = training(wish, "12")
    assert ended.code == 2
    assert "no run 12" in ended.error["message"]


@pytest.mark.parametrize(
    "arguments",
    [("--attach", "1", "--resume", "1"), ("--rank", 0), ("--status", "nice"), ("--engine", "axolotl")],
)
def test_wishes_that_cannot_be_granted(training: Train, arguments: tuple[object, ...]) -> None:
    ended = training(*arguments)
    assert ended.code == 2
    assert ended.error["message"]


def test_a_wrong_key_in_the_section_names_the_nearest(training: Train, folder: Path) -> None:
    (folder / "drt.toml").write_text("[train]\nlearning_rat = 1\n")
    ended = training("--check")
    assert ended.code == 2
    assert "learning_rate" in ended.error["hint"]


def test_an_export_of_what_is_not_done_or_not_known(training: Train, folder: Path) -> None:
    name = training(worker="dies").data["run"]
    ended = drt_tui("export-model", name, "--project", folder, "--json")
    assert ended.code == 1
    assert "only finished runs" in ended.error["message"]
    assert drt_tui("export-model", "99", "--project", folder, "--json").code == 2
    unknown = drt_tui("export-model", name, "--form", "zip", "--project", folder, "--json")
    assert unknown.code == 2
    assert "gguf-lora" in unknown.error["hint"]


def test_a_folder_that_holds_no_adapter(folder: Path, tmp_path: Path) -> None:
    ended = drt_tui("doctor", "--adapter", tmp_path / "nowhere", "--project", folder, "--json")
    assert ended.code == 2
    ended = drt_tui("doctor", "--adapter", tmp_path, "--project", folder, "--json")
    assert (ended.code, ended.data["ok"]) == (0, False)
    assert {"id", "level", "message", "fix"} == ended.data["findings"][0].keys()
    assert ended.data["findings"][0]["id"] == "A1"
    assert drt_tui("doctor", "--strict", "--adapter", tmp_path, "--project", folder, "--json").code == 1
