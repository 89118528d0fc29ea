"""Checkpoints with everything that makes them sound, and nothing that was learned."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.stubs.safetensors_made import write_safetensors
from train.run.folder import RunFolder


def write_checkpoint(folder: RunFolder, step: int) -> Path:
    """Write `checkpoint-STEP` into a run's folder."""
    path = folder.checkpoints / f"checkpoint-{step}"
    write_safetensors(path / "adapter_model.safetensors", {"a": b"\1"})
    for name in ("optimizer.pt", "scheduler.pt"):
        with zipfile.ZipFile(path / name, "w") as archive:
            archive.writestr("data", "x")
    (path / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return path
