"""`python -P -m train.serving.making REQUEST RESULT PROGRESS`: write the GGUF files of a run; see `train.run.step`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from train.backbones.backbone import Backbone, find_backbone
from train.export import gguf_adapter, gguf_model
from train.export.models import load_backbone, load_model, weights_of
from train.run.folder import RunFolder
from train.run.state import read_state
from train.run.step import Tell, step_main
from train.serving.weights import Made, MakeRequest


def make(request: MakeRequest, tell: Tell = lambda line: None) -> Made:
    """Write what the request names; a file is there whole or not at all.

    Raises:
        CannotExport: llama.cpp's own converter is needed for this backbone.
        RunProblem: the backbone's weights were changed since the training.
        UnknownBackbone: it cannot be found.
    """
    folder = RunFolder(Path(request.run))
    backbone = find_backbone(read_state(folder).settings.backbone)
    made = []
    if request.adapter is not None:
        made.append(
            _whole(request.adapter, lambda file: gguf_adapter.write_adapter(folder.adapter, backbone, file))
        )
    if request.backbone is not None:
        made.append(
            _whole(
                request.backbone, lambda file: _model(load_backbone(backbone, folder.adapter), backbone, file)
            )
        )
    if request.whole is not None:
        made.append(
            _whole(
                request.whole, lambda file: _model(load_model(str(folder.adapter), backbone), backbone, file)
            )
        )
    return Made(files=tuple(made))


def _whole(path: str, write: Callable[[Path], None]) -> str:
    """Write beside the goal and rename."""
    goal = Path(path)
    goal.parent.mkdir(parents=True, exist_ok=True)
    half = goal.with_suffix(".half")
    try:
        write(half)
        half.replace(goal)
    finally:
        half.unlink(missing_ok=True)
    return path


def _model(model: Any, backbone: Backbone, file: Path) -> None:
    gguf_model.write_model(weights_of(model), backbone.folder, file, "q8_0", backbone.name)


if __name__ == "__main__":
    sys.exit(step_main(MakeRequest, make))
