"""The measures of a decoder model, read from its configuration: how many weights, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """A Llama-like decoder: attention and a gated feed-forward part in each layer."""

    model_type: str
    layers: int
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    tied: bool
    """Input and output embedding are one matrix."""
    context: int
    """Longest text in tokens that the model was made for."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Shape | None:
        """Read a `config.json`; `None` for models built otherwise (mixtures of experts, encoders …)."""
        if any("expert" in key for key in config):
            return None
        try:
            hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
            return cls(
                model_type=str(config["model_type"]),
                layers=int(config["num_hidden_layers"]),
                hidden=hidden,
                ffn=int(config["intermediate_size"]),
                heads=heads,
                kv_heads=int(config.get("num_key_value_heads") or heads),
                head_dim=int(config.get("head_dim") or hidden // heads),
                vocabulary=int(config["vocab_size"]),
                tied=bool(config.get("tie_word_embeddings", False)),
                context=int(config.get("max_position_embeddings") or 0),
            )
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            return None

    @property
    def projections(self) -> dict[str, tuple[int, int]]:
        """Inputs and outputs of each linear module of a layer."""
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        return {
            "q_proj": (self.hidden, queries),
            "k_proj": (self.hidden, keys),
            "v_proj": (self.hidden, keys),
            "o_proj": (queries, self.hidden),
            "gate_proj": (self.hidden, self.ffn),
            "up_proj": (self.hidden, self.ffn),
            "down_proj": (self.ffn, self.hidden),
        }

    @property
    def linear_parameters(self) -> int:
        """Weights of the layers' linear modules: what 4-bit loading shrinks."""
        return self.layers * sum(inputs * outputs for inputs, outputs in self.projections.values())

    @property
    def embedding_parameters(self) -> int:
        """Weights of the embeddings, once if tied."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        """All weights, norms left out (less than 0.01 %)."""
        return self.linear_parameters + self.embedding_parameters

    def lora_parameters(self, rank: int, targets: Iterable[str]) -> int:
        """Weights of a LoRA adapter on `targets`."""
        return self.layers * rank * sum(sum(self.projections.get(target, (0, 0))) for target in targets)
