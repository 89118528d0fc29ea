"""A backbone is known again by a few of its weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest

from train.backbones.weight_sample import WeightSample


class Tensor:
    """What a sample asks of a torch tensor."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def is_floating_point(self) -> bool:
        return bool(self._values.dtype.kind == "f")

    def detach(self) -> Tensor:
        return self

    def flatten(self) -> np.ndarray:
        return self._values.flatten()


class Model:
    """Named tensors. `shrunk`: its linear weights are packed, as 4-bit loading leaves them."""

    def __init__(self, seed: int, *, dtype: str = "float32", layers: int = 12, shrunk: bool = False) -> None:
        rng = np.random.default_rng(seed)
        self._tensors = {}
        for layer in range(layers):
            for part, size in (("q_proj", (16, 16)), ("norm", (16,)), ("bias", (8,))):
                values = rng.normal(size=size).astype(dtype)
                packed = shrunk and part == "q_proj"
                self._tensors[f"layers.{layer}.{part}"] = values.view("uint8") if packed else values

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        names = list(self._tensors)
        Random(0).shuffle(names)
        return ((name, Tensor(self._tensors[name])) for name in names)


SAMPLE = WeightSample.of(Model(1))


@pytest.mark.parametrize("same", [Model(1), Model(1, dtype="float16"), Model(1, shrunk=True)])
def test_a_backbone_is_known_again_in_16_and_in_4_bits(same: Model) -> None:
    assert not SAMPLE.is_of_another(WeightSample.of(same))


@pytest.mark.parametrize("other", [Model(2), Model(2, shrunk=True)])
def test_another_backbone_of_the_same_shape_is_another(other: Model) -> None:
    assert SAMPLE.is_of_another(WeightSample.of(other))


def test_nothing_in_common_is_another_backbone() -> None:
    assert SAMPLE.difference(WeightSample(values={})) == 1


def test_a_sample_is_kept_in_a_folder(tmp_path: Path) -> None:
    assert WeightSample.read(tmp_path) is None
    SAMPLE.write(tmp_path)
    assert WeightSample.read(tmp_path) == SAMPLE
    (tmp_path / "backbone_weights.json").write_text("{", encoding="utf-8")
    assert WeightSample.read(tmp_path) is None
