"""The built-in model learns the tags through plain TRL; stopped and resumed, it learns the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import train
from tests.training.conftest import STEPS, begin, losses
from tests.training.learning import learned_the_tags
from train.doctor.before import Limits
from train.run.control import log_tail
from train.run.events import EventTail, Stepped
from train.run.folder import RunFolder

STOP_AT, GO_ON_TO = 5, 7
UNASKED = Limits(max_new_tokens=1, context=1024)
TOLERANCE = 1e-3
"""Two runs over the same steps; on one machine they agree to the last digit that is shown."""


def await_step(folder: RunFolder, step: int) -> None:
    tail = EventTail(folder.events)
    while train.observe(folder).status == "running":
        if any(isinstance(event, Stepped) and event.step >= step for event in tail.read()):
            return
        time.sleep(0.02)  # polling a process, as the app does
    raise AssertionError(f"the worker ended before step {step}:\n{log_tail(folder)}")


def test_plain_trl_learns_the_tags(trained_run: RunFolder) -> None:
    learned_the_tags(trained_run)


def test_a_stopped_run_goes_on_as_if_it_had_never_stopped(trained_run: RunFolder, tmp_path: Path) -> None:
    run = begin(tmp_path / "runs", engine="trl", limits=UNASKED, tag_rows=1, probes=0, eval_every=1000)
    await_step(run.folder, STOP_AT - 1)
    train.stop(run.folder)
    list(train.follow(run.folder))
    stopped = train.observe(run.folder)
    assert stopped.status == "stopped"
    assert stopped.checkpoint is not None
    assert STOP_AT <= stopped.checkpoint.step < STEPS

    train.resume(run.folder)
    after = min(max(GO_ON_TO, stopped.checkpoint.step + 1), STEPS - 1)
    await_step(run.folder, after)
    train.stop(run.folder, save=False)
    list(train.follow(run.folder))
    broken, unbroken = losses(run.folder), losses(trained_run)
    assert len(broken) >= after
    assert broken == pytest.approx({step: unbroken[step] for step in broken}, abs=TOLERANCE)
