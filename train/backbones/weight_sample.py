"""A few weights of a backbone, by which it is known again: two backbones of one shape differ in nothing else."""

from __future__ import annotations

from hashlib import blake2b
from math import isclose
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

FILE = "backbone_weights.json"

_TENSORS = 48
_FROM_EACH = 4
_DIGITS = 5
_RELATIVE, _ABSOLUTE = 0.01, 1e-6
"""The same weight, stored in 16 or in 32 bits."""
_STRAYING = 0.01


class WeightSample(BaseModel):
    """Values of some weights by the name of their tensor.

    The tensors are chosen by their names and the places by their size, so that every sample of a backbone
    is of the same weights, whoever takes it. Tensors shrunk to 4 bits are left out; norms and embeddings,
    which never are, stay.
    """

    model_config = ConfigDict(frozen=True)

    values: dict[str, tuple[float, ...]]

    @classmethod
    def of(cls, model: Any) -> WeightSample:
        """Take a sample of a loaded backbone (a torch module) that has no adapter on."""
        named = dict(model.named_parameters())
        chosen = sorted(named, key=lambda name: blake2b(name.encode()).digest())[:_TENSORS]
        return cls(values={name: _some(named[name]) for name in chosen if named[name].is_floating_point()})

    @classmethod
    def read(cls, folder: Path) -> WeightSample | None:
        """Return the sample that lies in a folder; `None` where there is none that can be read."""
        try:
            return cls.model_validate_json((folder / FILE).read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, folder: Path) -> None:
        """Put it into a folder."""
        (folder / FILE).write_text(self.model_dump_json(), encoding="utf-8")

    def difference(self, other: WeightSample) -> float:
        """Return the share of weights, of those in both samples, that are not the same; 1 where none is in both."""
        pairs = [
            pair
            for name in self.values.keys() & other.values.keys()
            for pair in zip(self.values[name], other.values[name], strict=False)
        ]
        unlike = sum(not isclose(a, b, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE) for a, b in pairs)
        return unlike / len(pairs) if pairs else 1.0

    def is_of_another(self, other: WeightSample) -> bool:
        """Whether the samples are of two backbones; rounding alone makes a few weights stray."""
        return self.difference(other) > _STRAYING


def _some(tensor: Any) -> tuple[float, ...]:
    flat = tensor.detach().flatten()
    places = [len(flat) * (2 * part + 1) // (2 * _FROM_EACH) for part in range(_FROM_EACH)]
    return tuple(float(f"{float(flat[place]):.{_DIGITS}g}") for place in places)
