from __future__ import annotations

from pathlib import Path

import pytest

from tests.stubs.machines import GPU_BOX, INSTALLED, LAPTOP
from tests.stubs.run_states import state
from train.plan import plan
from train.run.events import Stepped, append_event
from train.run.folder import RunFolder
from train.run.pace import expected_seconds
from train.run.state import Problem, write_state
from train.settings import TrainSettings
from train.worker.work import problem_of


def test_time_is_told_from_a_run_alike_and_from_no_other(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "001-trl-built-in")
    folder.root.mkdir()
    write_state(folder, state())
    like = plan(TrainSettings(backbone="built-in"), 10, LAPTOP, INSTALLED)
    assert expected_seconds(tmp_path, "built-in", like, 10_000) is None
    append_event(folder.events, Stepped(step=1, max_steps=9, loss=1.0))
    append_event(folder.events, Stepped(step=2, max_steps=9, loss=1.0, tokens_per_second=100.0))
    assert expected_seconds(tmp_path, "built-in", like, 10_000) == 100
    assert expected_seconds(tmp_path, "Qwen/Qwen2.5-7B-Instruct", like, 10_000) is None
    other = plan(TrainSettings(backbone="built-in"), 10, GPU_BOX, INSTALLED)
    assert expected_seconds(tmp_path, "built-in", other, 10_000) is None


@pytest.mark.parametrize(
    ("error", "kind", "hint"),
    [
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), "out-of-memory", "batch = 1"),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
            "out-of-memory",
            "batch = 1",
        ),
        (OSError(28, "No space left on device"), "error", "Free some"),
        (ValueError("odd"), "error", "worker.log"),
    ],
)
def test_faults_are_told_apart(error: Exception, kind: str, hint: str) -> None:
    found = problem_of(error)
    assert isinstance(found, Problem)
    assert found.kind == kind
    assert hint in found.hint
