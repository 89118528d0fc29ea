"""How llama.cpp names and lays out the weights of the models that we can write for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from train.errors import CannotExport

if TYPE_CHECKING:
    import numpy as np
    from gguf import TensorNameMap

_ARCHITECTURES = {"llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
_PERMUTED = ("llama",)


def by_hand(source: str) -> str:
    """Return the hint for models that only llama.cpp itself can convert."""
    return f"Export the merged model, then run llama.cpp's converter: python convert_hf_to_gguf.py {source}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of one backbone's weights."""

    architecture: str
    heads: int
    kv_heads: int
    names: TensorNameMap

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Layout:
        """Return the layout for a `config.json`.

        Raises:
            CannotExport: llama.cpp's own converter is needed for this kind of model.
        """
        from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, get_tensor_name_map

        model_type = str(config.get("model_type"))
        architecture = _ARCHITECTURES.get(model_type)
        if architecture is None:
            raise CannotExport(
                f"A {model_type} model cannot be written as GGUF here.", hint=by_hand("MERGED_FOLDER")
            )
        kind = next(each for each in MODEL_ARCH if MODEL_ARCH_NAMES[each] == architecture)
        heads = int(config["num_attention_heads"])
        return cls(
            architecture,
            heads,
            int(config.get("num_key_value_heads") or heads),
            get_tensor_name_map(kind, int(config["num_hidden_layers"])),
        )

    def name(self, name: str) -> str:
        """Return llama.cpp's name of a Hugging Face weight, e.g. `model.layers.0.mlp.up_proj.weight`.

        Raises:
            CannotExport: it has none.
        """
        found = self.names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise CannotExport(f"llama.cpp knows no weight {name}.", hint=by_hand("MERGED_FOLDER"))
        return str(found)

    def arrange(self, name: str, values: np.ndarray) -> np.ndarray:
        """Return a weight (or a LoRA B matrix for it) with its rows in the order llama.cpp wants.

        Llama's rotary embedding takes pairs of neighbours there, and pairs half a head apart in
        Hugging Face's layout; queries and keys are reordered to make up for it.
        """
        if self.architecture not in _PERMUTED:
            return values
        heads = {"q_proj": self.heads, "k_proj": self.kv_heads}.get(name.rsplit(".", 2)[-2])
        if heads is None:
            return values
        pairs = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
        return pairs.swapaxes(1, 2).reshape(values.shape)
