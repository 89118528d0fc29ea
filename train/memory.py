"""How much memory a run will take, reckoned from the backbone's measures before anything is loaded.

The CPU figures are checked against measured runs (`tests/benchmarks/train.py`); those for GPUs
follow published arithmetic and nobody measured them here.
"""

from __future__ import annotations

from dataclasses import dataclass

from train.backbones.shape import Shape
from train.machine import GIB, Machine
from train.plan import Plan
from train.settings import TrainSettings

_NF4_BYTES = 4.127 / 8
"""A 4-bit weight with its share of the scales."""
_LIBRARIES = {"cuda": 1.4 * GIB, "cpu": 0.72 * GIB}
"""The process itself: torch and friends in memory, on a GPU the CUDA context."""
_ADAM = {"adamw_torch_fused": 8, "adamw_8bit": 2}
"""Bytes of optimiser state for a trained weight."""
ANSWERED_AT_ONCE = 8
"""Held-out rows in one batch of answers."""
_CACHE_COPIES = 2
"""A cache that grows is copied: the old one and the new one exist together."""
_LOGIT_BYTES = {"trl": 14, "unsloth": 8}
"""Bytes for each logit of a batch at the loss: values, their copy in 32 bits, gradients."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes by purpose; `available` is what the device can still give."""

    device: str
    weights: int
    trained: int
    """Trained weights where they are extra (LoRA), gradients, and the optimiser's state."""
    activations: int
    logits: int
    libraries: int
    available: int
    checked: bool
    """The formula was checked against measured runs on this kind of device."""
    answers: int = 0
    """Caches of the answers that backbone and model give to held-out rows."""

    @property
    def total(self) -> int:
        """All of it: what is freed between training and answering is not given back in whole."""
        return self.weights + self.trained + self.activations + self.logits + self.answers + self.libraries

    @property
    def fits(self) -> bool:
        """The device has this much to give."""
        return self.total <= self.available


def estimate(
    shape: Shape, settings: TrainSettings, plan: Plan, longest: int, machine: Machine, *, context: int = 0
) -> Estimate:
    """Reckon for batches whose longest row has `longest` tokens, and answers within `context` tokens."""
    width = 4 if plan.dtype == "float32" else 2
    tokens = settings.batch * longest
    on_gpu = plan.device == "cuda"
    return Estimate(
        device=plan.device,
        weights=_weights(shape, plan, width),
        trained=_trained(shape, settings, plan, width),
        activations=_activations(shape, plan, tokens, width),
        logits=_LOGIT_BYTES[plan.engine] * tokens * shape.vocabulary,
        libraries=int(_LIBRARIES[plan.device]),
        available=min(gpu.free for gpu in machine.gpus) if on_gpu else machine.free,
        checked=not on_gpu,
        answers=_answers(shape, settings, context, width),
    )


def _weights(shape: Shape, plan: Plan, width: int) -> int:
    if plan.method != "qlora":
        return shape.parameters * width
    return int(shape.linear_parameters * _NF4_BYTES) + shape.embedding_parameters * 2


def _trained(shape: Shape, settings: TrainSettings, plan: Plan, width: int) -> int:
    state = _ADAM[plan.optimizer]
    if plan.method == "full":
        return shape.parameters * (width + (state if plan.optimizer == "adamw_8bit" else 2 * width))
    adapter_and_gradient = 4 + 4
    return shape.lora_parameters(settings.rank, settings.targets) * (adapter_and_gradient + state)


def _activations(shape: Shape, plan: Plan, tokens: int, width: int) -> int:
    lora = plan.method != "full"
    kept = 10 * shape.hidden * width + 4 * shape.ffn * width
    inputs_in_32_bits = (6 * shape.hidden + shape.ffn) * 4 if lora and width == 2 else 0
    layer = kept + inputs_in_32_bits
    if not plan.gradient_checkpointing:
        return tokens * layer * shape.layers
    return tokens * (shape.hidden * width * shape.layers + layer)


def _answers(shape: Shape, settings: TrainSettings, context: int, width: int) -> int:
    token = 2 * shape.layers * shape.kv_heads * shape.head_dim * width
    return _CACHE_COPIES * min(ANSWERED_AT_ONCE, settings.tag_rows) * context * token
