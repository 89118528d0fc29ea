"""Runs as processes, with a worker that trains nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import train
from data.format import Format
from tests.stubs import fake_worker
from tests.stubs.checkpoints import write_checkpoint
from tests.stubs.machines import LAPTOP
from train.errors import ChecksFailed, RunProblem, UnknownBackbone
from train.prepare import Prepared, preflight
from train.rows import Item, fingerprint, read_rows
from train.run.control import delete, find_run, follow, kill, log_tail, resume, start, stop
from train.run.events import CheckpointSaved, EventTail, PhaseBegun, Stepped, append_event
from train.run.folder import RunFolder
from train.run.heartbeat import Beat, last_beat
from train.run.observe import differences, observe, observe_all
from train.run.process import alive, environment, started_at
from train.run.state import change_state, read_state
from train.selection import divide
from train.settings import TrainSettings

ITEMS = [Item(str(n), f"그는 {n}번", f"I think {n}", f"He {n}", group=f"idiom {n % 5}") for n in range(20)]


def prepared(tiny: Path, folder: Path, mode: str, **settings: object) -> tuple[Prepared, TrainSettings]:
    chosen = TrainSettings.model_validate({"backbone": str(tiny), "engine": "trl"} | settings)
    made = preflight(
        divide([(item, None) for item in ITEMS], 0.2, 0), chosen, Format("ko", "en"), folder, machine=LAPTOP
    )
    command = (sys.executable, "-P", str(Path(fake_worker.__file__)), mode)
    plan = made.report.plan.model_copy(update={"command": command})
    return replace(made, report=made.report.model_copy(update={"plan": plan})), chosen


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "runs"
    for run in observe_all(tmp_path / "runs"):
        if run.state is not None:
            kill(run.folder)


def test_a_backbone_in_a_folder_is_found_again_from_anywhere(
    tiny: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny.parent)
    made, settings = prepared(Path(tiny.name), runs, "done")
    run = start(runs, made, settings.model_copy(update={"backbone": f"./{tiny.name}"}))
    assert run.state is not None
    assert run.state.settings.backbone == str(tiny)


def test_a_run_is_started_followed_stopped_and_resumed(tiny: Path, runs: Path) -> None:
    made, settings = prepared(tiny, runs, "until stopped")
    run = start(runs, made, settings, notes="first try")
    assert run.status == "running"
    assert run.id == f"001-trl-{tiny.name}"
    assert run.folder.notes.read_text() == "first try"
    assert fingerprint(read_rows(run.folder.train_rows)) == made.report.dataset
    with pytest.raises(RunProblem, match="running"):
        delete(run.folder)
    with pytest.raises(RunProblem, match="running"):
        resume(run.folder)
    stop(run.folder)
    events = list(follow(run.folder, poll=0.01))
    assert [event.type for event in events] == ["phase", "step", "checkpoint", "ended"]
    assert observe(run.folder).status == "stopped"
    assert observe(run.folder).resumable
    again = resume(run.folder)
    assert again.status == "running"
    assert again.state is not None
    assert again.state.resumed_from == 5
    stop(run.folder)
    list(follow(run.folder, poll=0.01))
    delete(run.folder)
    assert observe_all(runs) == ()


def test_a_run_that_was_stopped_without_a_checkpoint_cannot_be_resumed(tiny: Path, runs: Path) -> None:
    run = start(runs, *prepared(tiny, runs, "until stopped"))
    stop(run.folder, save=False)
    list(follow(run.folder, poll=0.01))
    with pytest.raises(RunProblem, match="no checkpoint"):
        resume(run.folder)


def test_a_finished_run_is_not_resumed(tiny: Path, runs: Path) -> None:
    run = start(runs, *prepared(tiny, runs, "done"))
    list(follow(run.folder, poll=0.01))
    with pytest.raises(RunProblem, match=r"is done\.$"):
        resume(run.folder)


def test_a_backbone_that_is_gone_is_named_and_the_run_stays_as_it_was(tiny: Path, runs: Path) -> None:
    backbone = Path(shutil.copytree(tiny, runs.parent / "moved"))
    run = start(runs, *prepared(backbone, runs, "until stopped"))
    write_checkpoint(run.folder, 5)
    stop(run.folder)
    list(follow(run.folder, poll=0.01))
    shutil.rmtree(backbone)
    with pytest.raises(UnknownBackbone, match="no folder"):
        resume(run.folder)
    assert observe(run.folder).status == "stopped"


def test_a_killed_worker_is_shown_as_crashed_and_can_be_resumed(tiny: Path, runs: Path) -> None:
    run = start(runs, *prepared(tiny, runs, "until stopped"))
    write_checkpoint(run.folder, 7)
    assert run.state is not None
    assert run.state.pid is not None
    os.kill(run.state.pid, signal.SIGKILL)
    list(follow(run.folder, poll=0.01))
    crashed = observe(run.folder)
    assert (crashed.status, crashed.resumable) == ("crashed", True)
    assert f"--resume {run.id}" in crashed.advice
    assert "step 7" in crashed.advice
    assert train.runs(runs)[0].status == "crashed"


def test_a_worker_that_died_without_memory_left_is_told_from_a_crash(tiny: Path, runs: Path) -> None:
    run = start(runs, *prepared(tiny, runs, "until stopped"))
    kill(run.folder)
    list(follow(run.folder, poll=0.01))
    beat = last_beat(run.folder.heartbeat)
    assert beat is not None
    starved = beat.model_copy(update={"used": 10_000_000_000, "available": 1_000_000})
    run.folder.heartbeat.write_text(starved.model_dump_json())
    out = observe(run.folder)
    assert out.status == "out of memory"
    assert "batch = 1" in out.advice


def test_a_worker_that_died_of_a_full_disk_is_told_from_another_crash(
    tiny: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(runs, *prepared(tiny, runs, "until stopped"))
    write_checkpoint(run.folder, 7)
    kill(run.folder)
    list(follow(run.folder, poll=0.01))
    assert "disk" not in observe(run.folder).message
    monkeypatch.setattr("train.run.observe.disk_free", lambda folder: 1000)
    full = observe(run.folder)
    assert "the disk is full" in full.message
    assert full.advice.startswith("Free some.")
    assert "step 7" in full.advice


def test_a_kill_by_the_kernel_is_believed_even_without_a_heartbeat(
    tiny: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(runs, *prepared(tiny, runs, "until stopped"))
    kill(run.folder)
    list(follow(run.folder, poll=0.01))
    monkeypatch.setattr("train.run.observe.out_of_memory_kills", lambda: 1_000_000)
    assert observe(run.folder).status == "out of memory"


def test_a_worker_that_never_lives_is_reported_with_its_last_words(tiny: Path, runs: Path) -> None:
    with pytest.raises(RunProblem, match="no such library"):
        start(runs, *prepared(tiny, runs, "stillborn"))
    [run] = observe_all(runs)
    assert run.status == "failed"
    assert "no such library" in log_tail(run.folder)


def test_a_failing_check_stops_the_start_and_leaves_nothing(tiny: Path, runs: Path) -> None:
    with pytest.raises(ChecksFailed, match="B3") as raised:
        start(runs, *prepared(tiny, runs, "done", max_length=64))
    assert "max_length" in raised.value.hint
    assert not runs.exists()


def test_runs_are_numbered_and_found_by_number_or_name(tiny: Path, runs: Path) -> None:
    first, second = (start(runs, *prepared(tiny, runs, "done")) for _ in range(2))
    assert [first.id[:4], second.id[:4]] == ["001-", "002-"]
    assert find_run(runs, "2") == find_run(runs, second.id) == second.folder
    assert [run.id for run in observe_all(runs)] == [second.id, first.id]
    with pytest.raises(RunProblem, match="no run 9") as raised:
        find_run(runs, "9")
    assert first.id in raised.value.hint


def test_two_runs_are_compared_by_what_differs(tiny: Path, runs: Path) -> None:
    states = [
        read_state(start(runs, *prepared(tiny, runs, "done", **changes)).folder)
        for changes in ({}, {"rank": 8, "outputs_only": True})
    ]
    differing = differences(states)
    assert differing["settings.rank"] == (16, 8)
    assert {"settings.outputs_only", "dataset", "format"} <= differing.keys()
    assert "settings.alpha" not in differing


@pytest.mark.parametrize(
    ("content", "says", "hint"),
    [
        ('{"version": 99}', "newer version", "pip install -U"),
        ('{"version": 1', "damaged", "--delete 000-odd"),
        ('{"version": 1}', "damaged", "--delete 000-odd"),
        ("[1]", "damaged", "--delete 000-odd"),
    ],
)
def test_a_run_that_cannot_be_read_says_what_to_do_and_hides_no_other(
    tiny: Path, runs: Path, content: str, says: str, hint: str
) -> None:
    good = start(runs, *prepared(tiny, runs, "done"))
    (runs / "000-odd").mkdir()
    (runs / "000-odd" / "run.json").write_text(content)
    with pytest.raises(RunProblem, match=says) as raised:
        observe(RunFolder(runs / "000-odd"))
    assert hint in raised.value.hint
    assert "\n" not in raised.value.message
    assert [(run.id, run.status == "unreadable") for run in observe_all(runs)] == [
        (good.id, False),
        ("000-odd", True),
    ]


def test_a_run_that_cannot_be_read_is_deleted_once_its_worker_is_silent(tiny: Path, runs: Path) -> None:
    folder = start(runs, *prepared(tiny, runs, "done")).folder
    list(follow(folder, poll=0.01))
    folder.state.write_text("{")
    beat = Beat(at=time.time(), used=1, available=1)
    folder.heartbeat.write_text(beat.model_dump_json())
    with pytest.raises(RunProblem, match="running") as raised:
        delete(folder)
    assert "silent" in raised.value.hint
    folder.heartbeat.write_text(beat.model_copy(update={"at": beat.at - 3600}).model_dump_json())
    delete(folder)
    assert not folder.root.exists()


def test_a_later_process_with_the_same_pid_is_not_taken_for_the_worker() -> None:
    pid = os.getpid()
    started = started_at(pid)
    assert started is not None
    assert alive(pid, started)
    assert not alive(pid, started - 3600)
    assert not alive(None, None)


def test_a_worker_on_another_machine_lives_as_long_as_its_heart_beats(tiny: Path, runs: Path) -> None:
    run = start(runs, *prepared(tiny, runs, "until stopped"))
    kill(run.folder)
    list(follow(run.folder, poll=0.01))
    change_state(run.folder, host="another", pid=1)
    assert observe(run.folder).status == "running"
    beat = last_beat(run.folder.heartbeat)
    assert beat is not None
    run.folder.heartbeat.write_text(beat.model_copy(update={"at": beat.at - 3600}).model_dump_json())
    assert observe(run.folder).status == "crashed"


def test_looking_at_runs_writes_nothing(tiny: Path, runs: Path) -> None:
    run = start(runs, *prepared(tiny, runs, "until stopped"))
    kill(run.folder)
    list(follow(run.folder, poll=0.01))
    seen = {path: path.stat().st_mtime_ns for path in runs.rglob("*")}
    observe_all(runs)
    assert {path: path.stat().st_mtime_ns for path in runs.rglob("*")} == seen


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda path: (path / "trainer_state.json").unlink(), "never finished"),
        (lambda path: (path / "trainer_state.json").write_text('{"global_step": 3}'), "of step 3"),
        (lambda path: (path / "adapter_model.safetensors").write_bytes(b"\x10"), "whole"),
        (lambda path: (path / "adapter_model.safetensors").unlink(), "weights are missing"),
        (lambda path: (path / "optimizer.pt").write_bytes(b"PK"), "optimizer.pt"),
    ],
)
def test_a_half_written_checkpoint_is_passed_over(tmp_path: Path, harm, says: str) -> None:
    from train.run.checkpoints import checkpoints, newest_sound

    folder = RunFolder(tmp_path)
    write_checkpoint(folder, 5)
    harm(write_checkpoint(folder, 10))
    newest, older = checkpoints(folder.checkpoints)
    assert says in newest.fault
    assert (older.step, older.fault) == (5, "")
    assert newest_sound(folder.checkpoints) == older


def test_events_are_read_as_they_come_and_halves_wait(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    tail = EventTail(path)
    assert tail.read() == []
    append_event(path, PhaseBegun(phase="loading"))
    append_event(path, Stepped(step=1, max_steps=9, loss=float("nan")))
    assert [event.type for event in tail.read()] == ["phase", "step"]
    whole = CheckpointSaved(step=5).model_dump_json().encode()
    with path.open("ab") as file:
        file.write(whole[:10])
    assert tail.read() == []
    with path.open("ab") as file:
        file.write(whole[10:] + b'\n{"type": "from the future", "at": 1}\nnoise\n')
    assert [event.type for event in tail.read()] == ["checkpoint"]
    assert len(EventTail(path).read()) == 3


def test_a_worker_finds_our_packages_whatever_the_path_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "relative", str(tmp_path), "."]))
    made = environment(tmp_path, 2)
    assert made["PYTHONPATH"] == str(tmp_path)
    assert made["PYTHONSAFEPATH"] == "1"
    assert made["OMP_NUM_THREADS"] == "2"
    assert made["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert environment(tmp_path, 2)["OMP_WAIT_POLICY"] == "ACTIVE"


def test_a_state_change_is_seen_whole(tiny: Path, runs: Path) -> None:
    run = start(runs, *prepared(tiny, runs, "done"))
    list(follow(run.folder, poll=0.01))
    assert change_state(run.folder, status="stopped") == read_state(run.folder)


def test_a_place_that_cannot_be_written_is_named(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where a folder should be")
    with pytest.raises(RunProblem, match="cannot be written") as raised:
        start(tmp_path / "runs", *prepared(tiny, tmp_path, "done"))
    assert raised.value.hint
