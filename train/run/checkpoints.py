"""Which checkpoint can be trusted: libraries write them in place, so a crash leaves halves."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from train.safetensors_file import DamagedTensors, read_header

_WEIGHTS = ("adapter_model.safetensors", "model.safetensors")
_TORCH_FILES = ("optimizer.pt", "scheduler.pt")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder `checkpoint-N`. `fault` says why training cannot go on from it; empty if it can."""

    step: int
    path: Path
    fault: str = ""


def checkpoints(folder: Path) -> tuple[Checkpoint, ...]:
    """Return all checkpoints in a folder, examined, the newest first."""
    found = (path for path in folder.glob("checkpoint-*") if path.name.split("-")[1].isdigit())
    steps = sorted(((int(path.name.split("-")[1]), path) for path in found), reverse=True)
    return tuple(Checkpoint(step, path, _fault(path, step)) for step, path in steps)


def newest_sound(folder: Path) -> Checkpoint | None:
    """Return the newest checkpoint without a fault."""
    return next((each for each in checkpoints(folder) if not each.fault), None)


def _fault(path: Path, step: int) -> str:
    try:
        state = json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "its state is missing: it was never finished"
    if state.get("global_step") != step:
        return f"its state is of step {state.get('global_step')}"
    weights = [path / name for name in _WEIGHTS if (path / name).exists()] or list(
        path.glob("model-*.safetensors")
    )
    if not weights:
        return "its weights are missing"
    try:
        for file in weights:
            read_header(file)
    except DamagedTensors as error:
        return str(error)
    for name in _TORCH_FILES:
        if not zipfile.is_zipfile(path / name):
            return f"{name} is missing or damaged"
    return ""
