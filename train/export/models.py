"""The trained model as exports are measured by it: loading it whole, its weights, its choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train.backbones.backbone import Backbone
from train.backbones.weight_sample import WeightSample
from train.doctor import after
from train.doctor.check import Check
from train.errors import RunProblem
from train.machine import this_machine
from train.rows import Row
from train.worker.answers import logits

if TYPE_CHECKING:
    import numpy as np

_ROOM = 1.4


@dataclass(frozen=True, slots=True)
class Reference:
    """The first choices of the trained model, and of its backbone, over held-out answers."""

    rows: tuple[Row, ...]
    trained: tuple[int, ...]
    backbone: tuple[int, ...] | None

    def judge(self, choices: Sequence[int], *, exact: bool) -> Check:
        """A5 for an export's choices; `exact` for those in 16 bits."""
        without = None if self.backbone is None else agreement(self.backbone, self.trained)
        return after.export(agreement(choices, self.trained), without, exact=exact)


def choices(model: Any, rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the token that a model finds likeliest at each place of the rows' own answers."""
    model.eval()
    return tuple(token for row in rows for token in logits(model, row).argmax(-1).tolist())


def load_model(source: str, backbone: Backbone) -> Any:
    """Load on the CPU, where nothing is offloaded by halves; in 32 bits where they fit, for an exact merge."""
    import torch
    from transformers import AutoModelForCausalLM

    shape = backbone.shape
    roomy = shape is not None and shape.parameters * 4 * _ROOM < this_machine().free
    return AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32 if roomy else torch.bfloat16)


def load_backbone(backbone: Backbone, adapter: Path) -> Any:
    """Load the backbone of an adapter, and see that it is the one that was trained.

    Raises:
        RunProblem: it is another one of the same shape.
    """
    model = load_model(backbone.source, backbone)
    trained = WeightSample.read(adapter)
    if trained is not None and trained.is_of_another(WeightSample.of(model)):
        raise RunProblem(
            f"The weights of {backbone.name} are not those that this run was trained on.",
            hint="Put the old ones back, or train again.",
        )
    return model


def weights_of(model: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the weights under their Hugging Face names, in 32 bits; a tied output matrix only once."""
    tied = bool(model.config.tie_word_embeddings)
    for name, tensor in model.state_dict().items():
        if not (tied and name == "lm_head.weight"):
            yield name, tensor.float().numpy()


def agreement(choices: Sequence[int], trained: Sequence[int]) -> float:
    """Return the share of equal choices."""
    return sum(a == b for a, b in zip(choices, trained, strict=True)) / max(1, len(trained))
