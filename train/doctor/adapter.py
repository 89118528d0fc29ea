"""A1 and A6: what an adapter's files tell, without loading anything."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from train.backbones.shape import Shape
from train.chat import ChatTokenizer
from train.doctor.check import Check, passed
from train.errors import UnknownBackbone
from train.safetensors_file import Tensor, all_zero, read_header

SERVED_RANK = 16
"""Rank that servers accept unless told otherwise."""

_WEIGHTS, _PICKLED = "adapter_model.safetensors", "adapter_model.bin"
_KEY = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<part>[AB])(?:\.\w+)?\.weight")
_LAYER = re.compile(r"\.(\d+)\.")


def weights(folder: Path, shape: Shape | None = None) -> Check:
    """A1: the adapter's weights have names that load, are complete, and are not all zero.

    `shape` of the backbone, where it is known, tells how many layers there must be.
    """
    path = folder / _WEIGHTS
    try:
        config, tensors = _config(folder / "adapter_config.json"), read_header(path)
    except (OSError, ValueError) as error:
        return _broken(folder, error)
    return (
        _names(tensors)
        or _pairs(tensors, config, shape)
        or _zeros(path, tensors)
        or _serving(config)
        or passed("A1", f"{len(tensors)} tensors, names and pairs as they should be, none of them empty")
    )


def is_whole(folder: Path) -> bool:
    """Whether the adapter's files are there and can be read, whatever they hold."""
    try:
        _config(folder / "adapter_config.json")
        read_header(folder / _WEIGHTS)
    except (OSError, ValueError):
        return False
    return True


def tokenizer(folder: Path, template: str, end: int | None, padding: int | None) -> Check:
    """A6: the tokenizer beside the model is the one that it was trained with."""
    try:
        beside = ChatTokenizer.load(folder)
    except UnknownBackbone as error:
        return Check("A6", "warn", error.message, "Put the backbone's tokenizer files beside the adapter.")
    if beside.template_hash != template:
        return Check(
            "A6", "fail", "The chat template is not the one of the training.", "Copy the training's."
        )
    if (beside.token_id("eos_token"), beside.token_id("pad_token")) != (end, padding):
        return Check(
            "A6", "fail", "End or padding token differ from the training.", "Copy the training's tokenizer."
        )
    return passed("A6", "chat template, end and padding are those of the training")


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is not JSON") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path.name} is no configuration")
    return config


def _broken(folder: Path, error: OSError | ValueError) -> Check:
    reason = f"adapter_config.json: {error.strerror}" if isinstance(error, OSError) else error
    fix = "Give the folder with adapter_config.json and adapter_model.safetensors, or export it again."
    if (folder / _PICKLED).exists():
        fix = f"{_PICKLED} is a pickle, which is not opened here: load it with PEFT and save it again."
    return Check("A1", "fail", f"{folder} holds no whole adapter: {reason}.", fix)


def _names(tensors: dict[str, Tensor]) -> Check | None:
    nested = sum("base_model.model.base_model" in name for name in tensors)
    if nested:
        return Check(
            "A1",
            "fail",
            f"{nested} of {len(tensors)} tensors have a doubled prefix: LoRA was put on a model that had it already. "
            "Nothing of this adapter will load.",
            "Train again from the plain backbone.",
        )
    if not any(_KEY.fullmatch(name) for name in tensors):
        return Check("A1", "fail", "The file holds no LoRA weights.", "Export the adapter again.")
    return None


def _pairs(tensors: dict[str, Tensor], config: dict[str, Any], shape: Shape | None) -> Check | None:
    found = [match for name in tensors if (match := _KEY.fullmatch(name))]
    parts = Counter(match["module"] for match in found)
    single = [module for module, count in parts.items() if count != 2]
    if single:
        return Check("A1", "fail", f"{len(single)} modules have one half of LoRA only.", "Export it again.")
    layers = {int(match[1]) for module in parts if (match := _LAYER.search(module))}
    expected = shape.layers if shape is not None else max(layers, default=-1) + 1
    targets = config.get("target_modules") or ()
    if isinstance(targets, str) or config.get("layers_to_transform") is not None:
        return None
    missing = [name for name in targets if sum(module.endswith(f".{name}") for module in parts) < expected]
    if missing:
        return Check(
            "A1",
            "fail",
            f"LoRA of {', '.join(sorted(missing))} is not in all {expected} layers.",
            "Train again.",
        )
    return None


def _zeros(path: Path, tensors: dict[str, Tensor]) -> Check | None:
    second = {
        name: tensor
        for name, tensor in tensors.items()
        if (match := _KEY.fullmatch(name)) and match["part"] == "B"
    }
    if all(all_zero(path, tensor) for tensor in second.values()):
        return Check(
            "A1",
            "fail",
            "Every LoRA B matrix is zero: the adapter does nothing.",
            "Nothing was trained; train again.",
        )
    return None


def _serving(config: dict[str, Any]) -> Check | None:
    base = str(config.get("base_model_name_or_path") or "")
    if re.search(r"bnb-4bit|-4bit|-awq|-gptq", base, re.IGNORECASE):
        return Check(
            "A1",
            "warn",
            f"It names a quantised backbone ({base}).",
            "Name the 16-bit one in adapter_config.json.",
        )
    if (config.get("r") or 0) > SERVED_RANK:
        rank = config["r"]
        return Check(
            "A1",
            "warn",
            f"Rank {rank} is more than servers accept unasked.",
            f"vllm serve --max-lora-rank {rank}",
        )
    return None
